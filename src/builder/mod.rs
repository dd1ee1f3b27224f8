//! The joint of the two arms: check, compile, wire.

mod carry;
mod content;

use std::sync::Arc;
use std::time::Duration;

use crate::base::money::Pricing;
use crate::base::problem::Code;
use crate::base::vocabulary::Vocabulary;
use crate::content::guardrails::{Content, Registered};
use crate::load::check::{Checked, check};
use crate::load::compile::{self, compile};
use crate::load::config::Config;
use crate::load::config::finding::{Finding, Mark};
use crate::load::error::ConfigError;
use crate::serve::clock::Clock;
use crate::serve::entropy::{Entropy, SeededEntropy, Source};
use crate::serve::request::Request;
use crate::serve::resolver::AliasResolver;
use crate::serve::select::{Candidates, Hooks, SelectFn, Selector};
use crate::serve::snapshot::{Prices, Snapshot, UnknownNames};
use crate::table::TargetRef;

impl AliasResolver {
    /// Checks a configuration and builds a resolver from it.
    ///
    /// # Errors
    ///
    /// Every problem of the configuration at once, in file order, if one of them is an error.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config};
    ///
    /// let config = Config::from_yaml("config.yaml", "model_aliases: {a: b, b: a}")?;
    /// let error = AliasResolver::new(config).map_err(|error| error.to_string()).err();
    /// assert_eq!(
    ///     error.as_deref(),
    ///     Some("config.yaml:1:17: alias cycle: `a` → `b` → `a`\n  \
    ///           help: point one of them at a model from `model_providers`"),
    /// );
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "system")]
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        Self::builder(config).build()
    }

    /// Begins a resolver with settings and hooks of its own.
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
            least_time: Duration::from_millis(250),
            panic_threshold: None,
            prices: None,
            before: None,
        }
    }
}

/// The place of a problem that no line of a document causes.
const TOP: Mark = Mark {
    document: 0,
    node: 0,
};

#[cfg(feature = "system")]
#[expect(
    clippy::unnecessary_wraps,
    reason = "there is none without the feature"
)]
fn default_clock() -> Option<Box<dyn Clock>> {
    Some(Box::new(crate::serve::clock::SystemClock::new()))
}

#[cfg(not(feature = "system"))]
fn default_clock() -> Option<Box<dyn Clock>> {
    None
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
    config: Config,
    vocabulary: Vocabulary,
    unknown_names: UnknownNames,
    entropy: Source,
    clock: Option<Box<dyn Clock>>,
    hooks: Hooks,
    checks: Vec<Registered>,
    require_checks: bool,
    profanity: bool,
    penalty: Duration,
    least_time: Duration,
    panic_threshold: Option<u8>,
    prices: Option<Arc<Prices>>,
    before: Option<AliasResolver>,
}

impl ResolverBuilder {
    /// What happens to a name that nothing has; the default is an error.
    pub fn unknown_names(mut self, policy: UnknownNames) -> Self {
        self.unknown_names = policy;
        self
    }

    /// Adds words that the configuration may use beside the built-in ones, and models behind its
    /// wildcards. What was registered before stays.
    pub fn vocabulary(mut self, vocabulary: Vocabulary) -> Self {
        self.vocabulary.add(vocabulary);
        self
    }

    /// The models that stand behind wildcards, each as `provider/model`, so that their bare
    /// ids resolve.
    pub fn catalog<S: AsRef<str>>(mut self, models: impl IntoIterator<Item = S>) -> Self {
        self.vocabulary = self.vocabulary.catalog(models);
        self
    }

    /// The source of random bits for draws that bring none of their own.
    ///
    /// Without the feature `system` there is no default but a fixed seed.
    pub fn entropy(mut self, entropy: impl Entropy) -> Self {
        self.entropy = Source::Custom(Box::new(entropy));
        self
    }

    /// Makes every draw repeatable: the same seed and the same requests in the same order give
    /// the same answers.
    pub fn seed(self, seed: u64) -> Self {
        self.entropy(SeededEntropy::new(seed))
    }

