//! Chooses a member of a group.

use super::algorithms::{
    by_draw, by_key, by_key_of_all, by_key_of_few, by_turn, members_before, scheduled, turn,
};
use super::context::{Mask, Pick, SelectContext};
use super::draws::Draws;
use super::hook::{self, Hooks};
use super::least;
use crate::base::mix::scale;
use crate::serve::request::Request;
use crate::serve::state::LiveState;
use crate::table::{Choice, End, Group, GroupId, HotMember, RoutingTable};

/// Chooses among all members, for the first time in a request. `None` if a selector or a penalty is involved:
/// then [`choose`] decides.
#[expect(
    clippy::inline_always,
    reason = "what it gives back stays in registers"
)]
#[inline(always)]
pub(crate) fn choose_simply(
    table: &RoutingTable,
    live: &LiveState,
    hooks: &Hooks,
    group: GroupId,
    draws: &mut Draws<'_>,
) -> Option<(usize, End)> {
    let hot = table.hot(group);
    let member = match hot.choice {
        Choice::Only => 0,
        Choice::Split | Choice::Sticky(_) if draws.is_keyed() => {
            if hot.has_more_members() {
                by_key_of_all(table.group(group), draws.digest()?)?
            } else {
                by_key_of_few(table.hot_rivals(group), draws.digest()?)?
            }
        }
        Choice::Split if !hooks.draws() => {
            let point = scale(draws.next(), hot.total);
            let before = |member: &HotMember| usize::from(member.sum <= point);
            let member = hot.members.iter().map(before).sum();
            if member == hot.members.len() {
                member + members_before(table.group(group), member, point)
            } else {
                member
            }
        }
        Choice::RoundRobin(turns) | Choice::Sticky(turns) => {
            scheduled(table, turns, turn(live, turns))
        }
        Choice::LeastConnections(turns) => least::first(table, live, group, turns)?,
        _ => return None,
    };
    let end = match hot.members.get(member) {
        Some(member) => member.end(),
        None => table.group(group).members.get(member)?.end,
    };
    Some((member, end))
}

/// Chooses among all members, for the first time in a request.
pub(crate) fn choose_first(
    ctx: &SelectContext<'_>,
    hooks: &Hooks,
    group: GroupId,
    request: Request<'_>,
    draws: &mut Draws<'_>,
) -> Pick {
    let simple = choose_simply(ctx.table, ctx.live, hooks, group, draws);
    if let Some((member, _)) = simple {
        return Pick::Member(member);
    }
    let group = ctx.table.group(group);
    let all = Mask::all(group);
    choose(ctx, hooks, group, request, draws, all, Some(all))
}

/// Chooses among some members.
///
/// `turns` are the members that take turns, the same for every request; `None` if the request has taken its turn
/// here.
pub(crate) fn choose(
    ctx: &SelectContext<'_>,
    hooks: &Hooks,
    group: &Group,
    request: Request<'_>,
    draws: &mut Draws<'_>,
    mask: Mask,
    turns: Option<Mask>,
) -> Pick {
    match group.choice {
        Choice::Only => mask.has(0).then_some(0).into(),
        Choice::Split => match (draws.digest(), hooks.draw.as_deref()) {
            (Some(digest), _) => by_key(group, digest, mask).into(),
            (None, Some(selector)) => hook::select(ctx, selector, group, request, mask),
            (None, None) => by_draw(group, draws, mask, turns.is_some()).into(),
        },
        Choice::RoundRobin(balancer) => by_turn(ctx, group, balancer, draws, mask, turns).into(),
        Choice::Sticky(balancer) => match draws.digest() {
            Some(digest) => by_key(group, digest, mask).into(),
            None => by_turn(ctx, group, balancer, draws, mask, turns).into(),
        },
        Choice::LeastConnections(balancer) => {
            let least = least::least_loaded(ctx, group, mask);
            by_turn(ctx, group, balancer, draws, least, turns).into()
        }
        Choice::Hook(selector) => match hooks.selector(selector) {
            Some(selector) => hook::select(ctx, selector, group, request, mask),
            None => Pick::None,
        },
    }
}
