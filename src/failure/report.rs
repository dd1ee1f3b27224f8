//! A failure as a gateway reports it.

use std::sync::Arc;
use std::time::Duration;

use super::class::FailureClass;

/// The most bytes of a provider's code that are kept.
const LONGEST_CODE: usize = 64;

/// A failure of an attempt, for a report.
///
/// It holds nothing that a provider wrote in words, so it may be logged.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use model_aliases::{Failure, FailureClass};
///
/// let failure = Failure::new(FailureClass::RateLimited)
///     .retry_after(Duration::from_secs(20))
///     .status(429)
///     .code("rate_limit_exceeded");
/// assert_eq!(failure.class(), FailureClass::RateLimited);
/// assert_eq!(failure.http_status(), Some(429));
/// assert_eq!(failure.provider_code(), Some("rate_limit_exceeded"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    class: FailureClass,
    status: Option<u16>,
    retry_after: Option<Duration>,
    code: Option<Box<str>>,
    conditions: Vec<Arc<str>>,
}

impl Failure {
    /// A failure of a class.
    pub fn new(class: FailureClass) -> Self {
        Self {
            class,
            status: None,
            retry_after: None,
            code: None,
            conditions: Vec::new(),
        }
    }

    /// How long the provider asks to be left alone.
    #[must_use]
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = Some(time);
        self
    }

    /// The HTTP status that it came with, which conditions such as `429` and `5xx` ask for.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The provider's own code or type of error, such as `insufficient_quota`.
    ///
    /// It is kept only if it is at most 64 letters, `_`, `-` and `.`, or a number of at most five
    /// digits, so that neither prose nor a key, which mixes both, gets into a log.
    #[must_use]
    pub fn code(mut self, code: impl AsRef<str>) -> Self {
        self.code = Some(code.as_ref())
            .filter(|code| is_code(code))
            .map(Into::into);
        self
    }

    /// A condition of the embedder's own that holds for it, besides those of its class and status.
    #[must_use]
    pub fn condition(mut self, word: impl Into<Arc<str>>) -> Self {
        let word = word.into();
        if !self.conditions.contains(&word) {
            self.conditions.push(word);
        }
        self
    }

    /// The class.
    pub fn class(&self) -> FailureClass {
        self.class
    }

    /// The HTTP status that it came with.
    pub fn http_status(&self) -> Option<u16> {
        self.status
    }

    /// The provider's own code or type of error. It is safe to log.
    pub fn provider_code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// How long the provider asks to be left alone, as it said.
    pub fn retry_delay(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The conditions of the embedder's own that hold for it.
    pub fn conditions(&self) -> impl ExactSizeIterator<Item = &str> {
        self.conditions.iter().map(|word| &**word)
    }

    /// Whether it carries a condition of the embedder's own.
    pub(crate) fn carries(&self, word: &str) -> bool {
        self.conditions.iter().any(|own| **own == *word)
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

/// Whether a text looks like a code, and neither like a sentence nor like a key.
pub(crate) fn is_code(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphabetic() || b"_-.".contains(&byte);
    match text.len() {
        0 => false,
        1..=5 if text.bytes().all(|byte| byte.is_ascii_digit()) => true,
        length => length <= LONGEST_CODE && text.bytes().all(is_word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_code_is_kept() {
        let kept = |code: &str| {
            let failure = Failure::new(FailureClass::ServerError).code(code);
            failure.provider_code().map(str::to_owned)
        };
        let longest = "x".repeat(64);
        for code in [
            "insufficient_quota",
            "ThrottlingException",
            "1300",
            &longest,
        ] {
            assert_eq!(kept(code).as_deref(), Some(code));
        }
        let longer = "x".repeat(65);
        for text in ["", "no key", "gsk_12ab", "AKIA7", "123456", "é", &longer] {
            assert_eq!(kept(text), None, "{text}");
        }
    }

    #[test]
    fn a_condition_holds_once() {
        let failure = Failure::new(FailureClass::ServerError);
        let failure = failure
            .condition("tired")
            .condition("busy")
            .condition("tired");
        assert!(failure.conditions().eq(["tired", "busy"]));
    }
}
