//! A configuration under construction.

use super::super::tree::{Tree, map};
use super::super::view::{Hit, View};

/// The parts of a document, to which entries and aliases can still be added.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// Which of the two spellings the provider section has.
    pub(super) section: &'static str,
    pub(super) providers: Vec<Tree>,
    pub(super) aliases: Vec<(String, Tree)>,
    /// What stands for the section of the aliases while there are none.
    pub(super) instead: Option<Tree>,
    /// Every other top-level section.
    pub(super) others: Vec<(String, Tree)>,
    /// How many fresh names were given out.
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

    /// The document; a section without entries is left out, if nothing else is said.
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

    /// A name that stands nowhere else.
    pub(super) fn fresh(&mut self, stem: &str) -> String {
        self.fresh += 1;
        format!("{stem}-{}", self.fresh)
    }

    /// Adds an ordinary entry and gives its full name.
    pub(super) fn model(&mut self) -> String {
        self.model_with(map([]))
    }

    /// Adds an entry with these fields besides its `model` and gives its full name.
    pub(super) fn model_with(&mut self, mut fields: Tree) -> String {
        let model = format!("lab/{}", self.fresh("m"));
        fields.push("model", &*model);
        self.providers.push(fields);
        model
    }

    /// Adds an alias under a fresh name and gives that.
    pub(super) fn alias(&mut self, value: impl Into<Tree>) -> String {
        let name = self.fresh("x");
        self.aliases.push((name.clone(), value.into()));
        name
    }

    /// The texts among these that lead to a model.
    pub(super) fn leading_to_models(&self, texts: Vec<String>) -> Vec<String> {
        let tree = self.tree();
        let view = View::new(&tree);
        let leads = |text: &String| matches!(view.reference(text), Hit::Model { .. });
        texts.into_iter().filter(leads).collect()
    }

    /// Whether an alias has two members of one identity.
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
