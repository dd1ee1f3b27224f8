//! The result of `resolve`.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use indexmap::IndexMap;

use crate::base::limits::Guardrails;
use crate::base::url;
use crate::base::value::Value;
use crate::failure::Failure;
use crate::serve::lease::Lease;
use crate::serve::plan::Found;
use crate::serve::snapshot::Snapshot;
use crate::table::provider::Provider;
use crate::table::{Alias, AliasId, Deprecation, NONE, Target};

/// The target of one request, and the aliases that led to it.
///
/// Borrows the resolver only, never the name asked. Keep it as long as the request runs: it counts as an active
/// request for `least_connections` until it is reported or dropped. `Debug` shows no secret.
pub struct Resolution<'r> {
    snapshot: &'r Snapshot,
    target: &'r Target,
    /// Owned for a name that only a wildcard, the catalog or a default covers.
    asked: Cow<'r, str>,
    /// The offset in `asked` at which the model id to send begins; [`NONE`] for the target's own model.
    model: u32,
    options: u32,
    last_resort: bool,
    lease: Lease,
}

impl<'r> Resolution<'r> {
    /// Raises the counts and makes the resolution, as the last expression: otherwise the whole struct is moved.
    #[inline]
    pub(super) fn new(
        snapshot: &'r Snapshot,
        asked: Cow<'r, str>,
        (alias, model): (AliasId, u32),
        found: Found,
    ) -> Self {
        let target = snapshot.table.target(found.target);
        let lease = Lease::begin(snapshot, target, alias, found, false);
        Self {
            snapshot,
            target,
            asked,
            model,
            options: found.options,
            last_resort: found.last_resort,
            lease,
        }
    }

    /// The requested name.
    pub fn asked(&self) -> &str {
        &self.asked
    }

    /// The aliases on the way, beginning with the requested one; none for a model.
    pub fn alias_path(&self) -> impl Iterator<Item = &'r str> {
        self.aliases().map(|alias| &*alias.name)
    }

    /// The provider entry that serves, with all its fields.
    #[inline]
    pub fn provider(&self) -> &'r Provider {
        &self.target.provider
    }

    /// The model id to send.
    #[inline]
    pub fn model(&self) -> &str {
        if self.model == NONE {
            &self.target.model
        } else {
            // No panic, which would keep the resolution in memory.
            self.asked.get(self.model as usize..).unwrap_or_default()
        }
    }

    /// The URL to send to: the target's endpoint, else the entry's `base_url`, else none.
    #[inline]
    pub fn endpoint(&self) -> Option<&'r str> {
        self.target.endpoint.as_deref()
    }

    /// The URL of an API path, such as `/v1/chat/completions`, at this target; `None` without an
    /// [`endpoint`](Self::endpoint).
    ///
    /// A path in the endpoint takes the place of the version at the beginning of `path`, so that
    /// `https://host` and `https://host/v1` mean the same. The endpoint's query stays at the end.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config};
    ///
    /// let text = "model_providers: [{model: ollama/llama3.1, base_url: 'http://localhost:11434/v1'}]";
    /// let resolver = AliasResolver::new(Config::from_yaml("config.yaml", text)?)?;
    /// let route = resolver.resolve("llama3.1")?;
    /// let url = route.url("/v1/chat/completions");
    /// assert_eq!(url.as_deref(), Some("http://localhost:11434/v1/chat/completions"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn url(&self, path: &str) -> Option<String> {
        self.endpoint().map(|endpoint| url::join(endpoint, path))
    }

    /// The target as text: the entry's name, else `provider/model`, and `@endpoint` where the
    /// alias writes one, without user info and query. Safe to log. For a name that only a wildcard, the
    /// catalog or a default covers, it holds the model id at full length.
    pub fn target(&self) -> Cow<'r, str> {
        if self.model == NONE {
            (&*self.target.text).into()
        } else {
            format!("{}/{}", self.target.provider.provider(), self.model()).into()
        }
    }

    /// The target as text, for a label of metrics: as [`target`](Self::target), but as the configuration writes it,
    /// such as `anthropic/*`, where the model id comes from the requested name.
    #[inline]
    pub fn label(&self) -> &'r str {
        &self.target.text
    }

    /// The `params` written for the target. The crate does not interpret them.
    pub fn params(&self) -> Option<&'r IndexMap<String, Value>> {
        self.snapshot.table.params(self.options)
    }

    /// Classifies a failed HTTP response of the target: by the failure rules of the configuration, the
    /// [classifier](crate::ResolverBuilder::classifier) of the embedder, and what the crate knows, in this order.
    ///
    /// Otherwise like [`Failure::from_http`], which knows no rules. Pass the result to [`failed`](Self::failed).
    pub fn classify(
        &self,
        status: u16,
        headers: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>,
        body: impl AsRef<[u8]>,
    ) -> Failure {
        self.snapshot.classify(self.target, status, headers, body)
    }

    /// The `timeout` written for the target.
    pub fn timeout(&self) -> Option<Duration> {
        self.snapshot.timeout(self.options)
    }

    /// The guardrails in force: those of every alias on the way, outermost first. All of them
    /// hold.
    pub fn guardrails(&self) -> impl Iterator<Item = &'r Guardrails> {
        self.aliases()
            .filter_map(|alias| alias.guardrails.as_deref())
    }

    /// The deprecation notice of the requested alias, if it has one.
    pub fn deprecation(&self) -> Option<&'r Deprecation> {
        let aliases = &self.snapshot.table.aliases;
        let alias = aliases.get(self.lease.alias as usize)?;
        alias.deprecation.as_deref()
    }

    /// Whether the request would have ended without an attempt, and this is the skipped target whose cooldown ends
    /// first.
    pub fn is_last_resort(&self) -> bool {
        self.last_resort
    }

    /// Reports that the target succeeded.
    pub fn succeeded(mut self) {
        let passthrough = self.model != NONE;
        self.lease
            .succeeded(self.snapshot, self.target, passthrough);
    }

    /// Reports that the target failed.
    ///
    /// A cooldown starts after five consecutive failures, or at once after a rate limit, an exhausted quota or a
    /// refused key; until it ends the target is passed over. For least connections a failure counts like a
    /// request under way for a few seconds, so that an endpoint that fails fast attracts no extra traffic.
    ///
    /// Failures that the client causes do not count: refused credentials, rate limits and quotas under
    /// `passthrough_auth`, and `not_found` from a wildcard entry or for a name that the configuration does not have.
    pub fn failed(mut self, failure: impl Into<Failure>) {
        let passthrough = self.model != NONE;
        self.lease
            .failed(self.snapshot, self.target, passthrough, &failure.into());
    }

    fn aliases(&self) -> impl Iterator<Item = &'r Alias> {
        let table = &self.snapshot.table;
        let path = self.lease.alias_path(table);
        path.map(|alias| &table.aliases[alias as usize])
    }
}

impl Drop for Resolution<'_> {
    #[inline]
    fn drop(&mut self) {
        // One call only: with more the drop is a function of its own, which takes the address of the
        // resolution and keeps it out of registers.
        if self.lease.holds() {
            self.lease.end(self.snapshot, self.target.health);
        }
    }
}

impl fmt::Debug for Resolution<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolution")
            .field("asked", &crate::base::text::cut(self.asked()))
            .field("alias_path", &self.alias_path().collect::<Vec<_>>())
            .field("target", &self.target())
            .field("model", &crate::base::text::cut(self.model()))
            .finish_non_exhaustive()
    }
}
