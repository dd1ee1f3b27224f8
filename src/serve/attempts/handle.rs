//! The handle of one request.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use indexmap::IndexMap;

use super::error::AttemptsError;
use super::serving::Serving;
use super::state::Attempts;
use crate::base::limits::Guardrails;
use crate::base::money::Usage;
use crate::base::url;
use crate::base::value::Value;
use crate::failure::Failure;
use crate::serve::request::Request;
use crate::serve::resolver::AliasResolver;
use crate::table::Deprecation;
use crate::table::provider::Provider;

impl AliasResolver {
    /// Begins a request that goes on to the next target when one fails.
    ///
    /// The first target is chosen here, the next one each time [`Attempts::failed`] is called. All of them
    /// come from this resolver, also if a reload replaces it meanwhile.
    ///
    /// # Errors
    ///
    /// [`AttemptsError`] if no target can be tried. Its [`resolve_error`](AttemptsError::resolve_error) is set if
    /// the name is unknown or ambiguous or a selector was at fault, and `None` if every target was passed over.
    ///
    /// # Complexity
    ///
    /// As [`resolve`](Self::resolve). Allocates nothing for an alias, except a copy of the sticky key if the
    /// resolver has selectors. The state for later targets is allocated when an attempt fails; with a
    /// `max_latency`, a `max_cost_per_request`, a rule of the request, a cooling or drained target on the way, or
    /// a selector that chooses none, it is allocated here.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Attempts, AttemptsError, Config, Failure, FailureClass};
    ///
    /// # fn send(call: &Attempts) -> Result<String, Failure> {
    /// #     match call.model() {
    /// #         "gpt-4o-mini" => Err(Failure::new(FailureClass::Timeout)),
    /// #         model => Ok(model.to_owned()),
    /// #     }
    /// # }
    /// fn serve(resolver: &AliasResolver, name: &str) -> Result<String, AttemptsError> {
    ///     let mut call = resolver.attempts(name)?; // the first target is chosen
    ///     loop {
    ///         call.begin(); // its time counts from here
    ///         match send(&call) {
    ///             Ok(reply) => {
    ///                 call.succeeded();
    ///                 return Ok(reply);
    ///             }
    ///             Err(failure) => {
    ///                 if !call.failed(failure) {
    ///                     return Err(call.into_error()); // no target is left
    ///                 }
    ///             }
    ///         }
    ///     }
    /// }
    ///
    /// let config = Config::from_yaml("config.yaml", "
    /// model_providers: [{model: openai/gpt-4o-mini}, {model: ollama/llama3.1}]
    /// model_aliases:
    ///   chat: {target: gpt-4o-mini, fallbacks: [{target: llama3.1, conditions: [timeout]}]}
    /// ")?;
    /// let resolver = AliasResolver::new(config)?;
    /// assert_eq!(serve(&resolver, "chat")?, "llama3.1");
    /// assert_eq!(serve(&resolver, "chta").unwrap_err().to_string(), "unknown model `chta`");
    /// # Ok(())
    /// # }
    /// ```
    #[expect(
        clippy::inline_always,
        reason = "inlined so that the request is built in place: a copy costs as much again"
    )]
    #[inline(always)]
    pub fn attempts<'q>(&self, request: impl Into<Request<'q>>) -> Result<Attempts, AttemptsError> {
        Attempts::first(self.snapshot(), request.into())
    }
}

impl Attempts {
    /// Begins the current attempt: its time counts from here. Returns how long it may take, `None` if
    /// nothing limits it.
    ///
    /// Call it when the request is ready to be sent. Until then the target was not contacted, so a slow
    /// upload or a slow check is never taken for a slow target.
    ///
    /// The `max_latency` of an alias runs from the start of the request. If it is over, the result is zero: send
    /// nothing and call [`failed`](Self::failed). The failure then becomes `latency_exceeded`, which says nothing
    /// about the target.
    #[inline]
    pub fn begin(&mut self) -> Option<Duration> {
        self.attempt.begin(&self.snapshot)
    }

    /// The time left for the current attempt: to the first byte of a stream, else to the end of the reply.
    /// `None` if nothing limits it.
    ///
    /// It is at most the `timeout` written for the target, and at most what is left of each `max_latency` on the
    /// way. Without a written timeout it is at most half of what is left of a `max_latency` under which another
    /// attempt can follow a timeout, unless that half is below
    /// [`least_time`](crate::ResolverBuilder::least_time). It runs from [`begin`](Self::begin); before that, it is
    /// what `begin` would return.
    pub fn timeout(&self) -> Option<Duration> {
        self.attempt.time_left(&self.snapshot)
    }

