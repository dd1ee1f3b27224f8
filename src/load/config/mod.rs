//! What the author wrote: read, built in code, overlaid, inspected and written back.

mod cases;
pub(crate) mod document;
pub(crate) mod entry;
pub(crate) mod finding;
mod new;
mod node;
mod overlay;
mod read;
mod scan;
mod write;
mod yaml;

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use document::{Document, Origin};
use entry::{AliasEntry, ProviderEntry};
use finding::Findings;
pub use new::{NewAlias, NewProvider, NewTarget};
pub(crate) use node::NodeId;
use node::{Pass, SECTIONS, TopVisitor};
use read::Sections;
pub use yaml::ReadLimits;

use crate::base::problem::Code;
use crate::base::secret::Secret;
use crate::base::text::Quoted;
use crate::load::error::ConfigError;

/// A configuration as its author wrote it, unchecked strings and mistakes included.
///
/// Read one with [`from_yaml`](Self::from_yaml), deserialize one as part of a larger document
/// through serde, or build one in code; lay others over it with [`overlay`](Self::overlay); then
/// hand it to [`AliasResolver::new`](crate::AliasResolver), which checks all of it at once.
///
/// Serializing it, or printing it with `Debug`, shows no literal secret. Two configurations are
/// equal when they say the same, wherever it stands.
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
    documents: Vec<Arc<Document>>,
    providers: Vec<ProviderEntry>,
    aliases: Vec<AliasEntry>,
    findings: Findings,
}

impl Config {
    /// A configuration without providers and aliases, to be filled in code.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads one YAML document with the default [`ReadLimits`].
    ///
    /// `source` is what problems call it: a file name, usually. The text is kept until the
    /// configuration is dropped, for the places of problems.
    ///
    /// # Errors
    ///
    /// Fails with one problem where no document can be read: broken YAML, no UTF-8, a control
    /// character, a second document, an anchor defined twice, a text over its limits; nesting beyond
    /// 128 levels in the sections that are read, and anywhere more than 128 open brackets or levels
    /// that begin on one line. Whatever else is wrong is kept, and [`check`](Self::check) and
    /// [`AliasResolver::new`](crate::AliasResolver) report it together with their own
    /// findings.
    ///
    /// # Complexity
    ///
    /// Time and memory proportional to the text.
    ///
    /// # Examples
    ///
    /// ```
    /// use model_aliases::Config;
    ///
    /// let broken = Config::from_yaml("config.yaml", "model_aliases: [");
    /// let message = broken.map_err(|error| error.to_string()).err();
    /// assert!(message.is_some_and(|m| m.starts_with("config.yaml:2:1: a value is expected")));
    /// ```
    pub fn from_yaml(source: &str, text: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        Self::from_yaml_with(source, text, ReadLimits::new())
    }

    /// Reads one YAML document with limits of its own.
    ///
    /// # Errors
    ///
    /// As [`from_yaml`](Self::from_yaml).
    pub fn from_yaml_with(
        source: &str,
        text: impl AsRef<[u8]>,
        limits: ReadLimits,
    ) -> Result<Self, ConfigError> {
        let name: Arc<str> = source.into();
        let fatal = |problem| ConfigError::new(vec![problem]);
        let text = yaml::admit(&name, text.as_ref(), limits).map_err(fatal)?;
        let top = yaml::read(&name, text, SECTIONS, limits).map_err(fatal)?;
        let sections = read::sections(top);
        let origin = Origin::Text(text.into(), SECTIONS);
        Ok(Self::of_document(Document { name, origin }, sections))
    }

    fn of_document(document: Document, sections: Sections) -> Self {
        let mut config = Self {
            documents: vec![Arc::new(document)],
            providers: sections.providers,
            aliases: sections.aliases,
            findings: sections.findings,
        };
        // Both spellings at once are one mistake: entries that stand under only one of them
        // make no reference unknown, and those that stand under both are no duplicates.
        config.overlay_providers(sections.other_providers, 0);
        config
    }

    /// The entries of `model_providers`, in file order.
    pub fn providers(&self) -> impl ExactSizeIterator<Item = &ProviderEntry> {
        self.providers.iter()
    }

    /// The entries of `model_aliases`, in file order.
    pub fn aliases(&self) -> impl ExactSizeIterator<Item = &AliasEntry> {
        self.aliases.iter()
    }

