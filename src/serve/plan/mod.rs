//! The way of one request through an alias: which target is next, given what became of those before.
//!
//! A state machine without recursion. As long as everything is well it is not needed: `resolve` and
//! the first attempt choose without it, and hand it their choices once something is amiss.

mod ahead;
mod chances;
mod cost;
mod event;
mod frame;
mod ground;
mod members;
mod picks;
mod report;
mod trial;
mod walked;

use std::time::Duration;

use crate::failure::{Failure, FailureClass};
use crate::serve::error::ResolveError;
use crate::serve::request::Request;
use crate::serve::select::{Draws, Scene};
use crate::serve::snapshot::Snapshot;
use crate::serve::state::Ticket;
use crate::table::{AliasId, End, Group, GroupId, RoutingTable, Step, TargetId};
pub(crate) use chances::{Chances, Look, Sight, entries, first_parts};
pub(crate) use cost::Tab;
use cost::{Budget, Ledger};
pub(crate) use event::{Event, Fate, Subject};
pub(crate) use frame::Outcome;
use frame::{Deadline, Frame, Frames, Limits, holds, least};
pub(crate) use ground::{Allow, Ground};
pub(crate) use picks::{FIRST_STEP, NOBODY, Picks, way};
use trial::panics;
use walked::Walked;

/// A target to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) picks: Picks,
    pub(crate) target: TargetId,
    pub(crate) extras: u32,
    pub(crate) last_resort: bool,
    pub(crate) ticket: Ticket,
}

impl Found {
    /// A target that nothing speaks against.
    #[inline]
    pub(crate) fn new(picks: Picks, target: TargetId, extras: u32) -> Self {
        Self {
            picks,
            target,
            extras,
            last_resort: false,
            ticket: Ticket::NONE,
        }
    }
}

/// Where a request begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Root {
    /// The alias asked, or [`NONE`](crate::table::NONE).
    pub(crate) alias: AliasId,
    pub(crate) end: End,
}

/// Choices that were made before the plan was: they are repeated, so that no balancer takes a second
/// turn for one request and no selector is asked twice.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Made {
    pub(crate) picks: Picks,
    /// How many.
    pub(crate) levels: usize,
}

/// The most attempts of a request, whatever its configuration says.
const MOST_ATTEMPTS: u8 = 8;

/// The most attempts of a request whose steps are fewer.
const FEW_ATTEMPTS: u8 = 3;

/// Of the targets that were passed over while they cooled, the one that returns first.
#[derive(Debug)]
struct Resort {
    until: Duration,
    found: Found,
    /// Whose entry it is.
    alias: AliasId,
    /// What was left of every limit there; nothing else takes time until it is tried.
    left: Option<Duration>,
    budget: Option<Budget>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Fresh,
    Walking,
    Over,
}

/// The way of one request.
#[derive(Debug)]
pub(crate) struct Plan {
    root: Root,
    /// Whether this is more than one answer: then time is limited, and what happens is noted.
    whole: bool,
    stage: Stage,
    frames: Frames,
    picks: Picks,
    made: Made,
    /// Whether the choices made lead to an attempt that is under way.
    under_way: bool,
    attempts: u8,
    /// When the request began, on its clock.
    start: Duration,
    timeout: Option<Duration>,
    /// Aliases that were walked to their end, with their outcomes.
    visited: Walked,
    /// Targets that were tried, with what came of it.
    touched: Vec<(TargetId, Outcome)>,
    failures: Vec<Failure>,
    resort: Option<Resort>,
    events: Vec<Event>,
    ledger: Ledger,
    /// Whoever asks what may happen, instead of chance.
    chances: Option<Box<Chances>>,
}

impl Plan {
    /// A plan for one answer.
    pub(crate) fn for_answer(root: Root, made: Made) -> Self {
        Self {
            root,
            whole: false,
            stage: Stage::Fresh,
            frames: Frames::new(),
            picks: Picks::default(),
            made,
            under_way: false,
            attempts: 0,
            start: Duration::ZERO,
            timeout: None,
            visited: Walked::default(),
            touched: Vec::new(),
            failures: Vec::new(),
            resort: None,
            events: Vec::new(),
            ledger: Ledger::default(),
            chances: None,
        }
    }

