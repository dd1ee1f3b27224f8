//! The settings of a resolver before it is built.

use std::sync::Arc;
use std::time::Duration;

use crate::base::limits::DEFAULT_LEAST_TIME;
use crate::base::money::Pricing;
use crate::base::vocabulary::Vocabulary;
use crate::content::guardrails::Registered;
use crate::failure::classify::Classifier;
use crate::load::config::Config;
use crate::serve::clock::Clock;
use crate::serve::entropy::{Entropy, SeededEntropy, Source};
use crate::serve::request::Request;
use crate::serve::resolver::AliasResolver;
use crate::serve::select::{Candidates, Hooks, SelectFn, Selector};
use crate::serve::snapshot::{Prices, UnknownNames};
use crate::table::TargetRef;

impl AliasResolver {
    /// Starts building a resolver with custom settings and hooks.
    pub fn builder(config: Config) -> ResolverBuilder {
        ResolverBuilder {
            config,
            vocabulary: Vocabulary::new(),
            unknown_names: UnknownNames::default(),
            #[cfg(feature = "system")]
            entropy: Source::System(crate::serve::entropy::SystemEntropy),
            #[cfg(not(feature = "system"))]
            entropy: Source::Custom(Box::new(SeededEntropy::new(0))),
            clock: None,
            hooks: Hooks::default(),
            checks: Vec::new(),
            require_checks: false,
            profanity: false,
            penalty: Duration::from_secs(5),
            default_timeout: None,
            last_resort: true,
            least_time: DEFAULT_LEAST_TIME,
            panic_threshold: None,
            prices: None,
            classifier: Classifier::new(),
            before: None,
        }
    }
}

/// Builds an [`AliasResolver`].
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use model_aliases::{AliasResolver, Config, UnknownNames};
///
/// let config = Config::from_yaml("config.yaml", "
/// model_providers: [{model: openai/gpt-4o, default: true}]
/// ")?;
/// let resolver = AliasResolver::builder(config)
///     .unknown_names(UnknownNames::DefaultProvider)
///     .seed(7)
///     .build()?;
/// assert_eq!(resolver.resolve("gpt-next")?.target(), "openai/gpt-next");
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct ResolverBuilder {
    pub(super) config: Config,
    pub(super) vocabulary: Vocabulary,
    pub(super) unknown_names: UnknownNames,
    pub(super) entropy: Source,
    pub(super) clock: Option<Box<dyn Clock>>,
    pub(super) hooks: Hooks,
    pub(super) checks: Vec<Registered>,
    pub(super) require_checks: bool,
    pub(super) profanity: bool,
    pub(super) penalty: Duration,
    pub(super) default_timeout: Option<Duration>,
    pub(super) last_resort: bool,
    pub(super) classifier: Classifier,
    pub(super) least_time: Duration,
    pub(super) panic_threshold: Option<u8>,
    pub(super) prices: Option<Arc<Prices>>,
    pub(super) before: Option<AliasResolver>,
}

impl ResolverBuilder {
    /// Sets what happens to unknown names. By default they are an error.
    pub fn unknown_names(mut self, policy: UnknownNames) -> Self {
        self.unknown_names = policy;
        self
    }

    /// Adds custom names (algorithms, conditions, filters, categories) that the configuration may
    /// use, and a catalog of models. Repeated calls add up.
    pub fn vocabulary(mut self, vocabulary: Vocabulary) -> Self {
        self.vocabulary.add(vocabulary);
        self
    }

    /// Adds models behind wildcards, each as `provider/model`, so that their bare ids resolve.
    pub fn catalog<S: AsRef<str>>(mut self, models: impl IntoIterator<Item = S>) -> Self {
        self.vocabulary = self.vocabulary.catalog(models);
        self
    }

    /// Sets the source of random bits for requests without [`Request::entropy`].
    ///
    /// Without the feature `system` the default is a fixed seed.
    pub fn entropy(mut self, entropy: impl Entropy) -> Self {
        self.entropy = Source::Custom(Box::new(entropy));
        self
    }

    /// Makes every draw repeatable: the same seed and the same requests in the same order give
    /// the same answers.
    pub fn seed(self, seed: u64) -> Self {
        self.entropy(SeededEntropy::new(seed))
    }