    /// Looks up the variables of access keys and header values, and those that base URLs and endpoints
    /// begin with.
    ///
    /// A key or header value is a variable as a whole, `$VAR` or `${VAR}`, or it is a literal: `Bearer $VAR`
    /// stays as it is. A URL may go on behind its variable, as `$HOST/v1`.
    ///
    /// The references stay what [`to_yaml`](Self::to_yaml) writes; the values are what
    /// [`Secret::expose`] and the resolution's provider give away. A variable without a value
    /// is a problem that [`check`](Self::check) reports.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config, Secret};
    ///
    /// let text = "model_providers: [{model: openai/gpt-4o, access_key: $KEY}]";
    /// let config = Config::from_yaml("config.yaml", text)?
    ///     .variables(|name| (name == "KEY").then(|| "sk-1".to_owned()));
    /// let resolver = AliasResolver::new(config)?;
    /// let route = resolver.resolve("gpt-4o")?;
    /// assert_eq!(route.provider().access_key().and_then(Secret::expose), Some("sk-1"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn variables(mut self, mut lookup: impl FnMut(&str) -> Option<String>) -> Self {
        let Self {
            providers,
            aliases,
            findings,
            ..
        } = &mut self;
        let mut expand = |document, at: &mut entry::At<Secret>, url: bool| {
            // A URL may go on behind its variable; a key is one as a whole or not at all.
            let variable = match at.value.variable() {
                Some(name) => Some((name, "")),
                None if url => at.value.leading_variable(),
                None => None,
            };
            let Some((name, rest)) = variable else {
                return;
            };
            if let Some(mut value) = lookup(name) {
                value.push_str(rest);
                at.value.set_value(value);
            } else {
                findings.report(
                    document,
                    at.node,
                    Code::UnsetVariable,
                    format!("variable {} is not set", Quoted(name)),
                    "set it where the service runs, or correct its name",
                );
            }
        };
        for entry in providers {
            let document = entry.document;
            for (field, url) in [(&mut entry.access_key, false), (&mut entry.base_url, true)] {
                if let entry::Field::Set(at) = field {
                    expand(document, at, url);
                }
            }
            if let entry::Field::Set(headers) = &mut entry.headers {
                for at in headers.value.values_mut() {
                    expand(document, at, false);
                }
            }
        }
        for entry in aliases {
            let document = entry.document;
            for target in entry.body.entries_mut() {
                if let entry::Field::Set(at) = &mut target.endpoint {
                    expand(document, at, true);
                }
            }
        }
        self
    }

    /// Writes the two sections as YAML, literal secrets replaced by `${REDACTED}` and URLs
    /// without user info and query.
    ///
    /// Reading the text gives an equal configuration where there was nothing to hide and
    /// nothing was wrong; see [`to_yaml_with_secrets`](Self::to_yaml_with_secrets).
    pub fn to_yaml(&self) -> String {
        yaml::write(&self.to_value(write::Secrets::Hidden))
    }

    /// Writes the two sections as YAML, literal secrets included.
    ///
    /// For a configuration without problems, reading the text gives an equal configuration.
    pub fn to_yaml_with_secrets(&self) -> String {
        yaml::write(&self.to_value(write::Secrets::Shown))
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

    /// What reading found wrong.
    pub(crate) fn findings(&self) -> &Findings {
        &self.findings
    }
}

impl PartialEq for Config {
    fn eq(&self, other: &Self) -> bool {
        self.providers == other.providers && self.aliases == other.aliases
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("providers", &self.providers)
            .field("aliases", &self.aliases)
            .finish_non_exhaustive()
    }
}

/// Reads the two sections out of any format; other keys are skipped, so it also works behind
/// `#[serde(flatten)]`. Problems show a path instead of line and column.
impl<'de> Deserialize<'de> for Config {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut pass = Pass::new(SECTIONS, ReadLimits::new().budget(), None);
        let top = deserializer.deserialize_map(TopVisitor(&mut pass))?;
        let paths = document::paths(&top, pass.count());
        let document = Document {
            name: "".into(),
            origin: Origin::Paths(paths),
        };
        Ok(Self::of_document(document, read::sections(top)))
    }
}

/// Writes what [`Config::to_yaml`] writes, in any format.
impl Serialize for Config {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value(write::Secrets::Hidden).serialize(serializer)
    }
}
