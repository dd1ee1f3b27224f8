//! What each alias wants checked, and by whom: settled when the resolver is built.

use std::sync::Arc;

use super::check::{CheckSubject, Registered};
use crate::base::limits::{ContentFilter, FilterAction, GuardrailMode, Guardrails};
use crate::content::detect::DataKind;
use crate::table::{AliasId, RoutingTable};

/// One word of an alias's guardrails, with one of those that check it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GuardrailRule {
    /// As written.
    pub(super) word: Arc<str>,
    pub(super) category: bool,
    pub(super) action: FilterAction,
    pub(super) enforced: bool,
    pub(super) by: CheckedBy,
    /// What is written of it, unless it is a category.
    pub(super) filter: Option<Arc<ContentFilter>>,
}

/// Who checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CheckedBy {
    Nobody,
    /// Our detectors of sensitive data; of persons' data only for a category.
    Detectors {
        personal: bool,
    },
    /// Our list of words.
    #[cfg(feature = "profanity")]
    Words,
    /// A check of the embedder, by its position.
    Hook(usize),
}

impl CheckedBy {
    /// Whether what our detectors found concerns it.
    pub(super) fn takes(self, kind: DataKind) -> bool {
        self == Self::Detectors { personal: false } || kind.is_personal()
    }
}

/// The checks of a resolver and the rules of its aliases.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(super) checks: Vec<Registered>,
    /// One list for each alias; none at all where no alias has content guardrails.
    rules: Box<[Box<[GuardrailRule]>]>,
}

impl Content {
    /// Binds the words of every alias to those who check them.
    /// `words` says whether our list of words checks profanities.
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

    /// The rules in force on a way: those of every alias, the outermost first, each once.
    ///
    /// A way depends on draws and failures, so this is put together when it is known; without
    /// content guardrails on it nothing is.
    pub(super) fn in_force(&self, way: impl Iterator<Item = AliasId>) -> Vec<GuardrailRule> {
        let mut all: Vec<GuardrailRule> = Vec::new();
        if self.rules.is_empty() {
            return all;
        }
        for alias in way {
            let of_alias = self.rules.get(alias as usize).map(AsRef::as_ref);
            for rule in of_alias.unwrap_or_default() {
                match all.iter_mut().find(|known| known.asks_the_same(rule)) {
                    // Nesting only tightens: what one alias enforces no other turns to monitoring.
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
            // Without anybody who checks, the word itself is what is reported.
            && (self.by != CheckedBy::Nobody || self.word == other.word)
    }
}

/// The rules of one alias: categories, then filters.
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

/// Who checks a category: whoever is registered, and we ourselves in any case.
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
    expect(unused_variables, reason = "there is no list without the feature")
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
