//! Least connections.

use super::{Mask, Scene};
use crate::table::{Group, NONE};

/// The members with the least `load / weight`, compared by cross-multiplication; the load is
/// the requests under way plus the penalties. The clock is read only where one is there.
pub(crate) fn least_loaded(scene: &Scene<'_>, group: &Group, mask: Mask) -> Mask {
    let mut now = None;
    let mut ties = Mask(0);
    let (mut least, mut least_weight) = (0, 0);
    for at in mask.members() {
        let weight = u64::from(group.members[at].weight);
        if weight == 0 {
            continue;
        }
        let load = u64::from(load(scene, group, at, &mut now));
        let (mine, theirs) = (load * least_weight, least * weight);
        if ties.0 == 0 || mine < theirs {
            (least, least_weight) = (load, weight);
            ties = Mask(1 << at);
        } else if mine == theirs {
            ties.0 |= 1 << at;
        }
    }
    ties
}

/// The requests under way of a member, and its penalties.
pub(super) fn load(
    scene: &Scene<'_>,
    group: &Group,
    member: usize,
    now: &mut Option<std::time::Duration>,
) -> u32 {
    let health = group.members[member].health;
    if health == NONE {
        return 0;
    }
    let health = &scene.live.health[health as usize];
    if health.is_unpenalized() {
        return health.active();
    }
    let now = *now.get_or_insert_with(|| scene.clock.now());
    health
        .active()
        .saturating_add(health.penalty(now, scene.penalty))
}
