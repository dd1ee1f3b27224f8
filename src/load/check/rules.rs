//! Checks failure rules against each other and against the providers.

use std::collections::BTreeSet;

use crate::base::problem::Code;
use crate::base::suggest::closest;
use crate::base::text::Quoted;
use crate::failure::classify::FailureRule;
use crate::load::config::entry::RuleEntry;
use crate::load::config::finding::{Finding, Findings};
use crate::load::config::{Config, Mark};

pub(super) fn check(config: &Config, findings: &mut Findings) {
    let mut earlier: Vec<(&RuleEntry, FailureRule)> = Vec::new();
    for entry in config.rule_entries() {
        check_provider(config, entry, findings);
        if entry.broken {
            continue;
        }
        let rule = entry.to_rule();
        // An overlay is there to take precedence over the rules of its base.
        let mut same_document = earlier
            .iter()
            .filter(|(first, _)| first.document == entry.document);
        if let Some((first, covering)) = same_document.find(|(_, first)| first.covers(&rule)) {
            findings.push(hidden((first, covering), (entry, &rule)));
        }
        earlier.push((entry, rule));
    }
}

/// The problem of a rule that an earlier one makes useless.
fn hidden(
    (first, covering): (&RuleEntry, &FailureRule),
    (entry, rule): (&RuleEntry, &FailureRule),
) -> Finding {
    let finding = |code, message, help: &str| {
        Finding::new(mark(entry), code, message, help).ending_at(mark(first))
    };
    match (first.class.value(), entry.class.value()) {
        (Some(one), Some(other)) if one != other && rule.covers(covering) => finding(
            Code::ContradictoryRule,
            format!("the failure rule {rule} gives `{other}`, but `{one}` at"),
            "remove one of the two",
        ),
        _ => finding(
            Code::HiddenRule,
            format!("the failure rule {rule} never decides: {covering} comes first at"),
            "remove it, or move it before that one",
        ),
    }
}

/// Warns if no entry has the provider of a rule, so that it never decides.
fn check_provider(config: &Config, entry: &RuleEntry, findings: &mut Findings) {
    let Some(provider) = entry.provider.at() else {
        return;
    };
    let entries = config.provider_entries().iter();
    let prefixes = entries.clone().filter_map(|one| Some(one.parts()?.0));
    let names: BTreeSet<&str> = prefixes
        .chain(entries.filter_map(|one| one.name()))
        .collect();
    if names.contains(&*provider.value) {
        return;
    }
    let help = match closest(&provider.value, names) {
        Some(meant) => format!("did you mean {}?", Quoted(meant)),
        None => "write the part before the `/` of a model, or the `name` of an entry".to_owned(),
    };
    findings.report(
        entry.document,
        provider.node,
        Code::UnknownProvider,
        format!(
            "no entry has the provider {} of a failure rule",
            Quoted(&provider.value)
        ),
        help,
    );
}

fn mark(entry: &RuleEntry) -> Mark {
    Mark {
        document: entry.document,
        node: entry.node,
    }
}