    /// A plan for a whole request, which began at `start`.
    pub(crate) fn for_request(root: Root, made: Made, start: Duration) -> Self {
        Self {
            whole: true,
            start,
            ..Self::for_answer(root, made)
        }
    }

    /// The same plan, walked along one way of chance.
    pub(crate) fn along(mut self, chances: Chances) -> Self {
        self.chances = Some(Box::new(chances));
        self
    }

    /// What was found on that way.
    pub(crate) fn into_chances(self) -> Option<Box<Chances>> {
        self.chances
    }

    /// Goes to where the choices made lead, to an attempt that is under way already.
    pub(crate) fn catch_up(
        &mut self,
        ground: &Ground<'_>,
        draws: &mut Draws<'_>,
    ) -> Result<(), ResolveError> {
        self.under_way = true;
        self.next(ground, draws).map(|_| ())
    }

    /// The next target.
    ///
    /// # Errors
    ///
    /// Where a selector's position is out of range.
    pub(crate) fn next(
        &mut self,
        ground: &Ground<'_>,
        draws: &mut Draws<'_>,
    ) -> Result<Option<Found>, ResolveError> {
        if self.stage == Stage::Over {
            return Ok(None);
        }
        if self.stage == Stage::Fresh {
            self.stage = Stage::Walking;
            let path = match ground.snapshot.table.aliases.get(self.root.alias as usize) {
                Some(alias) => &alias.hop.path[..],
                None => &[],
            };
            if let Some(found) = self.follow(ground, path, self.root.end) {
                return Ok(Some(found));
            }
        }
        let table = &ground.snapshot.table;
        while let Some(frame) = self.innermost() {
            let group = table.group(frame.group);
            let hop = if frame.step == 0 {
                match self.member(ground, group, draws) {
                    Ok(Some(member)) => {
                        self.pick(member);
                        &group.hops[member]
                    }
                    Ok(None) => {
                        if let Some(frame) = self.frames.last_mut() {
                            frame.end_members();
                        }
                        continue;
                    }
                    Err(error) => {
                        self.stage = Stage::Over;
                        return Err(error);
                    }
                }
            } else {
                let at = frame.next_fallback();
                let Some(step) = group.steps.get(at) else {
                    self.leave();
                    continue;
                };
                if !self.look_at(ground, at, step) {
                    self.look(usize::from(FIRST_STEP) + at, Sight::LeftOut);
                    self.note(ground, step.hop.end, Fate::LeftOut);
                    continue;
                }
                self.pick(usize::from(FIRST_STEP) + at);
                &step.hop
            };
            if let Some(found) = self.follow(ground, &hop.path, hop.end) {
                return Ok(Some(found));
            }
        }
        Ok(self.last_resort(ground))
    }

    /// Whether a fallback is looked at; if not it is no failed step.
    fn look_at(&mut self, ground: &Ground<'_>, at: usize, step: &Step) -> bool {
        let failures = &self.failures;
        let Some(frame) = self.frames.last_mut() else {
            return false;
        };
        frame.step += 1;
        let conditions = step.conditions.as_deref();
        let holds = holds(conditions, frame.outcome, frame.failed, at, failures)
            && !(self.whole && Self::is_too_small(ground, step.hop.end));
        if holds {
            frame.failed |= 1 << (at + 1);
        }
        holds
    }

    /// Where the request would end without a single attempt: of the targets that were passed over
    /// while they cooled the one that returns first, once.
    fn last_resort(&mut self, ground: &Ground<'_>) -> Option<Found> {
        self.stage = Stage::Over;
        if self.attempts > 0 {
            return None;
        }
        let Resort {
            found,
            alias,
            left,
            budget,
            ..
        } = self.resort.take()?;
        self.attempts = 1;
        if self.whole {
            self.timeout = least(left, ground.snapshot.table.timeout(found.extras));
            self.open_bill(ground, found.target, budget);
            let outcome = Outcome::of(FailureClass::Timeout);
            self.touched.push((found.target, outcome));
            let subject = Subject::Target(found.target);
            self.events.push(Event {
                alias,
                subject,
                fate: Fate::Tried,
            });
        }
        Some(found)
    }

