//! Begins a request: from the name asked to its first target.
//!
//! Without a selector, a cooldown, a drain or a penalty on the way this takes a few loads and a draw for each
//! alias, and no plan. The values between these functions fit registers: returned through memory they caused
//! store-forwarding stalls that took longer than the draw.

use std::ops::Range;

use crate::serve::error::ResolveError;
use crate::serve::plan::{Choices, Found, NO_MEMBER, PlanContext, PriorChoices, Root};
use crate::serve::select::{Draws, Pick, SavedDraws, choose_first, choose_simply};
use crate::serve::snapshot::{Snapshot, UnknownNames};
use crate::table::{
    Answer, CatalogEntry, Choice, End, GroupId, MAX_PATH, NONE, ProviderId, RoutingTable, TargetId,
};

/// Where a request begins.
pub(crate) struct RequestStart<'r> {
    pub(crate) root: Root,
    /// The offset in the name asked at which the model id to send begins; [`NONE`] for the target's own.
    pub(crate) model_offset: u32,
    /// The name asked, if the table has it.
    pub(crate) name: Option<&'r str>,
}

/// Looks up where a request for a name begins.
///
/// # Errors
///
/// When nothing has the name, or several models do.
#[expect(clippy::inline_always, reason = "its result stays in registers")]
#[inline(always)]
pub(crate) fn look_up<'r>(
    snapshot: &'r Snapshot,
    asked: &str,
) -> Result<RequestStart<'r>, ResolveError> {
    match snapshot.table.known(asked) {
        Some(known) => match known.answer {
            Answer::Route { alias, end } => Ok(RequestStart {
                root: Root { alias, end },
                model_offset: NONE,
                name: Some(&known.name),
            }),
            Answer::Ambiguous(at) => Err(ambiguous(&snapshot.table, at, asked)),
        },
        None => match passthrough(snapshot, asked) {
            // The own target of provider entry N is target N.
            Ok((target, model)) => Ok(RequestStart {
                root: Root {
                    alias: NONE,
                    end: End::Target {
                        target,
                        options: NONE,
                    },
                },
                model_offset: model,
                name: None,
            }),
            Err(error) => Err(error),
        },
    }
}

/// The error for a name that several models have.
#[cold]
fn ambiguous(table: &RoutingTable, at: u32, asked: &str) -> ResolveError {
    let names = table.ambiguous[at as usize].clone();
    ResolveError::ambiguous_name(asked, names)
}

/// The provider entry that takes a name which the table does not have, and the offset of the model id in
/// the name; [`NONE`] for the entry's own.
#[inline(never)]
fn passthrough(snapshot: &Snapshot, asked: &str) -> Result<(ProviderId, u32), ResolveError> {
    let table = &snapshot.table;
    // A name with control characters would go into headers and logs, and no model has one.
    if asked.contains(char::is_control) {
        return Err(ResolveError::unknown_name(asked));
    }
    if let Some((provider, id)) = table.wildcard(asked)
        && let Ok(id) = u32::try_from(id)
    {
        return Ok((provider, id));
    }
    match table.catalog.get(asked) {
        Some(CatalogEntry::One(provider)) => return Ok((*provider, 0)),
        Some(CatalogEntry::Many(names)) => {
            return Err(ResolveError::ambiguous_name(asked, names.clone()));
        }
        None => {}
    }
    match (snapshot.unknown_names, table.default) {
        (UnknownNames::DefaultProvider, Some(provider)) => Ok((provider, 0)),
        (UnknownNames::DefaultModel, Some(provider)) => Ok((provider, NONE)),
        _ => Err(ResolveError::unknown_name(asked)),
    }
}

/// How far the walk to a first target came without a plan, in two `u64`s.
#[derive(Clone, Copy)]
pub(crate) struct Descent {
    /// The member chosen at each level, a byte each.
    choices: u64,
    /// Low half: the target, or [`NONE`] if the walk stopped. High half: the target's options, or the number of
    /// levels chosen.
    packed: u64,
}

/// The levels that a [`Descent`] has room for.
const LEVELS: usize = 8;

impl Descent {
    #[inline]
    fn arrived(choices: u64, target: TargetId, options: u32) -> Self {
        Self {
            choices,
            packed: u64::from(options) << 32 | u64::from(target),
        }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "at most eight")]
    fn stopped(choices: u64, levels: usize) -> Self {
        Self::arrived(choices, NONE, levels as u32)
    }

    /// No walk: a plan must look at the request from its first step on.
    #[inline]
    pub(crate) fn not_walked() -> Self {
        Self::arrived(0, NONE, NONE)
    }

    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    #[inline]
    fn target(self) -> TargetId {
        self.packed as u32
    }

    /// The options of the target, or the number of levels chosen.
    #[inline]
    fn high_half(self) -> u32 {
        (self.packed >> 32) as u32
    }

    /// The target, unless the walk stopped early.
    #[inline]
    fn found(self) -> Option<Found> {
        let found = || Found::new(Choices::from(self.choices), self.target(), self.high_half());
        (self.target() != NONE).then(found)
    }
}

/// `Ok` is the first target. `Err` is how far the walk came: it stops at a selector, at a penalty in a
/// least-connections group, after eight levels, and at a target or a group with a member that cools or is drained.
/// `walk` is called only if the name leads to a group.
#[expect(clippy::inline_always, reason = "its result stays in registers")]
#[inline(always)]
pub(crate) fn first_target(
    snapshot: &Snapshot,
    end: End,
    walk: impl FnOnce(GroupId) -> Descent,
) -> Result<Found, Descent> {
    match end {
        End::Target { target, .. } if snapshot.is_marked(target) => Err(Descent::stopped(0, 0)),
        End::Target { target, options } => Ok(Found::new(Choices::default(), target, options)),
        End::Group(group) => {
            let descent = walk(group);
            descent.found().ok_or(descent)
        }
    }
}

