//! Checks conditions, content guardrails, deprecations, and aliases that shadow models.

use super::chains::Chains;
use super::graph::AliasGraph;
use super::index::{Index, Link};
use crate::base::problem::Code;
use crate::base::suggest::closest;
use crate::base::text::Quoted;
use crate::base::vocabulary::Vocabulary;
use crate::failure::Condition;
use crate::load::config::Config;
use crate::load::config::entry::AliasEntry;
use crate::load::config::finding::Findings;

pub(super) fn check(
    config: &Config,
    vocabulary: &Vocabulary,
    index: &Index<'_>,
    graph: &AliasGraph<'_>,
    findings: &mut Findings,
) {
    let aliases = config.alias_entries();
    let chains = Chains::new(config, graph);
    for (at, alias) in aliases.iter().enumerate() {
        conditions(alias, vocabulary, findings);
        content(alias, vocabulary, findings);
        life_cycle(config, at, index, graph, findings);
        chains.check(at, alias, findings);
    }
    for &at in &index.shadowing {
        shadow(&aliases[at], index, findings);
    }
}

fn conditions(alias: &AliasEntry, vocabulary: &Vocabulary, findings: &mut Findings) {
    for (step, entry) in alias.body.fallbacks().iter().enumerate() {
        for condition in entry.conditions.get().into_iter().flatten() {
            match &condition.value {
                Condition::Registered(word) if !vocabulary.conditions.contains(&**word) => {
                    let registered = vocabulary.conditions.iter().map(String::as_str);
                    let help = match closest(word, Condition::words().chain(registered)) {
                        Some(meant) => format!("did you mean {}?", Quoted(meant)),
                        None => "write a class such as `timeout`, a status such as `429`, or `any`"
                            .to_owned(),
                    };
                    findings.report(
                        alias.document,
                        condition.node,
                        Code::UnknownCondition,
                        format!(
                            "unknown condition {} in alias {}",
                            Quoted(word),
                            Quoted(&alias.name)
                        ),
                        help,
                    );
                }
                Condition::PrimaryAndFirstFallbackFailed if step == 0 => findings.report(
                    alias.document,
                    condition.node,
                    Code::ImpossibleCondition,
                    format!(
                        "`primary_and_first_fallback_failed` can never hold on the first \
                         fallback of alias {}",
                        Quoted(&alias.name)
                    ),
                    "write `primary_failed`, or move the step down",
                ),
                _ => {}
            }
        }
    }
}

fn content(alias: &AliasEntry, vocabulary: &Vocabulary, findings: &mut Findings) {
    let Some(limits) = alias.body.guardrails.get() else {
        return;
    };
    let categories = limits.block_categories.get().into_iter().flatten();
    let unchecked = categories
        .filter(|category| !vocabulary.checks_category(&category.value))
        .map(|category| ("category", category));
    let filters = limits.content_filters.get().into_iter().flatten();
    let unfiltered = filters
        .filter(|filter| !vocabulary.checks_filter(&filter.kind.value))
        .map(|filter| ("content filter", &filter.kind));
    let (code, help) = if vocabulary.requires_checks {
        let help = "register a check for it with the resolver's builder, or remove it";
        (Code::MissingCheck, help)
    } else {
        let help = "register a check for it; until then such content passes";
        (Code::UncheckedContent, help)
    };
    for (kind, word) in unchecked.chain(unfiltered) {
        findings.report(
            alias.document,
            word.node,
            code,
            format!(
                "nothing checks the {kind} {} of alias {}",
                Quoted(&word.value),
                Quoted(&alias.name)
            ),
            help,
        );
    }
}

fn life_cycle(
    config: &Config,
    at: usize,
    index: &Index<'_>,
    graph: &AliasGraph<'_>,
    findings: &mut Findings,
) {
    let aliases = config.alias_entries();
    let alias = &aliases[at];
    if let Some(replacement) = alias
        .body
        .deprecated
        .get()
        .and_then(|deprecated| deprecated.replacement.at())
        && !index.knows(&replacement.value)
    {
        findings.report(
            alias.document,
            replacement.node,
            Code::UnknownReplacement,
            format!(
                "unknown replacement {} of alias {}",
                Quoted(&replacement.value),
                Quoted(&alias.name)
            ),
            match index.suggestion(&replacement.value) {
                Some(meant) => format!("did you mean {}?", Quoted(meant)),
                None => "name an alias or a declared model".to_owned(),
            },
        );
    }
    let entries = alias.body.targets().iter().chain(alias.body.fallbacks());
    for (link, entry) in graph.links[at].all().zip(entries) {
        if let Link::Alias(to) = link
            && let Some(deprecated) = aliases[*to].body.deprecated.get()
        {
            findings.report(
                alias.document,
                entry.problem_node(),
                Code::DeprecatedTarget,
                format!(
                    "alias {} leads to {}, which is deprecated",
                    Quoted(&alias.name),
                    Quoted(&aliases[*to].name)
                ),
                match deprecated.replacement.get() {
                    Some(replacement) => format!("use {}", Quoted(replacement)),
                    None => "point it at another target; no replacement is named".to_owned(),
                },
            );
        }
    }
}

fn shadow(alias: &AliasEntry, index: &Index<'_>, findings: &mut Findings) {
    let Some(models) = index.models_named(&alias.name) else {
        return;
    };
    findings.report(
        alias.document,
        alias.node,
        Code::ShadowedModel,
        format!("alias {} shadows {models}", Quoted(&alias.name)),
        "a client that asks for this name gets the alias, a reference in the file gets the model; rename the alias if that is not intended",
    );
}
