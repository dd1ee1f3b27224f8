//! The context, the candidates and the result of a choice.

use std::time::Duration;

use crate::serve::clock::Clock;
use crate::serve::state::LiveState;
use crate::table::{Group, RoutingTable};

/// The context of a choice.
#[derive(Clone, Copy)]
pub(crate) struct SelectContext<'a> {
    pub(crate) table: &'a RoutingTable,
    pub(crate) live: &'a LiveState,
    pub(crate) clock: &'a dyn Clock,
    /// How long the penalty of a failure lasts.
    pub(crate) penalty: Duration,
}

/// The members that may be chosen, one bit each; a group has at most 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mask(pub(crate) u64);

impl Mask {
    /// Every member of a group.
    #[inline]
    pub(crate) fn all(group: &Group) -> Self {
        Self(u64::MAX >> (64 - group.members.len().clamp(1, 64)))
    }

    #[inline]
    pub(crate) fn has(self, member: usize) -> bool {
        self.0 >> member & 1 == 1
    }

    pub(crate) fn remove(&mut self, member: usize) {
        self.0 &= !(1 << member);
    }

    /// The members, ascending.
    #[inline]
    pub(crate) fn members(self) -> impl Iterator<Item = usize> + Clone {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let member = rest.trailing_zeros() as usize;
            rest &= rest.wrapping_sub(1);
            (member < 64).then_some(member)
        })
    }
}

/// The result of a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pick {
    Member(usize),
    /// No member may be chosen, or none suits the selector.
    None,
    /// The selector returned a position out of range.
    Fault(usize),
}

impl From<Option<usize>> for Pick {
    #[inline]
    fn from(member: Option<usize>) -> Self {
        member.map_or(Self::None, Self::Member)
    }
}
