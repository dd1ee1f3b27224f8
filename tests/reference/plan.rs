//! The reference planner: all that one request may do, from its first attempt to its end.
//!
//! A plan contains random choices, so the planner does not predict. It tries every choice that the
//! rules allow and compares each run with the trace that was observed. The trace is right if one run
//! equals it.
//!
//! Each run starts at the first attempt and walks the configuration by plain recursion. It reads
//! the time and the health of targets from the [`World`] as it was when each attempt was chosen.
//!
//! - `way`: the target or group a step leads to, and what the plain aliases on the way say.
//! - `words`: conditions, and the outcomes they match.
//! - [`health`]: clock, cooldowns, probes, drained targets, active requests.
//! - `walk`: the walk; `deadline`: the time of an attempt; [`cost`]: its cost.
//!
//! # Where the rules leave a choice
//!
//! - Aliases on the path from the requested name to its first group are entered when the request
//!   begins; every other alias when the walk reaches it. Plain aliases count.
//! - When no member is left and none was passed over but for a refusal, the outcome is that of the last
//!   target tried, else that of the last alias walked. Members of weight 0 are ignored.
//! - A member that repeats an earlier outcome without an attempt counts as failed: another member is
//!   chosen only if `any` names it, and no attempt is reserved for it.
//! - A probe that fails after its turn expired is still a failed probe. A body that is still being
//!   sent then is not a probe.
//! - Whether an attempt can follow a timeout is judged when the timed attempt is chosen. The supposed
//!   timeout starts no cooldown; a probe still blocks targets that share its health. No time passes.
//! - A supposed timeout costs its upper bound, like an attempt with unreported usage.
//! - A fallback that is an alias is too small if every target below it is.
//! - Whether an alias ignores cooldowns is decided at each of its targets. A target tried during its
//!   cooldown is not a probe; the first request after the cooldown is.
//! - A penalty lasts for its window or up to a seventh longer; between the two, both answers are right.

pub(crate) mod cost;
pub(crate) mod health;

mod deadline;
mod walk;
mod way;
mod words;

pub(crate) use way::duration;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use super::tree::Tree;
use super::view::{Hit, View};
use cost::{Bill, Price, Tokens};
use health::World;
use walk::{Script, Stop, Walk};

pub(crate) use way::Target;

/// The most attempts of any request, and the fewest that a request has if nothing is written.
const ATTEMPTS: (usize, usize) = (3, 8);

/// A failure, as it is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The word of the grammar.
    pub(crate) class: &'static str,
    pub(crate) status: Option<u16>,
    pub(crate) retry_after: Option<Duration>,
    /// What the embedder says of it.
    pub(crate) words: Vec<&'static str>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It succeeded, or its first byte went to the client.
    Served,
    Failed(Failure),
    /// It was dropped before it was begun, or before its time was over.
    Dropped,
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) name: String,
    /// The texts of the targets that it refuses.
    pub(crate) refused: BTreeSet<String>,
    /// When it began.
    pub(crate) began: Duration,
    /// The most tokens that it may take, if anybody knows.
    pub(crate) estimate: Option<Tokens>,
    /// The tokens of the prompt, if they are known better than by the estimate.
    pub(crate) context: Option<u64>,
}

/// An attempt, as it was handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tried {
    pub(crate) target: String,
    pub(crate) alias_path: Vec<String>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) is_last_resort: bool,
}

/// One time that the request was asked for an attempt.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Everything else, just before.
    pub(crate) world: World,
    /// How the attempt ended; nothing where there was none.
    pub(crate) outcome: Option<Outcome>,
    /// Its usage, if reported.
    pub(crate) used: Option<Tokens>,
}

/// Outcome of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    Served,
    Failed(Failure),
    PassedOver(&'static str),
    Drained,
    LeftOut,
    TooSmall,
    Repeated(&'static str),
    Unreported,
}

/// One line of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// The alias that owns the step.
    pub(crate) alias: Option<String>,
    /// The text form of the target, or the name of the alias.
    pub(crate) target: String,
    pub(crate) state: State,
    /// The attempt, where it was one.
    pub(crate) tried: Option<Tried>,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// With an attempt that served.
    Served,
    /// With an attempt that nobody waited for.
    Cancelled,
    /// Nothing may be tried: the last outcome and the last failure that was reported, if any.
    Exhausted(&'static str, Option<Failure>),
    /// It did not end: nobody asked for another attempt.
    Open,
}

/// Everything that was seen of one request.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) calls: Vec<Call>,
    pub(crate) lines: Vec<Line>,
    pub(crate) end: End,
    pub(crate) bill: Bill,
}

/// No run of the rules is what was seen.
#[derive(Debug)]
pub(crate) struct Disagreement {
    /// The run that agreed the longest.
    pub(crate) lines: Vec<Line>,
    pub(crate) end: Option<End>,
    pub(crate) bill: Bill,
    /// In how many lines it agreed.
    pub(crate) agreed: usize,
}

/// What a name that nothing has is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    Refused,
    /// A model of the default provider.
    DefaultProvider,
}

