//! The order in which a balancer picks while all its members may be chosen, computed once.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::table::SmoothPicks;

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
            list.push(period(weights));
            at
        })
    }
}

/// The picks of one period.
fn period(weights: &[u32]) -> Box<[u8]> {
    let total: u32 = weights.iter().sum();
    let picks = SmoothPicks::new(weights.iter().copied().enumerate());
    let picks = picks.map(|at| u8::try_from(at).unwrap_or(0));
    picks.take(total as usize).collect()
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
}
