//! [`Failure`]: what a gateway reports about a failed attempt.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::class::FailureClass;

/// The longest provider code that is kept, in bytes.
const LONGEST_CODE: usize = 64;

/// The longest time that a provider's `Retry-After` keeps requests away.
const LONGEST_PAUSE: Duration = Duration::from_mins(10);

/// Describes why an attempt failed, for [`Attempts::failed`](crate::Attempts::failed),
/// [`Resolution::failed`](crate::Resolution::failed) and [`Serving::broken`](crate::Serving::broken).
///
/// It keeps no message text of a provider, so it is safe to log.
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
#[derive(Clone)]
pub struct Failure {
    class: FailureClass,
    status: Option<u16>,
    /// Whether text of the client that the provider quotes may have decided the class.
    may_be_quoted: bool,
    retry_after: Option<Duration>,
    /// Boxed, so that a failure without them is small.
    details: Option<Box<FailureDetails>>,
}

/// What few failures have.
#[derive(Clone, Default)]
struct FailureDetails {
    code: Option<Box<str>>,
    conditions: Vec<Arc<str>>,
    decided_by: Option<Arc<str>>,
}

impl Failure {
    /// Creates a failure of a class.
    pub fn new(class: FailureClass) -> Self {
        Self {
            class,
            status: None,
            may_be_quoted: false,
            retry_after: None,
            details: None,
        }
    }

    /// Sets how long the provider asks clients to wait; [`retry_delay`](Self::retry_delay) returns it.
    #[must_use]
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = Some(time);
        self
    }

    /// Sets the HTTP status, which conditions such as `429` and `5xx` match;
    /// [`http_status`](Self::http_status) returns it.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Sets the provider's own error code or type, such as `insufficient_quota`;
    /// [`provider_code`](Self::provider_code) returns it.
    ///
    /// The code is kept only if it consists of at most 64 letters, `_`, `-` and `.`, or is a number of
    /// at most five digits. This keeps prose and keys, which mix letters and digits, out of the log.
    #[must_use]
    pub fn code(mut self, code: impl AsRef<str>) -> Self {
        let code = Some(code.as_ref()).filter(|code| is_code(code));
        if code.is_some() || self.details.is_some() {
            self.details_mut().code = code.map(Into::into);
        }
        self
    }

    /// Adds a custom condition, besides those that follow from the class and the status.
    #[must_use]
    pub fn condition(mut self, word: impl Into<Arc<str>>) -> Self {
        let word = word.into();
        let conditions = &mut self.details_mut().conditions;
        if !conditions.contains(&word) {
            conditions.push(word);
        }
        self
    }

    /// Returns the class.
    pub fn class(&self) -> FailureClass {
        self.class
    }

    /// Returns the HTTP status, if there was one.
    pub fn http_status(&self) -> Option<u16> {
        self.status
    }

    /// Returns the provider's own error code or type. It is safe to log.
    pub fn provider_code(&self) -> Option<&str> {
        self.details.as_ref()?.code.as_deref()
    }

    /// Returns how long the provider asks clients to wait, without a cap.
    pub fn retry_delay(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Returns the custom conditions.
    pub fn conditions(&self) -> impl ExactSizeIterator<Item = &str> {
        self.words().iter().map(|word| &**word)
    }

    /// Returns what decided the class of a classified answer: the rule, the row of the crate's table with its source,
    /// or the part of the answer. `None` if it was the status alone, or if the class was given. Safe to log.
    ///
    /// # Examples
    ///
    /// ```
    /// use model_aliases::Failure;
    ///
    /// let failure = Failure::from_http(400, [("server", "x")], "Your credit balance is too low.");
    /// let row = failure.decided_by().unwrap_or_default();
    /// assert!(row.starts_with("anthropic | * | \"credit balance is too low\" | quota_exhausted | https://"));
    /// ```
    pub fn decided_by(&self) -> Option<&str> {
        self.details.as_ref()?.decided_by.as_deref()
    }

    pub(super) fn decided(mut self, by: Arc<str>) -> Self {
        self.details_mut().decided_by = Some(by);
        self
    }

    pub(super) fn caused_by_a_quotation(mut self) -> Self {
        self.may_be_quoted = true;
        self
    }

    /// Whether text of the client that the provider quotes may have decided the class, so that it says nothing
    /// against the target.
    pub(crate) fn may_be_quoted(&self) -> bool {
        self.may_be_quoted
    }

    fn details_mut(&mut self) -> &mut FailureDetails {
        self.details.get_or_insert_default()
    }

    fn words(&self) -> &[Arc<str>] {
        let details = self.details.as_ref();
        details.map_or(&[], |details| &details.conditions)
    }

    /// Whether it carries this custom condition.
    pub(crate) fn carries(&self, word: &str) -> bool {
        self.words().iter().any(|own| **own == *word)
    }

    /// The minimum length of a cooldown: what the provider asks for, at most ten minutes.
    pub(crate) fn pause(&self) -> Option<Duration> {
        self.retry_after.map(|time| time.min(LONGEST_PAUSE))
    }

    /// Whether the provider asks for more than the longest pause.
    pub(crate) fn asks_for_too_long(&self) -> bool {
        self.retry_after.is_some_and(|time| time > LONGEST_PAUSE)
    }
}

/// Without what decided the class: a row of the table repeats words of the message.
#[expect(
    clippy::missing_fields_in_debug,
    reason = "a failure in the log repeats no words"
)]
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("class", &self.class)
            .field("status", &self.status)
            .field("retry_after", &self.retry_after)
            .field("code", &self.provider_code())
            .field("conditions", &self.words())
            .finish()
    }
}

/// What decided the class does not count.
impl PartialEq for Failure {
    fn eq(&self, other: &Self) -> bool {
        let parts = |one: &Self| (one.class, one.status, one.may_be_quoted, one.retry_after);
        parts(self) == parts(other)
            && self.provider_code() == other.provider_code()
            && self.words() == other.words()
    }
}

impl Eq for Failure {}

impl From<FailureClass> for Failure {
    fn from(class: FailureClass) -> Self {
        Self::new(class)
    }
}

/// Whether a text looks like an error code, not like prose or a key.
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
