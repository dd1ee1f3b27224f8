//! The shares of the targets below many aliases, each alias computed once.

use std::collections::HashMap;
use std::rc::Rc;

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use crate::base::fraction::Fraction;
use crate::table::{End, Group, GroupId, RoutingTable, TargetId};

/// The most shares that are kept, about 60 MB.
const MOST_SHARES: usize = 1_000_000;

/// The share of each target below an end, in the order of discovery.
pub(super) type Marginal = IndexMap<TargetId, Fraction, FixedState>;

/// The shares of the targets below the aliases of a table. `parts` gives the shares of a group's members.
pub(super) struct Marginals<'t, P> {
    table: &'t RoutingTable,
    parts: P,
    known: HashMap<GroupId, Rc<Marginal>, FixedState>,
    shares: usize,
}

impl<'t, P: Fn(&Group) -> Vec<(usize, Fraction)>> Marginals<'t, P> {
    pub(super) fn new(table: &'t RoutingTable, parts: P) -> Self {
        Self {
            table,
            parts,
            known: HashMap::default(),
            shares: 0,
        }
    }

    /// The shares below an end; `None` beyond the limit. A path has at most 16 aliases, which bounds the recursion.
    pub(super) fn of(&mut self, end: End) -> Option<Rc<Marginal>> {
        let id = match end {
            End::Target { target, .. } => return Some(whole(target)),
            End::Group(id) => id,
        };
        if let Some(known) = self.known.get(&id) {
            return Some(Rc::clone(known));
        }
        let group = self.table.group(id);
        let parts = (self.parts)(group);
        let mut inside = Vec::with_capacity(parts.len());
        for (member, part) in parts {
            if !part.is_zero() {
                inside.push((part, self.of(group.members[member].end)?));
            }
        }
        let all = sum(inside);
        self.shares += all.len();
        if self.shares > MOST_SHARES {
            return None;
        }
        let all = Rc::new(all);
        self.known.insert(id, Rc::clone(&all));
        Some(all)
    }
}

/// The sum of some marginals, each times its part.
fn sum(mut inside: Vec<(Fraction, Rc<Marginal>)>) -> Marginal {
    let targets = inside.iter().flat_map(|(_, marginal)| marginal.keys());
    let mut all: Marginal = targets.map(|&target| (target, Fraction::ZERO)).collect();
    inside.sort_by_key(|(part, _)| *part);
    for equal in inside.chunk_by(|(one, _), (other, _)| one == other) {
        let part = equal[0].0;
        // Those of equal parts are added first and multiplied once, unless the sum, which may be above 1, is not exact.
        let mut sums = Marginal::default();
        add(
            &mut sums,
            equal.iter().flat_map(|(_, marginal)| pairs(marginal)),
        );
        if sums.values().all(|sum| sum.is_exact()) {
            add(
                &mut all,
                pairs(&sums).map(|(target, share)| (target, share.times(part))),
            );
        } else {
            let shares = equal.iter().flat_map(|(_, marginal)| pairs(marginal));
            add(
                &mut all,
                shares.map(|(target, share)| (target, share.times(part))),
            );
        }
    }
    all
}

fn pairs(marginal: &Marginal) -> impl Iterator<Item = (TargetId, Fraction)> {
    marginal.iter().map(|(&target, &share)| (target, share))
}

fn add(sums: &mut Marginal, shares: impl Iterator<Item = (TargetId, Fraction)>) {
    for (target, share) in shares {
        let sum = sums.entry(target).or_insert(Fraction::ZERO);
        *sum = sum.plus(share);
    }
}

fn whole(target: TargetId) -> Rc<Marginal> {
    Rc::new(Marginal::from_iter([(target, Fraction::ONE)]))
}
