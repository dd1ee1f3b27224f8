//! The words of a `conditions` list and what they match.

use std::fmt;
use std::sync::Arc;

use super::class::{ClassSet, FailureClass};
use super::verdict::{ANY, TRANSIENT};

const QUOTA_EXCEEDED: ClassSet =
    ClassSet::of(&[FailureClass::RateLimited, FailureClass::QuotaExhausted]);

/// One word of a `conditions` list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    /// The failure is of one of these classes.
    Classes(ClassSet),
    /// The failure came with this HTTP status.
    Status(u16),
    /// The failure came with a status in this hundred: 4 for `4xx`.
    StatusHundred(u16),
    /// The primary, which is the members, failed or was skipped.
    PrimaryFailed,
    /// The primary and the first fallback failed or were skipped.
    PrimaryAndFirstFallbackFailed,
    /// Every earlier step failed or was skipped.
    AllPreviousFailed,
    /// A word that the embedder registers.
    Registered(Arc<str>),
}

/// The built-in words that name neither a single class nor a status.
const WORDS: &[&str] = &[
    "quota_exceeded",
    "transient",
    "any",
    "primary_failed",
    "primary_and_first_fallback_failed",
    "all_previous_failed",
];

impl Condition {
    /// Parses a word. A word that is not built in gives [`Condition::Registered`]; the check of the
    /// configuration decides whether it is registered.
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
                    // `invalid_request` ends every request, so no step can have it as a condition.
                    .filter(|&&class| class != FailureClass::InvalidRequest);
                match (class, word.parse().ok().and_then(Self::from_status)) {
                    (Some(&class), _) => Self::Classes(ClassSet::of(&[class])),
                    (None, Some(status)) if word.len() == 3 => status,
                    _ => Self::Registered(word.into()),
                }
            }
        }
    }

    /// The condition for an HTTP status, if failures can have it.
    pub(crate) fn from_status(status: i64) -> Option<Self> {
        u16::try_from(status)
            .ok()
            .filter(|status| (400..600).contains(status))
            .map(Self::Status)
    }

    /// All built-in words that name no status, for suggestions and for the schema.
    pub(crate) fn words<'w>() -> impl Iterator<Item = &'w str> {
        FailureClass::ALL
            .iter()
            .filter(|&&class| class != FailureClass::InvalidRequest)
            .map(|class| class.as_str())
            .chain(WORDS.iter().copied())
    }
}

impl fmt::Display for Condition {
    /// Writes the word that parses to this condition.
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
}
