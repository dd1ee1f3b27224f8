//! A configuration under construction.

use super::super::tree::{Tree, map};
use super::super::view::{Hit, View};

/// The parts of a document, to which the generator can add entries and aliases.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// The name of the provider section: one of its two spellings.
    pub(super) section: &'static str,
    pub(super) providers: Vec<Tree>,
    pub(super) aliases: Vec<(String, Tree)>,
    /// The value of the alias section while it has no aliases.
    pub(super) instead: Option<Tree>,
    /// Every other top-level section.
    pub(super) others: Vec<(String, Tree)>,
    /// How many fresh names were made.
    fresh: usize,
}

impl Draft {
    pub(super) fn new(section: &'static str) -> Self {
        Self {
            section,
            providers: Vec::new(),
            aliases: Vec::new(),
            instead: None,
            others: Vec::new(),
            fresh: 0,
        }
    }

    /// The document. A section without entries is left out, unless `instead` gives a value.
    pub(super) fn tree(&self) -> Tree {
        let mut sections = self.others.clone();
        if !self.providers.is_empty() {
            let providers = Tree::List(self.providers.clone());
            sections.push((self.section.to_owned(), providers));
        }
        let aliases = if self.aliases.is_empty() {
            self.instead.clone()
        } else {
            Some(Tree::Map(self.aliases.clone()))
        };
        sections.extend(aliases.map(|aliases| ("model_aliases".to_owned(), aliases)));
        Tree::Map(sections)
    }

    /// A name that is used nowhere else.
    pub(super) fn fresh(&mut self, stem: &str) -> String {
        self.fresh += 1;
        format!("{stem}-{}", self.fresh)
    }

    /// Adds an ordinary entry and returns its full name.
    pub(super) fn model(&mut self) -> String {
        self.model_with(map([]))
    }

    /// Adds an entry with these fields besides its `model` and returns its full name.
    pub(super) fn model_with(&mut self, mut fields: Tree) -> String {
        let model = format!("lab/{}", self.fresh("m"));
        fields.push("model", &*model);
        self.providers.push(fields);
        model
    }

    /// Adds an alias under a fresh name and returns the name.
    pub(super) fn alias(&mut self, value: impl Into<Tree>) -> String {
        let name = self.fresh("x");
        self.aliases.push((name.clone(), value.into()));
        name
    }

    /// The texts that lead to a model.
    pub(super) fn leading_to_models(&self, texts: Vec<String>) -> Vec<String> {
        let tree = self.tree();
        let view = View::new(&tree);
        let leads = |text: &String| matches!(view.reference(text), Hit::Model { .. });
        texts.into_iter().filter(leads).collect()
    }

    /// Whether an alias has two members with the same identity.
    pub(super) fn has_equal_members(&self) -> bool {
        let tree = self.tree();
        let view = View::new(&tree);
        view.aliases
            .iter()
            .any(|alias| view.has_equal_members(alias))
    }

    /// The aliases that a reference can name.
    pub(super) fn referable_aliases(&self) -> Vec<String> {
        let tree = self.tree();
        let view = View::new(&tree);
        let leads = |name: &&str| matches!(view.reference(name), Hit::Alias(_));
        let names = view.aliases.iter().map(|alias| alias.name).filter(leads);
        names.map(str::to_owned).collect()
    }
}
