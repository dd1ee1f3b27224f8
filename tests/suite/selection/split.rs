//! Draws without a key: rules 11 and 15.

use model_aliases::{AliasResolver, Request};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::statistics::{Sample, Sum};
use super::{balancer, builder, cool, full_or, load, member, serves, split, weights};

fn draws() -> u64 {
    full_or(200_000, 1_000_000)
}

/// How often each member serves.
fn counts(resolver: &AliasResolver, members: usize, draws: u64) -> Vec<u64> {
    let mut counts = vec![0; members];
    for _ in 0..draws {
        counts[serves(resolver, "a")] += 1;
    }
    counts
}

#[test]
fn a_split_draws_by_weight() {
    let mut rng = StdRng::seed_from_u64(3);
    let mut sum = Sum::default();
    for seed in 0..full_or(50, 1_000) {
        let weights = weights(&mut rng);
        let resolver = builder(&split("a", &weights)).seed(seed).build().unwrap();
        let sample = Sample {
            counts: &counts(&resolver, weights.len(), draws()),
            weights: &weights,
        };
        sample.is_drawn_by_weight();
        sample.add_to(&mut sum);
    }
    let deviation = sum.deviation();
    assert!(deviation.abs() < 6.0, "{deviation:.1} deviations");
}

/// The statistic of the test above tells rotation from draws: the counts of a rotation fit too well.
#[test]
fn a_rotation_looks_too_good() {
    let mut sum = Sum::default();
    for weights in [[95, 5], [50, 50], [80, 20], [99, 1], [60, 40]].repeat(20) {
        let resolver = load(&balancer("a", "round_robin", &weights));
        Sample {
            counts: &counts(&resolver, 2, 10_000),
            weights: &weights,
        }
        .add_to(&mut sum);
    }
    let deviation = sum.deviation();
    assert!(deviation < -6.0, "{deviation:.1} deviations");
}

/// Each draw is independent of the one before: with weights 75/25, pairs of picks occur as products of the shares.
#[test]
fn draws_are_independent_of_each_other() {
    let resolver = load(&split("a", &[7_500, 2_500]));
    let mut pairs = [0_u64; 4];
    for _ in 0..draws() / 2 {
        let (first, second) = (serves(&resolver, "a"), serves(&resolver, "a"));
        pairs[2 * first + second] += 1;
    }
    Sample {
        counts: &pairs,
        weights: &[9, 3, 3, 1],
    }
    .is_drawn_by_weight();
}

#[test]
fn weight_0_is_never_chosen_and_half_a_percent_is() {
    let resolver = load(&split("a", &[0, 9_950, 0, 50, 0]));
    Sample {
        counts: &counts(&resolver, 5, draws()),
        weights: &[0, 9_950, 0, 50, 0],
    }
    .is_drawn_by_weight();
    // No member of weight 0 at the ends of the bit range, nor for any key.
    for bits in [0, 1, u64::MAX / 2, u64::MAX - 1, u64::MAX] {
        let at = serves(&resolver, Request::new("a").entropy(bits));
        assert!(at == 1 || at == 3, "{bits} leads to {at}");
    }
    for key in 0..20_000_u32 {
        let at = serves(&resolver, Request::new("a").sticky_key(&key.to_le_bytes()));
        assert!(at == 1 || at == 3, "{key} leads to {at}");
    }
}

/// Rule 15: the share of a cooling member goes to the fallback, and the others keep theirs.
#[test]
fn the_share_of_a_cooling_member_goes_to_the_fallback() {
    let aliases = split("a", &[5_000, 3_000, 2_000]) + "    fallbacks: [m3]\n";
    let resolver = load(&aliases);
    cool(&resolver, 1, 30);
    Sample {
        counts: &counts(&resolver, 4, 100_000),
        weights: &[50, 0, 20, 30],
    }
    .is_drawn_by_weight();
}

/// With `redistribute`, the others take it by weight.
#[test]
fn a_redistributed_share_goes_to_the_others_by_weight() {
    let redistribute = "    redistribute: true\n    fallbacks: [m3]\n";
    let resolver = load(&(split("a", &[5_000, 3_000, 2_000]) + redistribute));
    cool(&resolver, 1, 30);
    Sample {
        counts: &counts(&resolver, 4, 100_000),
        weights: &[5, 0, 2, 0],
    }
    .is_drawn_by_weight();
    cool(&resolver, 0, 30);
    cool(&resolver, 2, 30);
    assert_eq!(counts(&resolver, 4, 100), [0, 0, 0, 100]);
}

/// 16 nested splits: probabilities multiply, down to 1 in 2^16.
#[test]
fn nested_probabilities_multiply() {
    let mut aliases = String::new();
    for depth in 0..16 {
        let next = if depth == 15 {
            "m16".to_owned()
        } else {
            format!("s{}", depth + 1)
        };
        let name = if depth == 0 {
            "a".to_owned()
        } else {
            format!("s{depth}")
        };
        aliases += &format!(
            "  {name}: {{targets: [{{model: m{depth}, weight: 50}}, {{model: {next}, weight: 50}}]}}\n"
        );
    }
    let resolver = load(&aliases);
    let mut expected: Vec<u32> = (0..16).map(|depth| 1 << (15 - depth)).collect();
    expected.push(1);
    let keyless = counts(&resolver, 17, draws());
    let mut keyed = vec![0; 17];
    for key in 0..draws() {
        keyed[serves(&resolver, Request::new("a").sticky_key(&key.to_le_bytes()))] += 1;
    }
    let mut given = vec![0; 17];
    for bits in 0..draws() {
        // Each draw uses the bits of the request, yet the draws are independent.
        let bits = bits.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        given[serves(&resolver, Request::new("a").entropy(bits))] += 1;
    }
    for counts in [&keyless, &keyed, &given] {
        Sample {
            counts,
            weights: &expected,
        }
        .is_drawn_by_weight();
    }
    for bits in 0..10_000_u64 {
        // The alias path keeps every choice, however deep the target.
        let bits = bits.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let route = resolver.resolve(Request::new("a").entropy(bits)).unwrap();
        let depth = member(&route).min(15);
        let last = if depth == 0 {
            "a".to_owned()
        } else {
            format!("s{depth}")
        };
        assert_eq!(route.alias_path().count(), depth + 1);
        assert_eq!(route.alias_path().last(), Some(&*last));
    }
}
