//! What each class of failure means for the target, the request and the attempt: three separate
//! verdicts, in the one table that everything else is derived from.

use super::class::{ClassSet, FailureClass};

/// The verdicts on one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClassVerdict {
    pub(crate) retry: Retry,
    pub(crate) fall_back: FallBack,
    pub(crate) health: HealthVerdict,
}

/// Whether sending the same once more inside an attempt may help. It is advice: the crate never
/// hands one target out twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    /// It passes with time; after the time that the provider asks for, if it does.
    Later,
    /// The same would be answered the same.
    Useless,
}

/// Whether a later step may take the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FallBack {
    /// Where the step says `any`, or nothing.
    Any,
    /// Only where a condition names the class: going round it must be a decision.
    Named,
    /// Nowhere: it ends the request.
    Never,
}

/// What a failure says about the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HealthVerdict {
    /// One of the failures in a row that make it cool.
    Counts,
    /// It cools at once.
    Cools,
    /// It is alive: the same as a success.
    Alive,
    /// Nothing: nothing was sent there.
    Silent,
}

/// A row for each class, in the order of [`FailureClass::ALL`].
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

// INVARIANT: a row is found by the number of its class.
const _: () = {
    let mut at = 0;
    while at < TABLE.len() {
        assert!(TABLE[at].0 as usize == at, "a row stands out of order");
        at += 1;
    }
};

impl FailureClass {
    /// What it means for the attempt, the request and the target.
    pub(crate) const fn verdict(self) -> ClassVerdict {
        let (_, retry, fall_back, health) = TABLE[self as usize];
        ClassVerdict {
            retry,
            fall_back,
            health,
        }
    }

    /// Says whether sending the same once more to the same target may help: after
    /// [`Failure::retry_delay`](crate::Failure::retry_delay) if there is one, else after a pause
    /// that the embedder chooses. The crate itself never hands one target out twice.
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

    /// Whether it counts against the target.
    pub(crate) const fn is_counted(self) -> bool {
        COUNTED.contains(self)
    }
}

/// The set of the classes that pass a test of their verdict.
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

/// What `transient` names: everything that passes with time.
pub(crate) const TRANSIENT: ClassSet = classes_where!(Retry::Later = retry);

/// What `any` names: everything that another target may well do better. A refusal for safety
/// and a request that is too long are not in it; going round those is a decision.
pub(crate) const ANY: ClassSet = classes_where!(FallBack::Any = fall_back);

/// Failures that count against a target. The others show it alive, or say nothing about it.
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
