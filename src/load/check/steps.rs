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
use crate::load::config::entry::{AliasEntry, Located};
use crate::load::config::finding::Findings;
use crate::load::foreign;

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
    replacement_cycles(config, index, findings);
}

fn conditions(alias: &AliasEntry, vocabulary: &Vocabulary, findings: &mut Findings) {
    for (step, entry) in alias.body.fallbacks().iter().enumerate() {
        for condition in entry.conditions.get().into_iter().flatten() {
            match &condition.value {
                Condition::Registered(word) if !vocabulary.conditions.contains(&**word) => {
                    let registered = vocabulary.conditions.iter().map(String::as_str);
                    let help = match foreign::meant(word, foreign::CONDITIONS)
                        .or_else(|| closest(word, Condition::words().chain(registered)))
                    {
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
                Condition::Status(status @ (400 | 413 | 422)) => {
                    partial_status(alias, condition, &status.to_string(), findings);
                }
                Condition::StatusHundred(4) => partial_status(alias, condition, "4xx", findings),
                _ => {}
            }
        }
    }
}

/// Reports a status condition that leaves out most failures with that status.
fn partial_status(
    alias: &AliasEntry,
    condition: &Located<Condition>,
    word: &str,
    findings: &mut Findings,
) {
    let (left_out, help) = match word {
        "413" => (
            "`context_length_exceeded`",
            "write `context_length_exceeded`",
        ),
        _ => (
            "`context_length_exceeded`, `content_filtered` and invalid requests",
            "write `context_length_exceeded` or `content_filtered`; an invalid request never falls back",
        ),
    };
    findings.report(
        alias.document,
        condition.node,
        Code::PartialStatus,
        format!(
            "condition `{word}` of alias {} leaves out {left_out}",
            Quoted(&alias.name)
        ),
        help,
    );
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

/// Reports each cycle of replacements once, at its first alias in the file.
fn replacement_cycles(config: &Config, index: &Index<'_>, findings: &mut Findings) {
    let aliases = config.alias_entries();
    let replacement = |at: usize| -> Option<usize> {
        let deprecated = aliases[at].body.deprecated.get()?;
        index.slots.get(&**deprecated.replacement.get()?)?.alias
    };
    // The alias from which each was first reached.
    let mut reached_from = vec![None; aliases.len()];
    for start in 0..aliases.len() {
        let mut path = Vec::new();
        let mut next = Some(start);
        while let Some(at) = next {
            if let Some(from) = reached_from[at] {
                if from == start {
                    let cycle = path.iter().position(|&other| other == at);
                    report_replacements(aliases, &path[cycle.unwrap_or(0)..], findings);
                }
                break;
            }
            reached_from[at] = Some(start);
            path.push(at);
            next = replacement(at);
        }
    }
}

fn report_replacements(aliases: &[AliasEntry], cycle: &[usize], findings: &mut Findings) {
    const SHOWN: usize = 8;
    let first = cycle.iter().enumerate().min_by_key(|(_, alias)| **alias);
    let first = first.map_or(0, |(at, _)| at);
    let cycle: Vec<usize> = [&cycle[first..], &cycle[..first]].concat();
    let name = |&at: &usize| Quoted(&aliases[at].name).to_string();
    let mut names: Vec<String> = cycle.iter().take(SHOWN).map(name).collect();
    if cycle.len() > SHOWN {
        names.push(format!("… {} more …", cycle.len() - SHOWN));
    }
    names.extend(cycle.first().map(name));
    let alias = &aliases[cycle[0]];
    let replacement = alias
        .body
        .deprecated
        .get()
        .and_then(|it| it.replacement.at());
    findings.report(
        alias.document,
        replacement.map_or(alias.node, |at| at.node),
        Code::ReplacementCycle,
        format!("the replacements form a cycle: {}", names.join(" → ")),
        "name an alias that is not deprecated",
    );
}

fn shadow(alias: &AliasEntry, index: &Index<'_>, findings: &mut Findings) {
    let Some((models, are_several)) = index.models_named(&alias.name) else {
        return;
    };
    let reference = if are_several {
        "a reference in the file is ambiguous"
    } else {
        "a reference in the file gets the model"
    };
    findings.report(
        alias.document,
        alias.node,
        Code::ShadowedModel,
        format!("alias {} shadows {models}", Quoted(&alias.name)),
        format!(
            "a client that asks for this name gets the alias, {reference}; rename the alias if that is not \
             intended"
        ),
    );
}
