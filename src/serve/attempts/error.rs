//! The steps of a request, and the error of one that no target served.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::base::money::{Bill, Spending};
use crate::base::text::{Quoted, cut};
use crate::content::guardrails::Violation;
use crate::failure::{Failure, FailureClass};
use crate::serve::error::ResolveError;
use crate::serve::plan::{Event, EventKind, LeftOut};
use crate::table::{End, RoutingTable, TargetRef};

/// One step of a request: a target that was tried, passed over or left out. In an alias all members
/// together are one step; here each member that was looked at is a step of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReport {
    alias: Option<Box<str>>,
    target: Box<str>,
    state: StepState,
}

/// The state of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepState {
    /// It is being tried.
    Tried,
    /// It served.
    Served,
    /// It was tried and failed.
    Failed(Failure),
    /// It was passed over: the target is cooling down after a failure of this class, or its price, the time left,
    /// the request or a selector rules it out.
    PassedOver(FailureClass),
    /// It was skipped, since an operator has drained every target of it. It counts as if it were deleted.
    Drained,
    /// A fallback that was left out, since none of its conditions held.
    LeftOut,
    /// A fallback that was left out, since its `context_window` is too small for the request.
    TooSmall,
    /// It was looked at earlier in the same request; that outcome, of this class, stands.
    Repeated(FailureClass),
    /// A guardrail blocked the text sent to it, or its reply. That ends the request.
    Blocked(Violation),
    /// It was tried and not reported: the client left.
    Unreported,
}

impl StepReport {
    /// The alias that has the step as a member or fallback; `None` if the request named a model.
    pub fn alias(&self) -> Option<&str> {
        self.alias.as_deref()
    }

    /// The target as text, or the name of the alias that the step leads to.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The state of the step.
    pub fn state(&self) -> &StepState {
        &self.state
    }
}

impl fmt::Display for StepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = Quoted(&self.target);
        match &self.state {
            StepState::Tried => write!(f, "{target} is being tried"),
            StepState::Served => write!(f, "{target} served"),
            StepState::Failed(failure) => {
                write!(f, "{target} failed with {}", failure.class())?;
                match (failure.http_status(), failure.provider_code()) {
                    (Some(status), Some(code)) => write!(f, " ({status} {code})"),
                    (Some(status), None) => write!(f, " ({status})"),
                    (None, Some(code)) => write!(f, " ({code})"),
                    (None, None) => Ok(()),
                }
            }
            StepState::PassedOver(class) => write!(f, "{target} was passed over for {class}"),
            StepState::Drained => write!(f, "{target} is drained"),
            StepState::LeftOut => write!(f, "{target} was left out"),
            StepState::TooSmall => write!(f, "{target} is too small for the request"),
            StepState::Repeated(class) => write!(f, "{target} had failed with {class} before"),
            StepState::Blocked(violation) => write!(f, "{target} was stopped: {violation}"),
            StepState::Unreported => write!(f, "{target} was not reported"),
        }
    }
}

pub(super) fn step(
    table: &RoutingTable,
    passthrough_model: Option<&str>,
    event: &Event,
    failures: &[Failure],
    blocked: Option<&Violation>,
) -> StepReport {
    let alias = table.aliases.get(event.alias as usize);
    let target = match event.end {
        End::Target { target, .. } => TargetRef::new(table.target(target), passthrough_model)
            .text()
            .into(),
        End::Group(group) => {
            let alias = table.group(group).alias;
            table.aliases[alias as usize].name.as_ref().into()
        }
    };
    let state = match event.kind {
        EventKind::Tried => StepState::Tried,
        EventKind::Served => StepState::Served,
        EventKind::Failed(at) => match failures.get(usize::from(at)) {
            Some(failure) => StepState::Failed(failure.clone()),
            None => StepState::Unreported,
        },
        EventKind::PassedOver(class) => StepState::PassedOver(class),
        EventKind::Drained => StepState::Drained,
        EventKind::LeftOut(LeftOut::Conditions) => StepState::LeftOut,
        EventKind::LeftOut(LeftOut::Window) => StepState::TooSmall,
        EventKind::Repeated(class) => StepState::Repeated(class),
        EventKind::Blocked => match blocked {
            Some(violation) => StepState::Blocked(violation.clone()),
            None => StepState::Unreported,
        },
        EventKind::Unreported => StepState::Unreported,
    };
    StepReport {
        alias: alias.map(|alias| alias.name.as_ref().into()),
        target,
        state,
    }
}

/// Tells why no target served a request.
///
/// Displays one line with every step. It holds no secret, but names targets, aliases and endpoints of the
/// configuration: it is for a log, not for a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptsError(Box<Details>);

