//! The parts of a group that the first choice of a request reads.

use super::entries::{Choice, End, Group, HealthId, NONE};

/// How a group chooses and where its first members lead, in one cache line. In `Group` the same data is spread over
/// four lines, some behind a pointer. Most groups have at most [`MEMBERS`](Self::MEMBERS) members.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct HotGroup {
    pub(crate) choice: Choice,
    /// The sum of the weights of all members.
    pub(crate) total: u32,
    pub(crate) members: [HotMember; Self::MEMBERS],
}

/// The ids, weights and health positions of the same members, for choices by key or by load. In a cache line of its
/// own, which only those choices read.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct HotRivals {
    pub(crate) ids: [u64; HotGroup::MEMBERS],
    /// [`NONE`] where there is no member.
    weights: [u32; HotGroup::MEMBERS],
    pub(crate) healths: [HealthId; HotGroup::MEMBERS],
}

// INVARIANT: larger ones would lie across two lines.
const _: () = assert!(size_of::<HotGroup>() == 64 && size_of::<HotRivals>() == 64);

/// Where a member leads. An unused one is never drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HotMember {
    /// The sum of the weights up to this member.
    pub(crate) sum: u32,
    /// [`NONE`] for a group.
    target: u32,
    /// The options of a target, or the group.
    rest: u32,
}

impl HotGroup {
    pub(crate) const MEMBERS: usize = 4;

    pub(crate) fn of(group: &Group) -> Self {
        let mut members = [HotMember {
            sum: u32::MAX,
            target: NONE,
            rest: NONE,
        }; Self::MEMBERS];
        for (hot, member) in members.iter_mut().zip(&group.members) {
            let (target, rest) = match member.end {
                End::Target { target, options } => (target, options),
                End::Group(group) => (NONE, group),
            };
            *hot = HotMember {
                sum: member.sum,
                target,
                rest,
            };
        }
        Self {
            choice: group.choice,
            total: group.members.last().map_or(0, |last| last.sum),
            members,
        }
    }

    /// Whether the group has more members that may be chosen.
    #[inline]
    pub(crate) fn has_more_members(&self) -> bool {
        self.members[Self::MEMBERS - 1].sum < self.total
    }
}

impl HotRivals {
    pub(crate) fn of(group: &Group) -> Self {
        let mut hot_rivals = Self {
            ids: [0; HotGroup::MEMBERS],
            weights: [NONE; HotGroup::MEMBERS],
            healths: [NONE; HotGroup::MEMBERS],
        };
        for (at, member) in group.members.iter().enumerate().take(HotGroup::MEMBERS) {
            hot_rivals.ids[at] = member.id;
            hot_rivals.weights[at] = member.weight;
            hot_rivals.healths[at] = member.health;
        }
        hot_rivals
    }

    /// The weights of the members, with their positions.
    #[inline]
    pub(crate) fn weights(&self) -> impl Iterator<Item = (usize, u32)> {
        let weights = self.weights.iter().copied().enumerate();
        weights.take_while(|&(_, weight)| weight != NONE)
    }
}

impl HotMember {
    #[inline]
    pub(crate) fn end(self) -> End {
        if self.target == NONE {
            End::Group(self.rest)
        } else {
            End::Target {
                target: self.target,
                options: self.rest,
            }
        }
    }
}
