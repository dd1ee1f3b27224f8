//! What the author wrote, entry by entry: shapes are read, meanings are not judged yet.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use super::node::NodeId;
use crate::base::decimal::Decimal;
use crate::base::limits::{ContentFilter, FilterAction, GuardrailMode, Guardrails, OnUnverifiable};
use crate::base::money::{Cost, Pricing};
use crate::base::secret::{PublicUrl, Secret};
use crate::base::value::{KeysOnly, Value};
use crate::failure::Condition;

/// A value and the node it came from. Two are equal when their values are.
#[derive(Debug, Clone)]
pub(crate) struct At<T> {
    pub(crate) node: NodeId,
    pub(crate) value: T,
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// A field of an entry.
#[derive(Debug, Clone, Default)]
pub(crate) enum Field<T> {
    /// It is not written.
    #[default]
    Absent,
    /// It is written, a problem was noted, and no later check should speak of it again.
    Wrong,
    Set(At<T>),
}

impl<T> Field<T> {
    pub(crate) fn get(&self) -> Option<&T> {
        match self {
            Self::Set(at) => Some(&at.value),
            _ => None,
        }
    }

    pub(crate) fn at(&self) -> Option<&At<T>> {
        match self {
            Self::Set(at) => Some(at),
            _ => None,
        }
    }

    /// The field with another node to show.
    pub(crate) fn shown_at(self, node: NodeId) -> Self {
        match self {
            Self::Set(at) => Self::Set(At { node, ..at }),
            other => other,
        }
    }

    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub(crate) fn is_wrong(&self) -> bool {
        matches!(self, Self::Wrong)
    }
}

impl<T: Copy> Field<T> {
    pub(crate) fn value(&self) -> Option<T> {
        self.get().copied()
    }
}

impl<T: PartialEq> PartialEq for Field<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

/// The index of the document that an entry came from.
pub(crate) type DocumentId = usize;

/// One entry of `model_providers`, as written.
///
/// `Debug` shows no secret. Two are equal when they say the same, wherever they stand.
#[derive(Clone, Default)]
pub struct ProviderEntry {
    pub(crate) document: DocumentId,
    pub(crate) node: NodeId,
    pub(crate) model: Field<Arc<str>>,
    pub(crate) name: Field<Arc<str>>,
    pub(crate) provider: Field<Arc<str>>,
    pub(crate) provider_interface: Field<Arc<str>>,
    pub(crate) access_key: Field<Secret>,
    pub(crate) base_url: Field<Secret>,
    pub(crate) http_host: Field<Arc<str>>,
    pub(crate) default: Field<bool>,
    pub(crate) passthrough_auth: Field<bool>,
    pub(crate) internal: Field<bool>,
    /// Boxed, because few entries have any.
    pub(crate) headers: Field<Box<IndexMap<Arc<str>, At<Secret>>>>,
    pub(crate) pricing: Field<Pricing>,
    pub(crate) context_window: Field<u64>,
    pub(crate) extra: IndexMap<String, Value>,
}

impl ProviderEntry {
    /// `model`, as written.
    pub fn model(&self) -> Option<&str> {
        self.model.get().map(AsRef::as_ref)
    }

    /// `name`, as written.
    pub fn name(&self) -> Option<&str> {
        self.name.get().map(AsRef::as_ref)
    }

    /// The fields that the crate does not know, in their order.
    pub fn extra(&self) -> &IndexMap<String, Value> {
        &self.extra
    }

    /// Provider and model id, out of the three ways to write them. The parts are borrowed from
    /// the entry; `None` where something is missing or wrong.
    ///
    /// - `provider: openai` beside `model: gpt-4o`, the oldest form;
    /// - `name: openai/gpt-4o` beside `model: gpt-4o`, what Plano renders;
    /// - `model: openai/gpt-4o`;
    /// - `model: gpt-4o` beside `provider_interface: openai`, rendered from a named entry.
    pub(crate) fn parts(&self) -> Option<(&str, &str)> {
        let model = self.model()?;
        if let Some(provider) = self.provider.get() {
            let id = model
                .strip_prefix(&**provider)
                .and_then(|rest| rest.strip_prefix('/'))
                .unwrap_or(model);
            return Some((provider, id));
        }
        if let Some(prefix) = self.name().and_then(|name| {
            name.strip_suffix(model)
                .and_then(|rest| rest.strip_suffix('/'))
                .filter(|prefix| !prefix.is_empty())
        }) {
            return Some((prefix, model));
        }
        if let Some(parts) = model.split_once('/') {
            return Some(parts);
        }
        self.provider_interface
            .get()
            .map(|interface| (&**interface, model))
    }

