//! The type [`Config`]: the documents, entries and findings of a configuration.

use std::fmt;
use std::sync::Arc;

use super::document::Document;
use super::entry::{AliasEntry, ProviderEntry, RuleEntry};
use super::finding::Findings;

/// A configuration as written, not checked yet.
///
/// Read it with [`from_yaml`](Self::from_yaml), deserialize it as part of a larger document with
/// serde, or build it in code. Apply overlays with [`overlay`](Self::overlay). Then pass it to
/// [`AliasResolver::new`](crate::AliasResolver), which checks everything at once.
///
/// Serialization and `Debug` show no literal secret. Two configurations are equal if their entries
/// are equal, wherever they were read from.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use model_aliases::{AliasResolver, Config, NewAlias, NewProvider};
///
/// let config = Config::new()
///     .provider(NewProvider::new("openai/gpt-4o-mini").access_key("$OPENAI_API_KEY"))
///     .provider(NewProvider::new("ollama/llama3.1").base_url("http://localhost:11434"))
///     .alias("fast", NewAlias::to("gpt-4o-mini"))
///     .alias("arch.v1", NewAlias::split([("llama3.1", 80), ("gpt-4o-mini", 20)]));
/// let resolver = AliasResolver::new(config)?;
/// assert_eq!(resolver.resolve("fast")?.model(), "gpt-4o-mini");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Config {
    pub(super) documents: Vec<Arc<Document>>,
    pub(super) providers: Vec<ProviderEntry>,
    pub(super) aliases: Vec<AliasEntry>,
    pub(super) rules: Vec<RuleEntry>,
    pub(super) findings: Findings,
}

impl Config {
    /// Creates a configuration without providers and aliases, to be filled in code.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the entries of `model_providers`, in file order.
    pub fn providers(&self) -> impl ExactSizeIterator<Item = &ProviderEntry> {
        self.providers.iter()
    }

    /// Returns the entries of `model_aliases`, in file order.
    pub fn aliases(&self) -> impl ExactSizeIterator<Item = &AliasEntry> {
        self.aliases.iter()
    }

    pub(crate) fn documents(&self) -> &[Arc<Document>] {
        &self.documents
    }

    pub(crate) fn provider_entries(&self) -> &[ProviderEntry] {
        &self.providers
    }

    pub(crate) fn alias_entries(&self) -> &[AliasEntry] {
        &self.aliases
    }

    pub(crate) fn rule_entries(&self) -> &[RuleEntry] {
        &self.rules
    }

    /// The mistakes found while reading.
    pub(crate) fn findings(&self) -> &Findings {
        &self.findings
    }
}

impl PartialEq for Config {
    fn eq(&self, other: &Self) -> bool {
        self.providers == other.providers
            && self.aliases == other.aliases
            && self.rules == other.rules
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("providers", &self.providers)
            .field("aliases", &self.aliases)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}
