//! What was seen of a request, in the words of the reference.

use std::time::Duration;

use model_aliases::{
    Attempts, Bill, Failure, FailureClass, StepReport, StepState, TargetState, TargetStatus, Usage,
};

use crate::laws::reference::plan::cost::{self, Tokens};
use crate::laws::reference::plan::health::Level;
use crate::laws::reference::plan::{self, Line, State, Tried};

/// Everything that must occur often.
pub(super) const KINDS: &[&str] = &[
    "line served",
    "line failed",
    "line passed over",
    "line drained",
    "line left out",
    "line too small",
    "line repeated",
    "line unreported",
    "failed timeout",
    "failed rate_limited",
    "failed quota_exhausted",
    "failed overloaded",
    "failed server_error",
    "failed connect_error",
    "failed auth_failed",
    "failed not_found",
    "failed context_length_exceeded",
    "failed content_filtered",
    "failed invalid_request",
    "failed cost_exceeded",
    "failed latency_exceeded",
    "failed not_allowed",
    "passed over timeout",
    "passed over rate_limited",
    "passed over quota_exhausted",
    "passed over overloaded",
    "passed over server_error",
    "passed over connect_error",
    "passed over auth_failed",
    "passed over not_found",
    "passed over cost_exceeded",
    "passed over latency_exceeded",
    "passed over not_allowed",
    "last resort",
    "probe",
    "end served",
    "end exhausted",
    "end cancelled",
    "end not allowed",
    "no answer: cooling",
    "usage reported",
    "body billed",
    "begun too late",
    "bill exceeded",
    "bill unverified",
];

/// The class that has this word.
pub(super) fn class(word: &str) -> FailureClass {
    let mut classes = FailureClass::ALL.iter();
    let found = classes.find(|class| class.as_str() == word);
    *found.unwrap_or_else(|| panic!("{word} is no class"))
}

/// A failure of the reference, to report.
pub(super) fn reported(failure: &plan::Failure) -> Failure {
    let mut reported = Failure::new(class(failure.class));
    if let Some(status) = failure.status {
        reported = reported.status(status);
    }
    if let Some(time) = failure.retry_after {
        reported = reported.retry_after(time);
    }
    for word in &failure.words {
        reported = reported.condition(*word);
    }
    reported
}

/// The same the other way round.
pub(super) fn failure(found: &Failure) -> plan::Failure {
    let words = super::requests::OWN_WORDS.into_iter();
    plan::Failure {
        class: found.class().as_str(),
        status: found.http_status(),
        retry_after: found.retry_delay(),
        words: words
            .filter(|word| found.conditions().any(|other| other == *word))
            .collect(),
    }
}

/// Tokens of the reference, to report.
pub(super) fn usage(tokens: Tokens) -> Usage {
    Usage::new(tokens.input, tokens.output)
}

pub(super) fn bill(bill: Bill) -> cost::Bill {
    cost::Bill {
        spent: bill.spent().as_picodollars(),
        reported: bill.reported().as_picodollars(),
        unknown: bill.unknown_attempts(),
        exceeded: bill.is_exceeded(),
        unverified: bill.is_unverified(),
    }
}

pub(super) fn tried(attempt: &Attempts) -> Tried {
    Tried {
        target: attempt.target().into_owned(),
        alias_path: attempt.alias_path().map(str::to_owned).collect(),
        timeout: attempt.timeout(),
        is_last_resort: attempt.is_last_resort(),
    }
}

/// The steps as lines; each attempt goes to the step that it was.
pub(super) fn lines(steps: &[StepReport], tried: &[Tried]) -> Vec<Line> {
    let mut tried = tried.iter();
    let lines = steps.iter().map(|step| {
        let state = state(step.state());
        let is_attempt = matches!(state, State::Served | State::Failed(_) | State::Unreported);
        Line {
            alias: step.alias().map(str::to_owned),
            target: step.target().to_owned(),
            tried: if is_attempt {
                tried.next().cloned()
            } else {
                None
            },
            state,
        }
    });
    lines.collect()
}

fn state(state: &StepState) -> State {
    match state {
        StepState::Served => State::Served,
        StepState::Failed(found) => State::Failed(failure(found)),
        StepState::PassedOver(class) => State::PassedOver(class.as_str()),
        StepState::Drained => State::Drained,
        StepState::LeftOut => State::LeftOut,
        StepState::TooSmall => State::TooSmall,
        StepState::Repeated(class) => State::Repeated(class.as_str()),
        StepState::Unreported => State::Unreported,
        other => panic!("{other:?} is no state of the rules"),
    }
}

/// Until when a target cools, and why; nothing if it does not.
pub(super) fn pause(status: &TargetStatus, now: Duration) -> Option<(Duration, &'static str)> {
    match status.state() {
        TargetState::Cooling { class, returns_in } => Some((now + returns_in, class.as_str())),
        _ => None,
    }
}

/// Whether a status says what the world says.
pub(super) fn agrees(
    status: &TargetStatus,
    level: &Level,
    is_drained: bool,
    now: Duration,
) -> bool {
    match (status.state(), level) {
        (TargetState::Drained, _) => is_drained,
        _ if is_drained => false,
        (TargetState::Healthy, Level::Well)
        | (TargetState::Probing { .. }, Level::Awaited(_) | Level::Probed(_)) => true,
        (TargetState::Cooling { class, returns_in }, Level::Cooling(pause)) => {
            class.as_str() == pause.class && now + returns_in == pause.until.0
        }
        _ => false,
    }
}

/// Whether an attempt's time fits into what is left of the alias that was asked, if that is limited.
pub(super) fn fits(timeout: Option<Duration>, left: Option<Duration>) -> bool {
    match (timeout, left) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(timeout), Some(left)) => timeout <= left,
    }
}
