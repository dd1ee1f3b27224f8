//! Reads a configuration from a text or through serde.

use std::sync::Arc;

use serde::de::{Deserialize, Deserializer};

use super::configuration::Config;
use super::document::{self, Document, Origin};
use super::nothing_found::{nested_section, nothing_found};
use super::read::{self, Sections};
use super::tree::{ReadPass, SECTIONS, TopVisitor};
use super::yaml::{self, ReadLimits};
use crate::load::error::ConfigError;

impl Config {
    /// Reads one YAML document with the default [`ReadLimits`].
    ///
    /// `source` is the name of the text in problems, usually a file name. The configuration keeps
    /// the text to locate problems.
    ///
    /// # Errors
    ///
    /// Returns one problem if the text cannot be read:
    ///
    /// - invalid UTF-8, a control character, or invalid YAML;
    /// - a key that is not text, an anchor defined twice, or a second document;
    /// - a text over its limits;
    /// - more than 128 levels in the sections that are read, more than 128 open brackets anywhere, or
    ///   more than 128 lists and mappings that begin on one line.
    ///
    /// Other mistakes are kept. [`check`](Self::check) and
    /// [`AliasResolver::new`](crate::AliasResolver) report them together with their own findings.
    ///
    /// # Complexity
    ///
    /// Linear in the text, in time and memory.
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

    /// Reads one YAML document with custom limits.
    ///
    /// # Errors
    ///
    /// The same as for [`from_yaml`](Self::from_yaml).
    pub fn from_yaml_with(
        source: &str,
        text: impl AsRef<[u8]>,
        limits: ReadLimits,
    ) -> Result<Self, ConfigError> {
        let name: Arc<str> = source.into();
        let fatal = |problem| ConfigError::new(vec![problem]);
        let text = yaml::admit(&name, text.as_ref(), limits).map_err(fatal)?;
        let top = yaml::read(&name, text, SECTIONS, limits).map_err(fatal)?;
        let mut sections = read::sections(top);
        if sections.found_nothing {
            let nested = nested_section(&name, text, limits);
            sections
                .findings
                .push(nothing_found(nested, sections.is_litellm));
        }
        let origin = Origin::Text(text.into(), SECTIONS);
        Ok(Self::of_document(Document { name, origin }, sections))
    }

    fn of_document(document: Document, sections: Sections) -> Self {
        let mut config = Self {
            documents: vec![Arc::new(document)],
            providers: sections.providers,
            aliases: sections.aliases,
            rules: sections.rules,
            findings: sections.findings,
        };
        // Writing both spellings of the section is one mistake. Their entries are merged, so that it
        // causes no unknown references or duplicates as well.
        config.overlay_providers(sections.other_providers, 0);
        config
    }
}

/// Reads `model_providers` (or `llm_providers`) and `model_aliases` from any format. Other keys are
/// skipped, so it also works with `#[serde(flatten)]`. Problems show a path instead of line and column.
impl<'de> Deserialize<'de> for Config {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut pass = ReadPass::new(SECTIONS, ReadLimits::new().budget(), None);
        let top = deserializer.deserialize_map(TopVisitor(&mut pass))?;
        let paths = document::paths(&top, pass.count());
        let document = Document {
            name: "".into(),
            origin: Origin::Paths(paths),
        };
        let mut sections = read::sections(top);
        if sections.found_nothing {
            sections
                .findings
                .push(nothing_found(None, sections.is_litellm));
        }
        Ok(Self::of_document(document, sections))
    }
}