    /// The clock that cooldowns and penalties are measured on; the system's monotonic clock by
    /// default.
    ///
    /// Without the feature `system` a resolver cannot be built before one is given.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Box::new(clock));
        self
    }

    /// Registers a selector under a name that the configuration writes as `algorithm:`. One of a built-in
    /// name takes its place.
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

    /// Replaces the weighted draw of every split by a selector. A request with a sticky key
    /// goes on to choose by its key.
    pub fn draw(mut self, selector: impl Selector) -> Self {
        self.hooks.draw = Some(Box::new(selector));
        self
    }

    /// How long a failure weighs on a target that is balanced by connections, as one more
    /// request under way; 5 s by default.
    pub fn failure_penalty(mut self, time: Duration) -> Self {
        self.penalty = time;
        self
    }

    /// The least time for an attempt; 250 ms by default. Where less is left of a `max_latency`, a
    /// target is passed over with [`latency_exceeded`](crate::FailureClass::LatencyExceeded).
    pub fn least_time(mut self, time: Duration) -> Self {
        self.least_time = time;
        self
    }

    /// Ignores cooldowns in a balanced group while more than so many percent of its members cool:
    /// then the fault is rather the network's than theirs, and whoever is left would be overrun.
    /// Off by default.
    ///
    /// Only cooldowns begun by timeouts, connections and statuses of the 5xx hundred count and are
    /// ignored; a provider that limits its rate is left alone as before.
    pub fn panic_threshold(mut self, percent: u8) -> Self {
        self.panic_threshold = Some(percent);
        self
    }

    /// What targets cost, where the embedder knows better than the configuration: its answer comes
    /// before `pricing`, which stands where it gives none. It runs several times for
    /// each attempt of a request whose cost is limited or estimated, so it must not block.
    pub fn prices<F>(mut self, prices: F) -> Self
    where
        F: Fn(TargetRef<'_>) -> Option<Pricing> + Send + Sync + 'static,
    {
        self.prices = Some(Arc::new(prices));
        self
    }

    /// Takes the live state over from the resolver before this one: active counts, penalties and
    /// cooldowns for every target that is still there, unless its URL or access key changed, and
    /// the turns of every alias that still balances.
    ///
    /// Both must use the same clock.
    pub fn state_from(mut self, before: &AliasResolver) -> Self {
        self.before = Some(before.clone());
        self
    }

    /// Checks the configuration and builds the resolver.
    ///
    /// # Errors
    ///
    /// Every problem of the configuration at once, in file order, if one of them is an error.
    ///
    /// # Complexity
    ///
    /// Linear in the configuration; a text with problems is read once more for their places.
    pub fn build(mut self) -> Result<AliasResolver, ConfigError> {
        let clock = self.clock.take().or_else(default_clock);
        self.add_words();
        let mut checked = check(&self.config, &self.vocabulary);
        self.check_default(&mut checked);
        if clock.is_none() {
            checked.add(Finding::new(
                TOP,
                Code::MissingClock,
                "the resolver has no clock",
                "hand one to the builder, or enable the feature `system`",
            ));
        }
        let mut problems = checked.problems(&self.config);
        // Whoever has a list of prices need not write them down.
        if self.prices.is_some() {
            problems.retain(|problem| problem.code() != Code::UnpricedTarget);
        }
        let (true, Some(clock)) = (checked.is_sound(), clock) else {
            return Err(ConfigError::new(problems));
        };
        let selectors: Vec<String> = self
            .hooks
            .selectors
            .iter()
            .map(|(n, _)| n.clone())
            .collect();
        let table = compile(
            &self.config,
            &checked,
            &compile::Hooks {
                selectors: &selectors,
                replaces_draw: self.hooks.draw.is_some(),
            },
        );
        // The table owns what it needs; a large configuration is not held beside the live state.
        drop(checked);
        drop(self.config);
        let before = self.before.as_ref().map(AliasResolver::snapshot);
        let before = before.map(|before| (&*before.table, &before.live));
        Ok(AliasResolver::from_snapshot(Snapshot {
            live: carry::live_state(&table, before, &self.entropy),
            content: Arc::new(Content::new(self.checks, self.profanity, &table)),
            table: Arc::new(table),
            entropy: self.entropy,
            clock,
            hooks: Arc::new(self.hooks),
            penalty: self.penalty,
            least_time: self.least_time,
            panic_threshold: self.panic_threshold,
            prices: self.prices,
            unknown_names: self.unknown_names,
            warnings: problems,
        }))
    }

    fn check_default(&self, checked: &mut Checked<'_>) {
        let policy = match self.unknown_names {
            UnknownNames::Refuse => return,
            UnknownNames::DefaultProvider => "default_provider",
            UnknownNames::DefaultModel => "default_model",
        };
        let entries = self.config.provider_entries();
        if entries
            .iter()
            .all(|entry| entry.default.value() != Some(true))
        {
            checked.add(Finding::new(
                TOP,
                Code::MissingDefault,
                format!("unknown names go to `{policy}`, but no provider is the default"),
                "write `default: true` on one provider",
            ));
        }
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
