//! The outcome of a step, and the conditions that ask about it.

use crate::failure::{ANY, ClassSet, Condition, Failure, FailureClass, FallBack};
use crate::serve::state::Cooling;

/// The outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) class: FailureClass,
    /// The status of the failure, or of the one that began the cooldown.
    status: Option<u16>,
    /// The failure's position among those of the request, for the embedder's own conditions.
    failure: Option<usize>,
    /// Whether `any` and the positional conditions do not hold, because the client caused the failure. A class, a
    /// status or a custom condition may.
    named_only: bool,
    /// Whether nothing was tried or passed over: the step was skipped because all its targets are drained.
    is_nothing: bool,
}

impl Outcome {
    /// Before anything was tried or passed over. An alias that ends like this allowed nothing.
    pub(super) const NOTHING: Self = Self {
        is_nothing: true,
        ..Self::of(FailureClass::NotAllowed)
    };

    pub(crate) const fn of(class: FailureClass) -> Self {
        Self {
            class,
            status: None,
            failure: None,
            named_only: false,
            is_nothing: false,
        }
    }

    /// The last outcome after a step with the outcome `next`.
    pub(super) fn then(self, next: Self) -> Self {
        if next.is_nothing { self } else { next }
    }

    /// The outcome of a target that is passed over while it cools.
    pub(super) fn of_cooling(cooling: Cooling) -> Self {
        Self {
            status: cooling.cause.status,
            ..Self::of(cooling.cause.class)
        }
    }

    /// The outcome of a failed attempt; `at` is the position of the failure.
    pub(super) fn of_failure(failure: &Failure, at: usize, named_only: bool) -> Self {
        Self {
            class: failure.class(),
            status: failure.http_status(),
            failure: Some(at),
            named_only,
            is_nothing: false,
        }
    }

    /// Whether the condition `any` holds.
    pub(super) fn is_any(self) -> bool {
        ANY.contains(self.class) && !self.named_only
    }

    /// The status that a condition such as `429` may match: refusals must be named by their class.
    fn status(self) -> Option<u16> {
        self.status
            .filter(|_| self.class.verdict().fall_back == FallBack::Any)
    }
}

/// The classes of requests that are too long or refused.
const SPECIAL: ClassSet = ClassSet::of(&[
    FailureClass::ContextLengthExceeded,
    FailureClass::ContentFiltered,
]);

/// Whether a fallback runs after the last outcome. `failed` has a bit for each step before it that failed
/// or was passed over.
///
/// While nothing was tried or passed over, a fallback runs in place of the drained steps before it, unless it
/// is only for requests that are too long or refused.
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
    if outcome.is_nothing {
        let special = |condition: &Condition| match condition {
            Condition::Classes(classes) => SPECIAL.union(*classes) == SPECIAL,
            _ => false,
        };
        return !conditions.iter().all(special);
    }
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
