//! The plan of one request: a state machine without recursion.

use std::time::Duration;

use super::bill::RunningBill;
use super::choices::{Choices, FIRST_STEP, Found, PriorChoices, Root};
use super::context::PlanContext;
use super::event::{Event, EventKind};
use super::explorer::PathExplorer;
use super::finished::FinishedAliases;
use super::frame::{Frame, Frames};
use super::limits::{Budget, Deadline, Limits, TimeLimit};
use super::outcome::Outcome;
use super::rules::{Gate, NextStep, gate, next_step};
use crate::failure::Failure;
use crate::serve::error::ResolveError;
use crate::serve::select::Draws;
use crate::table::{AliasId, End, Group, GroupId, TargetId};

/// The largest default limit of attempts.
const MOST_ATTEMPTS: u8 = 8;

/// The smallest default limit of attempts.
const MIN_DEFAULT_ATTEMPTS: u8 = 3;

/// Of the targets that were passed over while they cooled, the one whose cooldown ends first.
#[derive(Debug)]
pub(super) struct LastResort {
    pub(super) until: Duration,
    pub(super) found: Found,
    /// The alias whose entry it is.
    pub(super) alias: AliasId,
    /// The limits when it was passed over. They still hold, since no attempt runs before it.
    pub(super) time: TimeLimit,
    pub(super) budget: Option<Budget>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Fresh,
    Walking,
    Over,
}

/// The plan of one request.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(super) root: Root,
    /// True for `attempts`, which may try several targets under limits and notes events; false for `resolve`,
    /// which finds the first.
    pub(super) is_attempts: bool,
    pub(super) stage: Stage,
    pub(super) frames: Frames,
    pub(super) choices: Choices,
    pub(super) prior: PriorChoices,
    /// Whether the plan replays the prior choices of an attempt under way.
    pub(super) replays: bool,
    pub(super) attempts: u8,
    /// When the request began, on the resolver's clock; may be zero if no alias limits its time.
    pub(super) start: Duration,
    pub(super) time: TimeLimit,
    pub(super) finished: FinishedAliases,
    /// Targets that were tried, with their outcomes.
    pub(super) tried: Vec<(TargetId, Outcome)>,
    pub(super) failures: Vec<Failure>,
    pub(super) last_resort: Option<LastResort>,
    /// When the first of the targets that were passed over while they cooled returns, on the resolver's clock.
    pub(super) first_return: Option<Duration>,
    pub(super) events: Vec<Event>,
    pub(super) bill: RunningBill,
    /// Replaces random choices by a script, and records the alternatives.
    pub(super) explorer: Option<Box<PathExplorer>>,
}

impl Plan {
    /// A plan for `resolve`.
    pub(crate) fn for_resolve(root: Root) -> Self {
        Self {
            root,
            is_attempts: false,
            stage: Stage::Fresh,
            frames: Frames::new(),
            choices: Choices::default(),
            prior: PriorChoices::default(),
            replays: false,
            attempts: 0,
            start: Duration::ZERO,
            time: TimeLimit::default(),
            finished: FinishedAliases::default(),
            tried: Vec::new(),
            failures: Vec::new(),
            last_resort: None,
            first_return: None,
            events: Vec::new(),
            bill: RunningBill::default(),
            explorer: None,
        }
    }

    /// A plan for `attempts`, for a request that began at `start`.
    pub(crate) fn for_attempts(root: Root, start: Duration) -> Self {
        Self {
            is_attempts: true,
            start,
            ..Self::for_resolve(root)
        }
    }

    /// The same plan after choices that were made without it.
    pub(crate) fn after(mut self, prior: PriorChoices) -> Self {
        self.prior = prior;
        self
    }

    /// The same plan along one sequence of random choices.
    pub(crate) fn along(mut self, explorer: PathExplorer) -> Self {
        self.explorer = Some(Box::new(explorer));
        self
    }

    /// What the explorer recorded.
    pub(crate) fn take_explorer(&mut self) -> Option<Box<PathExplorer>> {
        self.explorer.take()
    }

    /// Goes to the attempt under way that the prior choices lead to.
    pub(crate) fn catch_up(&mut self, ctx: &PlanContext<'_>, draws: &mut Draws<'_>) {
        self.replays = true;
        // INVARIANT: every choice on the way was made, so no selector is asked and none fails.
        let _ = self.next(ctx, draws);
    }

