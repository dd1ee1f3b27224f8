//! The outcome of a step, and the conditions that ask about it.

use crate::failure::{ANY, ClassSet, Condition, Failure, FailureClass, FallBack};
use crate::serve::state::Cooling;

/// The outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The last class, for reports.
    pub(crate) class: FailureClass,
    /// Every class: several if the members of a group were passed over for several reasons.
    classes: ClassSet,
    /// The statuses that a condition such as `429` may match. Refusals must be named by their class.
    statuses: StatusSet,
    kind: OutcomeKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OutcomeKind {
    /// Nothing was tried or passed over: all targets are drained.
    Nothing,
    PassedOver,
    Failed {
        /// The failure's position among those of the request, for the embedder's own conditions.
        failure: usize,
        /// Whether `any` and the positional conditions do not hold, because the client caused the failure. A
        /// class, a status or a custom condition may.
        named_only: bool,
    },
}

impl Outcome {
    /// Before anything was tried or passed over. An alias that ends like this allowed nothing.
    pub(super) const NOTHING: Self = Self {
        kind: OutcomeKind::Nothing,
        ..Self::of(FailureClass::NotAllowed)
    };

    /// The outcome of an entry that is passed over.
    pub(crate) const fn of(class: FailureClass) -> Self {
        Self {
            class,
            classes: ClassSet::of(&[class]),
            statuses: StatusSet([0; 4]),
            kind: OutcomeKind::PassedOver,
        }
    }

    /// The outcome of a target that is passed over while it cools.
    pub(super) fn of_cooling(cooling: Cooling) -> Self {
        let class = cooling.cause.class;
        Self {
            statuses: StatusSet::of(class, cooling.cause.status),
            ..Self::of(class)
        }
    }

    /// The outcome of a failed attempt; `at` is the position of the failure.
    pub(super) fn of_failure(failure: &Failure, at: usize, named_only: bool) -> Self {
        Self {
            statuses: StatusSet::of(failure.class(), failure.http_status()),
            kind: OutcomeKind::Failed {
                failure: at,
                named_only,
            },
            ..Self::of(failure.class())
        }
    }

    /// The outcome of an attempt that is supposed to time out, without a failure of its own.
    pub(super) const TIMEOUT: Self = Self {
        kind: OutcomeKind::Failed {
            failure: usize::MAX,
            named_only: false,
        },
        ..Self::of(FailureClass::Timeout)
    };

    /// The last outcome after a later step with the outcome `next`.
    pub(super) fn then(self, next: Self) -> Self {
        match next.kind {
            OutcomeKind::Nothing => self,
            _ => next,
        }
    }

    /// The outcome of the members after one more with the outcome `next`: the last failure, or else every
    /// reason for which one was passed over.
    pub(super) fn joined(self, next: Self) -> Self {
        match (self.kind, next.kind) {
            (OutcomeKind::Failed { .. }, OutcomeKind::PassedOver) => self,
            (OutcomeKind::PassedOver, OutcomeKind::PassedOver) => Self {
                classes: self.classes.union(next.classes),
                statuses: self.statuses.union(next.statuses),
                ..next
            },
            _ => self.then(next),
        }
    }

    /// The same if some members were not allowed and nothing was tried.
    pub(super) fn or_not_allowed(self) -> Self {
        if !self.is_passed_over() {
            return self;
        }
        let not_allowed = ClassSet::of(&[FailureClass::NotAllowed]);
        Self {
            classes: self.classes.union(not_allowed),
            ..self
        }
    }

    pub(super) fn is_passed_over(self) -> bool {
        self.kind == OutcomeKind::PassedOver
    }

    /// Whether the condition `any` holds.
    pub(super) fn is_any(self) -> bool {
        let named_only = matches!(self.kind, OutcomeKind::Failed { named_only, .. } if named_only);
        self.classes.intersects(ANY) && !named_only
    }
}

/// HTTP statuses from 400 to 655, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct StatusSet([u64; 4]);

impl StatusSet {
    fn of(class: FailureClass, status: Option<u16>) -> Self {
        let mut bits = [0; 4];
        let status = status.filter(|_| class.verdict().fall_back == FallBack::Any);
        if let Some(at) = status.and_then(|status| status.checked_sub(400))
            && let Some(word) = bits.get_mut(usize::from(at / 64))
        {
            *word |= 1 << (at % 64);
        }
        Self(bits)
    }

    fn union(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }

    /// Whether any status of a range is there.
    fn has_any(self, mut range: std::ops::Range<u16>) -> bool {
        range.any(|status| {
            let at = status.saturating_sub(400);
            let word = self.0.get(usize::from(at / 64)).copied().unwrap_or(0);
            status >= 400 && word >> (at % 64) & 1 == 1
        })
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
    if outcome.kind == OutcomeKind::Nothing {
        let special = |condition: &Condition| match condition {
            Condition::Classes(classes) => SPECIAL.union(*classes) == SPECIAL,
            _ => false,
        };
        return !conditions.iter().all(special);
    }
    conditions.iter().any(|condition| match condition {
        Condition::Classes(classes) if *classes == ANY => outcome.is_any(),
        Condition::Classes(classes) => classes.intersects(outcome.classes),
        Condition::Status(status) => outcome.statuses.has_any(*status..status + 1),
        Condition::StatusHundred(hundred) => {
            let first = hundred * 100;
            outcome.statuses.has_any(first..first + 100)
        }
        Condition::Registered(word) => match outcome.kind {
            OutcomeKind::Failed { failure, .. } => failures
                .get(failure)
                .is_some_and(|failure| failure.carries(word)),
            OutcomeKind::Nothing | OutcomeKind::PassedOver => false,
        },
        Condition::PrimaryFailed => positional(1),
        Condition::PrimaryAndFirstFallbackFailed => positional(0b11),
        Condition::AllPreviousFailed => positional((1 << (fallback + 1)) - 1),
    })
}
