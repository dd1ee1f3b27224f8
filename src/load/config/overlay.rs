//! One document laid over another.

use std::sync::Arc;

use super::configuration::Config;
use super::entry::{AliasEntry, Field, ProviderEntry};
use crate::base::problem::Code;
use crate::base::text::Quoted;

impl Config {
    /// Lays another configuration over this one, so that one base serves development, staging
    /// and production.
    ///
    /// An alias of the overlay replaces the one below as a whole, and `name: ~` removes it. A
    /// provider replaces the one with the same `name`, else with the same `provider/model`;
    /// `default: true` in the overlay takes it from the base. What replaces something keeps its
    /// position, the rest comes after the base. Every problem names the document that it came
    /// from.
    ///
    /// # Complexity
    ///
    /// Linear in the entries of both.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config};
    ///
    /// let base = Config::from_yaml("base.yaml", "
    /// model_providers: [{model: openai/gpt-4o}, {model: openai/gpt-4o-mini}]
    /// model_aliases: {chat: gpt-4o, old: gpt-4o}
    /// ")?;
    /// let staging = Config::from_yaml("staging.yaml", "
    /// model_aliases: {chat: gpt-4o-mini, old: ~}
    /// ")?;
    /// let resolver = AliasResolver::new(base.overlay(staging))?;
    /// assert_eq!(resolver.resolve("chat")?.model(), "gpt-4o-mini");
    /// assert!(resolver.resolve("old").is_err());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn overlay(mut self, overlay: Config) -> Self {
        let offset = self.documents.len();
        let Config {
            documents,
            providers,
            aliases,
            findings,
        } = overlay;
        self.documents.extend(documents);
        self.findings.append(findings, offset);
        self.overlay_providers(providers, offset);
        self.overlay_aliases(aliases, offset);
        self
    }

    pub(super) fn overlay_providers(&mut self, providers: Vec<ProviderEntry>, offset: usize) {
        if providers
            .iter()
            .any(|entry| entry.default.value() == Some(true))
        {
            for entry in &mut self.providers {
                entry.default = Field::Absent;
            }
        }
        // Several entries of the overlay may have one key, which the check reports; only the
        // first takes the place of those below.
        let mut below = Positions::default();
        for (at, entry) in self.providers.iter().enumerate() {
            if let Some(key) = key(entry) {
                below.entry(key.into()).or_default().push(at);
            }
        }
        let mut replaced = vec![false; self.providers.len()];
        for mut entry in providers {
            entry.document += offset;
            let positions = key(&entry).and_then(|key| below.remove(&*key));
            match positions.as_deref() {
                Some([first, others @ ..]) => {
                    for &other in others {
                        replaced[other] = true;
                    }
                    self.providers[*first] = entry;
                }
                _ => self.providers.push(entry),
            }
        }
        let mut replaced = replaced.into_iter();
        self.providers.retain(|_| !replaced.next().unwrap_or(false));
    }

    fn overlay_aliases(&mut self, aliases: Vec<AliasEntry>, offset: usize) {
        let mut below = Positions::default();
        for (at, entry) in self.aliases.iter().enumerate() {
            below.entry(Arc::clone(&entry.name)).or_default().push(at);
        }
        let mut removed = vec![false; self.aliases.len()];
        for mut entry in aliases {
            entry.document += offset;
            let position = below
                .remove(&*entry.name)
                .and_then(|at| at.first().copied());
            match (position, entry.body.null) {
                (Some(at), true) => removed[at] = true,
                (Some(at), false) => self.aliases[at] = entry,
                (None, false) => self.aliases.push(entry),
                (None, true) => self.findings.report(
                    entry.document,
                    entry.node,
                    Code::UnknownRemoval,
                    format!("alias {} is removed but not there", Quoted(&entry.name)),
                    "remove the line, or correct the name",
                ),
            }
        }
        let mut removed = removed.into_iter();
        self.aliases.retain(|_| !removed.next().unwrap_or(false));
    }
}

type Positions = std::collections::HashMap<Arc<str>, Vec<usize>>;

/// What a provider is replaced by: its name, else its `provider/model`.
fn key(entry: &ProviderEntry) -> Option<std::borrow::Cow<'_, str>> {
    if let Some(name) = entry.name() {
        return Some(name.into());
    }
    let (provider, id) = entry.parts()?;
    Some(format!("{provider}/{id}").into())
}
