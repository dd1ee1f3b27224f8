//! [`Checked`]: the result of checking a text.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::violation::Violation;

/// The result of checking a text: the text to send on, the violations, and what was not checked.
///
/// `Debug` does not show the text.
#[must_use = "a text that is blocked must not be sent on"]
#[derive(Clone, Default)]
pub struct Checked<'t> {
    pub(super) text: Option<Cow<'t, str>>,
    pub(super) violations: Vec<Violation>,
    /// The index of the violation that blocks.
    pub(super) blocked: Option<usize>,
    pub(super) unchecked: Vec<Arc<str>>,
}

impl<'t> Checked<'t> {
    /// The result for a text without rules.
    pub(super) fn passed(text: &'t str) -> Self {
        Self {
            text: Some(Cow::Borrowed(text)),
            ..Self::default()
        }
    }

    /// The result for a stream that is already blocked.
    pub(super) fn refused(violation: Violation) -> Self {
        Self {
            violations: vec![violation],
            blocked: Some(0),
            ..Self::default()
        }
    }

    /// Returns the text to send on, with each match replaced by its kind in brackets; `None` if it is
    /// blocked.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Returns the text to send on by value: borrowed from the input unless something was redacted.
    pub fn into_text(self) -> Option<Cow<'t, str>> {
        self.text
    }

    /// Returns the violation that blocks the text, if any.
    pub fn blocked(&self) -> Option<&Violation> {
        self.violations.get(self.blocked?)
    }

    /// Returns all violations, including those that are only monitored.
    ///
    /// They are in the order of the rules, those of the outermost alias first; in a stream, in the order
    /// of detection.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// Returns the categories and filters in force that were not checked: nothing checks them, or the check
    /// failed and is registered to fail open.
    pub fn unchecked(&self) -> impl ExactSizeIterator<Item = &str> {
        self.unchecked.iter().map(AsRef::as_ref)
    }
}

impl fmt::Debug for Checked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checked")
            .field("blocked", &self.blocked())
            .field("violations", &self.violations)
            .field("unchecked", &self.unchecked)
            .finish_non_exhaustive()
    }
}
