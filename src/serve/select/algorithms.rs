//! The built-in algorithms: by weight, by key, by turn.

use super::context::{Mask, SelectContext};
use super::draws::Draws;
use crate::base::mix::{GOLDEN, scale, splitmix64};
use crate::base::rendezvous;
use crate::serve::state::LiveState;
use crate::table::{Group, HotRivals, RoutingTable, Turns};

/// The number of members from `first` on whose running sum of weights is at most the drawn point.
pub(super) fn members_before(group: &Group, first: usize, point: u32) -> usize {
    let members = group.members.iter().skip(first);
    members.map(|member| usize::from(member.sum <= point)).sum()
}

/// Draws by weight among some members.
pub(super) fn by_weight(group: &Group, bits: u64, mask: Mask) -> Option<usize> {
    let total = mask.members().map(|at| group.members[at].weight).sum();
    let mut point = scale(bits, total);
    mask.members().find(|&at| {
        let weight = group.members[at].weight;
        let here = point < weight;
        point = point.wrapping_sub(weight);
        here
    })
}

/// Chooses by key among some members.
#[inline]
pub(super) fn by_key(group: &Group, digest: u64, mask: Mask) -> Option<usize> {
    let members = group.members.iter().enumerate();
    rendezvous::pick(
        digest,
        members
            .filter(|(at, _)| mask.has(*at))
            .map(|(at, member)| (at, member.id, member.weight)),
    )
}

/// Chooses by key among the members of a hot group, at most four. Out of line, so that its callers stay small.
#[inline(never)]
pub(super) fn by_key_of_few(hot_rivals: &HotRivals, digest: u64) -> Option<usize> {
    let members = hot_rivals.weights();
    rendezvous::pick(
        digest,
        members.map(|(at, weight)| (at, hot_rivals.ids[at], weight)),
    )
}

/// Chooses by key among all members of a group that is too large to be hot.
#[inline(never)]
pub(super) fn by_key_of_all(group: &Group, digest: u64) -> Option<usize> {
    by_key(group, digest, Mask::all(group))
}

/// Chooses by turn. The turn of a member outside the mask goes to the others by weight, not to the next in
/// the schedule, which would get twice its share.
#[inline]
pub(super) fn by_turn(
    ctx: &SelectContext<'_>,
    group: &Group,
    turns: Turns,
    draws: &mut Draws<'_>,
    mask: Mask,
    again: bool,
) -> Option<usize> {
    if again {
        return by_weight(group, draws.next(), mask);
    }
    let turn = turn(ctx.live, turns);
    let member = scheduled(ctx.table, turns, turn);
    if mask.has(member) {
        return Some(member);
    }
    by_weight(group, splitmix64(turn ^ GOLDEN), mask)
}

/// Takes a turn of a balancer.
#[inline]
pub(super) fn turn(live: &LiveState, turns: Turns) -> u64 {
    live.rotations[turns.rotation as usize].turn()
}

/// The member of a turn.
#[inline]
pub(super) fn scheduled(table: &RoutingTable, turns: Turns, turn: u64) -> usize {
    let schedule = &table.schedules[turns.schedule as usize];
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the remainder is below the period"
    )]
    let place = (turn % schedule.len() as u64) as usize;
    usize::from(schedule[place])
}