    /// The next target.
    ///
    /// # Errors
    ///
    /// When a selector's position is out of range.
    pub(crate) fn next(
        &mut self,
        ctx: &PlanContext<'_>,
        draws: &mut Draws<'_>,
    ) -> Result<Option<Found>, ResolveError> {
        let table = &ctx.snapshot.table;
        if self.stage == Stage::Over {
            return Ok(None);
        }
        if self.stage == Stage::Fresh {
            self.stage = Stage::Walking;
            let alias = table.aliases.get(self.root.alias as usize);
            let path = alias.map_or(&[][..], |alias| &alias.hop.path);
            if let Some(found) = self.follow(ctx, path, self.root.end) {
                return Ok(Some(found));
            }
        }
        while let Some(frame) = self.end_aliases_without_attempts() {
            let group = table.group(frame.group);
            let step = self.next_step(ctx, group, &frame);
            let (entry, hop) = match step {
                NextStep::Member => match self.choose_member(ctx, group, frame, draws) {
                    Ok(Some(member)) => (member, &group.hops[member]),
                    Ok(None) => {
                        self.take(NextStep::EndMembers);
                        continue;
                    }
                    Err(error) => {
                        self.stage = Stage::Over;
                        return Err(error);
                    }
                },
                NextStep::Fallback(at) => (usize::from(FIRST_STEP) + at, &group.steps[at].hop),
                NextStep::EndMembers => {
                    self.take(step);
                    continue;
                }
                NextStep::LeaveOut(at, why) => {
                    self.take(step);
                    let entry = usize::from(FIRST_STEP) + at;
                    let end = group.steps[at].hop.end;
                    self.note(ctx, entry, end, EventKind::LeftOut(why));
                    continue;
                }
                NextStep::Done => {
                    self.leave();
                    continue;
                }
            };
            self.take(step);
            self.choose_entry(entry);
            if let Some(found) = self.follow(ctx, &hop.path, hop.end) {
                return Ok(Some(found));
            }
        }
        Ok(self.take_last_resort(ctx))
    }

    fn next_step(&self, ctx: &PlanContext<'_>, group: &Group, frame: &Frame) -> NextStep {
        let position = frame.position;
        next_step(ctx, group, position, &self.failures, || {
            // No attempt since the last member was chosen: it was passed over, so another one costs none.
            self.attempts == frame.before_member || self.affords_attempt(self.frames.depth())
        })
    }

    /// Tries what an entry leads to, or enters it.
    fn follow(&mut self, ctx: &PlanContext<'_>, path: &[AliasId], end: End) -> Option<Found> {
        if let End::Target { target, options } = end
            && std::mem::take(&mut self.replays)
        {
            let found = Found::new(self.choices, target, options);
            self.begin_attempt(ctx, path, found);
            return Some(found);
        }
        let enclosing = self.frames.last().map(|frame| frame.group);
        let room = self.room(ctx, path);
        match gate(ctx, enclosing, end, self.repeated(end), room) {
            Gate::Drained => {
                self.note(ctx, self.chosen_entry(), end, EventKind::Drained);
                None
            }
            Gate::Enter(group) => {
                self.visit(self.chosen_entry(), end, None);
                self.enter(ctx, path, group);
                None
            }
            Gate::Repeat(outcome) => {
                let kind = EventKind::Repeated(outcome.class);
                self.note(ctx, self.chosen_entry(), end, kind);
                self.set_outcome(outcome);
                None
            }
            Gate::Target(target, options, gate) => {
                let found = Found::new(self.choices, target, options);
                self.try_target(ctx, path, found, gate)
            }
        }
    }

    fn enter(&mut self, ctx: &PlanContext<'_>, path: &[AliasId], id: GroupId) {
        let table = &ctx.snapshot.table;
        let group = table.group(id);
        let mut frame = Frame::new(id, group, self.attempts);
        if self.is_attempts {
            let limits = Limits::of(table, path);
            let outermost = self.frames.depth() == 0;
            frame.limit = limits.attempts.or_else(|| {
                outermost.then(|| group.length.clamp(MIN_DEFAULT_ATTEMPTS, MOST_ATTEMPTS))
            });
            frame.budget = self.budget(ctx, path);
            frame.deadline = limits.latency.map(|latency| Deadline {
                start: if outermost { self.start } else { ctx.now() },
                latency,
            });
        }
        self.frames.push(frame);
    }

    /// Ends the innermost alias. Its last outcome becomes that of the entry which led there.
    fn leave(&mut self) {
        if let Some(frame) = self.frames.pop() {
            let outcome = frame.position.outcome;
            self.finished.push(frame.group, outcome);
            self.set_outcome(outcome);
        }
    }

    /// Ends every alias without attempts left, with all inside it. Returns the innermost alias that remains.
    fn end_aliases_without_attempts(&mut self) -> Option<Frame> {
        if let Some(depth) = self.frames.outermost_without_attempts(self.attempts) {
            while self.frames.depth() > depth {
                self.leave();
            }
        }
        self.frames.last().copied()
    }

    /// Notes the entry of the innermost alias that is looked at.
    pub(super) fn choose_entry(&mut self, entry: usize) {
        // INVARIANT: there is a frame wherever an entry is chosen.
        let level = self.frames.depth().saturating_sub(1);
        self.choices.set(level, entry);
    }

    /// Takes a step of the innermost alias.
    fn take(&mut self, step: NextStep) {
        if let Some(frame) = self.frames.last_mut() {
            frame.position = frame.position.after(step);
        }
    }

    pub(super) fn set_outcome(&mut self, outcome: Outcome) {
        if let Some(frame) = self.frames.last_mut() {
            frame.position = frame.position.with_outcome(outcome);
        }
    }
}
