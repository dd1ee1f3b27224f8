//! What came of a check.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::violation::Violation;

/// What the guardrails made of a text.
///
/// `Debug` shows no text.
#[must_use = "a text that is blocked must not be sent on"]
#[derive(Clone, Default)]
pub struct Checked<'t> {
    pub(super) text: Option<Cow<'t, str>>,
    pub(super) violations: Vec<Violation>,
    /// The position of the violation that blocks.
    pub(super) blocked: Option<usize>,
    pub(super) unchecked: Vec<Arc<str>>,
}

impl<'t> Checked<'t> {
    /// A text that nothing was asked about.
    pub(super) fn passed(text: &'t str) -> Self {
        Self {
            text: Some(Cow::Borrowed(text)),
            ..Self::default()
        }
    }

    /// A text that was blocked before.
    pub(super) fn refused(violation: Violation) -> Self {
        Self {
            violations: vec![violation],
            blocked: Some(0),
            ..Self::default()
        }
    }

    /// The text to send on, with what was found replaced by its kind in brackets; `None` if it is
    /// blocked.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Gives the text away: the one handed in, unless something is redacted.
    pub fn into_text(self) -> Option<Cow<'t, str>> {
        self.text
    }

    /// Why it is blocked, if it is.
    pub fn blocked(&self) -> Option<&Violation> {
        self.violations.get(self.blocked?)
    }

    /// Everything that was found, what is only monitored included: in the order of the rules, the
    /// outermost alias's first; in a stream as it comes up.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// The categories and filters in force that the text was not checked for: nothing checks them, or
    /// what does failed and was registered to fail open.
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
