//! The report of all changes, and the method of the resolver that makes it.

use std::fmt;

use super::parts::{Change, Rerouted};
use super::{alias, names, provider, text};
use crate::inspect::shares::Moved;
use crate::serve::resolver::AliasResolver;

/// Everything that differs between two versions of a configuration.
///
/// Made by [`AliasResolver::changes_since`]. `Display` writes it as a reviewer reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    providers: Vec<Change>,
    aliases: Vec<Change>,
    rerouted: Vec<Rerouted>,
    moved: Vec<Moved>,
}

impl AliasResolver {
    /// What this configuration changes of the one before.
    ///
    /// # Complexity
    ///
    /// Linear in both configurations, and as [`moved_since`](Self::moved_since).
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config};
    ///
    /// let version = |aliases: &str| -> Result<_, Box<dyn std::error::Error>> {
    ///     let text = format!("
    /// model_providers: [{{model: openai/gpt-4o}}, {{model: openai/o1}}]
    /// model_aliases: {{{aliases}}}");
    ///     Ok(AliasResolver::new(Config::from_yaml("config.yaml", text)?)?)
    /// };
    /// let changes = version("chat: o1, next: chat")?.changes_since(&version("chat: gpt-4o")?);
    /// assert_eq!(changes.to_string(), "\
    /// aliases
    ///   ~ chat
    ///       target: openai/gpt-4o → openai/o1
    ///   + next
    ///       + target: chat
    /// names that lead elsewhere
    ///   chat: openai/gpt-4o → openai/o1
    /// sticky keys that move
    ///   chat: 100.00%
    ///     openai/gpt-4o → openai/o1: 100.00%
    /// ");
    /// # Ok(())
    /// # }
    /// ```
    pub fn changes_since(&self, before: &Self) -> Changes {
        Changes {
            providers: provider::changes(before.table(), self.table()),
            aliases: alias::changes(before.snapshot(), self.snapshot()),
            rerouted: names::rerouted(before, self),
            moved: self.moved_since(before),
        }
    }
}

impl Changes {
    /// The provider entries, by their name, else their `provider/model`: those there are in their
    /// order, then those that are gone.
    pub fn providers(&self) -> &[Change] {
        &self.providers
    }

    /// The aliases: those there are in their order, then those that are gone. A renamed one is a
    /// new one and one that is gone.
    pub fn aliases(&self) -> &[Change] {
        &self.aliases
    }

    /// Names that led somewhere and lead elsewhere now, or nowhere: aliases in their order, then
    /// models, wildcards (`openai/*`) and, as `*`, every other name.
    pub fn rerouted(&self) -> &[Rerouted] {
        &self.rerouted
    }

    /// The sticky keys that move, as [`AliasResolver::moved_since`] gives them.
    pub fn moved(&self) -> &[Moved] {
        &self.moved
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.providers.is_empty()
            && self.aliases.is_empty()
            && self.rerouted.is_empty()
            && self.moved.is_empty()
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::changes(f, "providers", &self.providers)?;
        text::changes(f, "aliases", &self.aliases)?;
        text::rerouted(f, &self.rerouted)?;
        text::moved(f, &self.moved)
    }
}
