//! Computes the keys that a change of weights moves within one split.

use indexmap::IndexMap;

use crate::base::fraction::Fraction;
use crate::table::{Choice, Group, Member};

/// A member in two versions of a split: its indices and weights in both.
struct Both {
    old: Option<usize>,
    new: Option<usize>,
    before: u128,
    after: u128,
}

/// Returns the share of keys that moves from each old member to each new one.
pub(super) fn transitions(before: &Group, after: &Group) -> Vec<(usize, usize, Fraction)> {
    let weight = |group: &Group, at: usize| match group.choice {
        Choice::Only => 1,
        _ => u128::from(group.members[at].weight),
    };
    let mut members: IndexMap<u64, Both> = IndexMap::new();
    for (at, &Member { id, .. }) in before.members.iter().enumerate() {
        members.insert(
            id,
            Both {
                old: Some(at),
                new: None,
                before: weight(before, at),
                after: 0,
            },
        );
    }
    for (at, &Member { id, .. }) in after.members.iter().enumerate() {
        let member = members.entry(id).or_insert(Both {
            old: None,
            new: None,
            before: 0,
            after: 0,
        });
        member.new = Some(at);
        member.after = weight(after, at);
    }
    let members: Vec<Both> = members.into_values().collect();
    let ratios = ratios(&members);
    // S(p/q) · q for each ratio, with S as in `AliasResolver::moved_since`.
    let sums: Vec<u128> = ratios
        .iter()
        .map(|&(p, q)| {
            members
                .iter()
                .map(|m| (m.before * q).max(m.after * p))
                .sum()
        })
        .collect();
    let place = |p: u128, q: u128| ratios.iter().position(|&(a, b)| a * q == p * b);
    let total: u128 = members.iter().map(|member| member.before).sum();
    let mut result = Vec::new();
    let mut kept = Vec::new();
    for from in &members {
        let Some(i) = from.old.filter(|_| from.before > 0) else {
            continue;
        };
        let mut left = Fraction::new(from.before, total);
        for to in &members {
            let Some(j) = to.new.filter(|_| to.after > 0) else {
                continue;
            };
            // Keys go from i to j only if j grew more than i.
            if to.after * from.before <= from.after * to.before {
                continue;
            }
            let range = place(to.before, to.after).zip(place(from.before, from.after));
            let Some((first, last)) = range else {
                continue;
            };
            // Each piece is multiplied by the weights at once. Without them the pieces are so small that, where
            // they do not fit into exact fractions, their rounding errors would be visible in the share.
            let weights = from.before * to.after;
            let mut share = Fraction::ZERO;
            for at in first..last {
                let ((p, q), (p_next, q_next)) = (ratios[at], ratios[at + 1]);
                let rise = (p_next * q).abs_diff(p * q_next);
                let piece =
                    Fraction::new(rise, sums[at]).times(Fraction::new(weights, sums[at + 1]));
                share = share.plus(piece);
            }
            left = left.minus(share);
            result.push((i, j, share));
        }
        if let Some(j) = from.new {
            kept.push((i, j, left));
        }
    }
    result.extend(kept);
    result
}

/// Returns the ratios of old to new weights as reduced fractions in ascending order. A member that lost all its
/// weight comes last, as 1/0.
fn ratios(members: &[Both]) -> Vec<(u128, u128)> {
    let mut ratios: Vec<(u128, u128)> = members
        .iter()
        .filter(|m| m.before > 0 || m.after > 0)
        .map(|m| match (m.before, m.after) {
            (0, _) => (0, 1),
            (_, 0) => (1, 0),
            (before, after) => {
                let share = Fraction::new(before, after);
                (share.numerator(), share.denominator())
            }
        })
        .collect();
    ratios.sort_by(|a, b| (a.0 * b.1).cmp(&(b.0 * a.1)));
    ratios.dedup();
    ratios
}
