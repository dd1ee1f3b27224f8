//! What the first choice of a request reads of a group.

use super::entries::{Choice, End, Group, HealthId, NONE};

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

/// What a choice by key or by load compares of the same members, in the line of its own that only
/// such a choice reads.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Rivals {
    pub(crate) ids: [u64; Front::PLACES],
    /// [`NONE`] where there is no member.
    weights: [u32; Front::PLACES],
    pub(crate) healths: [HealthId; Front::PLACES],
}

// INVARIANT: larger ones would lie across two lines.
const _: () = assert!(size_of::<Front>() == 64 && size_of::<Rivals>() == 64);

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

    /// Whether a member that may be chosen has no place here.
    #[inline]
    pub(crate) fn is_partial(&self) -> bool {
        self.places[Self::PLACES - 1].sum < self.total
    }
}

impl Rivals {
    pub(crate) fn of(group: &Group) -> Self {
        let mut rivals = Self {
            ids: [0; Front::PLACES],
            weights: [NONE; Front::PLACES],
            healths: [NONE; Front::PLACES],
        };
        for (at, member) in group.members.iter().enumerate().take(Front::PLACES) {
            rivals.ids[at] = member.id;
            rivals.weights[at] = member.weight;
            rivals.healths[at] = member.health;
        }
        rivals
    }

    /// The weights of the members, with their positions.
    #[inline]
    pub(crate) fn weights(&self) -> impl Iterator<Item = (usize, u32)> {
        let weights = self.weights.iter().copied().enumerate();
        weights.take_while(|&(_, weight)| weight != NONE)
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