    /// Reports that the current target failed, and goes to the next one. Returns whether there is one.
    ///
    /// If not, the request is over: [`into_error`](Self::into_error) says why.
    ///
    /// # Complexity
    ///
    /// Linear in the steps that are passed over. With a `max_latency` also linear in what could still follow.
    #[must_use = "if it is false there is no target to send to"]
    pub fn failed(&mut self, failure: impl Into<Failure>) -> bool {
        self.fail(failure.into())
    }

    /// Reports that the whole reply arrived: the same as [`commit`](Self::commit), then
    /// [`Serving::finished`].
    #[inline]
    pub fn succeeded(mut self) {
        // Not through `Serving`: moving the request costs as much as the report.
        self.serve();
    }

    /// Commits to the current target: the first byte goes to the client, so no other target can be tried.
    ///
    /// Keep the result beside the body until that ends: until then the request counts as active at the target.
    #[inline]
    pub fn commit(mut self) -> Serving {
        self.serve();
        Serving(self)
    }

    /// Reports how many tokens the current attempt took, as the provider counts them. The last report counts.
    pub fn used(&mut self, usage: Usage) {
        self.phase.used(usage);
    }

    /// Why no target served: each step with its reason, the last failure, and when the first cooldown ends; or
    /// the guardrail that blocked a text.
    ///
    /// An attempt that is still under way ends as if the handle were dropped.
    pub fn into_error(mut self) -> AttemptsError {
        self.abandon();
        self.to_error()
    }

    /// The deprecation notice of the requested alias, if it has one.
    pub fn deprecation(&self) -> Option<&Deprecation> {
        let alias = self.saved.alias(&self.snapshot)?;
        alias.deprecation.as_deref()
    }

    /// The aliases on the way to the current target, beginning with the requested one; none for a model.
    pub fn alias_path(&self) -> impl Iterator<Item = &str> {
        self.aliases().map(|alias| &*alias.name)
    }

    /// The provider entry, with all its fields.
    #[inline]
    pub fn provider(&self) -> &Provider {
        &self.current_target().provider
    }

    /// The URL to send to: the target's endpoint, else the entry's `base_url`, else none.
    #[inline]
    pub fn endpoint(&self) -> Option<&str> {
        self.current_target().endpoint.as_deref()
    }

    /// The URL of an API path, such as `/v1/chat/completions`, at this target; `None` without an
    /// [`endpoint`](Self::endpoint).
    ///
    /// A path in the endpoint takes the place of the version at the beginning of `path`, so that
    /// `https://host` and `https://host/v1` mean the same. The endpoint's query stays at the end.
    pub fn url(&self, path: &str) -> Option<String> {
        self.endpoint().map(|endpoint| url::join(endpoint, path))
    }

    /// The target as text, as [`Resolution::target`](crate::Resolution::target) gives it. Safe to log.
    pub fn target(&self) -> Cow<'_, str> {
        self.target_ref().text()
    }

    /// The target as text, for a label of metrics, as [`Resolution::label`](crate::Resolution::label) gives it.
    pub fn label(&self) -> &str {
        &self.current_target().text
    }

    /// The `params` written for the target. The crate does not interpret them.
    pub fn params(&self) -> Option<&IndexMap<String, Value>> {
        self.snapshot.table.params(self.attempt.options)
    }

    /// The guardrails in force: those of every alias on the way, outermost first. All of them hold.
    pub fn guardrails(&self) -> impl Iterator<Item = &Guardrails> {
        let aliases = self.aliases();
        aliases.filter_map(|alias| alias.guardrails.as_deref())
    }

    /// Whether the request would have ended without an attempt, and this is the skipped target whose cooldown ends
    /// first.
    pub fn is_last_resort(&self) -> bool {
        self.attempt.last_resort
    }
}

impl fmt::Debug for Attempts {
    /// Shows no secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempts")
            .field("asked", &crate::base::text::cut(self.asked()))
            .field("target", &crate::base::text::cut(&self.target()))
            .field("steps", &self.steps())
            .finish_non_exhaustive()
    }
}
