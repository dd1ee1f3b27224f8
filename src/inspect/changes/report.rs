//! [`Changes`], and `changes_since` of the resolver.

use std::fmt;

use super::parts::{Change, Rerouted};
use super::{alias, names, provider, rules, text};
use crate::inspect::shares::Moved;
use crate::serve::resolver::AliasResolver;

/// All differences between two versions of a configuration.
///
/// [`AliasResolver::changes_since`] returns it. `Display` writes it for a reviewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    providers: Vec<Change>,
    aliases: Vec<Change>,
    failure_rules: Vec<Change>,
    rerouted: Vec<Rerouted>,
    moved: Vec<Moved>,
}

impl AliasResolver {
    /// Returns the changes from the configuration `before` to this one.
    ///
    /// # Complexity
    ///
    /// Each alias of both versions is computed once: for each entry of an alias, linear in the targets below it. Beyond
    /// a million shares each name is computed alone. To this comes the cost of [`moved_since`](Self::moved_since).
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
            failure_rules: rules::changes(before.table(), self.table()),
            rerouted: names::rerouted(before, self),
            moved: self.moved_since(before),
        }
    }
}

impl Changes {
    /// Returns the changed provider entries, identified by `name`, or by `provider/model` if they have none.
    ///
    /// Current entries come first, in configuration order, then removed ones.
    pub fn providers(&self) -> &[Change] {
        &self.providers
    }

    /// Returns the changed aliases: current ones in configuration order, then removed ones.
    ///
    /// A renamed alias is listed as one added and one removed.
    pub fn aliases(&self) -> &[Change] {
        &self.aliases
    }

    /// Returns the changed failure rules: current ones in configuration order, then removed ones. A rule is named by
    /// its requirements.
    pub fn failure_rules(&self) -> &[Change] {
        &self.failure_rules
    }

    /// Returns the names that now lead to other targets, or to none.
    ///
    /// Aliases come first, in configuration order, then models, wildcards (`openai/*`) and `*` for every other
    /// name.
    pub fn rerouted(&self) -> &[Rerouted] {
        &self.rerouted
    }

    /// Returns the sticky keys that move, as [`AliasResolver::moved_since`] does.
    pub fn moved(&self) -> &[Moved] {
        &self.moved
    }

    /// Returns whether there are no changes.
    pub fn is_empty(&self) -> bool {
        self.providers.is_empty()
            && self.aliases.is_empty()
            && self.failure_rules.is_empty()
            && self.rerouted.is_empty()
            && self.moved.is_empty()
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::changes(f, "providers", &self.providers)?;
        text::changes(f, "aliases", &self.aliases)?;
        text::changes(f, "failure rules", &self.failure_rules)?;
        text::rerouted(f, &self.rerouted)?;
        text::moved(f, &self.moved)
    }
}
