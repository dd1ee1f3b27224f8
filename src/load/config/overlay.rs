//! Applies one configuration as an overlay on another.

use std::collections::HashSet;
use std::sync::Arc;

use super::configuration::Config;
use super::entry::{AliasEntry, Field, ProviderEntry, RuleEntry};
use crate::base::problem::Code;
use crate::base::text::Quoted;

impl Config {
    /// Applies an overlay, so that one base can serve development, staging and production.
    ///
    /// An alias of the overlay replaces the alias of the base as a whole; `name: ~` removes it. A
    /// provider entry is identified by its `name`, or by `provider/model` if it has none, and replaces
    /// the entries of the base with the same identity. `default: true` in the overlay removes the
    /// default of the base. A replacement keeps the position of the old entry; new entries come after
    /// the base. The failure rules of the overlay come before those of the base, and replace
    /// those with the same requirements. Each problem names the document that it came from.
    ///
    /// # Complexity
    ///
    /// Linear in the number of entries of both.
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
            rules,
            findings,
        } = overlay;
        self.documents.extend(documents);
        self.findings.append(findings, offset);
        self.overlay_providers(providers, offset);
        self.overlay_aliases(aliases, offset);
        self.overlay_rules(rules, offset);
        self
    }

    /// The rules of the overlay come first, so that they take precedence, and replace those with the same requirements.
    fn overlay_rules(&mut self, mut rules: Vec<RuleEntry>, offset: usize) {
        let replaced: HashSet<String> = rules.iter().map(|one| one.to_rule().to_string()).collect();
        self.rules
            .retain(|below| !replaced.contains(&below.to_rule().to_string()));
        for rule in &mut rules {
            rule.document += offset;
        }
        self.rules.splice(..0, rules);
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
        // Several entries of the overlay may have the same key, which the check reports. Only the
        // first replaces entries of the base.
        let mut base = Positions::default();
        for (at, entry) in self.providers.iter().enumerate() {
            if let Some(key) = key(entry) {
                base.entry(key.into()).or_default().push(at);
            }
        }
        let mut replaced = vec![false; self.providers.len()];
        for mut entry in providers {
            entry.document += offset;
            let positions = key(&entry).and_then(|key| base.remove(&*key));
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
        let mut base = Positions::default();
        for (at, entry) in self.aliases.iter().enumerate() {
            base.entry(Arc::clone(&entry.name)).or_default().push(at);
        }
        let mut removed = vec![false; self.aliases.len()];
        for mut entry in aliases {
            entry.document += offset;
            let position = base.remove(&*entry.name).and_then(|at| at.first().copied());
            match (position, entry.body.null) {
                (Some(at), true) => removed[at] = true,
                (Some(at), false) => self.aliases[at] = entry,
                (None, false) => self.aliases.push(entry),
                (None, true) => self.findings.report(
                    entry.document,
                    entry.node,
                    Code::UnknownRemoval,
                    format!(
                        "the overlay removes alias {}, which does not exist",
                        Quoted(&entry.name)
                    ),
                    "remove the line, or correct the name",
                ),
            }
        }
        let mut removed = removed.into_iter();
        self.aliases.retain(|_| !removed.next().unwrap_or(false));
    }
}

type Positions = std::collections::HashMap<Arc<str>, Vec<usize>>;

/// The key by which a provider is replaced: its name, else its `provider/model`.
fn key(entry: &ProviderEntry) -> Option<std::borrow::Cow<'_, str>> {
    if let Some(name) = entry.name() {
        return Some(name.into());
    }
    let (provider, id) = entry.parts()?;
    Some(format!("{provider}/{id}").into())
}
