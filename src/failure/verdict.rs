//! What each failure class means for the attempt, the request and the target.
//!
//! One table holds the three verdicts; everything else is derived from it.

use super::class::{ClassSet, FailureClass};

/// The three verdicts on one failure class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClassVerdict {
    pub(crate) retry: Retry,
    pub(crate) fall_back: FallBack,
    pub(crate) health: HealthVerdict,
}

/// Whether repeating the same call inside an attempt may help. This is advice for the caller: the
/// crate never gives out the same target twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    /// A later retry may succeed.
    Later,
    /// A retry would fail the same way.
    Useless,
}

/// Whether a later step may take over the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FallBack {
    /// Steps without conditions, or with a matching condition, which may be `any`.
    Any,
    /// Only steps with a condition that names the class, or with a matching custom condition: bypassing a refusal must
    /// be a decision.
    Named,
    /// No step: the failure ends the request.
    Never,
}

/// What a failure says about the health of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HealthVerdict {
    /// Counts towards the consecutive failures that start a cooldown.
    Counts,
    /// Starts a cooldown at once.
    Cools,
    /// The target is alive, as after a success.
    Alive,
    /// Nothing, because nothing was sent.
    Silent,
}

/// One row per class, in the order of [`FailureClass::ALL`].
const TABLE: [(FailureClass, Retry, FallBack, HealthVerdict); FailureClass::ALL.len()] = {
    use FailureClass as Class;
    use FallBack::{Any, Named, Never};
    use HealthVerdict::{Alive, Cools, Counts, Silent};
    use Retry::{Later, Useless};
    [
        (Class::Timeout, Later, Any, Counts),
        (Class::RateLimited, Later, Any, Cools),
        (Class::QuotaExhausted, Useless, Any, Cools),
        (Class::Overloaded, Later, Any, Counts),
        (Class::ServerError, Later, Any, Counts),
        (Class::ConnectError, Later, Any, Counts),
        (Class::AuthFailed, Useless, Any, Cools),
        (Class::NotFound, Useless, Any, Counts),
        (Class::ContextLengthExceeded, Useless, Named, Alive),
        (Class::ContentFiltered, Useless, Named, Alive),
        (Class::InvalidRequest, Useless, Never, Alive),
        (Class::CostExceeded, Useless, Any, Silent),
        (Class::LatencyExceeded, Useless, Any, Silent),
        (Class::NotAllowed, Useless, Any, Silent),
    ]
};

// INVARIANT: the index of a row is the discriminant of its class.
const _: () = {
    let mut at = 0;
    while at < TABLE.len() {
        assert!(TABLE[at].0 as usize == at, "a row stands out of order");
        at += 1;
    }
};

impl FailureClass {
    /// What the class means for the attempt, the request and the target.
    pub(crate) const fn verdict(self) -> ClassVerdict {
        let (_, retry, fall_back, health) = TABLE[self as usize];
        ClassVerdict {
            retry,
            fall_back,
            health,
        }
    }

    /// Returns whether a retry on the same target may help.
    ///
    /// Wait for [`Failure::retry_delay`](crate::Failure::retry_delay) if there is one, else for a
    /// pause of your choice. The crate itself never gives out the same target twice.
    ///
    /// # Examples
    ///
    /// ```
    /// use model_aliases::FailureClass;
    ///
    /// assert!(FailureClass::Overloaded.is_retryable());
    /// assert!(!FailureClass::QuotaExhausted.is_retryable());
    /// ```
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(self.verdict().retry, Retry::Later)
    }

    /// Whether an answer of a provider can mean it. The others are the resolver's own reasons to pass a target over.
    pub(crate) const fn may_be_answered(self) -> bool {
        !matches!(self.verdict().health, HealthVerdict::Silent)
    }

    /// Whether a failure of this class counts against the target.
    pub(crate) const fn is_counted(self) -> bool {
        COUNTED.contains(self)
    }
}

/// The set of classes with a given verdict.
macro_rules! classes_where {
    ($pattern:pat = $column:ident) => {{
        let mut set = ClassSet::of(&[]);
        let mut at = 0;
        while at < FailureClass::ALL.len() {
            let class = FailureClass::ALL[at];
            if matches!(class.verdict().$column, $pattern) {
                set = set.union(ClassSet::of(&[class]));
            }
            at += 1;
        }
        set
    }};
}

/// The classes of `transient`: failures that pass with time.
pub(crate) const TRANSIENT: ClassSet = classes_where!(Retry::Later = retry);

/// The classes of `any`: failures that another target may avoid. Safety refusals and requests that
/// are too long are not included, because bypassing those must be a decision.
pub(crate) const ANY: ClassSet = classes_where!(FallBack::Any = fall_back);

/// The classes that count against a target. The others show that it is alive, or say nothing.
pub(crate) const COUNTED: ClassSet =
    classes_where!(HealthVerdict::Counts | HealthVerdict::Cools = health);

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn holds(set: ClassSet, words: &str) {
        let classes = FailureClass::ALL
            .iter()
            .filter(|&&class| set.contains(class));
        let found: Vec<&str> = classes.map(|class| class.as_str()).collect();
        assert_eq!(found.join(" "), words);
    }

    #[test]
    fn the_sets_are_those_of_the_grammar() {
        holds(
            TRANSIENT,
            "timeout rate_limited overloaded server_error connect_error",
        );
        holds(
            ANY,
            "timeout rate_limited quota_exhausted overloaded server_error connect_error auth_failed \
             not_found cost_exceeded latency_exceeded not_allowed",
        );
        holds(
            COUNTED,
            "timeout rate_limited quota_exhausted overloaded server_error connect_error auth_failed \
             not_found",
        );
    }

    #[test]
    fn only_limits_quota_and_credentials_cool_at_once() {
        let cooling = classes_where!(HealthVerdict::Cools = health);
        holds(cooling, "rate_limited quota_exhausted auth_failed");
        let alive = classes_where!(HealthVerdict::Alive = health);
        holds(
            alive,
            "context_length_exceeded content_filtered invalid_request",
        );
    }

    #[test]
    fn any_goes_round_no_refusal() {
        holds(
            classes_where!(FallBack::Named = fall_back),
            "context_length_exceeded content_filtered",
        );
        holds(
            classes_where!(FallBack::Never = fall_back),
            "invalid_request",
        );
    }
}
