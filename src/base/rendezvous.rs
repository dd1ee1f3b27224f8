//! Sticky choices: weighted rendezvous hashing in integers.
//!
//! The crate documentation specifies the algorithm for other languages; `tests/vectors.json` holds test
//! vectors from such an implementation.

use twox_hash::XxHash64;

use crate::base::mix::splitmix64;

/// The fractional bits of the table.
const TABLE_BITS: u32 = 36;

/// `log2(1 + k/512)` in units of 2⁻³⁶.
const fn log2_of_step(k: usize) -> u64 {
    if k == 512 {
        return 1 << TABLE_BITS;
    }
    let mut y = ((512 + k as u128) << 62) / 512;
    let mut result = 0;
    let mut bit = 0;
    while bit < TABLE_BITS {
        y = (y * y) >> 62;
        result <<= 1;
        if y >= 1 << 63 {
            result |= 1;
            y >>= 1;
        }
        bit += 1;
    }
    result
}

/// A segment of the logarithm: its value at the start, its rise, and its bulge above a straight line.
#[derive(Clone, Copy)]
struct Segment {
    start: u64,
    rise: u32,
    bulge: u32,
}

const SEGMENTS: [Segment; 256] = {
    let mut segments = [Segment {
        start: 0,
        rise: 0,
        bulge: 0,
    }; 256];
    let mut i = 0;
    while i < 256 {
        let (a, b, c) = (
            log2_of_step(2 * i),
            log2_of_step(2 * i + 1),
            log2_of_step(2 * i + 2),
        );
        // Both fit: the rise is below 2³⁶ / 177, the bulge below 2²⁰.
        #[expect(clippy::cast_possible_truncation, reason = "shown above")]
        {
            segments[i] = Segment {
                start: a,
                rise: (c - a) as u32,
                bulge: (4 * b - 2 * (a + c)) as u32,
            };
        }
        i += 1;
    }
    segments
};

/// `−log2(u / 2⁶⁴)` in units of 2⁻³², at least 1, for an odd `u`.
#[inline]
fn exponential(u: u64) -> u64 {
    let zeros = u.leading_zeros();
    let fraction = (u << zeros) << 1;
    let segment = SEGMENTS[(fraction >> 56) as usize];
    let t = (fraction >> 24) & 0xffff_ffff;
    let line = (u64::from(segment.rise) * t) >> 32;
    let bulge = (u64::from(segment.bulge) * ((t * ((1 << 32) - t)) >> 32)) >> 32;
    let log2 = segment.start + line + bulge;
    (((u64::from(zeros) + 1) << TABLE_BITS) - log2).max(16) >> 4
}

/// The hash of a sticky key, the same for every choice of a request. Not inlined: inside its callers
/// it would make the compiler spill other values to the stack.
#[inline(never)]
pub(crate) fn digest(key: &[u8]) -> u64 {
    XxHash64::oneshot(0, key)
}

/// The seed for a salt.
pub(crate) fn salt_seed(salt: &str) -> u64 {
    XxHash64::oneshot(0, salt.as_bytes())
}

/// The id of a member under the seed of a salt.
pub(crate) fn member_id(seed: u64, text: &str) -> u64 {
    XxHash64::oneshot(seed, text.as_bytes())
}

/// Picks among members, given as `(position, id, weight)`; `None` if no weight is above 0.
///
/// # Complexity
///
/// `O(members)`: one mix and one logarithm of five multiplications per member, and a branch if it wins.
/// Without the branch each step would depend on the previous one: 63 ns for three members instead of 54.
#[inline]
pub(crate) fn pick(digest: u64, members: impl Iterator<Item = (usize, u64, u32)>) -> Option<usize> {
    // Every weight above 0 beats this initial value; a weight of 0 does not.
    let (mut best, mut best_id, mut best_weight, mut best_exponential) = (0, 0, 0, 1);
    for (at, id, weight) in members {
        let weight = u64::from(weight);
        let exponential = exponential(splitmix64(digest ^ id) | 1);
        // Compares the products, then the ids.
        let mine = u128::from(exponential * best_weight) << 64 | u128::from(id);
        let theirs = u128::from(best_exponential * weight) << 64 | u128::from(best_id);
        if mine < theirs {
            (best, best_id, best_weight, best_exponential) = (at, id, weight, exponential);
        }
    }
    (best_weight > 0).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(
        clippy::cast_precision_loss,
        reason = "the loss is far below the error that the test allows"
    )]
    fn the_logarithm_is_within_two_to_the_minus_28() {
        let mut bits = 1_u64;
        let mut worst = 0.0_f64;
        for round in 0..200_000_u32 {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let u = (splitmix64(bits) >> (round % 64)) | 1;
            let exact = (64.0 - (u as f64).log2()) * f64::from(1 << 16) * f64::from(1 << 16);
            let error = (exponential(u) as f64 - exact).abs();
            // Just below 2⁶⁴ the result is 1, the minimum, instead of 0.
            worst = worst.max(if exact < 2.0 { 0.0 } else { error });
        }
        assert!(worst < 16.0, "{worst} units of 2^-32");
        assert_eq!(exponential(u64::MAX), 1);
        assert_eq!(exponential(1), 64 << 32);
    }

    /// Compares each step with another implementation; the test suite covers whole choices.
    #[test]
    fn the_steps_are_those_of_the_golden_vectors() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/vectors.json")).unwrap();
        let rows = |name: &str| vectors[name].as_array().unwrap().clone();
        let number = |value: &serde_json::Value| {
            let digits = value.as_str().unwrap().trim_start_matches("0x");
            u64::from_str_radix(digits, 16).unwrap()
        };
        for row in rows("digests") {
            let key = row[0].as_str().unwrap();
            assert_eq!(digest(key.as_bytes()), number(&row[1]), "{row}");
        }
        for row in rows("ids") {
            let (salt, text) = (row[0].as_str().unwrap(), row[1].as_str().unwrap());
            assert_eq!(member_id(salt_seed(salt), text), number(&row[2]), "{row}");
        }
        for row in rows("scores") {
            assert_eq!(Some(exponential(number(&row[0]))), row[1].as_u64(), "{row}");
        }
    }

    #[test]
    fn order_and_ties() {
        let members = [(0, 7, 10), (1, 7, 10), (2, 3, 0)];
        // Equal ids tie, and the first of them stays; weight 0 takes no part.
        assert_eq!(pick(5, members.into_iter()), Some(0));
        assert_eq!(pick(5, [(2, 3, 0)].into_iter()), None);
    }
}
