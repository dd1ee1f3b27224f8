//! A request, and what decides about it.

use crate::base::money::Usage;
use crate::table::TargetRef;

/// A request for a name, and what decides about it.
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
    estimate: Option<Usage>,
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
            estimate: None,
        }
    }

    /// Sets the random bits of the weighted draws, in place of the resolver's own source. The same bits give
    /// the same answer.
    #[must_use]
    pub fn entropy(mut self, bits: u64) -> Self {
        self.entropy = Some(bits);
        self
    }

    /// Sets the sticky key: the same key gives the same member of a split, on every replica and after any
    /// restart. An empty key is no key. It is never printed.
    #[must_use]
    pub fn sticky_key<K: AsRef<[u8]> + ?Sized>(mut self, key: &'q K) -> Self {
        self.key = key.as_ref();
        self
    }

    /// Rules targets out: a target that the rule refuses is never tried, whichever alias leads there, and is
    /// no last resort. Splits and balancers choose among the others by weight, and a fallback sees
    /// `not_allowed`.
    ///
    /// [`attempts`](crate::AliasResolver::attempts) asks the rule once for every target that the name
    /// can lead to, since it outlives the request.
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
    /// let at_home = Request::new("chat").allow(&|target| target.provider().provider() == "ollama");
    /// assert_eq!(resolver.resolve(at_home)?.model(), "llama3.1");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn allow(mut self, rule: &'q (dyn Fn(TargetRef<'_>) -> bool + Sync + 'q)) -> Self {
        self.allow = Some(rule);
        self
    }

    /// Sets the most tokens that the request may take: those of its prompt, and the longest answer. With it, [`attempts`](crate::AliasResolver::attempts) passes over a target that could
    /// break a `max_cost_per_request` before it is called, and leaves out fallbacks whose
    /// `context_window` is too small.
    #[must_use]
    pub fn estimate(mut self, usage: Usage) -> Self {
        self.estimate = Some(usage);
        self
    }

    /// The name asked for.
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

    pub(crate) fn given_estimate(&self) -> Option<Usage> {
        self.estimate
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
