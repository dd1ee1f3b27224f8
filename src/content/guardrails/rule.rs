//! The content rules of each alias and the checks behind them, bound when the resolver is built.

use std::sync::Arc;

use super::check::{CheckSubject, Registered};
use crate::base::limits::{ContentFilter, FilterAction, GuardrailMode, Guardrails};
use crate::content::detect::DataKind;
use crate::table::{AliasId, RoutingTable};

/// One category or filter of an alias, bound to one check.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GuardrailRule {
    /// The category or the filter type, as written.
    pub(super) word: Arc<str>,
    pub(super) category: bool,
    pub(super) action: FilterAction,
    pub(super) enforced: bool,
    pub(super) by: CheckedBy,
    /// The filter as configured; `None` for a category.
    pub(super) filter: Option<Arc<ContentFilter>>,
}

/// What checks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CheckedBy {
    Nobody,
    /// The built-in detectors: personal data only, or all sensitive data.
    Detectors {
        personal: bool,
    },
    /// The built-in word list.
    #[cfg(feature = "profanity")]
    Words,
    /// A custom check, by its index.
    Hook(usize),
}

impl CheckedBy {
    /// Whether detectors for this rule report this kind. Only meaningful for `Detectors`.
    pub(super) fn takes(self, kind: DataKind) -> bool {
        self == Self::Detectors { personal: false } || kind.is_personal()
    }
}

/// The checks of a resolver and the rules of its aliases.
#[derive(Debug, Default)]
pub(crate) struct ContentRules {
    pub(super) checks: Vec<Registered>,
    /// One list per alias; empty if no alias has content guardrails.
    rules: Box<[Box<[GuardrailRule]>]>,
}

impl ContentRules {
    /// Binds the rules of every alias to checks. `words` turns on the built-in word list for profanity.
    pub(crate) fn new(checks: Vec<Registered>, words: bool, table: &RoutingTable) -> Self {
        let lists = table.aliases.iter().map(|alias| {
            let guardrails = alias.guardrails.as_deref();
            guardrails.map_or_else(Box::default, |guardrails| rules(guardrails, &checks, words))
        });
        let mut lists: Box<[Box<[GuardrailRule]>]> = lists.collect();
        if lists.iter().all(|list| list.is_empty()) {
            lists = Box::default();
        }
        Self {
            checks,
            rules: lists,
        }
    }

    /// Returns the rules in force on a path of aliases, those of the outermost first, without duplicates.
    ///
    /// The path depends on random choices and failures, so this runs once it is known. It costs nothing
    /// without content guardrails.
    pub(super) fn in_force(&self, path: impl Iterator<Item = AliasId>) -> Vec<GuardrailRule> {
        let mut all: Vec<GuardrailRule> = Vec::new();
        if self.rules.is_empty() {
            return all;
        }
        for alias in path {
            let of_alias = self.rules.get(alias as usize).map(AsRef::as_ref);
            for rule in of_alias.unwrap_or_default() {
                match all.iter_mut().find(|known| known.asks_the_same(rule)) {
                    // Nesting only tightens: a rule that one alias enforces stays enforced.
                    Some(known) => known.enforced |= rule.enforced,
                    None => all.push(rule.clone()),
                }
            }
        }
        all
    }

    pub(super) fn hook(&self, at: usize) -> Option<&Registered> {
        self.checks.get(at)
    }
}

impl GuardrailRule {
    fn asks_the_same(&self, other: &Self) -> bool {
        self.by == other.by
            && self.category == other.category
            && self.action == other.action
            && self.filter == other.filter
            // Without a check, the word itself is reported.
            && (self.by != CheckedBy::Nobody || self.word == other.word)
    }
}

/// Returns the rules of one alias: categories, then filters.
fn rules(guardrails: &Guardrails, checks: &[Registered], words: bool) -> Box<[GuardrailRule]> {
    let enforced = guardrails.mode == GuardrailMode::Enforce;
    let mut rules = Vec::new();
    for word in &guardrails.block_categories {
        rules.extend(
            for_category(word, checks)
                .into_iter()
                .map(|by| GuardrailRule {
                    word: Arc::clone(word),
                    category: true,
                    action: FilterAction::Block,
                    enforced,
                    by,
                    filter: None,
                }),
        );
    }
    for filter in &guardrails.content_filters {
        let written = Arc::new(filter.clone());
        rules.extend(
            for_filter(filter, checks, words)
                .into_iter()
                .map(|by| GuardrailRule {
                    word: Arc::clone(&filter.kind),
                    category: false,
                    action: filter.action,
                    enforced,
                    by,
                    filter: Some(Arc::clone(&written)),
                }),
        );
    }
    rules.into()
}

/// Returns what checks a category: the built-in detectors for `PII`, then the registered checks.
fn for_category(word: &str, checks: &[Registered]) -> Vec<CheckedBy> {
    let lower = word.to_lowercase();
    let mut by = hooks(checks, CheckSubject::Category, |name| {
        name.to_lowercase() == lower
    });
    if word.eq_ignore_ascii_case("PII") {
        by.insert(0, CheckedBy::Detectors { personal: true });
    }
    or_nobody(by)
}

#[cfg_attr(
    not(feature = "profanity"),
    expect(unused_variables, reason = "the word list needs the feature")
)]
fn for_filter(filter: &ContentFilter, checks: &[Registered], words: bool) -> Vec<CheckedBy> {
    let mut by = hooks(checks, CheckSubject::Filter, |name| name == &*filter.kind);
    if &*filter.kind == "sensitive_data" {
        by.insert(0, CheckedBy::Detectors { personal: false });
    }
    #[cfg(feature = "profanity")]
    if words && &*filter.kind == "profanity" {
        by.insert(0, CheckedBy::Words);
    }
    or_nobody(by)
}

fn hooks(
    checks: &[Registered],
    subject: CheckSubject,
    named: impl Fn(&str) -> bool,
) -> Vec<CheckedBy> {
    let checks = checks.iter().enumerate();
    checks
        .filter(|(_, check)| check.subject == subject && named(&check.word))
        .map(|(at, _)| CheckedBy::Hook(at))
        .collect()
}

fn or_nobody(mut by: Vec<CheckedBy>) -> Vec<CheckedBy> {
    if by.is_empty() {
        by.push(CheckedBy::Nobody);
    }
    by
}