    /// Sets the clock for cooldowns, penalties and deadlines. The default is the monotonic clock of
    /// the system.
    ///
    /// Without the feature `system` there is no default, and [`build`](Self::build) fails without a
    /// clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Box::new(clock));
        self
    }

    /// Registers a selector under the name that the configuration writes as `algorithm:`. A
    /// selector with the name of a built-in algorithm replaces it.
    pub fn selector(mut self, name: impl Into<String>, selector: impl Selector) -> Self {
        let name = name.into();
        self.vocabulary = self.vocabulary.algorithm(&name);
        self.hooks.selectors.push((name, Box::new(selector)));
        self
    }

    /// Registers a closure as a selector.
    pub fn selector_fn<F>(self, name: impl Into<String>, select: F) -> Self
    where
        F: Fn(&Request<'_>, Candidates<'_>) -> Option<usize> + Send + Sync + 'static,
    {
        self.selector(name, SelectFn(select))
    }

    /// Replaces the weighted draw of every split with a selector. A request with a sticky key still
    /// chooses by its key.
    pub fn draw(mut self, selector: impl Selector) -> Self {
        self.hooks.draw = Some(Box::new(selector));
        self
    }

    /// Sets how long `least_connections` counts a failure as one more active request; 5 s by
    /// default.
    pub fn failure_penalty(mut self, time: Duration) -> Self {
        self.penalty = time;
        self
    }

    /// Sets the timeout of targets for which the file writes none; none by default.
    ///
    /// Without any timeout, a target that never answers is never reported and never cools down: the clients give
    /// up before it does. A deadline (`max_latency`) holds as well, and half of it is still kept for a fallback.
    pub fn default_timeout(mut self, time: Duration) -> Self {
        self.default_timeout = Some(time);
        self
    }

    /// Sets whether a request that no other target takes goes to the one whose cooldown ends first; true by default.
    ///
    /// With `false` it fails with [`returns_in`](crate::AttemptsError::returns_in) instead, and
    /// [`resolve`](crate::AliasResolver::resolve) with [`ResolveError::Cooling`](crate::ResolveError::Cooling), so
    /// that an outage sheds load. The field `last_resort` of an alias takes precedence.
    pub fn last_resort(mut self, always: bool) -> Self {
        self.last_resort = always;
        self
    }

    /// Sets the minimum time for an attempt; 250 ms by default. If less is left of a `max_latency`, and less
    /// than a quarter of it, a target is skipped with [`latency_exceeded`](crate::FailureClass::LatencyExceeded).
    pub fn least_time(mut self, time: Duration) -> Self {
        self.least_time = time;
        self
    }

    /// Ignores the cooldowns in a balancer while more than this percentage of its members are in
    /// one. Such a large share suggests a network problem, and the other members would be
    /// overloaded. Off by default. Envoy uses the same name; it has nothing to do with Rust panics.
    ///
    /// Only cooldowns that `timeout`, `connect_error`, `server_error` or `overloaded` started count
    /// towards the percentage, and only these are ignored.
    pub fn panic_threshold(mut self, percent: u8) -> Self {
        self.panic_threshold = Some(percent);
        self
    }

    /// Sets a function that returns the prices of targets. They take precedence over `pricing` in the
    /// configuration, which applies where the function returns `None`. It runs several times for each
    /// attempt of a request whose cost is limited or estimated, so it must not block.
    pub fn prices<F>(mut self, prices: F) -> Self
    where
        F: Fn(TargetRef<'_>) -> Option<Pricing> + Send + Sync + 'static,
    {
        self.prices = Some(Arc::new(prices));
        self
    }

    /// Sets the classifier with the embedder's own rules, for [`Attempts::classify`](crate::Attempts::classify) and the
    /// like. The failure rules of the configuration are asked before them.
    pub fn classifier(mut self, classifier: Classifier) -> Self {
        self.classifier = classifier;
        self
    }

    /// Takes over the live state of the previous resolver: active counts, penalties and cooldowns of
    /// every target that is still there, unless its URL or access key changed, and the rotation of
    /// every alias that is still a balancer.
    ///
    /// Both resolvers must use the same clock.
    pub fn state_from(mut self, before: &AliasResolver) -> Self {
        self.before = Some(before.clone());
        self
    }
}

impl std::fmt::Debug for ResolverBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResolverBuilder")
            .field("config", &self.config)
            .field("vocabulary", &self.vocabulary)
            .field("unknown_names", &self.unknown_names)
            .field("selectors", &self.hooks)
            .field("checks", &self.checks)
            .finish_non_exhaustive()
    }
}
