//! [`FailureRule`]: a custom rule for classifying failures.

use std::fmt;
use std::sync::Arc;

use crate::failure::class::FailureClass;

/// Classifies failures that match it; add it to a [`Classifier`](crate::Classifier), or write it under
/// `model_failure_rules` in the configuration.
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
/// assert_eq!(failure.decided_by(), Some("rule {status: 400, says: \"no seats left\"}"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailureRule {
    provider: Option<Box<str>>,
    /// Empty for any status.
    statuses: Vec<u16>,
    code: Option<Box<str>>,
    /// In lower case.
    message: Option<Box<str>>,
    class: Option<FailureClass>,
    conditions: Vec<Arc<str>>,
    is_from_file: bool,
}

/// The names of a provider entry: its prefix, and its own name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProviderNames<'p> {
    pub(crate) prefix: &'p str,
    pub(crate) name: Option<&'p str>,
}

impl FailureRule {
    /// Creates a rule without requirements or effects.
    pub fn new() -> Self {
        Self::default()
    }

    /// A rule of the configuration.
    pub(crate) fn from_file() -> Self {
        Self {
            is_from_file: true,
            ..Self::default()
        }
    }

    /// Requires a provider: the prefix or the name of its entry. Such a rule matches only where the provider is
    /// known: in [`Attempts::classify`](crate::Attempts::classify) and the like.
    #[must_use]
    pub fn provider(mut self, name: impl Into<Box<str>>) -> Self {
        self.provider = Some(name.into());
        self
    }

    /// Requires an HTTP status. Called again, it allows another one.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.statuses.push(status);
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

    pub(crate) fn gives_class(&self) -> Option<FailureClass> {
        self.class
    }

    pub(super) fn gives_conditions(&self) -> &[Arc<str>] {
        &self.conditions
    }

    /// Whether its words may only stand in the provider's own message.
    pub(super) fn reads_only_messages(&self) -> bool {
        self.is_from_file
    }

    /// Whether a client may have caused what it matches, by a request that the provider quotes: then the failure
    /// never speaks against the target.
    pub(super) fn may_match_a_quotation(&self, status: u16) -> bool {
        self.is_from_file && self.message.is_some() && matches!(status, 400 | 404 | 413 | 422)
    }

    pub(super) fn fits_provider(&self, names: Option<ProviderNames<'_>>) -> bool {
        let Some(wanted) = self.provider.as_deref() else {
            return true;
        };
        names.is_some_and(|names| names.prefix == wanted || names.name == Some(wanted))
    }

    pub(super) fn fits_code(&self, code: &str) -> bool {
        let wanted = self.code.as_deref();
        wanted.is_some_and(|wanted| wanted.eq_ignore_ascii_case(code))
    }

    pub(super) fn fits_message(&self, text: &str) -> bool {
        let wanted = self.message.as_deref();
        wanted.is_some_and(|wanted| contains(text, wanted))
    }

    /// Whether all requirements are met, by one of these statuses.
    pub(super) fn fits(&self, statuses: [Option<u16>; 2], seen: MatchedParts) -> bool {
        let mut statuses = statuses.into_iter().flatten();
        (self.statuses.is_empty() || statuses.any(|status| self.statuses.contains(&status)))
            && (self.code.is_none() || seen.code)
            && (self.message.is_none() || seen.message)
    }

    /// Whether every failure that `other` matches matches this one as well.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let both =
            |own: &Option<Box<str>>, others: &Option<Box<str>>, holds: fn(&str, &str) -> bool| {
                own.as_deref()
                    .is_none_or(|own| others.as_deref().is_some_and(|others| holds(own, others)))
            };
        let is_status_covered = self.statuses.is_empty()
            || !other.statuses.is_empty()
                && other
                    .statuses
                    .iter()
                    .all(|status| self.statuses.contains(status));
        is_status_covered
            && both(&self.provider, &other.provider, |own, others| own == others)
            && both(&self.code, &other.code, |own, others| {
                own.eq_ignore_ascii_case(others)
            })
            && both(&self.message, &other.message, |own, others| {
                contains(others, own)
            })
    }
}

/// Whether a text contains words in lower case, ignoring ASCII case.
fn contains(text: &str, words: &str) -> bool {
    let (text, words) = (text.as_bytes(), words.as_bytes());
    let mut windows = text.windows(words.len().max(1));
    words.is_empty() || windows.any(|window| window.eq_ignore_ascii_case(words))
}

impl fmt::Display for FailureRule {
    /// Writes the requirements as in the configuration.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(provider) = &self.provider {
            parts.push(format!("provider: {provider}"));
        }
        match self.statuses.as_slice() {
            [] => {}
            [status] => parts.push(format!("status: {status}")),
            statuses => parts.push(format!("status: {statuses:?}")),
        }
        if let Some(code) = &self.code {
            parts.push(format!("code: {code}"));
        }
        if let Some(message) = &self.message {
            parts.push(format!("says: {message:?}"));
        }
        write!(f, "{{{}}}", parts.join(", "))
    }
}

/// Which requirements of a rule were met so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct MatchedParts {
    pub(super) code: bool,
    pub(super) message: bool,
}