    /// Whether the entry stands for every model of its provider.
    pub(crate) fn is_wildcard(&self) -> bool {
        self.parts().is_some_and(|(_, id)| id == "*")
    }

    /// How the entry is called in a sentence: its name, else its model.
    pub(crate) fn label(&self) -> &str {
        self.name().or(self.model()).unwrap_or_default()
    }

    /// Whether both say the same.
    pub(crate) fn same(&self, other: &Self) -> bool {
        // Written out in full, so that a new field cannot be forgotten.
        let Self {
            document: _,
            node: _,
            model,
            name,
            provider,
            provider_interface,
            access_key,
            base_url,
            http_host,
            default,
            passthrough_auth,
            internal,
            headers,
            pricing,
            context_window,
            extra,
        } = self;
        *model == other.model
            && *name == other.name
            && *provider == other.provider
            && *provider_interface == other.provider_interface
            && *access_key == other.access_key
            && *base_url == other.base_url
            && *http_host == other.http_host
            && *default == other.default
            && *passthrough_auth == other.passthrough_auth
            && *internal == other.internal
            && *headers == other.headers
            && *pricing == other.pricing
            && *context_window == other.context_window
            && *extra == other.extra
    }
}

impl PartialEq for ProviderEntry {
    fn eq(&self, other: &Self) -> bool {
        self.same(other)
    }
}

impl fmt::Debug for ProviderEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header_names = self.headers.get().map(|headers| headers.keys());
        f.debug_struct("ProviderEntry")
            .field("model", &self.model())
            .field("name", &self.name())
            .field("access_key", &self.access_key.get())
            .field(
                "base_url",
                &self
                    .base_url
                    .get()
                    .map(|url| PublicUrl(url.as_written()).to_string()),
            )
            .field("headers", &header_names)
            .field("extra", &KeysOnly(&self.extra))
            .finish_non_exhaustive()
    }
}

/// One entry of `model_aliases`, as written.
///
/// `Debug` shows no secret. Two are equal when they say the same.
#[derive(Clone)]
pub struct AliasEntry {
    pub(crate) document: DocumentId,
    /// The node of the name.
    pub(crate) node: NodeId,
    pub(crate) name: Arc<str>,
    pub(crate) body: AliasBody,
}

impl AliasEntry {
    /// The alias's name, as written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the alias leads to: its target, or its targets, as written.
    pub fn targets(&self) -> impl Iterator<Item = &TargetEntry> {
        self.body.targets().iter()
    }

    /// Its fallbacks, as written.
    pub fn fallbacks(&self) -> impl Iterator<Item = &TargetEntry> {
        self.body.fallbacks.get().into_iter().flatten()
    }

    /// Its description.
    pub fn description(&self) -> Option<&str> {
        self.body.description.get().map(AsRef::as_ref)
    }
}

impl PartialEq for AliasEntry {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.body == other.body
    }
}

impl fmt::Debug for AliasEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AliasEntry")
            .field("name", &self.name)
            .field("targets", &self.body.targets())
            .field("fallbacks", &self.body.fallbacks())
            .finish_non_exhaustive()
    }
}

/// The fields of an alias.
#[derive(Clone, PartialEq, Default)]
pub(crate) struct AliasBody {
    /// `name: ~`: in an overlay this removes the alias.
    pub(crate) null: bool,
    /// Too little could be read for any further check.
    pub(crate) broken: bool,
    pub(crate) target: Field<Vec<TargetEntry>>,
    pub(crate) targets: Field<Vec<TargetEntry>>,
    pub(crate) load_balance: Field<BalanceEntry>,
    pub(crate) fallbacks: Field<Vec<TargetEntry>>,
    /// Boxed, as is `deprecated`: few aliases have them, and a load is bound by memory.
    pub(crate) guardrails: Field<Box<GuardrailsEntry>>,
    pub(crate) redistribute: Field<bool>,
    /// The salt of `sticky`.
    pub(crate) sticky: Field<Field<Arc<str>>>,
    pub(crate) max_attempts: Field<u8>,
    pub(crate) description: Field<Arc<str>>,
    pub(crate) hidden: Field<bool>,
    pub(crate) deprecated: Field<Box<DeprecatedEntry>>,
}

