//! The way through an alias when not every target is well: what cools is passed over, and the
//! fallbacks are looked at.

use std::time::Duration;

use crate::error::{ResolveError, SelectorFault};
use crate::failure::{ANY, Condition, FailureClass};
use crate::request::Request;
use crate::select::{Draws, Mask, Pick, Scene, choose};
use crate::table::{End, Group, GroupId, Hop, MAX_PATH, Step, TargetId};

/// Positions from here on are fallbacks; those before are members.
pub(crate) const FIRST_STEP: u8 = 64;

/// Stands where a selector found that no member suits.
pub(crate) const NOBODY: usize = 255;

/// Which entry was taken in each group on the way: a byte for each level.
///
/// Two words and no array, so that it is made and moved in registers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Picks {
    first: u64,
    last: u64,
}

/// Levels in each word.
const HALF: usize = MAX_PATH / 2;

impl Picks {
    /// INVARIANT: a path has at most `MAX_PATH` aliases, so levels stay below that, and an
    /// entry's position fits a byte.
    #[inline]
    pub(crate) fn set(&mut self, level: usize, entry: usize) {
        let (word, level) = if level < HALF {
            (&mut self.first, level)
        } else {
            (&mut self.last, level - HALF)
        };
        let shift = 8 * (level % HALF);
        *word = *word & !(0xff << shift) | (entry as u64 & 0xff) << shift;
    }

    pub(crate) fn get(self, level: usize) -> u8 {
        let (word, level) = if level < HALF {
            (self.first, level)
        } else {
            (self.last, level - HALF)
        };
        word.to_le_bytes()[level % HALF]
    }

    /// The picks of the first levels.
    fn iter(self, levels: usize) -> impl Iterator<Item = u8> {
        (0..levels).map(move |level| self.get(level))
    }

    /// The hop that was taken out of a group.
    #[inline]
    pub(crate) fn hop(self, level: usize, group: &Group) -> &Hop {
        let pick = self.get(level);
        match pick.checked_sub(FIRST_STEP) {
            None => &group.hops[usize::from(pick)],
            Some(step) => &group.steps[usize::from(step)].hop,
        }
    }
}

impl From<u64> for Picks {
    /// The picks of the first levels, from the lowest byte on.
    #[inline]
    fn from(first: u64) -> Self {
        Self { first, last: 0 }
    }
}

/// A target to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) picks: Picks,
    pub(crate) target: TargetId,
    pub(crate) extras: u32,
    pub(crate) last_resort: bool,
}

/// What came of an entry.
enum Taken {
    Entry(End),
    /// A fallback whose conditions do not hold.
    LeftOut,
}

/// Where the walk stands in one group.
struct Frame {
    group: GroupId,
    /// Members that were neither tried nor passed over.
    left: Mask,
    /// Whether a member has been chosen.
    chosen: bool,
    /// The step that is being walked; 0 are the members, then come the fallbacks.
    step: usize,
    /// How many steps failed or were passed over, the members as the first.
    failed: u32,
    outcome: FailureClass,
}

/// Finds the first target of a request.
///
/// `made` holds the choices that were made before something was found amiss; they are repeated,
/// so that no balancer takes a second turn for one request and no selector is asked twice.
///
/// # Errors
///
/// Where a selector's position is out of range, or nothing may be tried at all.
#[cold]
pub(crate) fn first(
    scene: &Scene<'_>,
    start: GroupId,
    request: Request<'_>,
    draws: &mut Draws<'_>,
    made: Picks,
    levels: usize,
) -> Result<Option<Found>, ResolveError> {
    let mut walk = Walk {
        scene,
        now: scene.clock.now(),
        frames: Vec::with_capacity(2),
        visited: Vec::new(),
        picks: Picks::default(),
        resort: None,
    };
    let mut scripted = made.iter(levels);
    scene.live.alarm.settle(walk.now);
    walk.enter(start);
    while let Some(group) = walk.group() {
        let taken = match walk.step() {
            0 => {
                let pick = match scripted.next() {
                    Some(pick) if usize::from(pick) == NOBODY => Pick::None,
                    Some(pick) => Pick::Member(usize::from(pick)),
                    None => walk.choose(group, request, draws),
                };
                match pick {
                    Pick::Member(member) => Some(walk.take_member(group, member)),
                    Pick::None => None,
                    Pick::Fault(position) => return Err(fault(scene, group, position)),
                }
            }
            step => group
                .steps
                .get(step - 1)
                .map(|fallback| walk.take_fallback(fallback, step - 1)),
        };
        let end = match taken {
            Some(Taken::Entry(end)) => end,
            Some(Taken::LeftOut) => continue,
            None => {
                walk.end_entries();
                continue;
            }
        };
        if let Some(found) = walk.follow(end) {
            return Ok(Some(found));
        }
    }
    Ok(walk.resort.map(|(_, found)| found))
}

