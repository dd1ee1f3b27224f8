//! The aliases that a request walked to their end, with their outcomes.

use super::outcome::Outcome;
use crate::table::GroupId;

/// How many are kept in place.
const IN_PLACE: usize = 8;

/// The aliases that a request walked to their end, in that order.
///
/// The first eight in place: `resolve` must not allocate when it passes over cooling targets. It does only after
/// more than eight finished aliases.
#[derive(Debug, Default)]
pub(super) struct FinishedAliases {
    first: [Option<(GroupId, Outcome)>; IN_PLACE],
    more: Vec<(GroupId, Outcome)>,
}

impl FinishedAliases {
    pub(super) fn push(&mut self, group: GroupId, outcome: Outcome) {
        match self.first.iter_mut().find(|place| place.is_none()) {
            Some(place) => *place = Some((group, outcome)),
            None => self.more.push((group, outcome)),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first[0].is_none()
    }

    /// Each with its outcome, in the order in which they ended.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (GroupId, Outcome)> {
        self.first.iter().flatten().chain(&self.more).copied()
    }
}