    /// Tries what an entry leads to, or enters it.
    fn follow(&mut self, ground: &Ground<'_>, path: &[AliasId], end: End) -> Option<Found> {
        if let Some(outcome) = self.stands(end) {
            self.look_here(Sight::Repeated(outcome.class));
            self.note(ground, end, Fate::Repeated(outcome.class));
            self.come_to(outcome);
            return None;
        }
        match end {
            End::Group(group) => {
                self.look_here(Sight::Entered(group));
                self.enter(ground, path, group);
                None
            }
            End::Target { target, extras } => {
                let found = Found::new(self.picks, target, extras);
                if std::mem::take(&mut self.under_way) {
                    self.attempt(ground, path, found);
                    return Some(found);
                }
                self.try_target(ground, path, found)
            }
        }
    }

    fn enter(&mut self, ground: &Ground<'_>, path: &[AliasId], id: GroupId) {
        let table = &ground.snapshot.table;
        let group = table.group(id);
        let mut frame = Frame::new(id, group);
        frame.before = self.attempts;
        frame.before_member = self.attempts;
        if self.whole {
            let limits = Limits::of(table, path);
            let outermost = self.frames.depth() == 0;
            frame.limit = limits
                .attempts
                .or_else(|| outermost.then(|| group.length.clamp(FEW_ATTEMPTS, MOST_ATTEMPTS)));
            frame.budget = self.budget(ground, path);
            frame.deadline = limits.latency.map(|latency| Deadline {
                start: if outermost { self.start } else { ground.now() },
                latency,
            });
        }
        frame.panics = panics(ground, group);
        self.frames.push(frame);
    }

    /// Ends the walk of the innermost alias; its last outcome is that of the entry it is.
    fn leave(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.visited.push(frame.group, frame.outcome);
            if let Some(chances) = &mut self.chances {
                chances.leave(frame.group, frame.outcome);
            }
            self.come_to(frame.outcome);
        }
    }

    /// Where the walk stands, once every alias whose attempts are used up was left with all inside it.
    fn innermost(&mut self) -> Option<Frame> {
        let spent = self.frames.all().position(|frame| self.is_spent(frame));
        if let Some(depth) = spent {
            while self.frames.depth() > depth {
                self.leave();
            }
        }
        self.frames.last().copied()
    }

    fn is_spent(&self, frame: &Frame) -> bool {
        frame
            .limit
            .is_some_and(|limit| self.attempts - frame.before >= limit)
    }

    fn come_to(&mut self, outcome: Outcome) {
        if let Some(frame) = self.frames.last_mut() {
            frame.outcome = outcome;
        }
    }

    fn pick(&mut self, entry: usize) {
        // INVARIANT: there is a frame wherever an entry is chosen.
        self.picks.set(self.frames.depth().saturating_sub(1), entry);
    }

    /// The alias whose entries are looked at; the one asked where it has one only.
    fn owner(&self, ground: &Ground<'_>) -> AliasId {
        match self.frames.last() {
            Some(frame) => ground.snapshot.table.group(frame.group).alias,
            None => self.root.alias,
        }
    }
}

/// Finds the one target of an answer.
///
/// # Errors
///
/// Where a selector's position is out of range.
#[cold]
pub(crate) fn first(
    snapshot: &Snapshot,
    root: Root,
    request: Request<'_>,
    open: Option<&str>,
    draws: &mut Draws<'_>,
    made: Made,
) -> Result<Option<Found>, ResolveError> {
    let ground = Ground::new(snapshot, request, request.rule().into(), open);
    Plan::for_answer(root, made).next(&ground, draws)
}

/// The alias whose member the choices made end in, or [`NONE`](crate::table::NONE).
pub(crate) fn owner(table: &RoutingTable, root: Root, made: Made) -> AliasId {
    let (mut alias, mut end) = (root.alias, root.end);
    for level in 0..made.levels {
        let End::Group(group) = end else { break };
        let group = table.group(group);
        alias = group.alias;
        end = made.picks.hop(level, group).end;
    }
    alias
}

/// The error for a selector that chose what is not there.
#[cold]
pub(crate) fn fault(scene: &Scene<'_>, group: &Group, position: usize) -> ResolveError {
    let alias = &*scene.table.aliases[group.alias as usize].name;
    let alias = alias.into();
    ResolveError::SelectorFault { alias, position }
}