/// [`walk`] for a request that keeps its draws for later choices.
#[inline]
pub(crate) fn walk_saved(snapshot: &Snapshot, start: GroupId, saved: &mut SavedDraws) -> Descent {
    let hot = snapshot.table.hot(start);
    match (hot.choice, hot.members[0].end()) {
        // Most aliases with fallbacks: the only member is a target, which needs no call.
        (Choice::Only, End::Target { target, options }) => arrive(snapshot, 0, 1, target, options),
        _ => walk_and_save(snapshot, start, saved),
    }
}

#[inline(never)]
fn walk_and_save(snapshot: &Snapshot, start: GroupId, saved: &mut SavedDraws) -> Descent {
    let mut draws = Draws::resumed(&snapshot.entropy, *saved);
    let descent = walk(snapshot, start, &mut draws);
    *saved = draws.saved();
    descent
}

/// Walks from an alias to a target by draws, keys and turns.
#[inline(never)]
pub(crate) fn walk(snapshot: &Snapshot, start: GroupId, draws: &mut Draws<'_>) -> Descent {
    match choose(snapshot, start, draws) {
        Some((member, End::Target { target, options })) => {
            arrive(snapshot, member as u64, 1, target, options)
        }
        Some((member, end)) => walk_nested(snapshot, end, draws, member),
        None => Descent::stopped(0, 0),
    }
}

/// Walks on from the second level; not part of [`walk`], which stays free of the loop that way.
#[inline(never)]
fn walk_nested(snapshot: &Snapshot, end: End, draws: &mut Draws<'_>, first: usize) -> Descent {
    let mut choices = Choices::from(first as u64);
    let (levels, end) = descend(end, &mut choices, 1..LEVELS, |_, group| {
        choose(snapshot, group, draws)
    });
    let choices = choices.first_levels();
    match end {
        Some(End::Target { target, options }) => arrive(snapshot, choices, levels, target, options),
        _ => Descent::stopped(choices, levels),
    }
}

#[inline]
fn choose(snapshot: &Snapshot, group: GroupId, draws: &mut Draws<'_>) -> Option<(usize, End)> {
    if snapshot.has_marked_member(group) {
        return None;
    }
    let (table, live, hooks) = (&*snapshot.table, &snapshot.live, &*snapshot.hooks);
    choose_simply(table, live, hooks, group, draws)
}

/// Goes from alias to alias until a target, by `choose`. Returns the number of levels chosen, and the end
/// unless `choose` stopped.
#[inline]
fn descend(
    start: End,
    choices: &mut Choices,
    levels: Range<usize>,
    mut choose: impl FnMut(usize, GroupId) -> Option<(usize, End)>,
) -> (usize, Option<End>) {
    let (mut end, last) = (start, levels.end);
    for level in levels {
        let End::Group(group) = end else {
            return (level, Some(end));
        };
        let Some((member, next)) = choose(level, group) else {
            return (level, None);
        };
        choices.set(level, member);
        end = next;
    }
    (last, Some(end))
}

/// Ends the walk at a target, or stops it if the target cools or is drained.
#[inline]
fn arrive(
    snapshot: &Snapshot,
    choices: u64,
    levels: usize,
    target: TargetId,
    options: u32,
) -> Descent {
    if snapshot.is_marked(target) {
        return Descent::stopped(choices, levels);
    }
    Descent::arrived(choices, target, options)
}

/// Where the first walk ends.
pub(crate) enum Reached {
    Target(Found),
    /// The plan must look at what these choices lead to.
    Obstacle(PriorChoices),
}

/// Continues where [`first_target`] stopped: asks selectors, reads penalties, and goes past eight levels. It stops
/// before a group with a member that cools or is drained.
///
/// # Errors
///
/// When a selector's position is out of range.
#[cold]
pub(crate) fn finish(
    ctx: &PlanContext<'_>,
    root: Root,
    draws: &mut Draws<'_>,
    descent: Descent,
) -> Result<Reached, ResolveError> {
    if descent.high_half() == NONE {
        return Ok(Reached::Obstacle(PriorChoices::default()));
    }
    let (snapshot, select) = (ctx.snapshot, &ctx.select);
    let walked = descent.high_half() as usize;
    let prior = Choices::from(descent.choices);
    let mut choices = Choices::default();
    let mut stop = None;
    let (levels, end) = descend(root.end, &mut choices, 0..MAX_PATH, |level, id| {
        let group = select.table.group(id);
        let pick = if level < walked {
            Pick::Member(usize::from(prior.get(level)))
        } else if snapshot.has_marked_member(id) {
            return None;
        } else {
            choose_first(select, &snapshot.hooks, id, ctx.request, draws)
        };
        match pick {
            Pick::Member(member) => group.members.get(member).map(|found| (member, found.end)),
            other => {
                stop = Some((group.alias, other));
                None
            }
        }
    });
    let levels = match stop {
        None => levels,
        Some((alias, Pick::Fault(position))) => {
            let alias = &select.table.aliases[alias as usize].name;
            return Err(ResolveError::selector_fault(alias, position));
        }
        Some(_) => {
            choices.set(levels, NO_MEMBER);
            levels + 1
        }
    };
    Ok(match end {
        Some(End::Target { target, options }) if !snapshot.is_marked(target) => {
            Reached::Target(Found::new(choices, target, options))
        }
        _ => Reached::Obstacle(PriorChoices { choices, levels }),
    })
}