impl AliasBody {
    /// The members: a single target is a list of one.
    pub(crate) fn targets(&self) -> &[TargetEntry] {
        match (self.targets.get(), self.target.get()) {
            (Some(targets), _) | (None, Some(targets)) => targets,
            (None, None) => &[],
        }
    }

    /// Every entry of the alias, members and fallbacks.
    pub(crate) fn entries_mut(&mut self) -> impl Iterator<Item = &mut TargetEntry> {
        let lists = [&mut self.target, &mut self.targets, &mut self.fallbacks];
        lists.into_iter().flat_map(|list| match list {
            Field::Set(at) => at.value.iter_mut(),
            Field::Absent | Field::Wrong => [].iter_mut(),
        })
    }

    /// The fallbacks.
    pub(crate) fn fallbacks(&self) -> &[TargetEntry] {
        self.fallbacks.get().map_or(&[], Vec::as_slice)
    }

    /// Whether its picks are balanced rather than split.
    pub(crate) fn is_balanced(&self) -> bool {
        !self.load_balance.is_absent()
    }
}

/// An entry of `targets` or `fallbacks`, or what stands behind `target`, as written.
#[derive(Clone, PartialEq, Default)]
pub struct TargetEntry {
    pub(crate) node: At<()>,
    pub(crate) reference: Field<Arc<str>>,
    pub(crate) weight: Field<Decimal>,
    pub(crate) endpoint: Field<Secret>,
    /// Boxed, because few entries have any.
    pub(crate) params: Field<Box<IndexMap<String, Value>>>,
    pub(crate) timeout: Field<Duration>,
    pub(crate) conditions: Field<Vec<At<Condition>>>,
}

impl Default for At<()> {
    fn default() -> Self {
        Self { node: 0, value: () }
    }
}

impl TargetEntry {
    /// The reference, as written behind `model:` or `target:`.
    pub fn reference(&self) -> Option<&str> {
        self.reference.get().map(AsRef::as_ref)
    }

    /// The node that a problem of the whole entry shows.
    pub(crate) fn place(&self) -> NodeId {
        self.reference.at().map_or(self.node.node, |at| at.node)
    }
}

impl fmt::Debug for TargetEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TargetEntry")
            .field("reference", &self.reference())
            .field(
                "endpoint",
                &self
                    .endpoint
                    .get()
                    .map(|url| PublicUrl(url.as_written()).to_string()),
            )
            .finish_non_exhaustive()
    }
}

/// `load_balance`, its targets aside.
#[derive(Clone, PartialEq, Default)]
pub(crate) struct BalanceEntry {
    pub(crate) algorithm: Field<Arc<str>>,
}

/// `guardrails`.
#[derive(Clone, PartialEq, Default)]
pub(crate) struct GuardrailsEntry {
    pub(crate) max_latency: Field<Duration>,
    pub(crate) max_cost_per_request: Field<Cost>,
    pub(crate) on_unverifiable: Field<OnUnverifiable>,
    pub(crate) mode: Field<GuardrailMode>,
    pub(crate) block_categories: Field<Vec<At<Arc<str>>>>,
    pub(crate) content_filters: Field<Vec<FilterEntry>>,
}

/// One of `content_filters`.
#[derive(Clone, PartialEq)]
pub(crate) struct FilterEntry {
    pub(crate) kind: At<Arc<str>>,
    pub(crate) action: Field<FilterAction>,
    pub(crate) options: IndexMap<String, Value>,
}

impl GuardrailsEntry {
    /// The guardrails as the table keeps them.
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

/// `deprecated`.
#[derive(Clone, PartialEq, Default)]
pub(crate) struct DeprecatedEntry {
    pub(crate) replacement: Field<Arc<str>>,
    pub(crate) sunset: Field<Arc<str>>,
    pub(crate) message: Field<Arc<str>>,
}
