//! The order in which a balancer picks: smooth weighted round robin, computed once.

use std::collections::HashMap;

use foldhash::fast::FixedState;

/// The schedules of a table. Balancers with the same ratios of weights share one.
#[derive(Default)]
pub(super) struct Schedules {
    known: HashMap<Box<[u32]>, u32, FixedState>,
    pub(super) list: Vec<Box<[u8]>>,
}

impl Schedules {
    /// Returns the position of the schedule for these weights. At least one of them must be above
    /// 0.
    pub(super) fn get(&mut self, weights: &[u32]) -> u32 {
        let divisor = weights.iter().copied().fold(0, gcd).max(1);
        let reduced: Box<[u32]> = weights.iter().map(|weight| weight / divisor).collect();
        let list = &mut self.list;
        let at = u32::try_from(list.len()).unwrap_or(u32::MAX);
        *self.known.entry(reduced).or_insert_with_key(|weights| {
            list.push(smooth(weights).into());
            at
        })
    }
}

/// Computes one period. In each turn every member gains its weight in credit; the one with the most
/// credit is picked and pays the total. This spreads the picks of each member evenly.
fn smooth(weights: &[u32]) -> Vec<u8> {
    let total: i64 = weights.iter().copied().map(i64::from).sum();
    let mut credit = vec![0_i64; weights.len()];
    (0..total)
        .map(|_| {
            for (credit, &weight) in credit.iter_mut().zip(weights) {
                *credit += i64::from(weight);
            }
            // Ties go to the earlier member. A member of weight 0 is never picked.
            let picked = (0..weights.len())
                .filter(|&at| weights[at] > 0)
                .max_by_key(|&at| (credit[at], std::cmp::Reverse(at)))
                .unwrap_or(0);
            credit[picked] -= total;
            u8::try_from(picked).unwrap_or(0)
        })
        .collect()
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_ratios_share_a_schedule() {
        let mut schedules = Schedules::default();
        let first = schedules.get(&[5, 1, 1]);
        assert_eq!(*schedules.list[0], [0, 0, 1, 0, 2, 0, 0]);
        assert_eq!(first, schedules.get(&[50, 10, 10]));
        assert_eq!(schedules.get(&[0, 3]), 1);
        assert_eq!(*schedules.list[1], [1]);
    }

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
            let schedule = smooth(&weights);
            let total: u32 = weights.iter().sum();
            let mut counts = vec![0_u32; weights.len()];
            for (picks, &at) in (1_u32..).zip(&schedule) {
                counts[usize::from(at)] += 1;
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
