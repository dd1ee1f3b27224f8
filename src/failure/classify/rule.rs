//! Rules of the embedder.

use std::sync::Arc;

use crate::failure::class::FailureClass;

/// A rule of a [`Classifier`](crate::Classifier): what a failure must show, and what it then is.
///
/// Everything that is asked for must be there; a rule that asks for nothing fits every failure. Of
/// all rules that fit, the first with a class gives the class, and each adds its conditions.
///
/// # Examples
///
/// ```
/// use model_aliases::{Classifier, FailureClass, FailureRule};
///
/// let rule = FailureRule::new()
///     .status(400)
///     .message("no seats left")
///     .class(FailureClass::QuotaExhausted);
/// let failure = Classifier::new().rule(rule).http(400, [("server", "x")], "No seats left.");
/// assert_eq!(failure.class(), FailureClass::QuotaExhausted);
/// ```
#[derive(Debug, Clone, Default)]
pub struct FailureRule {
    status: Option<u16>,
    code: Option<Box<str>>,
    /// In lower case.
    message: Option<Box<str>>,
    class: Option<FailureClass>,
    conditions: Vec<Arc<str>>,
}

impl FailureRule {
    /// A rule that asks for nothing and says nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for an HTTP status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Asks for a code or type of error, whole; the case of ASCII letters does not count.
    #[must_use]
    pub fn code(mut self, code: impl Into<Box<str>>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Asks for words that a message holds; the case of ASCII letters does not count. A body that
    /// is no JSON is a message.
    #[must_use]
    pub fn message(mut self, words: impl AsRef<str>) -> Self {
        self.message = Some(words.as_ref().to_ascii_lowercase().into());
        self
    }

    /// Gives the failure a class.
    #[must_use]
    pub fn class(mut self, class: FailureClass) -> Self {
        self.class = Some(class);
        self
    }

    /// Gives the failure a condition, for a configuration to name; register it at the builder.
    #[must_use]
    pub fn condition(mut self, word: impl Into<Arc<str>>) -> Self {
        self.conditions.push(word.into());
        self
    }

    pub(super) fn gives_class(&self) -> Option<FailureClass> {
        self.class
    }

    pub(super) fn gives_conditions(&self) -> &[Arc<str>] {
        &self.conditions
    }

    pub(super) fn fits_code(&self, code: &str) -> bool {
        let wanted = self.code.as_deref();
        wanted.is_some_and(|wanted| wanted.eq_ignore_ascii_case(code))
    }

    pub(super) fn fits_message(&self, text: &str) -> bool {
        let Some(wanted) = self.message.as_deref() else {
            return false;
        };
        let wanted = wanted.as_bytes();
        wanted.is_empty()
            || text
                .as_bytes()
                .windows(wanted.len())
                .any(|window| window.eq_ignore_ascii_case(wanted))
    }

    /// Whether all that it asks for is there.
    pub(super) fn fits(&self, status: u16, seen: MatchedParts) -> bool {
        self.status.is_none_or(|wanted| wanted == status)
            && (self.code.is_none() || seen.code)
            && (self.message.is_none() || seen.message)
    }
}

/// What of a rule was seen so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct MatchedParts {
    pub(super) code: bool,
    pub(super) message: bool,
}
