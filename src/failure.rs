//! Classes of failures and the conditions that name them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

macro_rules! classes {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal;)+) => {
        /// Why an attempt failed, or why a target was passed over.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum FailureClass {
            $($(#[doc = $doc])+ $name,)+
        }

        impl FailureClass {
            /// Every class.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The word that a configuration writes for it, such as `rate_limited`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

classes! {
    /// No connection, no first byte or no end in time.
    Timeout = "timeout";
    /// Too many requests for now.
    RateLimited = "rate_limited";
    /// Quota or credit is used up.
    QuotaExhausted = "quota_exhausted";
    /// The provider has no capacity.
    Overloaded = "overloaded";
    /// Another failure of the provider, or a reply that cannot be read.
    ServerError = "server_error";
    /// Nothing was sent.
    ConnectError = "connect_error";
    /// The credentials were refused.
    AuthFailed = "auth_failed";
    /// The model or the path is not there.
    NotFound = "not_found";
    /// The request is too long for the model.
    ContextLengthExceeded = "context_length_exceeded";
    /// The provider refused for reasons of safety.
    ContentFiltered = "content_filtered";
    /// The request is wrong and would be wrong anywhere.
    InvalidRequest = "invalid_request";
    /// Passed over: the price would break a limit.
    CostExceeded = "cost_exceeded";
    /// Passed over: too little time was left.
    LatencyExceeded = "latency_exceeded";
    /// Passed over: the request or an operator rules the target out.
    NotAllowed = "not_allowed";
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failure of an attempt, for a report.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use model_aliases::{Failure, FailureClass};
///
/// let failure = Failure::new(FailureClass::RateLimited).retry_after(Duration::from_secs(20));
/// assert_eq!(failure.class(), FailureClass::RateLimited);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    class: FailureClass,
    retry_after: Option<Duration>,
}

impl Failure {
    /// A failure of a class.
    pub fn new(class: FailureClass) -> Self {
        Self {
            class,
            retry_after: None,
        }
    }

    /// How long the provider asks to be left alone.
    #[must_use]
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = Some(time);
        self
    }

    /// The class.
    pub fn class(&self) -> FailureClass {
        self.class
    }

    /// How long the target is to be left alone, at most ten minutes.
    pub(crate) fn pause(&self) -> Option<Duration> {
        self.retry_after
            .map(|time| time.min(Duration::from_mins(10)))
    }
}

impl From<FailureClass> for Failure {
    fn from(class: FailureClass) -> Self {
        Self::new(class)
    }
}

/// A set of classes, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ClassSet(u32);

impl ClassSet {
    pub(crate) const fn of(classes: &[FailureClass]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < classes.len() {
            bits |= 1 << classes[at] as u32;
            at += 1;
        }
        Self(bits)
    }

    pub(crate) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn contains(self, class: FailureClass) -> bool {
        self.0 & (1 << class as u32) != 0
    }
}

pub(crate) const TRANSIENT: ClassSet = ClassSet::of(&[
    FailureClass::Timeout,
    FailureClass::RateLimited,
    FailureClass::Overloaded,
    FailureClass::ServerError,
    FailureClass::ConnectError,
]);

/// What `any` names: everything that another target may well do better. A refusal for safety
/// and a request that is too long are not in it; going round those is a decision.
pub(crate) const ANY: ClassSet = TRANSIENT.union(ClassSet::of(&[
    FailureClass::QuotaExhausted,
    FailureClass::AuthFailed,
    FailureClass::NotFound,
    FailureClass::CostExceeded,
    FailureClass::LatencyExceeded,
    FailureClass::NotAllowed,
]));

/// Failures that count against a target. The others show it alive, or say nothing about it.
pub(crate) const COUNTED: ClassSet = TRANSIENT.union(ClassSet::of(&[
    FailureClass::QuotaExhausted,
    FailureClass::AuthFailed,
    FailureClass::NotFound,
]));

const QUOTA_EXCEEDED: ClassSet =
    ClassSet::of(&[FailureClass::RateLimited, FailureClass::QuotaExhausted]);

/// One word of a `conditions` list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    /// One of these classes.
    Classes(ClassSet),
    /// A failure that came with this HTTP status.
    Status(u16),
    /// A failure that came with a status of this hundred.
    StatusHundred(u16),
    /// The primary failed or was passed over.
    PrimaryFailed,
    /// The primary and the first fallback.
    PrimaryAndFirstFallbackFailed,
    /// Every earlier step.
    AllPreviousFailed,
    /// A word that the embedder registers.
    Registered(Arc<str>),
}

/// The words that are built in and stand for no single class.
const WORDS: &[&str] = &[
    "quota_exceeded",
    "transient",
    "any",
    "primary_failed",
    "primary_and_first_fallback_failed",
    "all_previous_failed",
];

impl Condition {
    /// Reads a word. Words that are not built in come back as [`Condition::Registered`]:
    /// whether they are registered is checked elsewhere.
    pub(crate) fn from_word(word: &str) -> Self {
        match word {
            "quota_exceeded" => Self::Classes(QUOTA_EXCEEDED),
            "transient" => Self::Classes(TRANSIENT),
            "any" => Self::Classes(ANY),
            "primary_failed" => Self::PrimaryFailed,
            "primary_and_first_fallback_failed" => Self::PrimaryAndFirstFallbackFailed,
            "all_previous_failed" => Self::AllPreviousFailed,
            "4xx" => Self::StatusHundred(4),
            "5xx" => Self::StatusHundred(5),
            _ => {
                let class = FailureClass::ALL
                    .iter()
                    .find(|class| class.as_str() == word)
                    // It ends every request, so no step can wait for it.
                    .filter(|&&class| class != FailureClass::InvalidRequest);
                match (class, word.parse().ok().and_then(Self::from_status)) {
                    (Some(&class), _) => Self::Classes(ClassSet::of(&[class])),
                    (None, Some(status)) if word.len() == 3 => status,
                    _ => Self::Registered(word.into()),
                }
            }
        }
    }

    /// A status that can come with a failure.
    pub(crate) fn from_status(status: i64) -> Option<Self> {
        u16::try_from(status)
            .ok()
            .filter(|status| (400..600).contains(status))
            .map(Self::Status)
    }

    /// Every built-in word, for suggestions.
    pub(crate) fn words<'w>() -> impl Iterator<Item = &'w str> {
        FailureClass::ALL
            .iter()
            .filter(|&&class| class != FailureClass::InvalidRequest)
            .map(|class| class.as_str())
            .chain(WORDS.iter().copied())
    }
}

impl fmt::Display for Condition {
    /// Writes the word that reads back as this condition.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Classes(set) => {
                let word = WORDS
                    .iter()
                    .copied()
                    .chain(FailureClass::ALL.iter().map(|class| class.as_str()))
                    .find(|word| Self::from_word(word) == *self);
                match word {
                    Some(word) => f.write_str(word),
                    None => write!(f, "{set:?}"),
                }
            }
            Self::Status(status) => write!(f, "{status}"),
            Self::StatusHundred(hundred) => write!(f, "{hundred}xx"),
            Self::PrimaryFailed => f.write_str("primary_failed"),
            Self::PrimaryAndFirstFallbackFailed => f.write_str("primary_and_first_fallback_failed"),
            Self::AllPreviousFailed => f.write_str("all_previous_failed"),
            Self::Registered(word) => f.write_str(word),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_grammar() {
        for word in Condition::words() {
            assert!(
                !matches!(Condition::from_word(word), Condition::Registered(_)),
                "{word}"
            );
        }
        for (word, expected) in [
            ("429", Condition::Status(429)),
            ("5xx", Condition::StatusHundred(5)),
            ("200", Condition::Registered("200".into())),
            ("600", Condition::Registered("600".into())),
            ("+42", Condition::Registered("+42".into())),
            (
                "invalid_request",
                Condition::Registered("invalid_request".into()),
            ),
        ] {
            assert_eq!(Condition::from_word(word), expected);
        }
    }

    #[test]
    fn any_goes_round_no_refusal() {
        for class in [
            FailureClass::ContentFiltered,
            FailureClass::ContextLengthExceeded,
            FailureClass::InvalidRequest,
        ] {
            assert!(!ANY.contains(class));
        }
        assert!(ANY.contains(FailureClass::NotAllowed));
        assert!(!TRANSIENT.contains(FailureClass::AuthFailed));
    }
}
