//! [`Guardrails`]: the limits and content rules of an alias, as data.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use crate::base::money::Cost;
use crate::base::value::{KeysOnly, Value};

/// The minimum time for an attempt, unless the resolver's builder sets another.
pub(crate) const DEFAULT_LEAST_TIME: Duration = Duration::from_millis(250);

/// Decides what happens to a target whose cost cannot be verified before the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnUnverifiable {
    /// The target is skipped.
    #[default]
    Refuse,
    /// The target is tried.
    Allow,
}

/// Decides whether the content guardrails of an alias act or only report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum GuardrailMode {
    /// Verdicts take effect.
    #[default]
    Enforce,
    /// Verdicts are reported and the text passes.
    Monitor,
}

/// Tells what a content filter does on a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FilterAction {
    /// Replaces the match.
    #[default]
    Redact,
    /// Ends the request.
    Block,
}

/// Holds one entry of `content_filters`.
#[derive(Clone, PartialEq)]
pub struct ContentFilter {
    pub(crate) kind: Arc<str>,
    pub(crate) action: FilterAction,
    pub(crate) options: IndexMap<String, Value>,
}

impl ContentFilter {
    /// Returns the `type`, such as `sensitive_data`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Returns the action on a match.
    pub fn action(&self) -> FilterAction {
        self.action
    }

    /// Returns the remaining fields, which the crate does not interpret.
    pub fn options(&self) -> &IndexMap<String, Value> {
        &self.options
    }
}

impl fmt::Debug for ContentFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentFilter")
            .field("kind", &self.kind)
            .field("action", &self.action)
            .field("options", &KeysOnly(&self.options))
            .finish()
    }
}

/// Holds the guardrails of one alias.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Guardrails {
    pub(crate) max_latency: Option<Duration>,
    pub(crate) max_cost_per_request: Option<Cost>,
    pub(crate) on_unverifiable: OnUnverifiable,
    pub(crate) mode: GuardrailMode,
    pub(crate) block_categories: Vec<Arc<str>>,
    pub(crate) content_filters: Vec<ContentFilter>,
}

impl Guardrails {
    /// Returns the time limit for the whole chain of the alias.
    pub fn max_latency(&self) -> Option<Duration> {
        self.max_latency
    }

    /// Returns the cost limit of a request over all its attempts.
    pub fn max_cost_per_request(&self) -> Option<Cost> {
        self.max_cost_per_request
    }

    /// Returns what happens to targets whose cost cannot be verified.
    pub fn on_unverifiable(&self) -> OnUnverifiable {
        self.on_unverifiable
    }

    /// Returns whether content guardrails act or only report.
    pub fn mode(&self) -> GuardrailMode {
        self.mode
    }

    /// Returns the blocked categories, as written.
    pub fn block_categories(&self) -> impl ExactSizeIterator<Item = &str> {
        self.block_categories.iter().map(AsRef::as_ref)
    }

    /// Returns the content filters, in the order of the file.
    pub fn content_filters(&self) -> &[ContentFilter] {
        &self.content_filters
    }
}
