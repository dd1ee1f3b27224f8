//! What the first choice of a request reads of a group.

use super::{Choice, End, Group, NONE};

/// How a group chooses and where its first members lead, in one cache line: in the group and its
/// members that is spread over four, of which one tells where the next lie. Most groups have no
/// more members.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Front {
    pub(crate) choice: Choice,
    /// What the weights of all members add up to.
    pub(crate) total: u32,
    pub(crate) places: [Place; Self::PLACES],
}

// INVARIANT: a larger one would lie across two lines.
const _: () = assert!(size_of::<Front>() == 64);

/// Where a member leads. A place that no member has is never drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The sum of the weights up to this member.
    pub(crate) sum: u32,
    /// [`NONE`] for an alias that chooses.
    target: u32,
    /// The extras of a target, or the group.
    rest: u32,
}

impl Front {
    pub(crate) const PLACES: usize = 4;

    pub(crate) fn of(group: &Group) -> Self {
        let mut places = [Place {
            sum: u32::MAX,
            target: NONE,
            rest: NONE,
        }; Self::PLACES];
        for (place, member) in places.iter_mut().zip(&group.members) {
            let (target, rest) = match member.end {
                End::Target { target, extras } => (target, extras),
                End::Group(group) => (NONE, group),
            };
            *place = Place {
                sum: member.sum,
                target,
                rest,
            };
        }
        Self {
            choice: group.choice,
            total: group.members.last().map_or(0, |last| last.sum),
            places,
        }
    }
}

impl Place {
    #[inline]
    pub(crate) fn end(self) -> End {
        if self.target == NONE {
            End::Group(self.rest)
        } else {
            End::Target {
                target: self.target,
                extras: self.rest,
            }
        }
    }
}
