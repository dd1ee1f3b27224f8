//! The joint of the two arms: check, compile, wire.

use crate::check::{Checked, check};
use crate::compile::compile;
use crate::config::Config;
use crate::config::finding::{Finding, Mark};
use crate::entropy::{Entropy, SeededEntropy, Source};
use crate::error::ConfigError;
use crate::problem::Code;
use crate::resolver::AliasResolver;
use crate::snapshot::{Snapshot, UnknownNames};
use crate::vocabulary::Vocabulary;

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
            entropy: Source::System(crate::entropy::SystemEntropy),
            #[cfg(not(feature = "system"))]
            entropy: Source::Custom(Box::new(SeededEntropy::new(0))),
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
#[derive(Debug)]
#[must_use]
pub struct ResolverBuilder {
    config: Config,
    vocabulary: Vocabulary,
    unknown_names: UnknownNames,
    entropy: Source,
}

impl ResolverBuilder {
    /// What happens to a name that nothing has; the default is an error.
    pub fn unknown_names(mut self, policy: UnknownNames) -> Self {
        self.unknown_names = policy;
        self
    }

    /// The words that the configuration may use beside the built-in ones, and the catalog of
    /// models behind its wildcards.
    pub fn vocabulary(mut self, vocabulary: Vocabulary) -> Self {
        self.vocabulary = vocabulary;
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

    /// Checks the configuration and builds the resolver.
    ///
    /// # Errors
    ///
    /// Every problem of the configuration at once, in file order, if one of them is an error.
    ///
    /// # Complexity
    ///
    /// Linear in the configuration; a text with problems is read once more for their places.
    pub fn build(self) -> Result<AliasResolver, ConfigError> {
        let mut checked = check(&self.config, &self.vocabulary);
        self.check_default(&mut checked);
        let problems = checked.problems(&self.config);
        if !checked.is_sound() {
            return Err(ConfigError::new(problems));
        }
        Ok(AliasResolver::from_snapshot(Snapshot {
            table: compile(&self.config, &checked),
            entropy: self.entropy,
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
            let mark = Mark {
                document: 0,
                node: 0,
            };
            checked.add(Finding::new(
                mark,
                Code::MissingDefault,
                format!("unknown names go to `{policy}`, but no provider is the default"),
                "write `default: true` on one provider",
            ));
        }
    }
}
