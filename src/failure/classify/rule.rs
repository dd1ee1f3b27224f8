//! [`FailureRule`]: a custom rule for classifying failures.

use std::sync::Arc;

use crate::failure::class::FailureClass;

/// Classifies failures that match it; add it to a [`Classifier`](crate::Classifier).
///
/// A failure must meet all requirements of a rule; a rule without requirements matches every failure.
/// The first matching rule with a class sets the class, and every matching rule adds its conditions.
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
    /// Creates a rule without requirements or effects.
    pub fn new() -> Self {
        Self::default()
    }

    /// Requires an HTTP status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Requires an error code or type, compared as a whole, ignoring ASCII case.
    #[must_use]
    pub fn code(mut self, code: impl Into<Box<str>>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Requires that a message contains this text, ignoring ASCII case. A body that is not JSON counts
    /// as a message.
    #[must_use]
    pub fn message(mut self, words: impl AsRef<str>) -> Self {
        self.message = Some(words.as_ref().to_ascii_lowercase().into());
        self
    }

    /// Sets the class of matching failures.
    #[must_use]
    pub fn class(mut self, class: FailureClass) -> Self {
        self.class = Some(class);
        self
    }

    /// Adds a condition to matching failures. Register it with
    /// [`Vocabulary::condition`](crate::Vocabulary::condition) and
    /// [`ResolverBuilder::vocabulary`](crate::ResolverBuilder::vocabulary), so that configurations may
    /// use it.
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

    /// Whether all requirements are met.
    pub(super) fn fits(&self, status: u16, seen: MatchedParts) -> bool {
        self.status.is_none_or(|wanted| wanted == status)
            && (self.code.is_none() || seen.code)
            && (self.message.is_none() || seen.message)
    }
}

/// Which requirements of a rule were met so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct MatchedParts {
    pub(super) code: bool,
    pub(super) message: bool,
}
