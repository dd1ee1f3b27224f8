//! The guardrails of an alias.

use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use super::field::{Field, Located};
use crate::base::limits::{ContentFilter, FilterAction, GuardrailMode, Guardrails, OnUnverifiable};
use crate::base::money::Cost;
use crate::base::value::Value;

/// `guardrails`.
#[derive(Clone, PartialEq, Default)]
pub(crate) struct GuardrailsEntry {
    pub(crate) max_latency: Field<Duration>,
    pub(crate) max_cost_per_request: Field<Cost>,
    pub(crate) on_unverifiable: Field<OnUnverifiable>,
    pub(crate) mode: Field<GuardrailMode>,
    pub(crate) block_categories: Field<Vec<Located<Arc<str>>>>,
    pub(crate) content_filters: Field<Vec<FilterEntry>>,
}

/// One of `content_filters`.
#[derive(Clone, PartialEq)]
pub(crate) struct FilterEntry {
    pub(crate) kind: Located<Arc<str>>,
    pub(crate) action: Field<FilterAction>,
    pub(crate) options: IndexMap<String, Value>,
}

impl GuardrailsEntry {
    /// Converts the guardrails to their form in the table.
    pub(crate) fn to_guardrails(&self) -> Guardrails {
        Guardrails {
            max_latency: self.max_latency.value(),
            max_cost_per_request: self.max_cost_per_request.value(),
            on_unverifiable: self.on_unverifiable.value().unwrap_or_default(),
            mode: self.mode.value().unwrap_or_default(),
            block_categories: self
                .block_categories
                .get()
                .into_iter()
                .flatten()
                .map(|category| Arc::clone(&category.value))
                .collect(),
            content_filters: self
                .content_filters
                .get()
                .into_iter()
                .flatten()
                .map(|filter| ContentFilter {
                    kind: Arc::clone(&filter.kind.value),
                    action: filter.action.value().unwrap_or_default(),
                    options: filter.options.clone(),
                })
                .collect(),
        }
    }
}