/// The error for a selector that chose what is not there.
#[cold]
pub(crate) fn fault(scene: &Scene<'_>, group: &Group, position: usize) -> ResolveError {
    let alias = &scene.table.aliases[group.alias as usize].name;
    ResolveError::SelectorFault(SelectorFault::new(alias, position))
}

struct Walk<'s> {
    scene: &'s Scene<'s>,
    now: Duration,
    frames: Vec<Frame>,
    /// Aliases that were walked to their end, with their outcomes.
    visited: Vec<(GroupId, FailureClass)>,
    picks: Picks,
    /// Of the targets that were passed over, the one whose cooldown ends first.
    resort: Option<(Duration, Found)>,
}

impl<'s> Walk<'s> {
    /// The group that is being walked.
    fn group(&self) -> Option<&'s Group> {
        let frame = self.frames.last()?;
        Some(self.scene.table.group(frame.group))
    }

    fn step(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.step)
    }

    fn choose(&self, group: &Group, request: Request<'_>, draws: &mut Draws<'_>) -> Pick {
        match self.frames.last() {
            Some(frame) if frame.left.0 != 0 => {
                choose(self.scene, group, request, draws, frame.left, frame.chosen)
            }
            _ => Pick::None,
        }
    }

    /// Takes a member, and with it the turn of the whole step where it splits.
    fn take_member(&mut self, group: &Group, member: usize) -> Taken {
        if let Some(frame) = self.frames.last_mut() {
            frame.chosen = true;
            if group.goes_on() {
                frame.left.remove(member);
            } else {
                frame.left = Mask(0);
            }
        }
        self.pick(member);
        Taken::Entry(group.members[member].end)
    }

    /// Goes on from the members to the fallbacks, and from the fallbacks out of the alias.
    fn end_entries(&mut self) {
        match self.frames.last_mut() {
            Some(frame) if frame.step == 0 => {
                frame.step = 1;
                frame.failed = 1;
            }
            _ => self.leave(),
        }
    }

    /// Takes a fallback if its conditions hold; else it is left out and no failed step.
    fn take_fallback(&mut self, fallback: &Step, at: usize) -> Taken {
        if let Some(frame) = self.frames.last_mut() {
            frame.step += 1;
            if !holds(fallback.conditions.as_deref(), frame, at) {
                return Taken::LeftOut;
            }
            frame.failed |= 1 << (at + 1);
        }
        self.pick(usize::from(FIRST_STEP) + at);
        Taken::Entry(fallback.hop.end)
    }

    fn enter(&mut self, group: GroupId) {
        self.frames.push(Frame {
            group,
            left: Mask::all(self.scene.table.group(group)),
            chosen: false,
            step: 0,
            failed: 0,
            // What stands where nothing could be chosen.
            outcome: FailureClass::NotAllowed,
        });
    }

    /// Ends the walk of the innermost alias; its last outcome is that of the entry it is.
    fn leave(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.visited.push((frame.group, frame.outcome));
            self.outcome(frame.outcome);
        }
    }

    fn outcome(&mut self, outcome: FailureClass) {
        if let Some(frame) = self.frames.last_mut() {
            frame.outcome = outcome;
        }
    }

    fn pick(&mut self, entry: usize) {
        self.picks.set(self.frames.len() - 1, entry);
    }

    /// Tries what an entry leads to; a target that cools is passed over.
    fn follow(&mut self, end: End) -> Option<Found> {
        match end {
            End::Target { target, extras } => {
                let found = Found {
                    picks: self.picks,
                    target,
                    extras,
                    last_resort: false,
                };
                let health = self.scene.table.target(target).health;
                let Some((until, class)) =
                    self.scene.live.health[health as usize].cooling(self.now)
                else {
                    return Some(found);
                };
                if self.resort.is_none_or(|(first, _)| until < first) {
                    let last_resort = true;
                    self.resort = Some((
                        until,
                        Found {
                            last_resort,
                            ..found
                        },
                    ));
                }
                self.outcome(class);
                None
            }
            End::Group(group) => {
                // One request walks an alias once; a second time its outcome stands.
                match self.visited.iter().find(|(visited, _)| *visited == group) {
                    Some(&(_, outcome)) => self.outcome(outcome),
                    None => self.enter(group),
                }
                None
            }
        }
    }
}

/// Whether a fallback is looked at after the last outcome.
fn holds(conditions: Option<&[Condition]>, frame: &Frame, fallback: usize) -> bool {
    let outcome = frame.outcome;
    let failed = |steps: u32| frame.failed & steps == steps && ANY.contains(outcome);
    let Some(conditions) = conditions else {
        return ANY.contains(outcome);
    };
    conditions.iter().any(|condition| match condition {
        Condition::Classes(classes) => classes.contains(outcome),
        // What is passed over comes with no status, and with no word of the embedder.
        Condition::Status(_) | Condition::StatusHundred(_) | Condition::Registered(_) => false,
        Condition::PrimaryFailed => failed(1),
        Condition::PrimaryAndFirstFallbackFailed => failed(0b11),
        Condition::AllPreviousFailed => failed((1 << (fallback + 1)) - 1),
    })
}
