//! The naive checker: finds the set of problem codes of a configuration.
//!
//! One mistake gives one code, so a rejected value takes no further part: a bad weight is in no sum, and a reference to
//! something broken is not an unknown target.

mod aliases;
mod graph;
mod providers;
mod rules;
mod scalars;
mod warnings;

use std::collections::BTreeSet;

use super::tree::Tree;
use super::view::{PROVIDER_SECTIONS, View, no_text};

/// The codes found, each once.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    pub(crate) errors: BTreeSet<&'static str>,
    pub(crate) warnings: BTreeSet<&'static str>,
}

impl Findings {
    fn error(&mut self, code: &'static str) {
        self.errors.insert(code);
    }

    fn error_if(&mut self, wrong: bool, code: &'static str) {
        if wrong {
            self.error(code);
        }
    }

    fn warn_if(&mut self, odd: bool, code: &'static str) {
        if odd {
            self.warnings.insert(code);
        }
    }

    /// Returns the text of `value`, or records a problem.
    fn text<'t>(&mut self, value: &'t Tree) -> Option<&'t str> {
        let text = value.as_text();
        if text.is_none() {
            self.error(no_text(value));
        }
        text
    }

    /// Returns the entries of a non-empty list, or records a problem.
    fn filled_list<'t>(&mut self, value: &'t Tree) -> &'t [Tree] {
        match value {
            Tree::List(items) => self.error_if(items.is_empty(), "empty-list"),
            _ => self.error("wrong-type"),
        }
        value.items()
    }

    /// Returns the fields of a map, or records a problem.
    fn map<'t>(&mut self, value: &'t Tree) -> &'t [(String, Tree)] {
        self.error_if(!matches!(value, Tree::Map(_)), "wrong-type");
        value.fields()
    }

    fn bool(&mut self, value: &Tree) {
        self.error_if(!matches!(value, Tree::Bool(_)), "wrong-type");
    }

    /// Requires a whole number within these bounds.
    fn whole(&mut self, value: &Tree, low: i64, high: i64) {
        match value {
            Tree::Int(number) => self.error_if(!(low..=high).contains(number), "out-of-range"),
            Tree::Decimal(_) => self.error("out-of-range"),
            _ => self.error("wrong-type"),
        }
    }

    /// Requires one of the words that the field allows.
    fn word(&mut self, value: &Tree, allowed: &[&str]) {
        if let Some(text) = self.text(value) {
            self.error_if(!allowed.contains(&text), "invalid-value");
        }
    }

    fn url(&mut self, value: &Tree) {
        if let Some(text) = self.text(value) {
            self.error_if(!scalars::is_url(text), "invalid-url");
        }
    }

    fn duration(&mut self, value: &Tree) {
        let bare = matches!(value, Tree::Int(_) | Tree::Decimal(_));
        self.error_if(bare, "invalid-duration");
        if !bare && let Some(text) = self.text(value) {
            self.error_if(!scalars::is_duration(text), "invalid-duration");
        }
    }

    /// Requires an exact amount of dollars with at most this many decimals.
    fn amount(&mut self, value: &Tree, decimals: usize) {
        match scalars::exact(value) {
            Some(number) => {
                let fits = number.fraction.len() <= decimals && number.significant() <= 15;
                self.error_if(number.negative || !fits, "invalid-amount");
            }
            None => self.error("wrong-type"),
        }
    }
}

/// Checks a whole document.
pub(crate) fn check(tree: &Tree) -> Findings {
    let mut found = Findings::default();
    if *tree == Tree::Null {
        found.warn_if(true, "nothing-found");
        return found;
    }
    let top = found.map(tree);
    let ours = [
        "model_providers",
        "llm_providers",
        "model_aliases",
        "model_alias_tests",
        "model_failure_rules",
    ];
    let is_foreign = top
        .iter()
        .all(|(key, _)| !ours.contains(&&**key) && !scalars::resembles_section(key));
    found.warn_if(is_foreign && matches!(tree, Tree::Map(_)), "nothing-found");
    found.error_if(has_twins(top), "duplicate-key");
    let both = PROVIDER_SECTIONS
        .iter()
        .all(|name| tree.get(name).is_some());
    found.error_if(both, "both-provider-sections");
    for (key, _) in top {
        found.warn_if(scalars::resembles_section(key), "misspelt-section");
    }
    let view = View::new(tree);
    for name in PROVIDER_SECTIONS {
        if let Some(section) = tree.get(name) {
            duplicate_keys(section, &mut found);
            let shaped = matches!(section, Tree::List(_) | Tree::Null);
            found.error_if(!shaped, "wrong-type");
        }
    }
    providers::check(&view, &mut found);
    if let Some(section) = tree.get("model_aliases") {
        found.error_if(has_twins(section.fields()), "duplicate-alias");
        for (_, alias) in section.fields() {
            duplicate_keys(alias, &mut found);
        }
        let shaped = matches!(section, Tree::Map(_) | Tree::Null);
        found.error_if(!shaped, "wrong-type");
    }
    for alias in &view.aliases {
        aliases::check(alias, &mut found);
    }
    if let Some(section) = tree.get("model_failure_rules") {
        duplicate_keys(section, &mut found);
        rules::check(section, &view, &mut found);
    }
    graph::check(&view, &mut found);
    warnings::check(&view, &mut found);
    found
}

/// Whether these fields contain a key twice.
fn has_twins(fields: &[(String, Tree)]) -> bool {
    let count = |key: &String| fields.iter().filter(|(other, _)| other == key).count();
    fields.iter().any(|(key, _)| count(key) > 1)
}

/// Finds duplicate keys at every depth, also in content that is otherwise not read.
fn duplicate_keys(tree: &Tree, found: &mut Findings) {
    found.error_if(has_twins(tree.fields()), "duplicate-key");
    for (_, value) in tree.fields() {
        duplicate_keys(value, found);
    }
    for item in tree.items() {
        duplicate_keys(item, found);
    }
}

#[cfg(test)]
mod tests;
