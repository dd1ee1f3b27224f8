//! Guardrails as data.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use crate::base::money::Cost;
use crate::base::value::{KeysOnly, Value};

/// What happens to a target whose cost cannot be told beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnUnverifiable {
    /// The target is passed over.
    #[default]
    Refuse,
    /// The target is tried.
    Allow,
}

/// Whether the content guardrails of an alias act or only report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum GuardrailMode {
    /// A verdict has its effect.
    #[default]
    Enforce,
    /// A verdict is reported and the text passes.
    Monitor,
}

/// What a content filter does with what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FilterAction {
    /// Replaces what it finds.
    #[default]
    Redact,
    /// Ends the request.
    Block,
}

/// One entry of `content_filters`.
#[derive(Clone, PartialEq)]
pub struct ContentFilter {
    pub(crate) kind: Arc<str>,
    pub(crate) action: FilterAction,
    pub(crate) options: IndexMap<String, Value>,
}

impl ContentFilter {
    /// The `type`, such as `sensitive_data`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// What it does with what it finds.
    pub fn action(&self) -> FilterAction {
        self.action
    }

    /// Its remaining fields, carried unread.
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

/// The guardrails that one alias writes.
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
    /// The deadline over the alias's whole chain.
    pub fn max_latency(&self) -> Option<Duration> {
        self.max_latency
    }

    /// The most that a request may cost over all its attempts.
    pub fn max_cost_per_request(&self) -> Option<Cost> {
        self.max_cost_per_request
    }

    /// What happens where the cost cannot be told.
    pub fn on_unverifiable(&self) -> OnUnverifiable {
        self.on_unverifiable
    }

    /// Whether verdicts about content act or only report.
    pub fn mode(&self) -> GuardrailMode {
        self.mode
    }

    /// The categories that block, as written.
    pub fn block_categories(&self) -> impl ExactSizeIterator<Item = &str> {
        self.block_categories.iter().map(AsRef::as_ref)
    }

    /// The filters, in their order.
    pub fn content_filters(&self) -> &[ContentFilter] {
        &self.content_filters
    }
}
