//! The aliases that are being walked, and how far each is.

use super::limits::{Budget, Deadline};
use super::rules::Position;
use crate::serve::select::Mask;
use crate::table::{Group, GroupId, MAX_PATH};

/// An alias that is being walked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) group: GroupId,
    pub(super) position: Position,
    /// Members that were neither tried nor passed over.
    pub(super) left: Mask,
    /// Whether the request has chosen here: it takes only one turn of each balancer.
    pub(super) took_turn: bool,
    /// How many fallbacks the alias has.
    pub(super) fallbacks: usize,
    /// Attempts before this alias was entered.
    pub(super) before: u8,
    /// Attempts before its last member was chosen.
    pub(super) before_member: u8,
    /// The most attempts from here down.
    pub(super) limit: Option<u8>,
    pub(super) deadline: Option<Deadline>,
    pub(super) budget: Option<Budget>,
}

impl Frame {
    /// An alias that is entered after `attempts`.
    pub(super) fn new(id: GroupId, group: &Group, attempts: u8) -> Self {
        Self {
            group: id,
            position: Position::START,
            left: Mask::all(group),
            took_turn: false,
            fallbacks: group.steps.len(),
            before: attempts,
            before_member: attempts,
            limit: None,
            deadline: None,
            budget: None,
        }
    }

    /// Whether its attempts are used up.
    pub(super) fn has_no_attempts(&self, attempts: u8) -> bool {
        self.limit
            .is_some_and(|limit| attempts - self.before >= limit)
    }
}

/// The aliases that are being walked, the outermost first. In place, since a request that passes over
/// cooling targets must not allocate.
///
/// INVARIANT: a path has at most `MAX_PATH` aliases, or the configuration does not load.
#[derive(Debug)]
pub(super) struct Frames {
    list: [Option<Frame>; MAX_PATH],
    depth: usize,
}

impl Frames {
    pub(super) fn new() -> Self {
        Self {
            list: [None; MAX_PATH],
            depth: 0,
        }
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    pub(super) fn push(&mut self, frame: Frame) {
        if let Some(place) = self.list.get_mut(self.depth) {
            *place = Some(frame);
            self.depth += 1;
        }
    }

    pub(super) fn pop(&mut self) -> Option<Frame> {
        self.depth = self.depth.checked_sub(1)?;
        self.list[self.depth].take()
    }

    pub(super) fn last(&self) -> Option<&Frame> {
        self.first(self.depth).last()
    }

    pub(super) fn last_mut(&mut self) -> Option<&mut Frame> {
        self.list[..self.depth].iter_mut().flatten().last()
    }

    /// The outermost `depth` aliases.
    pub(super) fn first(&self, depth: usize) -> impl DoubleEndedIterator<Item = &Frame> {
        self.list[..depth.min(self.depth)].iter().flatten()
    }

    /// The depth of the outermost alias with no attempts left.
    pub(super) fn outermost_without_attempts(&self, attempts: u8) -> Option<usize> {
        self.first(self.depth)
            .position(|frame| frame.has_no_attempts(attempts))
    }
}
