//! The choices that lead from a name to a target.

use crate::serve::state::Ticket;
use crate::table::{AliasId, End, Group, GroupId, Hop, MAX_PATH, RoutingTable, TargetId};

/// Entries from this position on are fallbacks; those before are members.
pub(crate) const FIRST_STEP: u8 = 64;

/// Stands in place of a member where a selector found none suitable.
pub(crate) const NO_MEMBER: usize = 255;

/// Where a request begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Root {
    /// The alias asked, or [`NONE`](crate::table::NONE).
    pub(crate) alias: AliasId,
    pub(crate) end: End,
}

/// A target to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) choices: Choices,
    pub(crate) target: TargetId,
    pub(crate) options: u32,
    pub(crate) last_resort: bool,
    pub(crate) ticket: Ticket,
}

impl Found {
    /// A target that may be tried like any other.
    #[inline]
    pub(crate) fn new(choices: Choices, target: TargetId, options: u32) -> Self {
        Self {
            choices,
            target,
            options,
            last_resort: false,
            ticket: Ticket::NONE,
        }
    }

    pub(super) fn end(self) -> End {
        let (target, options) = (self.target, self.options);
        End::Target { target, options }
    }
}

/// The entry that was chosen in each alias on the way: a byte for each level.
///
/// Two integers and no array, so that it is made and moved in registers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Choices {
    first: u64,
    last: u64,
}

const _: () = assert!(MAX_PATH * 8 == 128, "choices are two words");

/// Levels in each word.
const HALF: usize = MAX_PATH / 2;

impl From<u64> for Choices {
    /// The choices of the first levels, from the lowest byte on.
    #[inline]
    fn from(first: u64) -> Self {
        Self { first, last: 0 }
    }
}

impl Choices {
    /// INVARIANT: a path has at most `MAX_PATH` aliases, so levels stay below that, and an
    /// entry's position fits a byte.
    #[inline]
    pub(crate) fn set(&mut self, level: usize, entry: usize) {
        let (word, level) = if level < HALF {
            (&mut self.first, level)
        } else {
            (&mut self.last, level - HALF)
        };
        let shift = 8 * (level % HALF);
        *word = *word & !(0xff << shift) | (entry as u64 & 0xff) << shift;
    }

    /// The choices of the first eight levels, from the lowest byte on.
    #[inline]
    pub(crate) fn first_levels(self) -> u64 {
        self.first
    }

    #[inline]
    pub(crate) fn get(self, level: usize) -> u8 {
        let (word, level) = if level < HALF {
            (self.first, level)
        } else {
            (self.last, level - HALF)
        };
        word.to_le_bytes()[level % HALF]
    }

    /// The hop of the entry chosen at a level.
    #[inline]
    pub(crate) fn hop(self, level: usize, group: &Group) -> &Hop {
        let entry = self.get(level);
        match entry.checked_sub(FIRST_STEP) {
            None => &group.hops[usize::from(entry)],
            Some(step) => &group.steps[usize::from(step)].hop,
        }
    }

    /// The alias's own hop, then the hop of each choice, down to a target. None for a model.
    pub(crate) fn hops(self, table: &RoutingTable, alias: AliasId) -> impl Iterator<Item = &Hop> {
        let first = table
            .aliases
            .get(alias as usize)
            .map(|alias| (&alias.hop, 0));
        std::iter::successors(first, move |&(hop, level)| match hop.end {
            End::Target { .. } => None,
            End::Group(group) => Some((self.hop(level, table.group(group)), level + 1)),
        })
        .map(|(hop, _)| hop)
    }
}

/// Choices that were made before there was a plan. The plan repeats them, so that no balancer takes a
/// second turn for one request and no selector is asked twice.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PriorChoices {
    pub(crate) choices: Choices,
    pub(crate) levels: usize,
}

/// The aliases on the way to a target.
pub(crate) fn alias_path(
    table: &RoutingTable,
    alias: AliasId,
    choices: Choices,
) -> impl Iterator<Item = AliasId> {
    let hops = choices.hops(table, alias);
    hops.flat_map(|hop| hop.path.iter().copied())
}

/// The group and the entry at each level of the way to a target.
pub(crate) fn entries(table: &RoutingTable, start: End, choices: Choices) -> Vec<(GroupId, usize)> {
    let mut entries = Vec::new();
    let mut end = start;
    while let End::Group(id) = end {
        let group = table.group(id);
        entries.push((id, usize::from(choices.get(entries.len()))));
        end = choices.hop(entries.len() - 1, group).end;
    }
    entries
}

/// The alias whose entry the choices end in, or [`NONE`](crate::table::NONE).
pub(crate) fn owner(table: &RoutingTable, root: Root, choices: Choices) -> AliasId {
    let entries = entries(table, root.end, choices);
    let last = entries.last();
    last.map_or(root.alias, |&(group, _)| table.group(group).alias)
}
