//! A provider entry, checked.

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::base::money::Pricing;
use crate::base::secret::{PublicUrl, Secret};
use crate::base::value::{KeysOnly, Value};
use crate::failure::classify::ProviderNames;

/// An entry of `model_providers`: everything needed to send a request there.
///
/// `Debug` shows no secret.
#[derive(Clone)]
#[expect(
    clippy::struct_field_names,
    reason = "the fields are named as in the file"
)]
pub struct Provider {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) model: Arc<str>,
    pub(crate) provider: Arc<str>,
    pub(crate) id: Arc<str>,
    pub(crate) provider_interface: Option<Arc<str>>,
    pub(crate) access_key: Option<Secret>,
    pub(crate) base_url: Option<Secret>,
    pub(crate) http_host: Option<Secret>,
    pub(crate) default: bool,
    pub(crate) passthrough_auth: bool,
    pub(crate) internal: bool,
    pub(crate) headers: IndexMap<Arc<str>, Secret>,
    pub(crate) pricing: Option<Pricing>,
    pub(crate) context_window: Option<u64>,
    pub(crate) extra: IndexMap<String, Value>,
}

impl Provider {
    /// The names by which failure rules find it.
    pub(crate) fn names(&self) -> ProviderNames<'_> {
        ProviderNames {
            prefix: &self.provider,
            name: self.name.as_deref(),
        }
    }

    /// The instance name, if the entry has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// `model`, as written: `openai/gpt-4o`, `openai/*`, or a bare id beside `provider_interface`.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The provider's name: `openai` in `openai/gpt-4o`.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The protocol spoken: `provider_interface`, else the provider.
    pub fn interface(&self) -> &str {
        self.provider_interface.as_deref().unwrap_or(&self.provider)
    }

    /// The access key.
    pub fn access_key(&self) -> Option<&Secret> {
        self.access_key.as_ref()
    }

    /// The URL of the provider, with its variables looked up.
    pub fn base_url(&self) -> Option<&str> {
        self.base_url.as_ref().map(Secret::value_or_written)
    }

    /// The `Host` header to send, if it differs from the host of the URL, with its variables looked up.
    pub fn http_host(&self) -> Option<&str> {
        self.http_host.as_ref().map(Secret::value_or_written)
    }

    /// Whether this is the default provider.
    pub fn is_default(&self) -> bool {
        self.default
    }

    /// Whether the client's own credentials are passed on.
    pub fn passes_auth(&self) -> bool {
        self.passthrough_auth
    }

    /// Whether it is internal: it resolves and is not listed.
    pub fn is_internal(&self) -> bool {
        self.internal
    }

    /// Whether it is a wildcard, which covers every model of its provider.
    pub fn is_wildcard(&self) -> bool {
        &*self.id == "*"
    }

    /// Headers to send, in file order.
    pub fn headers(&self) -> impl ExactSizeIterator<Item = (&str, &Secret)> {
        self.headers.iter().map(|(name, value)| (&**name, value))
    }

    /// The prices of its models.
    pub fn pricing(&self) -> Option<Pricing> {
        self.pricing
    }

    /// The size of the context window, in tokens.
    pub fn context_window(&self) -> Option<u64> {
        self.context_window
    }

    /// The fields that the crate does not know, in file order.
    pub fn extra(&self) -> &IndexMap<String, Value> {
        &self.extra
    }

    /// The text form of a target of this entry: its name, else `provider/id`.
    pub(crate) fn text(&self, id: &str) -> String {
        match &self.name {
            Some(name) if !self.is_wildcard() => name.to_string(),
            _ => format!("{}/{id}", self.provider),
        }
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("name", &self.name)
            .field("model", &self.model)
            .field("interface", &self.interface())
            .field("access_key", &self.access_key)
            .field(
                "base_url",
                &self.base_url().map(|url| PublicUrl(url).to_string()),
            )
            .field("headers", &self.headers.keys())
            .field("extra", &KeysOnly(&self.extra))
            .finish_non_exhaustive()
    }
}
