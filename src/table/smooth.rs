//! Smooth weighted round robin.

/// The largest number of members that take turns.
const MEMBERS: usize = 64;

/// The picks of one period, without an end.
///
/// In each turn every member gains its weight in credit; the one with the most credit is picked and pays the
/// total. This spreads the picks of each member evenly. Of equal credits the earlier member's counts, and a
/// member of weight 0 is never picked.
///
/// `O(members)` for each pick; allocates nothing.
pub(crate) struct SmoothPicks {
    members: [SmoothMember; MEMBERS],
    len: usize,
    total: i64,
}

#[derive(Clone, Copy, Default)]
struct SmoothMember {
    at: usize,
    weight: i64,
    credit: i64,
}

impl SmoothPicks {
    /// The picks among members with these positions and weights, at most 64.
    pub(crate) fn new(weights: impl Iterator<Item = (usize, u32)>) -> Self {
        let mut picks = Self {
            members: [SmoothMember::default(); MEMBERS],
            len: 0,
            total: 0,
        };
        for (place, (at, weight)) in picks.members.iter_mut().zip(weights) {
            let weight = i64::from(weight);
            *place = SmoothMember {
                at,
                weight,
                credit: 0,
            };
            picks.len += 1;
            picks.total += weight;
        }
        picks
    }
}

impl Iterator for SmoothPicks {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let mut picked: Option<&mut SmoothMember> = None;
        for member in &mut self.members[..self.len] {
            member.credit += member.weight;
            let is_most = |most: &&mut SmoothMember| member.credit > most.credit;
            if member.weight > 0 && picked.as_ref().is_none_or(is_most) {
                picked = Some(member);
            }
        }
        let picked = picked?;
        picked.credit -= self.total;
        Some(picked.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_member_stays_within_about_a_pick_of_its_share() {
        for weights in [
            vec![1, 1, 1],
            vec![5, 1, 1],
            vec![7, 3],
            vec![1, 2, 3, 4, 5],
            vec![500, 499],
            vec![13, 5, 2, 2, 1, 1],
        ] {
            let picks = SmoothPicks::new(weights.iter().copied().enumerate());
            let total: u32 = weights.iter().sum();
            let mut counts = vec![0_u32; weights.len()];
            for (picks, at) in (1..=total).zip(picks) {
                counts[at] += 1;
                for (count, &weight) in counts.iter().zip(&weights) {
                    let share = f64::from(weight * picks) / f64::from(total);
                    let off = (f64::from(*count) - share).abs();
                    assert!(off < 1.5, "{weights:?}: {off}");
                }
            }
            assert_eq!(counts, weights);
        }
    }
}