/// Boxed, so that a result with the error is small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Details {
    pub(super) asked: Box<str>,
    pub(super) steps: Vec<StepReport>,
    pub(super) failure: Option<Failure>,
    pub(super) returns_in: Option<Duration>,
    pub(super) bill: Bill,
    pub(super) cause: Option<ResolveError>,
}

impl AttemptsError {
    /// The error for a request without a target that served.
    pub(super) fn new(details: Details) -> Self {
        Self(Box::new(details))
    }

    /// The error for a request that does not begin.
    #[cold]
    pub(super) fn refused(asked: &str, error: ResolveError) -> Self {
        Self::new(Details {
            asked: cut(asked).into(),
            steps: Vec::new(),
            failure: None,
            returns_in: None,
            bill: Bill::new(Spending::default(), false, false),
            cause: Some(error),
        })
    }

    /// Why the name did not resolve, or which selector was at fault; `None` otherwise.
    pub fn resolve_error(&self) -> Option<&ResolveError> {
        self.0.cause.as_ref()
    }

    /// The name asked, cut after 64 characters.
    pub fn asked(&self) -> &str {
        &self.0.asked
    }

    /// The steps of the request, in order.
    pub fn steps(&self) -> &[StepReport] {
        &self.0.steps
    }

    /// The failure of the last attempt.
    pub fn failure(&self) -> Option<&Failure> {
        self.0.failure.as_ref()
    }

    /// The cost of the request over all its attempts, as [`Attempts::bill`](crate::Attempts::bill).
    pub fn bill(&self) -> Bill {
        self.0.bill
    }

    /// The guardrail that ended the request, if one did. No target is at fault then.
    pub fn blocked(&self) -> Option<&Violation> {
        match self.0.steps.last()?.state() {
            StepState::Blocked(violation) => Some(violation),
            _ => None,
        }
    }

    /// The class of the last step that failed, was passed over or had ended before. `None` if a guardrail
    /// [`blocked`](Self::blocked) a text.
    pub fn class(&self) -> Option<FailureClass> {
        if self.blocked().is_some() {
            return None;
        }
        let steps = self.0.steps.iter();
        let mut classes = steps.clone().rev().filter_map(|step| match &step.state {
            StepState::Failed(failure) => Some(failure.class()),
            StepState::PassedOver(class) | StepState::Repeated(class) => Some(*class),
            StepState::Tried
            | StepState::Served
            | StepState::Drained
            | StepState::LeftOut
            | StepState::TooSmall
            | StepState::Blocked(_)
            | StepState::Unreported => None,
        });
        let mut drained = steps.filter(|step| step.state == StepState::Drained);
        let not_allowed = || drained.next().map(|_| FailureClass::NotAllowed);
        classes.next().or_else(not_allowed)
    }

    /// The time until the first cooldown of its targets ends, if any cools; for your own `Retry-After`.
    pub fn returns_in(&self) -> Option<Duration> {
        self.0.returns_in
    }

    /// Whether the request, an operator or a selector ruled out every target, so that none was tried.
    pub fn is_not_allowed(&self) -> bool {
        let mut ruled_out = false;
        let all_ruled_out = self.0.steps.iter().all(|step| match step.state {
            // Repeated: an alias that was ruled out as a whole before.
            StepState::PassedOver(class) | StepState::Repeated(class) => {
                ruled_out = true;
                class == FailureClass::NotAllowed
            }
            StepState::Drained => {
                ruled_out = true;
                true
            }
            StepState::LeftOut | StepState::TooSmall => true,
            _ => false,
        });
        all_ruled_out && ruled_out
    }
}

impl fmt::Display for AttemptsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(cause) = &self.0.cause {
            return write!(f, "{cause}");
        }
        let asked = Quoted(&self.0.asked);
        let is_drained = |step: &StepReport| step.state == StepState::Drained;
        let mut steps = self.0.steps.iter();
        if self.is_not_allowed() && steps.clone().all(is_drained) {
            return write!(f, "every target of {asked} is drained");
        }
        if self.is_not_allowed() && !steps.any(is_drained) {
            return write!(f, "every target of {asked} is ruled out");
        }
        match self.blocked() {
            Some(violation) => return write!(f, "request for {asked}: {violation}"),
            None => write!(f, "no target of {asked} served")?,
        }
        for (at, step) in self.0.steps.iter().enumerate() {
            write!(f, "{}{step}", if at == 0 { ": " } else { ", " })?;
        }
        if let Some(time) = self.0.returns_in {
            // Rounded up: a client that asks again then finds the target open.
            let seconds = time.as_millis().div_ceil(1000);
            write!(f, "; the first target returns in {seconds} s")?;
        }
        Ok(())
    }
}

impl Error for AttemptsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0.cause {
            Some(cause) => Some(cause),
            None => None,
        }
    }
}
