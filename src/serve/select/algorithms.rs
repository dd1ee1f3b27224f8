//! The built-in algorithms: by weight, by key, by turn.

use super::context::{Mask, SelectContext};
use super::draws::Draws;
use crate::base::mix::{GOLDEN, scale, splitmix64};
use crate::base::rendezvous;
use crate::serve::state::LiveState;
use crate::table::{Group, HotRivals, RoutingTable, SmoothPicks, Turns};

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

/// Draws by weight. The first draw of a request is among all members: its bits lead elsewhere only if theirs is not
/// in the mask.
pub(super) fn by_draw(
    group: &Group,
    draws: &mut Draws<'_>,
    mask: Mask,
    is_first: bool,
) -> Option<usize> {
    if is_first
        && let Some(member) = by_weight(group, draws.next(), Mask::all(group))
        && mask.has(member)
    {
        return Some(member);
    }
    by_weight(group, draws.next(), mask)
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

/// Chooses by turn. A turn outside the mask goes to the members of the mask by weight, not to the next in the
/// schedule, which would get twice its share.
#[inline]
pub(super) fn by_turn(
    ctx: &SelectContext<'_>,
    group: &Group,
    balancer: Turns,
    draws: &mut Draws<'_>,
    mask: Mask,
    turns: Option<Mask>,
) -> Option<usize> {
    let Some(turns) = turns else {
        return by_weight(group, draws.next(), mask);
    };
    let turn = turn(ctx.live, balancer);
    let member = scheduled_among(ctx.table, group, balancer, turn, turns);
    member
        .filter(|&member| mask.has(member))
        .or_else(|| by_weight(group, splitmix64(turn ^ GOLDEN), mask))
}

/// Takes a turn of a balancer.
#[inline]
pub(super) fn turn(live: &LiveState, turns: Turns) -> u64 {
    live.rotations[turns.rotation as usize].turn()
}

/// The member of a turn if only some take turns, as if the group had no others.
fn scheduled_among(
    table: &RoutingTable,
    group: &Group,
    balancer: Turns,
    turn: u64,
    some: Mask,
) -> Option<usize> {
    let all = Mask::all(group);
    if some == all {
        return Some(scheduled(table, balancer, turn));
    }
    let weight = |at: usize| group.members[at].weight;
    let total = |mask: Mask| mask.members().map(|at| u64::from(weight(at))).sum::<u64>();
    // One pick of the schedule stands for the greatest common divisor of all weights, which divides these too.
    let period = table.schedules[balancer.schedule as usize].len() as u64;
    let place = turn.checked_rem(total(some) * period / total(all).max(1))?;
    let mut picks = SmoothPicks::new(some.members().map(|at| (at, weight(at))));
    picks.nth(usize::try_from(place).ok()?)
}

/// The member of a turn while all may be chosen.
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
