//! One run of a request: the walk through its steps, by recursion.

mod members;
mod script;

use std::time::Duration;

use super::super::view::{Identity, Step};
use super::cost::{Bill, Budget};
use super::health::{Key, Level, World};
use super::way::{Way, WayEnd, weight};
use super::words::Fall;
use super::{Asked, Call, End, Failure, Line, Outcome, Planner, State, Target, Tried};
pub(super) use script::Script;

/// Why a run stopped.
#[derive(Debug)]
pub(super) enum Stop {
    Ended(End),
    /// The alias at this depth has used up its attempts and ends.
    Cut(usize, Fall),
    /// The run differs from the observed trace.
    Off,
    /// Another attempt can follow the supposed timeout, or cannot.
    Found,
    NotFound,
}

/// An alias that is being walked, a plain one included.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    alias: usize,
    entered: Duration,
    pub(super) max_latency: Option<Duration>,
    pub(super) budget: Option<Budget>,
    max_attempts: Option<usize>,
    /// Attempts made inside.
    made: usize,
    /// Fallbacks not yet considered.
    later: usize,
}

impl Frame {
    /// Time left.
    pub(super) fn left(&self, now: Duration) -> Option<Duration> {
        let limit = self.max_latency?;
        Some((self.entered + limit).saturating_sub(now))
    }
}

/// A target that was passed over because it cools.
struct Passed {
    until: Duration,
    target: Target,
    frames: Vec<Frame>,
    owner: Option<usize>,
}

/// The attempt that is supposed to time out.
#[derive(Debug, Clone, Copy)]
struct Supposed {
    /// Which attempt.
    at: usize,
    /// Another one counts if the alias at this depth has not ended.
    depth: usize,
    /// The alias at this depth has no time left then, nor has what is inside it.
    used_up: Option<usize>,
    has_happened: bool,
}

