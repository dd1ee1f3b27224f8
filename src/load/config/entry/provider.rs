//! One entry of `model_providers`.

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;

use super::super::mark::DocumentId;
use super::super::tree::NodeId;
use super::field::{Field, Located};
use crate::base::money::Pricing;
use crate::base::secret::{PublicUrl, Secret};
use crate::base::value::{KeysOnly, Value};

/// One entry of `model_providers`, as written.
///
/// `Debug` shows no secret. Two entries are equal if their fields are, wherever they were read
/// from.
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
    pub(crate) http_host: Field<Secret>,
    pub(crate) default: Field<bool>,
    pub(crate) passthrough_auth: Field<bool>,
    pub(crate) internal: Field<bool>,
    /// Boxed, because few entries have any.
    pub(crate) headers: Field<Box<IndexMap<Arc<str>, Located<Secret>>>>,
    pub(crate) pricing: Field<Pricing>,
    pub(crate) context_window: Field<u64>,
    pub(crate) extra: IndexMap<String, Value>,
}

impl ProviderEntry {
    /// Returns `model` as written.
    pub fn model(&self) -> Option<&str> {
        self.model.get().map(AsRef::as_ref)
    }

    /// Returns `name` as written.
    pub fn name(&self) -> Option<&str> {
        self.name.get().map(AsRef::as_ref)
    }

    /// Returns the fields that the crate does not know, in file order.
    pub fn extra(&self) -> &IndexMap<String, Value> {
        &self.extra
    }

    /// Returns provider and model id, from any of the ways to write them. They are borrowed from
    /// the entry. Returns `None` if something is missing or wrong.
    ///
    /// - `provider: openai` beside `model: gpt-4o`, the oldest form;
    /// - `name: openai/gpt-4o` beside `model: gpt-4o`, the form that Plano renders its file into;
    /// - `model: openai/gpt-4o`;
    /// - `model: gpt-4o` beside `provider_interface: openai`, the rendered form of a named entry.
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

    /// Whether the entry covers every model of its provider.
    pub(crate) fn is_wildcard(&self) -> bool {
        self.parts().is_some_and(|(_, id)| id == "*")
    }

    /// The name of the entry in messages: its `name`, else its `model`.
    pub(crate) fn label(&self) -> &str {
        self.name().or(self.model()).unwrap_or_default()
    }

    /// Whether all fields but the place are equal.
    pub(crate) fn same(&self, other: &Self) -> bool {
        // Destructured in full, so that a new field cannot be forgotten.
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
