//! Least connections.

use super::algorithms::{by_weight, scheduled, turn};
use super::context::{Mask, SelectContext};
use crate::base::mix::{GOLDEN, splitmix64};
use crate::serve::state::LiveState;
use crate::table::{Group, GroupId, NONE, RoutingTable, Turns};

/// Chooses among all members while none has a penalty; `None` if one has.
#[inline(never)]
pub(super) fn first(
    table: &RoutingTable,
    live: &LiveState,
    group: GroupId,
    turns: Turns,
) -> Option<usize> {
    let unpenalized_load = |health: u32| match live.health.get(health as usize) {
        Some(health) => health.is_unpenalized().then(|| health.active()),
        None => Some(0),
    };
    let ties = if table.hot(group).has_more_members() {
        let group = table.group(group);
        ties(weights(group, Mask::all(group)), |at| {
            unpenalized_load(group.members[at].health)
        })?
    } else {
        let hot_rivals = table.hot_rivals(group);
        ties(hot_rivals.weights(), |at| {
            unpenalized_load(hot_rivals.healths[at])
        })?
    };
    let turn = turn(live, turns);
    let member = scheduled(table, turns, turn);
    if ties.has(member) {
        return Some(member);
    }
    by_weight(table.group(group), splitmix64(turn ^ GOLDEN), ties)
}

/// The members with the least load for their weight: the requests under way plus the penalties. The clock is
/// read only if there is a penalty.
pub(crate) fn least_loaded(ctx: &SelectContext<'_>, group: &Group, mask: Mask) -> Mask {
    let mut now = None;
    let load = |member| Some(load(ctx, group, member, &mut now));
    ties(weights(group, mask), load).unwrap_or(Mask(0))
}

fn weights(group: &Group, mask: Mask) -> impl Iterator<Item = (usize, u32)> {
    mask.members().map(|at| (at, group.members[at].weight))
}

/// The members with the least `load / weight`, compared by cross-multiplication; `None` if a load is `None`.
#[inline]
fn ties(
    weights: impl Iterator<Item = (usize, u32)>,
    mut load: impl FnMut(usize) -> Option<u32>,
) -> Option<Mask> {
    let mut ties = Mask(0);
    let (mut least, mut least_weight) = (0, 0);
    for (at, weight) in weights {
        let weight = u64::from(weight);
        if weight == 0 {
            continue;
        }
        let load = u64::from(load(at)?);
        let (mine, theirs) = (load * least_weight, least * weight);
        if ties.0 == 0 || mine < theirs {
            (least, least_weight) = (load, weight);
            ties = Mask(1 << at);
        } else if mine == theirs {
            ties.0 |= 1 << at;
        }
    }
    Some(ties)
}

/// The requests under way of a member, and its penalties.
pub(super) fn load(
    ctx: &SelectContext<'_>,
    group: &Group,
    member: usize,
    now: &mut Option<std::time::Duration>,
) -> u32 {
    let health = group.members[member].health;
    if health == NONE {
        return 0;
    }
    let health = &ctx.live.health[health as usize];
    if health.is_unpenalized() {
        return health.active();
    }
    let now = *now.get_or_insert_with(|| ctx.clock.now());
    health
        .active()
        .saturating_add(health.penalty(now, ctx.penalty))
}
