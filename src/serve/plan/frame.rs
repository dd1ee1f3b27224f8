//! Where a walk stands in one group, and what it came to there.

use std::time::Duration;

use super::cost::Budget;
use crate::base::limits::OnUnverifiable;
use crate::base::money::Cost;
use crate::failure::{ANY, Condition, Failure, FailureClass, FallBack};
use crate::serve::select::Mask;
use crate::table::{AliasId, Group, GroupId, MAX_PATH, RoutingTable};

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) class: FailureClass,
    /// What the failure came with, or the one that began the cooldown.
    pub(crate) status: Option<u16>,
    /// The failure itself among those of the request, for the embedder's own conditions.
    pub(crate) failure: Option<usize>,
    /// Whether the client brought it about, so that only a condition that names it holds.
    pub(crate) named_only: bool,
}

impl Outcome {
    pub(crate) fn of(class: FailureClass) -> Self {
        Self {
            class,
            status: None,
            failure: None,
            named_only: false,
        }
    }

    /// Whether it is what `any` asks for.
    pub(super) fn is_any(self) -> bool {
        ANY.contains(self.class) && !self.named_only
    }

    /// Whether a status word may speak of it: refusals must be named.
    fn status(self) -> Option<u16> {
        self.status
            .filter(|_| self.class.verdict().fall_back == FallBack::Any)
    }
}

/// What the aliases of a path limit, the strictest of each.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limits {
    pub(super) attempts: Option<u8>,
    pub(super) latency: Option<Duration>,
    pub(super) cost: Option<Cost>,
    /// Whether one of the limits of cost refuses a target without a price.
    pub(super) refuses: bool,
}

impl Limits {
    pub(super) fn of(table: &RoutingTable, path: &[AliasId]) -> Self {
        let mut limits = Self::default();
        for &alias in path {
            let alias = &table.aliases[alias as usize];
            limits.attempts = least(limits.attempts, alias.max_attempts);
            if let Some(guardrails) = &alias.guardrails {
                let cost = guardrails.max_cost_per_request;
                limits.latency = least(limits.latency, guardrails.max_latency);
                limits.cost = least(limits.cost, cost);
                limits.refuses |=
                    cost.is_some() && guardrails.on_unverifiable == OnUnverifiable::Refuse;
            }
        }
        limits
    }
}

/// The lesser of two, where there is one.
pub(super) fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// A time limit that runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    /// When it began.
    pub(super) start: Duration,
    pub(super) latency: Duration,
}

impl Deadline {
    pub(super) fn left(self, now: Duration) -> Duration {
        (self.start + self.latency).saturating_sub(now)
    }

    /// Whether too little is left for an attempt. A limit that is shorter than the least time
    /// itself still gets its first attempt.
    pub(super) fn is_short(self, now: Duration, least_time: Duration) -> bool {
        self.left(now) < self.latency.min(least_time)
    }
}

/// Where the walk stands in one group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) group: GroupId,
    /// Members that were neither tried nor passed over.
    pub(super) left: Mask,
    /// Whether a member has been chosen.
    pub(super) chosen: bool,
    /// Whether a turn was taken; a request takes one.
    pub(super) turned: bool,
    /// Whether cooldowns are ignored here.
    pub(super) panics: bool,
    /// The step to look at next; 0 are the members, then come the fallbacks.
    pub(super) step: usize,
    /// How many fallbacks there are.
    pub(super) fallbacks: usize,
    /// Which steps failed or were passed over, one bit each.
    pub(super) failed: u32,
    pub(super) outcome: Outcome,
    /// Attempts of the request before this group, and before its last member.
    pub(super) before: u8,
    pub(super) before_member: u8,
    /// The most attempts from here down.
    pub(super) limit: Option<u8>,
    pub(super) deadline: Option<Deadline>,
    pub(super) budget: Option<Budget>,
}

impl Frame {
    pub(super) fn new(group: GroupId, members: &Group) -> Self {
        Self {
            group,
            left: Mask::all(members),
            chosen: false,
            turned: false,
            panics: false,
            step: 0,
            fallbacks: members.steps.len(),
            failed: 0,
            // What stands where nothing could be chosen.
            outcome: Outcome::of(FailureClass::NotAllowed),
            before: 0,
            before_member: 0,
            limit: None,
            deadline: None,
            budget: None,
        }
    }

    /// The position of the fallback to look at next.
    pub(super) fn next_fallback(&self) -> usize {
        self.step.saturating_sub(1)
    }

    /// Goes on from the members to the fallbacks.
    pub(super) fn end_members(&mut self) {
        self.step = 1;
        self.failed |= 1;
    }
}

/// The groups that are being walked, the outermost first. In place, since a request that passes
/// over what cools must not allocate.
///
/// INVARIANT: a path has at most `MAX_PATH` aliases, or the configuration does not load.
#[derive(Debug)]
pub(super) struct Frames {
    list: [Option<Frame>; MAX_PATH],
    depth: usize,
}

impl Frames {
    pub(super) fn new() -> Self {
        Self {
            list: [None; MAX_PATH],
            depth: 0,
        }
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    pub(super) fn push(&mut self, frame: Frame) {
        if let Some(place) = self.list.get_mut(self.depth) {
            *place = Some(frame);
            self.depth += 1;
        }
    }

    pub(super) fn pop(&mut self) -> Option<Frame> {
        self.depth = self.depth.checked_sub(1)?;
        self.list[self.depth].take()
    }

    pub(super) fn last(&self) -> Option<&Frame> {
        self.all().last()
    }

    pub(super) fn last_mut(&mut self) -> Option<&mut Frame> {
        self.list[..self.depth].iter_mut().flatten().last()
    }

    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = &Frame> {
        self.first(self.depth)
    }

    /// The outermost so many.
    pub(super) fn first(&self, depth: usize) -> impl DoubleEndedIterator<Item = &Frame> {
        self.list[..depth.min(self.depth)].iter().flatten()
    }
}

/// Whether a fallback is looked at after the last outcome; `failed` says which of the steps before
/// it failed or were passed over.
pub(super) fn holds(
    conditions: Option<&[Condition]>,
    outcome: Outcome,
    failed: u32,
    fallback: usize,
    failures: &[Failure],
) -> bool {
    let positional = |steps: u32| failed & steps == steps && outcome.is_any();
    let Some(conditions) = conditions else {
        return outcome.is_any();
    };
    conditions.iter().any(|condition| match condition {
        Condition::Classes(classes) if *classes == ANY => outcome.is_any(),
        Condition::Classes(classes) => classes.contains(outcome.class),
        Condition::Status(status) => outcome.status() == Some(*status),
        Condition::StatusHundred(hundred) => outcome.status().is_some_and(|s| s / 100 == *hundred),
        Condition::Registered(word) => outcome
            .failure
            .and_then(|at| failures.get(at))
            .is_some_and(|failure| failure.carries(word)),
        Condition::PrimaryFailed => positional(1),
        Condition::PrimaryAndFirstFallbackFailed => positional(0b11),
        Condition::AllPreviousFailed => positional((1 << (fallback + 1)) - 1),
    })
}
