//! Builds a resolver from its settings: check, compile, connect the live state.

use std::sync::Arc;

use super::carry;
use super::resolver_builder::ResolverBuilder;
use crate::base::problem::Code;
use crate::content::guardrails::ContentRules;
use crate::load::check::{CheckedConfig, check};
use crate::load::compile::{RegisteredSelectors, compile};
#[cfg(feature = "system")]
use crate::load::config::Config;
use crate::load::config::Mark;
use crate::load::config::finding::Finding;
use crate::load::error::ConfigError;
use crate::serve::clock::Clock;
use crate::serve::resolver::AliasResolver;
use crate::serve::snapshot::{Snapshot, UnknownNames};

#[cfg(feature = "system")]
impl AliasResolver {
    /// Checks a configuration and builds a resolver from it.
    ///
    /// # Errors
    ///
    /// Returns all problems of the configuration, in file order, if at least one is an error.
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
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        Self::builder(config).build()
    }
}

/// The place of problems that no line of a document causes.
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

impl ResolverBuilder {
    /// Checks the configuration and builds the resolver.
    ///
    /// # Errors
    ///
    /// Returns all problems of the configuration, in file order, if at least one is an error.
    ///
    /// # Complexity
    ///
    /// Linear in the configuration. A text with problems is read a second time to locate them.
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
        // An embedder that sets prices need not write them into the configuration.
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
            &RegisteredSelectors {
                names: &selectors,
                replaces_draw: self.hooks.draw.is_some(),
            },
        );
        // The table owns all that it needs, so a large configuration is freed before the live state
        // is built.
        drop(checked);
        drop(self.config);
        let before = self.before.as_ref().map(AliasResolver::snapshot);
        let before = before.map(|before| (&*before.table, &before.live));
        Ok(AliasResolver::from_snapshot(Snapshot {
            classifier: Arc::new(self.classifier.after(table.failure_rules.to_vec())),
            live: carry::live_state(&table, before, &self.entropy),
            content: Arc::new(ContentRules::new(self.checks, self.profanity, &table)),
            table: Arc::new(table),
            entropy: self.entropy,
            clock,
            hooks: Arc::new(self.hooks),
            penalty: self.penalty,
            default_timeout: self.default_timeout,
            last_resort: self.last_resort,
            least_time: self.least_time,
            panic_threshold: self.panic_threshold,
            prices: self.prices,
            unknown_names: self.unknown_names,
            warnings: problems,
        }))
    }

    fn check_default(&self, checked: &mut CheckedConfig<'_>) {
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
