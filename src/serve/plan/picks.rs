//! Which entry was taken in each group.

use crate::table::{AliasId, End, Group, Hop, MAX_PATH, RoutingTable};

/// Positions from here on are fallbacks; those before are members.
pub(crate) const FIRST_STEP: u8 = 64;

/// Stands where a selector found that no member suits.
pub(crate) const NOBODY: usize = 255;

/// Which entry was taken in each group on the way: a byte for each level.
///
/// Two words and no array, so that it is made and moved in registers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Picks {
    first: u64,
    last: u64,
}

const _: () = assert!(MAX_PATH * 8 == 128, "picks are two words");

/// Levels in each word.
const HALF: usize = MAX_PATH / 2;

impl From<u64> for Picks {
    /// The picks of the first levels, from the lowest byte on.
    #[inline]
    fn from(first: u64) -> Self {
        Self { first, last: 0 }
    }
}

impl Picks {
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

    pub(crate) fn get(self, level: usize) -> u8 {
        let (word, level) = if level < HALF {
            (self.first, level)
        } else {
            (self.last, level - HALF)
        };
        word.to_le_bytes()[level % HALF]
    }

    /// The hop that was taken out of a group.
    #[inline]
    pub(crate) fn hop(self, level: usize, group: &Group) -> &Hop {
        let pick = self.get(level);
        match pick.checked_sub(FIRST_STEP) {
            None => &group.hops[usize::from(pick)],
            Some(step) => &group.steps[usize::from(step)].hop,
        }
    }

    /// The way from an alias to a target, one hop for each choice.
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

/// The aliases on the way to a target, by their positions.
pub(crate) fn way(
    table: &RoutingTable,
    alias: AliasId,
    picks: Picks,
) -> impl Iterator<Item = AliasId> {
    let hops = picks.hops(table, alias);
    hops.flat_map(|hop| hop.path.iter().copied())
}
