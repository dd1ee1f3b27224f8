//! Distributes requests over members and targets.

use std::collections::HashMap;

use indexmap::IndexMap;

use crate::base::fraction::Fraction;
use crate::table::{Choice, End, Group, GroupId, RoutingTable, TargetId};

/// Shares of members and targets.
pub(crate) struct Spread {
    /// The share that passes through each member of each group.
    pub(crate) members: Vec<((GroupId, usize), Fraction)>,
    /// The share of each target, in the order of discovery.
    pub(crate) targets: IndexMap<TargetId, Fraction>,
}

/// Distributes requests over targets. `parts` returns the members of a group that can be chosen, with their
/// probabilities. Shares and explanations both use it.
///
/// # Complexity
///
/// Each group is visited once, no matter how many paths lead to it: its incoming shares are summed first.
pub(crate) fn spread(
    table: &RoutingTable,
    end: End,
    parts: impl FnMut(&Group) -> Vec<(usize, Fraction)>,
) -> Spread {
    let mut walk = SpreadWalk {
        table,
        parts,
        known: HashMap::new(),
        groups: Vec::new(),
        targets: IndexMap::new(),
    };
    walk.visit(end);
    let SpreadWalk {
        mut known,
        groups,
        mut targets,
        ..
    } = walk;
    let mut reached: HashMap<GroupId, Fraction> = HashMap::new();
    let mut members = Vec::new();
    let mut add = |end: End, part: Fraction, reached: &mut HashMap<GroupId, Fraction>| {
        let sum = match end {
            End::Target { target, .. } => targets.entry(target).or_insert(Fraction::ZERO),
            End::Group(group) => reached.entry(group).or_insert(Fraction::ZERO),
        };
        *sum = sum.plus(part);
    };
    add(end, Fraction::ONE, &mut reached);
    // Reverse order: a group comes after everything that leads to it.
    for group in groups.into_iter().rev() {
        let here = reached.get(&group).copied().unwrap_or(Fraction::ZERO);
        for (member, part) in known.remove(&group).unwrap_or_default() {
            let part = here.times(part);
            add(table.group(group).members[member].end, part, &mut reached);
            members.push(((group, member), part));
        }
    }
    Spread { members, targets }
}

/// Collects the reachable groups in post-order: each after all groups that it leads to.
struct SpreadWalk<'t, P> {
    table: &'t RoutingTable,
    parts: P,
    known: HashMap<GroupId, Vec<(usize, Fraction)>>,
    groups: Vec<GroupId>,
    targets: IndexMap<TargetId, Fraction>,
}

impl<P: FnMut(&Group) -> Vec<(usize, Fraction)>> SpreadWalk<'_, P> {
    /// Visits an end. A path has at most 16 aliases, which bounds the recursion.
    fn visit(&mut self, end: End) {
        let id = match end {
            End::Target { target, .. } => {
                self.targets.entry(target).or_insert(Fraction::ZERO);
                return;
            }
            End::Group(id) => id,
        };
        if self.known.contains_key(&id) {
            return;
        }
        let group = self.table.group(id);
        let mut parts = (self.parts)(group);
        parts.retain(|(_, part)| !part.is_zero());
        let ends: Vec<End> = parts.iter().map(|(at, _)| group.members[*at].end).collect();
        self.known.insert(id, parts);
        for end in ends {
            self.visit(end);
        }
        self.groups.push(id);
    }
}

/// Returns the probability of each member while all are healthy. It is inexact if a selector chooses:
/// `replaces_draw` tells whether one draws for splits.
pub(crate) fn probabilities(group: &Group, replaces_draw: bool) -> impl Iterator<Item = Fraction> {
    let total: u128 = group
        .members
        .iter()
        .map(|member| u128::from(member.weight))
        .sum();
    let alone = matches!(group.choice, Choice::Only);
    let hooked = match group.choice {
        Choice::Hook(_) => true,
        Choice::Split => replaces_draw,
        _ => false,
    };
    group.members.iter().map(move |member| {
        let share = if alone {
            Fraction::ONE
        } else {
            Fraction::new(member.weight.into(), total)
        };
        if hooked { share.inexact() } else { share }
    })
}
