//! From an alias to a target, choosing wherever there is a choice.
//!
//! As long as everything is well a walk is a few loads and a draw for each alias. It is a function
//! of its own that takes words and gives back two: what is handed on through memory, stored word by
//! word and loaded in pairs, stalled longer than the draw takes.

use crate::serve::error::ResolveError;
use crate::serve::plan::{self, Found, Made, Picks};
use crate::serve::request::Request;
use crate::serve::select::{Draws, Pick, Saved, choose_first, choose_simply};
use crate::serve::snapshot::Snapshot;
use crate::table::{Choice, End, GroupId, NONE, TargetId};

/// How far a walk came: to a target, or to where more has to be thought about.
#[derive(Clone, Copy)]
pub(crate) struct Walked {
    /// The member taken at each level, a byte each.
    picks: u64,
    /// The target, and above it its extras. Instead of a target [`NONE`] if the rest is for
    /// [`finish`], and above that how many levels are chosen.
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
    pub(crate) fn unfinished(picks: u64, levels: u32) -> Self {
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

    /// What was found, unless the rest is for [`finish`].
    #[inline]
    pub(crate) fn found(self) -> Option<Found> {
        let found = || Found::new(Picks::from(self.picks), self.target(), self.extras());
        (self.target() != NONE).then(found)
    }
}

/// [`walk`], of a request that goes on by what it came to. Where there is but one target, as in most
/// chains, it takes no call.
#[inline]
pub(crate) fn walk_saved(snapshot: &Snapshot, start: GroupId, saved: &mut Saved) -> Walked {
    let front = snapshot.table.front(start);
    if let (Choice::Only, End::Target { target, extras }) = (front.choice, front.places[0].end()) {
        return arrive(snapshot, 0, 1, target, extras);
    }
    walk_on(snapshot, start, saved)
}

#[inline(never)]
fn walk_on(snapshot: &Snapshot, start: GroupId, saved: &mut Saved) -> Walked {
    let mut draws = Draws::resumed(&snapshot.entropy, *saved);
    let walked = walk(snapshot, start, &mut draws);
    *saved = draws.saved();
    walked
}

/// Goes from an alias to a target by draws, keys and turns.
#[inline(never)]
pub(super) fn walk(snapshot: &Snapshot, start: GroupId, draws: &mut Draws<'_>) -> Walked {
    match choose(snapshot, start, draws) {
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
        let Some((member, end)) = choose(snapshot, at, draws) else {
            return Walked::unfinished(picks, level);
        };
        picks |= (member as u64) << (8 * level);
        match end {
            End::Group(next) => at = next,
            End::Target { target, extras } => {
                return arrive(snapshot, picks, level + 1, target, extras);
            }
        }
    }
    Walked::unfinished(picks, LEVELS)
}

#[inline]
fn choose(snapshot: &Snapshot, group: GroupId, draws: &mut Draws<'_>) -> Option<(usize, End)> {
    let (table, live, hooks) = (&*snapshot.table, &snapshot.live, &*snapshot.hooks);
    choose_simply(table, live, hooks, group, draws)
}

/// At a target, unless something is to be asked about it.
#[inline]
pub(crate) fn arrive(
    snapshot: &Snapshot,
    picks: u64,
    levels: u32,
    target: TargetId,
    extras: u32,
) -> Walked {
    if snapshot.is_marked(target) {
        return Walked::unfinished(picks, levels);
    }
    Walked::to(picks, target, extras)
}

/// What a walk comes to in the end.
pub(crate) enum Reached {
    Target(Found),
    /// Something is to be passed over, after these choices.
    Amiss(Made),
}

/// Goes on where a walk ended early: a selector is to be asked, a target cools, or the way is long.
///
/// # Errors
///
/// Where a selector's position is out of range.
#[cold]
pub(crate) fn finish(
    snapshot: &Snapshot,
    mut end: End,
    request: Request<'_>,
    draws: &mut Draws<'_>,
    walked: Walked,
) -> Result<Reached, ResolveError> {
    let scene = snapshot.scene();
    let walked_levels = walked.extras() as usize;
    let mut made = Made {
        picks: Picks::from(walked.picks),
        levels: 0,
    };
    while let End::Group(at) = end {
        let group = scene.table.group(at);
        let member = if made.levels < walked_levels {
            usize::from(made.picks.get(made.levels))
        } else {
            match choose_first(&scene, at, request, draws) {
                Pick::Member(member) => member,
                Pick::None => plan::NOBODY,
                Pick::Fault(position) => return Err(plan::fault(&scene, group, position)),
            }
        };
        made.picks.set(made.levels, member);
        made.levels += 1;
        match group.members.get(member) {
            Some(chosen) => end = chosen.end,
            None => return Ok(Reached::Amiss(made)),
        }
    }
    Ok(match end {
        End::Target { target, extras } if !snapshot.is_marked(target) => {
            Reached::Target(Found::new(made.picks, target, extras))
        }
        _ => Reached::Amiss(made),
    })
}
