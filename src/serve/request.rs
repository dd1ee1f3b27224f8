//! A request: the name, and the inputs of its choices.

use crate::base::money::Usage;
use crate::serve::tokens::RequestTokens;
use crate::table::TargetRef;

/// A request for a name, with options that affect its choices.
///
/// Made from any text: `resolver.resolve("arch.v1")`, `resolver.resolve(&name)`.
///
/// # Examples
///
/// ```
/// use model_aliases::Request;
///
/// let request = Request::new("arch.v1").entropy(7);
/// assert_eq!(request.asked(), "arch.v1");
/// ```
#[derive(Clone, Copy)]
pub struct Request<'q> {
    asked: &'q str,
    entropy: Option<u64>,
    key: &'q [u8],
    allow: Option<&'q Rule<'q>>,
    tokens: RequestTokens,
}

/// A rule about targets.
pub(crate) type Rule<'q> = dyn Fn(TargetRef<'_>) -> bool + Sync + 'q;

impl<'q> Request<'q> {
    /// A request for a name, as the client sent it.
    pub fn new<S: AsRef<str> + ?Sized>(asked: &'q S) -> Self {
        Self {
            asked: asked.as_ref(),
            entropy: None,
            key: &[],
            allow: None,
            tokens: RequestTokens::UNKNOWN,
        }
    }

    /// Sets the random bits of the weighted draws, in place of the resolver's own source. The same bits give
    /// the same choices.
    #[must_use]
    pub fn entropy(mut self, bits: u64) -> Self {
        self.entropy = Some(bits);
        self
    }

    /// Sets the sticky key: the same key gives the same member of a split, on every replica and after any
    /// restart. An empty key counts as none. The key is never printed.
    #[must_use]
    pub fn sticky_key<K: AsRef<[u8]> + ?Sized>(mut self, key: &'q K) -> Self {
        self.key = key.as_ref();
        self
    }

    /// Limits the request to the targets for which `rule` returns true. Others are never tried, through any
    /// alias, not even as a last resort. Splits and balancers choose among the rest by weight, and a fallback
    /// sees `not_allowed`.
    ///
    /// [`attempts`](crate::AliasResolver::attempts) asks the rule at once about every target that the name can
    /// lead to, because the handle outlives this borrow.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config, Request};
    ///
    /// let config = Config::from_yaml("config.yaml", "
    /// model_providers: [{model: openai/gpt-4o}, {model: ollama/llama3.1}]
    /// model_aliases: {chat: {target: gpt-4o, fallbacks: [llama3.1]}}
    /// ")?;
    /// let resolver = AliasResolver::new(config)?;
    /// let is_local = Request::new("chat").allow(&|target| target.provider().provider() == "ollama");
    /// assert_eq!(resolver.resolve(is_local)?.model(), "llama3.1");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn allow(mut self, rule: &'q (dyn Fn(TargetRef<'_>) -> bool + Sync + 'q)) -> Self {
        self.allow = Some(rule);
        self
    }

    /// Sets an upper bound of the tokens: those of the prompt, and the most that the reply may have.
    /// [`attempts`](crate::AliasResolver::attempts) then passes over a target that could exceed a
    /// `max_cost_per_request`, and leaves out fallbacks whose `context_window` is too small for the prompt.
    ///
    /// `params` of a target bound its reply instead: by the largest of `max_tokens`, `max_completion_tokens` and
    /// `max_output_tokens`, times `n`.
    #[must_use]
    pub fn estimate(mut self, usage: Usage) -> Self {
        self.tokens = self.tokens.with_estimate(usage);
        self
    }

    /// Sets the tokens of the prompt, as exactly as they are known, for the `context_window` of fallbacks. An
    /// [`estimate`](Self::estimate) that is safe for money, such as one token for each byte, is often too large for a
    /// window. Without this the estimate's input counts.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config, FailureClass, Request, Usage};
    ///
    /// let config = Config::from_yaml("config.yaml", "
    /// model_providers: [{model: openai/gpt-4o}, {model: ollama/llama3.1, context_window: 128000}]
    /// model_aliases: {chat: {target: gpt-4o, fallbacks: [llama3.1]}}
    /// ")?;
    /// let resolver = AliasResolver::new(config)?;
    /// let bytes = 150_000;
    /// let request = Request::new("chat").estimate(Usage::new(bytes, 500));
    /// let mut call = resolver.attempts(request)?;
    /// assert!(!call.failed(FailureClass::Timeout), "150,000 tokens do not fit");
    /// let mut call = resolver.attempts(request.context(bytes / 4))?;
    /// assert!(call.failed(FailureClass::Timeout));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn context(mut self, tokens: u64) -> Self {
        self.tokens = self.tokens.with_context(tokens);
        self
    }

    /// The requested name.
    #[inline]
    pub fn asked(&self) -> &'q str {
        self.asked
    }

    /// The sticky key, unless it is empty.
    #[inline]
    pub(crate) fn key(&self) -> Option<&'q [u8]> {
        Some(self.key).filter(|key| !key.is_empty())
    }

    #[inline]
    pub(crate) fn rule(&self) -> Option<&'q Rule<'q>> {
        self.allow
    }

    pub(crate) fn tokens(&self) -> RequestTokens {
        self.tokens
    }

    /// The same request with these tokens.
    pub(crate) fn with_tokens(self, tokens: RequestTokens) -> Self {
        Self { tokens, ..self }
    }

    #[inline]
    pub(crate) fn given_entropy(&self) -> Option<u64> {
        self.entropy
    }
}

impl<'a, S: AsRef<str> + ?Sized> From<&'a S> for Request<'a> {
    fn from(asked: &'a S) -> Self {
        Self::new(asked)
    }
}

impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("asked", &crate::base::text::cut(self.asked))
            .finish_non_exhaustive()
    }
}
