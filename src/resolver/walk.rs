//! From an alias to a target, choosing wherever there is a choice.
//!
//! As long as everything is well a walk is a few loads and a draw for each alias. It is a function
//! of its own that takes words and gives back two: what is handed on through memory, stored word by
//! word and loaded in pairs, stalled longer than the draw takes.

use crate::error::ResolveError;
use crate::plan::{self, Found, Picks};
use crate::request::Request;
use crate::select::{Draws, Mask, Pick, choose, choose_first};
use crate::snapshot::Snapshot;
use crate::table::{End, GroupId, NONE, TargetId};

/// How far a walk came: to a target, or to where more has to be thought about.
#[derive(Clone, Copy)]
pub(super) struct Walked {
    /// The member taken at each level, a byte each.
    picks: u64,
    /// The target, and above it its extras. Instead of a target [`NONE`] if the rest is for
    /// [`go_on`], and above that how many levels are chosen.
    end: u64,
}

/// The levels that a [`Walked`] has place for.
const LEVELS: u32 = 8;

impl Walked {
    #[inline]
    fn to(picks: u64, target: TargetId, extras: u32) -> Self {
        Self {
            picks,
            end: u64::from(extras) << 32 | u64::from(target),
        }
    }

    #[inline]
    fn unfinished(picks: u64, levels: u32) -> Self {
        Self::to(picks, NONE, levels)
    }

    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    #[inline]
    fn target(self) -> TargetId {
        self.end as u32
    }

    #[inline]
    fn extras(self) -> u32 {
        (self.end >> 32) as u32
    }

    /// What was found, unless the rest is for [`go_on`].
    #[inline]
    pub(super) fn found(self) -> Option<Found> {
        (self.target() != NONE).then_some(Found {
            picks: Picks::from(self.picks),
            target: self.target(),
            extras: self.extras(),
            last_resort: false,
        })
    }
}

/// Goes from an alias to a target by draws, keys and turns.
#[inline(never)]
pub(super) fn walk(snapshot: &Snapshot, start: GroupId, draws: &mut Draws<'_>) -> Walked {
    match choose_first(
        &snapshot.table,
        &snapshot.live,
        &snapshot.hooks,
        start,
        draws,
    ) {
        Some((member, End::Target { target, extras })) => {
            arrive(snapshot, member as u64, 1, target, extras)
        }
        Some((member, End::Group(next))) => walk_nested(snapshot, next, draws, member as u64),
        None => Walked::unfinished(0, 0),
    }
}

/// Goes on from a group within another.
#[inline(never)]
fn walk_nested(
    snapshot: &Snapshot,
    mut at: GroupId,
    draws: &mut Draws<'_>,
    mut picks: u64,
) -> Walked {
    for level in 1..LEVELS {
        match choose_first(&snapshot.table, &snapshot.live, &snapshot.hooks, at, draws) {
            Some((member, end)) => {
                picks |= (member as u64) << (8 * level);
                match end {
                    End::Group(next) => at = next,
                    End::Target { target, extras } => {
                        return arrive(snapshot, picks, level + 1, target, extras);
                    }
                }
            }
            None => return Walked::unfinished(picks, level),
        }
    }
    Walked::unfinished(picks, LEVELS)
}

/// At a target, unless it cools. The alarm is looked at first: one word, always at hand.
#[inline]
fn arrive(snapshot: &Snapshot, picks: u64, levels: u32, target: TargetId, extras: u32) -> Walked {
    let live = &snapshot.live;
    if live.alarm.is_on() {
        let health = snapshot.table.target(target).health;
        if live.health[health as usize].may_be_cooling() {
            return Walked::unfinished(picks, levels);
        }
    }
    Walked::to(picks, target, extras)
}

/// Goes on where a walk ended early: a selector is to be asked, the target cools, or the way is
/// long.
///
/// # Errors
///
/// Where a selector's position is out of range, or nothing may be tried at all.
#[cold]
pub(super) fn go_on(
    snapshot: &Snapshot,
    start: GroupId,
    request: Request<'_>,
    draws: &mut Draws<'_>,
    walked: Walked,
) -> Result<Option<Found>, ResolveError> {
    let scene = snapshot.scene();
    let made = walked.extras() as usize;
    let mut picks = Picks::from(walked.picks);
    let (mut level, mut at) = (0, start);
    loop {
        let group = scene.table.group(at);
        let member = if level < made {
            usize::from(picks.get(level))
        } else {
            match choose(&scene, group, request, draws, Mask::all(group), false) {
                Pick::Member(member) => member,
                Pick::None => {
                    picks.set(level, plan::NOBODY);
                    return plan::first(&scene, start, request, draws, picks, level + 1);
                }
                Pick::Fault(position) => return Err(plan::fault(&scene, group, position)),
            }
        };
        picks.set(level, member);
        level += 1;
        match group.members[member].end {
            End::Group(next) => at = next,
            End::Target { target, extras } => {
                let health = scene.table.target(target).health;
                if scene.live.alarm.is_on() && scene.live.health[health as usize].may_be_cooling() {
                    return plan::first(&scene, start, request, draws, picks, level);
                }
                return Ok(Some(Found {
                    picks,
                    target,
                    extras,
                    last_resort: false,
                }));
            }
        }
    }
}