pub(super) struct Walk<'a> {
    pub(super) planner: &'a Planner<'a>,
    pub(super) asked: &'a Asked,
    pub(super) calls: &'a [Call],
    /// What was seen, to stop where it is something else.
    seen: Option<&'a [Line]>,
    pub(super) script: Script,
    /// Which call is being answered.
    pub(super) at: usize,
    pub(super) lines: Vec<Line>,
    pub(super) bill: Bill,
    pub(super) frames: Vec<Frame>,
    /// Targets that were touched and aliases that were walked, with what came of them.
    met: Vec<(Identity, Fall)>,
    passed: Vec<Passed>,
    failure: Option<Failure>,
    /// Attempts made.
    made: usize,
    supposed: Option<Supposed>,
    /// Where the attempt is under way that is supposed to time out.
    probed: Option<Key>,
    /// Whether this is about one answer, which knows nothing of time and of cost.
    pub(super) is_answer: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        planner: &'a Planner<'a>,
        asked: &'a Asked,
        calls: &'a [Call],
        seen: Option<&'a [Line]>,
        script: Script,
    ) -> Self {
        Self {
            planner,
            asked,
            calls,
            seen,
            script,
            at: 0,
            lines: Vec::new(),
            bill: Bill::default(),
            frames: Vec::new(),
            met: Vec::new(),
            passed: Vec::new(),
            failure: None,
            made: 0,
            supposed: None,
            probed: None,
            is_answer: false,
        }
    }

    pub(super) fn suppose(&mut self, at: usize, depth: usize, used_up: Option<usize>) {
        self.supposed = Some(Supposed {
            at,
            depth,
            used_up,
            has_happened: false,
        });
    }

    /// How many lines are what was seen.
    pub(super) fn agreed(&self) -> usize {
        let seen = self.seen.unwrap_or_default();
        let pairs = self.lines.iter().zip(seen);
        pairs.take_while(|(line, seen)| line == seen).count()
    }

    /// The whole request.
    pub(super) fn request(&mut self) -> Stop {
        if self.calls.is_empty() {
            return Stop::Ended(End::Open);
        }
        let Some(way) = self.planner.asked(&self.asked.name) else {
            return Stop::Off;
        };
        let limit = self.planner.limit(&way);
        let first = way.plain.first().copied();
        let asked = match &way.end {
            WayEnd::Group(alias) => Some(first.unwrap_or(*alias)),
            WayEnd::Target(_) => first,
        };
        let fall = match self.follow(asked, &way, Some(limit)) {
            Ok(fall) | Err(Stop::Cut(0, fall)) => fall,
            Err(stop) => return stop,
        };
        self.exhausted(&fall)
    }

    /// Nothing is left to try, unless nothing was tried at all.
    fn exhausted(&mut self, fall: &Fall) -> Stop {
        let earliest = self.passed.iter().map(|passed| passed.until).min();
        let first = self
            .passed
            .iter()
            .position(|passed| Some(passed.until) == earliest);
        let Some(first) = first.filter(|_| self.made == 0) else {
            return Stop::Ended(End::Exhausted(fall.shown, self.failure.clone()));
        };
        let passed = self.passed.remove(first);
        self.frames = passed.frames;
        match self.attempt(passed.owner, &passed.target, true) {
            Ok(fall) | Err(Stop::Cut(_, fall)) => {
                Stop::Ended(End::Exhausted(fall.shown, self.failure.clone()))
            }
            Err(stop) => stop,
        }
    }

    /// Everything else, as it was when this attempt was asked for.
    pub(super) fn world(&self) -> &'a World {
        &self.calls[self.at].world
    }

    /// Walks on along a step: the plain aliases on the way, then what is behind them.
    fn enter(&mut self, owner: usize, step: &Step<'_>) -> Result<Fall, Stop> {
        let Some(way) = self.planner.way(step) else {
            return Err(Stop::Off);
        };
        self.follow(Some(owner), &way, None)
    }

    fn follow(
        &mut self,
        owner: Option<usize>,
        way: &Way,
        limit: Option<usize>,
    ) -> Result<Fall, Stop> {
        let depth = self.frames.len();
        for &alias in &way.plain {
            self.push(alias, limit.is_some());
        }
        if let (Some(frame), Some(_)) = (self.frames.first_mut(), limit) {
            frame.max_attempts = limit;
        }
        let fall = match &way.end {
            WayEnd::Target(target) => self.target(owner, target),
            WayEnd::Group(alias) => self.group(owner, *alias, limit),
        };
        match self.pop(depth, fall) {
            // A plain alias on the way was cut, and nothing stands behind it.
            Err(Stop::Cut(cut, fall)) if cut >= depth && depth > 0 => Ok(fall),
            fall => fall,
        }
    }

    /// Enters an alias; those that the client's own name leads to were entered with the request.
    fn push(&mut self, alias: usize, is_asked: bool) {
        self.frames.push(Frame {
            alias,
            entered: if is_asked {
                self.asked.began
            } else {
                self.world().now
            },
            max_latency: self.planner.max_latency(alias),
            budget: self.planner.budget(alias, self.bill.spent),
            max_attempts: self.planner.max_attempts(alias),
            made: 0,
            later: 0,
        });
    }

    /// Whether more than the threshold of a balanced alias's members cool for the network's sake: of
    /// the innermost alias that chooses.
    fn panics(&self) -> bool {
        let planner = self.planner;
        let mut groups = self
            .frames
            .iter()
            .rev()
            .map(|frame| planner.group(frame.alias));
        let Some(group) = groups.find(|group| group.only_step().is_none()) else {
            return false;
        };
        let Some(threshold) = planner.panic_threshold.filter(|_| group.balances()) else {
            return false;
        };
        let world = self.world();
        let members: Vec<_> = group
            .primary()
            .filter(|step| weight(step.node) != "0")
            .collect();
        let cools = |step: &&&Step<'_>| {
            let way = planner.way(step).map(|way| way.end);
            let Some(WayEnd::Target(target)) = way else {
                return false;
            };
            let level = world.look(&planner.key(&target));
            matches!(level, Level::Cooling(pause) if is_of_network(pause.class))
        };
        let cooling = members.iter().filter(cools).count();
        cooling * 100 > members.len() * threshold
    }

    /// Whether the supposed timeout has left no time here.
    fn is_used_up(&self) -> bool {
        let supposed = self.supposed.filter(|supposed| supposed.has_happened);
        let used_up = supposed.and_then(|supposed| supposed.used_up);
        used_up.is_some_and(|depth| depth < self.frames.len())
    }

    /// Leaves every alias from this depth on.
    fn pop(&mut self, depth: usize, ended: Result<Fall, Stop>) -> Result<Fall, Stop> {
        self.frames.truncate(depth);
        if let Some(supposed) = self.supposed.as_mut().filter(|one| one.has_happened)
            && supposed.used_up.is_some_and(|used_up| used_up >= depth)
        {
            supposed.used_up = None;
        }
        let is_left = self
            .supposed
            .is_some_and(|supposed| supposed.has_happened && depth <= supposed.depth);
        match ended {
            Ok(_) | Err(Stop::Cut(..)) if is_left => Err(Stop::NotFound),
            ended => ended,
        }
    }

    /// An alias that chooses, or has fallbacks.
    fn group(
        &mut self,
        owner: Option<usize>,
        alias: usize,
        limit: Option<usize>,
    ) -> Result<Fall, Stop> {
        let identity = Identity::Group(self.planner.name(alias));
        if let Some(fall) = self.met(&identity) {
            let name = self.planner.name(alias);
            self.line(owner, name, State::Repeated(fall.class), None)?;
            return Ok(fall.repeated());
        }
        // The alias asked for is entered, so that its members are listed.
        if limit.is_none() && self.planner.is_drained_below(alias, self.world()) {
            let name = self.planner.name(alias);
            self.line(owner, name, State::Drained, None)?;
            return Ok(Fall::nothing());
        }
        let depth = self.frames.len();
        self.push(alias, limit.is_some());
        if depth == 0 {
            self.frames[0].max_attempts = limit;
        }
        let ended = self.steps(alias);
        let (fall, ended) = match self.pop(depth, ended) {
            Ok(fall) => (fall.clone(), Ok(fall)),
            Err(Stop::Cut(cut, fall)) if cut == depth && depth > 0 => (fall.clone(), Ok(fall)),
            Err(Stop::Cut(cut, fall)) => (fall.clone(), Err(Stop::Cut(cut, fall))),
            Err(stop) => return Err(stop),
        };
        self.met.push((identity, fall));
        ended
    }

    /// The steps of an alias, in their order.
    fn steps(&mut self, alias: usize) -> Result<Fall, Stop> {
        let planner = self.planner;
        let group = planner.group(alias);
        let here = self.frames.len() - 1;
        self.frames[here].later = group.fallbacks.len();
        let mut last = self.members(alias)?;
        let mut failed = vec![true];
        for fallback in &group.fallbacks {
            self.frames[here].later -= 1;
            let is_named = last.leads_to(fallback.node.get("conditions"), &failed);
            if is_named && self.has_room(fallback) {
                last = last.then(self.enter(alias, fallback)?);
                failed.push(true);
                continue;
            }
            failed.push(false);
            let state = if is_named {
                State::TooSmall
            } else {
                State::LeftOut
            };
            let Some(way) = planner.way(fallback) else {
                return Err(Stop::Off);
            };
            self.line(Some(alias), planner.written(&way), state, None)?;
        }
        Ok(last)
    }

    /// Whether a fallback leads to anything that has room for as many tokens as the request may take.
    fn has_room(&self, fallback: &Step<'_>) -> bool {
        let input = self.asked.estimate.map(|estimate| estimate.input);
        let Some(prompt) = self.asked.context.or(input).filter(|_| !self.is_answer) else {
            return true;
        };
        let has_room = |target: &Target| self.planner.has_room(target, prompt);
        let way = self.planner.way(fallback);
        way.is_some_and(|way| self.planner.leads_to(&way, &has_room))
    }

    fn met(&self, identity: &Identity) -> Option<Fall> {
        let met = self.met.iter().find(|(other, _)| other == identity);
        met.map(|(_, fall)| fall.clone())
    }

    fn target(&mut self, owner: Option<usize>, target: &Target) -> Result<Fall, Stop> {
        let planner = self.planner;
        if let Some(fall) = self.met(&Planner::identity(target)) {
            let state = State::Repeated(fall.class);
            self.line(owner, target.text.clone(), state, None)?;
            return Ok(fall.repeated());
        }
        let world = self.world();
        if planner.is_drained(target, world) {
            self.line(owner, target.text.clone(), State::Drained, None)?;
            return Ok(Fall::nothing());
        }
        match self.reason_against(owner, target) {
            Some(fall) => {
                let state = State::PassedOver(fall.class);
                self.line(owner, target.text.clone(), state, None)?;
                Ok(fall)
            }
            None => self.attempt(owner, target, false),
        }
    }

    /// Why a target may not be tried now. One that cools may be the last resort.
    fn reason_against(&mut self, owner: Option<usize>, target: &Target) -> Option<Fall> {
        let planner = self.planner;
        let world = self.world();
        let is_supposing = self.supposed.is_some_and(|supposed| supposed.has_happened);
        if !planner.is_allowed(target, self.asked, world) {
            return Some(Fall::passed_over("not_allowed", None));
        }
        if !self.is_answer && self.is_too_costly(target) {
            return Some(Fall::passed_over("cost_exceeded", None));
        }
        if self.is_used_up()
            || !is_supposing && !self.is_answer && planner.is_short(&self.frames, world.now)
        {
            return Some(Fall::passed_over("latency_exceeded", None));
        }
        let key = planner.key(target);
        let level = match world.look(&key) {
            // The attempt that is supposed to time out is the probe.
            Level::Awaited(pause) if self.probed.as_ref() == Some(&key) => Level::Probed(pause),
            level => level,
        };
        match level {
            Level::Cooling(pause) | Level::Probed(pause) => {
                if self.panics() && is_of_network(pause.class) {
                    return None;
                }
                if self.has_last_resort() {
                    self.passed.push(Passed {
                        until: pause.until.1,
                        target: target.clone(),
                        frames: self.frames.clone(),
                        owner,
                    });
                }
                Some(Fall::passed_over(pause.class, pause.status))
            }
            Level::Well | Level::Awaited(_) => None,
        }
    }

    /// Whether what is passed over here may be the last resort: no alias on the way says `never`, and one says
    /// `always` where the builder does not allow it.
    fn has_last_resort(&self) -> bool {
        let aliases = self.frames.iter();
        let words = aliases.filter_map(|frame| {
            let node = self.planner.group(frame.alias).node;
            node.text_at("last_resort")
        });
        let words: Vec<&str> = words.collect();
        let default = self.planner.has_last_resort || words.contains(&"always");
        default && !words.contains(&"never")
    }

    fn attempt(
        &mut self,
        owner: Option<usize>,
        target: &Target,
        is_last_resort: bool,
    ) -> Result<Fall, Stop> {
        let outcome = match self.supposed {
            Some(supposed) if supposed.has_happened => return Err(Stop::Found),
            Some(supposed) if supposed.at == self.at => {
                self.probed = Some(self.planner.key(target));
                Some(self.time_out())
            }
            _ => self.calls[self.at].outcome.clone(),
        };
        let Some(outcome) = outcome else {
            return Err(Stop::Off);
        };
        self.made += 1;
        for frame in &mut self.frames {
            frame.made += 1;
        }
        let tried = self.supposed.is_none().then(|| {
            let path = self.frames.iter();
            Tried {
                target: target.text.clone(),
                alias_path: path.map(|frame| self.planner.name(frame.alias)).collect(),
                timeout: if self.is_answer {
                    target.timeout
                } else {
                    self.timeout(target, &self.frames, is_last_resort)
                },
                is_last_resort,
            }
        });
        let is_supposing = self.supposed.is_some_and(|supposed| supposed.has_happened);
        let used = self.calls[self.at].used.filter(|_| !is_supposing);
        self.charge(target, &outcome, used);
        let text = target.text.clone();
        let failure = match outcome {
            Outcome::Served => {
                self.line(owner, text, State::Served, tried)?;
                return Err(Stop::Ended(End::Served));
            }
            Outcome::Dropped => {
                self.line(owner, text, State::Unreported, tried)?;
                return Err(Stop::Ended(End::Cancelled));
            }
            Outcome::Failed(failure) => failure,
        };
        self.line(owner, text, State::Failed(failure.clone()), tried)?;
        let fall = Fall::of(&failure, self.is_own(target, &failure));
        self.failure = Some(failure.clone());
        self.met.push((Planner::identity(target), fall.clone()));
        if !is_supposing {
            self.at += 1;
        }
        if self.at == self.calls.len() {
            return Err(Stop::Ended(End::Open));
        }
        if failure.class == "invalid_request" {
            let end = End::Exhausted(failure.class, Some(failure));
            return Err(Stop::Ended(end));
        }
        let is_used = |frame: &Frame| frame.max_attempts.is_some_and(|most| frame.made >= most);
        match self.frames.iter().position(is_used) {
            Some(depth) => Err(Stop::Cut(depth, fall)),
            None => Ok(fall),
        }
    }

    /// Lets the supposed timeout happen.
    fn time_out(&mut self) -> Outcome {
        if let Some(supposed) = &mut self.supposed {
            supposed.has_happened = true;
        }
        Outcome::Failed(Failure {
            class: "timeout",
            status: None,
            retry_after: None,
            words: Vec::new(),
        })
    }

    /// Whether a fallback goes round this failure only where it is named.
    fn is_own(&self, target: &Target, failure: &Failure) -> bool {
        match failure.class {
            "auth_failed" => self.planner.passes_auth(target.entry),
            "not_found" => target.is_open,
            _ => false,
        }
    }

    /// Adds a line; stops where something else was seen.
    fn line(
        &mut self,
        owner: Option<usize>,
        target: String,
        state: State,
        tried: Option<Tried>,
    ) -> Result<(), Stop> {
        self.lines.push(Line {
            alias: owner.map(|alias| self.planner.name(alias)),
            target,
            state,
            tried,
        });
        let at = self.lines.len() - 1;
        match self.seen {
            Some(seen) if seen.get(at) != self.lines.last() => Err(Stop::Off),
            _ => Ok(()),
        }
    }
}

/// Whether a cooldown of this class may be the network's fault.
fn is_of_network(class: &str) -> bool {
    ["timeout", "connect_error", "server_error", "overloaded"].contains(&class)
}
