//! One of the two versions between which keys move, and where keys end in it.

use std::collections::HashSet;

use foldhash::fast::FixedState;
use indexmap::{IndexMap, IndexSet};

use crate::base::fraction::Fraction;
use crate::table::{Choice, End, Group, GroupId, RoutingTable};

/// The texts of destinations, each with a number.
pub(super) type Names = IndexSet<Box<str>, FixedState>;

/// Where a key ends: a target, or an alias whose choice does not depend on the key. By its position in [`Names`].
pub(super) type Destination = usize;

/// Joint distribution of keys over pairs of (before, after).
pub(super) type Joint = IndexMap<(Destination, Destination), Fraction, FixedState>;

/// One version of a configuration.
pub(super) struct Side<'t> {
    pub(super) table: &'t RoutingTable,
    /// The destination of each target.
    targets: Vec<Destination>,
    /// The destination of each group, where a key does not decide in it.
    pub(super) groups: Vec<Option<Destination>>,
}

/// How an end treats a key.
pub(super) enum Keyed<'t> {
    Fixed(Destination),
    Split(GroupId, &'t Group),
}

impl<'t> Side<'t> {
    pub(super) fn new(table: &'t RoutingTable, names: &mut Names) -> Self {
        let mut number = |name: &str| names.insert_full(name.into()).0;
        let targets = table.targets.iter().map(|target| number(&target.text));
        let targets = targets.collect();
        let groups = table.groups.iter().map(|group| {
            let alias = &table.aliases[group.alias as usize];
            (!is_keyed(group)).then(|| number(&alias.name))
        });
        let groups = groups.collect();
        Self {
            table,
            targets,
            groups,
        }
    }

    pub(super) fn keyed(&self, end: End) -> Keyed<'t> {
        match end {
            End::Target { target, .. } => Keyed::Fixed(self.targets[target as usize]),
            End::Group(id) => match self.groups[id as usize] {
                Some(destination) => Keyed::Fixed(destination),
                None => Keyed::Split(id, self.table.group(id)),
            },
        }
    }

    /// Whether a split with this salt is reachable from here; `None` if it takes more than `steps`.
    pub(super) fn meets(&self, end: End, salt: u64, steps: &mut usize) -> Option<bool> {
        let mut seen = HashSet::new();
        let mut ends = vec![end];
        while let Some(end) = ends.pop() {
            *steps = steps.checked_sub(1)?;
            if let Keyed::Split(id, group) = self.keyed(end)
                && seen.insert(id)
            {
                if group.salt == salt {
                    return Some(true);
                }
                ends.extend(group.members.iter().map(|member| member.end));
            }
        }
        Some(false)
    }
}

fn is_keyed(group: &Group) -> bool {
    matches!(
        group.choice,
        Choice::Only | Choice::Split | Choice::Sticky(_)
    )
}
