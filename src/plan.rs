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
mod picks;
mod walked;

use std::time::Duration;

use crate::error::ResolveError;
use crate::failure::{Failure, FailureClass, FallBack};
use crate::health::brought_by_client;
use crate::request::Request;
use crate::select::{Draws, Mask, Pick, Scene, choose};
use crate::snapshot::Snapshot;
use crate::state::{Admission, Cause, Cooling, Ticket};
use crate::table::{AliasId, Choice, End, Group, GroupId, MAX_PATH, RoutingTable, Step, TargetId};
pub(crate) use chances::{Chances, Look, Sight, entries, first_parts};
pub(crate) use cost::Tab;
use cost::{Budget, Ledger};
pub(crate) use event::{Event, Fate, Subject};
pub(crate) use frame::Outcome;
use frame::{Deadline, Frame, Frames, Limits, holds, least};
pub(crate) use ground::{Allow, Ground};
pub(crate) use picks::{FIRST_STEP, NOBODY, Picks, way};
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

    /// Chooses a member; `None` ends the members' step.
    fn member(
        &mut self,
        ground: &Ground<'_>,
        group: &Group,
        draws: &mut Draws<'_>,
    ) -> Result<Option<usize>, ResolveError> {
        let attempts = self.attempts;
        let Some(frame) = self.frames.last().copied() else {
            return Ok(None);
        };
        if frame.chosen {
            // Whatever is passed over is in `any`; what was tried before and stands may not be.
            let is_free = attempts == frame.before_member;
            let again = frame.outcome.is_any() && (is_free || self.spares_one(self.frames.depth()));
            if !group.goes_on() || !again {
                return Ok(None);
            }
        }
        let mut turned = frame.turned;
        loop {
            let made = self.made_choice();
            // What has become of a member since its attempt began changes nothing about the choice.
            let mask = if made.is_some() && self.under_way {
                frame.left
            } else {
                self.candidates(ground, group, frame.left)
            };
            let pick = match made {
                Some(NOBODY) => Pick::None,
                Some(member) => Pick::Member(member),
                None if mask.0 == 0 => Pick::None,
                None => match &mut self.chances {
                    Some(chances) => chances.choose(ground, group, draws, mask),
                    None => choose(&ground.scene, group, ground.request, draws, mask, turned),
                },
            };
            turned = true;
            match pick {
                Pick::Member(member) if !mask.has(member) => self.made.levels = 0,
                Pick::Member(member) => {
                    if let Some(frame) = self.frames.last_mut() {
                        frame.chosen = true;
                        frame.turned = true;
                        frame.before_member = attempts;
                        frame.left.remove(member);
                    }
                    return Ok(Some(member));
                }
                Pick::None => {
                    if !frame.chosen {
                        let is_drawn = mask.members().any(|at| ahead::is_drawn(group, at));
                        self.nobody(group, made == Some(NOBODY) || is_drawn);
                    }
                    return Ok(None);
                }
                Pick::Fault(position) => return Err(fault(&ground.scene, group, position)),
            }
        }
    }

    /// A choice that was made before the plan was.
    fn made_choice(&mut self) -> Option<usize> {
        let level = self.frames.depth().checked_sub(1)?;
        // Each is used once, and none is left after the walk went another way.
        if level >= self.made.levels {
            return None;
        }
        let pick = usize::from(self.made.picks.get(level));
        let used = self.frames.last().is_some_and(|frame| frame.turned);
        let last = level + 1 == self.made.levels;
        if used {
            self.made.levels = 0;
            return None;
        }
        if last {
            self.made.levels = 0;
        }
        Some(pick)
    }

    /// The members that may be drawn: neither used up, nor touched in this request, nor ruled out.
    fn candidates(&self, ground: &Ground<'_>, group: &Group, left: Mask) -> Mask {
        let mut mask = left;
        let rules_out = ground.rules_out();
        if self.touched.is_empty() && self.visited.is_empty() && !rules_out {
            return mask;
        }
        for at in left.members() {
            let end = group.members[at].end;
            if self.stands(end).is_some() || rules_out && !ground.allows(end) {
                mask.remove(at);
            }
        }
        mask
    }

    /// What came of an entry that was tried, or walked, before.
    fn stands(&self, end: End) -> Option<Outcome> {
        match end {
            End::Target { target, .. } => {
                let mut touched = self.touched.iter();
                touched.find(|(at, _)| *at == target).map(|(_, o)| *o)
            }
            End::Group(group) => {
                let mut visited = self.visited.iter();
                visited.find(|(at, _)| *at == group).map(|(_, o)| o)
            }
        }
    }

    /// What came of the member that was touched last, or walked.
    fn stands_for(&self, group: &Group) -> Option<Outcome> {
        let is_member = |end: &dyn Fn(End) -> bool| {
            let mut members = group.members.iter().enumerate();
            members.any(|(at, member)| ahead::is_drawn(group, at) && end(member.end))
        };
        let touched = self.touched.iter().rev().find(|(touched, _)| {
            is_member(&|end| matches!(end, End::Target { target, .. } if target == *touched))
        });
        let walked = || {
            let mut visited = self.visited.iter().rev();
            let is_walked = |id: GroupId| is_member(&|end| end == End::Group(id));
            visited.find(|(id, _)| is_walked(*id)).map(|(_, o)| o)
        };
        touched.map(|(_, outcome)| *outcome).or_else(walked)
    }

    /// Nothing can be drawn: the step fails with the failure seen there last, or is passed over.
    fn nobody(&mut self, group: &Group, by_selector: bool) {
        let stands = self.stands_for(group);
        let (outcome, fate) = match stands.filter(|_| !by_selector) {
            Some(outcome) => (outcome, Fate::Repeated(outcome.class)),
            None => (
                Outcome::of(FailureClass::NotAllowed),
                Fate::PassedOver(FailureClass::NotAllowed),
            ),
        };
        self.come_to(outcome);
        if self.whole {
            let alias = group.alias;
            self.events.push(Event {
                alias,
                subject: Subject::Alias(alias),
                fate,
            });
        }
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

    fn try_target(&mut self, ground: &Ground<'_>, path: &[AliasId], found: Found) -> Option<Found> {
        let ticket = match self.speaks_against(ground, path, found) {
            Ok(ticket) => ticket,
            Err(outcome) => {
                let Found { target, extras, .. } = found;
                let end = End::Target { target, extras };
                self.look_here(Sight::PassedOver(outcome.class));
                self.note(ground, end, Fate::PassedOver(outcome.class));
                self.come_to(outcome);
                return None;
            }
        };
        let found = Found { ticket, ..found };
        self.attempt(ground, path, found);
        Some(found)
    }

    /// Why a target is passed over, or the right to try it. Cooling comes last: whoever is passed
    /// over for another reason is no last resort.
    fn speaks_against(
        &mut self,
        ground: &Ground<'_>,
        path: &[AliasId],
        found: Found,
    ) -> Result<Ticket, Outcome> {
        if ground.rules_out() && !ground.allows_target(found.target) {
            return Err(Outcome::of(FailureClass::NotAllowed));
        }
        if self.whole && self.is_too_costly(ground, path, found.target) {
            return Err(Outcome::of(FailureClass::CostExceeded));
        }
        if self.whole && self.time_is_short(ground, path) {
            return Err(Outcome::of(FailureClass::LatencyExceeded));
        }
        let health = ground.snapshot.table.target(found.target).health;
        let health = &ground.snapshot.live.health[health as usize];
        let Some(cooling) = health.cooling() else {
            return Ok(Ticket::NONE);
        };
        let panics = self.frames.last().is_some_and(|frame| frame.panics);
        if panics && shows_no_fault(cooling.cause) {
            return Ok(Ticket::NONE);
        }
        match health.admit(ground.now()) {
            Admission::Open => Ok(Ticket::NONE),
            Admission::Probe(ticket) => Ok(ticket),
            Admission::Closed(Cooling { until, cause }) => {
                let resort = self.resort.as_ref();
                if resort.is_none_or(|resort| until < resort.until) {
                    let last_resort = true;
                    self.resort = Some(Resort {
                        until,
                        found: Found {
                            last_resort,
                            ..found
                        },
                        alias: self.owner(ground),
                        left: self.time_left(ground, path),
                        budget: self.budget(ground, path),
                    });
                }
                let status = cause.status;
                Err(Outcome {
                    status,
                    ..Outcome::of(cause.class)
                })
            }
        }
    }

    /// Begins an attempt.
    fn attempt(&mut self, ground: &Ground<'_>, path: &[AliasId], found: Found) {
        self.attempts = self.attempts.saturating_add(1);
        if self.whole {
            // Until it is reported: what an unreported one comes to in the end.
            let outcome = Outcome::of(FailureClass::Timeout);
            self.touched.push((found.target, outcome));
            // What may follow depends on what this one may cost.
            self.open_bill(ground, found.target, self.budget(ground, path));
            self.timeout = self.time_for(ground, path, found.extras);
            let Found { target, extras, .. } = found;
            self.look_here(Sight::Tried);
            self.note(ground, End::Target { target, extras }, Fate::Tried);
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

    /// Tells whoever asks what may happen about the entry that was chosen.
    fn look_here(&mut self, sight: Sight) {
        let level = self.frames.depth().checked_sub(1);
        self.look(level.map_or(0, |level| self.picks.get(level).into()), sight);
    }

    fn look(&mut self, entry: usize, sight: Sight) {
        if let Some(chances) = &mut self.chances {
            let frame = self.frames.last();
            let outcome =
                frame.map_or(Outcome::of(FailureClass::NotAllowed), |frame| frame.outcome);
            chances.look((frame.map(|frame| frame.group), entry), sight, outcome);
        }
    }

    fn note(&mut self, ground: &Ground<'_>, end: End, fate: Fate) {
        if !self.whole {
            return;
        }
        let table = &ground.snapshot.table;
        let alias = self.owner(ground);
        let subject = match end {
            End::Target { target, .. } => Subject::Target(target),
            End::Group(group) => Subject::Alias(table.group(group).alias),
        };
        self.events.push(Event {
            alias,
            subject,
            fate,
        });
    }

    /// How long the attempt under way may take.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// What the request went through.
    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// The failures of its attempts, in their order.
    pub(crate) fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// The attempt under way ended the request: well, or without a word.
    pub(crate) fn end(&mut self, ground: &Ground<'_>, fate: Fate) {
        self.stage = Stage::Over;
        self.close_bill(ground, None);
        if let Some(event) = self.events.last_mut() {
            event.fate = fate;
        }
    }

    /// The attempt under way failed.
    pub(crate) fn failed(&mut self, ground: &Ground<'_>, failure: Failure) {
        let class = failure.class();
        self.close_bill(ground, Some(class));
        let at = self.failures.len();
        let mut outcome = Outcome {
            class,
            status: failure.http_status(),
            failure: Some(at),
            named_only: false,
        };
        if let Some((target, touched)) = self.touched.last_mut() {
            let target = ground.snapshot.table.target(*target);
            // Quota and rate limits of the client's are gone round like ours.
            outcome.named_only = matches!(class, FailureClass::AuthFailed | FailureClass::NotFound)
                && brought_by_client(target, ground.open.is_some(), class);
            *touched = outcome;
        }
        self.failures.push(failure);
        if let Some(event) = self.events.last_mut() {
            event.fate = Fate::Failed(u8::try_from(at).unwrap_or(u8::MAX));
        }
        self.come_to(outcome);
        if class.verdict().fall_back == FallBack::Never {
            self.stage = Stage::Over;
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

/// Whether a cooldown may be the network's fault.
fn shows_no_fault(cause: Cause) -> bool {
    matches!(
        cause.class,
        FailureClass::Timeout
            | FailureClass::ConnectError
            | FailureClass::ServerError
            | FailureClass::Overloaded
    )
}

/// Whether so many members of a balanced group cool that cooldowns are ignored.
fn panics(ground: &Ground<'_>, group: &Group) -> bool {
    let Some(threshold) = ground.snapshot.panic_threshold else {
        return false;
    };
    if matches!(group.choice, Choice::Only | Choice::Split) {
        return false;
    }
    let live = &ground.snapshot.live;
    let cools = |end: End| match end {
        End::Target { target, .. } => {
            let health = ground.snapshot.table.target(target).health;
            let cooling = live.health[health as usize].cooling();
            cooling.is_some_and(|cooling| {
                shows_no_fault(cooling.cause) && cooling.until > ground.now()
            })
        }
        End::Group(_) => false,
    };
    let members = group.members.iter().filter(|member| member.weight > 0);
    let cooling = members.clone().filter(|member| cools(member.end)).count();
    cooling * 100 > members.count() * usize::from(threshold)
}

const _: () = assert!(MAX_PATH * 8 == 128, "picks are two words");