/// A configuration without errors, to plan requests in.
#[derive(Debug)]
pub(crate) struct Planner<'t> {
    view: View<'t>,
    unknown: Unknown,
    /// With less than this left, nothing is tried.
    least_time: Duration,
    /// What the embedder says that targets cost, by their texts.
    prices: BTreeMap<String, Price>,
    /// In percent: with more of a balanced alias's members cooling, cooldowns there are ignored.
    panic_threshold: Option<usize>,
    /// Whether the builder lets a request end with a target that cools.
    has_last_resort: bool,
}

impl<'t> Planner<'t> {
    pub(crate) fn new(tree: &'t Tree, unknown: Unknown, least_time: Duration) -> Self {
        Self {
            view: View::new(tree),
            unknown,
            least_time,
            prices: BTreeMap::new(),
            panic_threshold: None,
            has_last_resort: true,
        }
    }

    /// The same with prices of the embedder's.
    pub(crate) fn priced(mut self, prices: BTreeMap<String, Price>) -> Self {
        self.prices = prices;
        self
    }

    /// The same with a panic threshold.
    pub(crate) fn panicking(mut self, threshold: Option<u8>) -> Self {
        self.panic_threshold = threshold.map(usize::from);
        self
    }

    /// The same where nothing that cools is tried, unless an alias says so.
    pub(crate) fn shedding(mut self, sheds: bool) -> Self {
        self.has_last_resort = !sheds;
        self
    }

    /// Compares what was seen of a request with everything that the rules allow.
    pub(crate) fn judge(&self, asked: &Asked, seen: &Seen) -> Result<(), Box<Disagreement>> {
        let mut best = Disagreement {
            lines: Vec::new(),
            end: None,
            bill: Bill::default(),
            agreed: 0,
        };
        let mut script = Script::default();
        loop {
            let mut walk = Walk::new(self, asked, &seen.calls, Some(&seen.lines), script);
            let stop = walk.request();
            let is_all = walk.lines.len() == seen.lines.len();
            let end = match stop {
                Stop::Ended(end) => Some(end),
                _ => None,
            };
            if is_all && end.as_ref() == Some(&seen.end) && walk.bill == seen.bill {
                return Ok(());
            }
            let agreed = walk.agreed();
            if agreed >= best.agreed {
                best = Disagreement {
                    lines: std::mem::take(&mut walk.lines),
                    end,
                    bill: walk.bill,
                    agreed,
                };
            }
            script = walk.script;
            if !script.advance() {
                return Err(Box::new(best));
            }
        }
    }

    /// Why a request does not even begin, if it does not.
    pub(crate) fn refusal(&self, asked: &Asked, world: &World) -> Option<&'static str> {
        match self.asked(&asked.name) {
            Some(way) if self.leads_anywhere(&way, asked, world) => None,
            Some(_) => Some("not allowed"),
            None => match self.view.requested(&asked.name) {
                Hit::Several(_) => Some("ambiguous"),
                _ => Some("unknown"),
            },
        }
    }

    /// What a request for one answer may be answered with: the first attempt of a plan without time.
    /// Nothing stands for a plan without an attempt.
    pub(crate) fn answers(&self, asked: &Asked, world: &World) -> Vec<Option<Tried>> {
        let calls = [Call {
            world: world.clone(),
            outcome: Some(Outcome::Dropped),
            used: None,
        }];
        let mut answers = Vec::new();
        let mut script = Script::default();
        loop {
            let mut walk = Walk::new(self, asked, &calls, None, script);
            walk.is_answer = true;
            walk.request();
            let answer = walk.lines.pop().and_then(|line| line.tried);
            if !answers.contains(&answer) {
                answers.push(answer);
            }
            script = walk.script;
            if !script.advance() {
                return answers;
            }
        }
    }

    /// Every run that the rules allow, where attempts end like this one after the other.
    pub(crate) fn runs(&self, asked: &Asked, calls: &[Call]) -> Vec<(Vec<Line>, End)> {
        let mut runs = Vec::new();
        let mut script = Script::default();
        loop {
            let mut walk = Walk::new(self, asked, calls, None, script);
            if let Stop::Ended(end) = walk.request() {
                runs.push((std::mem::take(&mut walk.lines), end));
            }
            script = walk.script;
            if !script.advance() {
                return runs;
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.class)?;
        if let Some(status) = self.status {
            write!(f, " {status}")?;
        }
        if let Some(time) = self.retry_after {
            write!(f, " after {time:?}")?;
        }
        for word in &self.words {
            write!(f, " {word}")?;
        }
        Ok(())
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Served => f.write_str("served"),
            Self::Failed(failure) => write!(f, "failed: {failure}"),
            Self::PassedOver(class) => write!(f, "passed over: {class}"),
            Self::Drained => f.write_str("drained"),
            Self::LeftOut => f.write_str("left out"),
            Self::TooSmall => f.write_str("too small"),
            Self::Repeated(class) => write!(f, "repeated: {class}"),
            Self::Unreported => f.write_str("unreported"),
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alias = self.alias.as_deref().unwrap_or("-");
        write!(f, "{alias}: {} {}", self.target, self.state)?;
        if let Some(tried) = &self.tried {
            write!(f, " [{}", tried.alias_path.join(" → "))?;
            if let Some(timeout) = tried.timeout {
                write!(f, ", {timeout:?}")?;
            }
            if tried.is_last_resort {
                f.write_str(", last resort")?;
            }
            f.write_str("]")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
