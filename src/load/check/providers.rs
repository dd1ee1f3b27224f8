//! Checks provider entries.

use std::collections::{HashMap, HashSet};

use super::{secrets, spelling};
use crate::base::problem::Code;
use crate::base::text::{Quoted, QuotedKey};
use crate::load::config::Config;
use crate::load::config::Mark;
use crate::load::config::NodeId;
use crate::load::config::entry::ProviderEntry;
use crate::load::config::finding::Findings;

/// The positions of entries that repeat a name or model of an earlier entry. The check reports the
/// repetition. References mean the first entry, so that they cause no second problem.
#[derive(Debug, Default)]
pub(super) struct RepeatedEntries {
    pub(super) names: HashSet<usize>,
    pub(super) models: HashSet<usize>,
}

pub(super) fn check(config: &Config, findings: &mut Findings) -> RepeatedEntries {
    for entry in config.provider_entries() {
        model(entry, findings);
        check_secrets(entry, findings);
    }
    let names = names(config, findings);
    let models = models(config, &names, findings);
    defaults(config, findings);
    RepeatedEntries { names, models }
}

/// Checks the texts that may contain variables.
fn check_secrets(entry: &ProviderEntry, findings: &mut Findings) {
    let of = Quoted(entry.label());
    for (field, secret) in [
        ("access_key", &entry.access_key),
        ("base_url", &entry.base_url),
        ("http_host", &entry.http_host),
    ] {
        if let Some(at) = secret.at() {
            let what = format!("`{field}` of {of}");
            secrets::check(&what, &at.value, mark(entry, at.node), findings);
        }
    }
    for (name, at) in entry.headers.get().into_iter().flat_map(|all| all.iter()) {
        let what = format!("header {} of {of}", QuotedKey(name));
        secrets::check(&what, &at.value, mark(entry, at.node), findings);
    }
}

fn mark(entry: &ProviderEntry, node: NodeId) -> Mark {
    Mark {
        document: entry.document,
        node,
    }
}

/// The node that problems of the model point at.
fn model_node(entry: &ProviderEntry) -> NodeId {
    entry.model.at().map_or(entry.node, |at| at.node)
}

fn model(entry: &ProviderEntry, findings: &mut Findings) {
    let document = entry.document;
    if let Some(name) = entry.name.at()
        && name.value.is_empty()
    {
        findings.report(
            document,
            name.node,
            Code::InvalidValue,
            "`name` of a provider is empty",
            "write a name, or remove the field",
        );
    }
    for (what, text) in [("model", &entry.model), ("provider name", &entry.name)] {
        if let Some(text) = text.at() {
            spelling::check(what, &text.value, mark(entry, text.node), findings);
        }
    }
    let Some(model) = entry.model.at() else {
        return;
    };
    let Some((provider, id)) = entry.parts() else {
        // A `provider`, `name` or `provider_interface` that could not be read may have named the
        // provider.
        let excused = entry.provider.is_wrong()
            || entry.name.is_wrong()
            || entry.provider_interface.is_wrong();
        if !excused {
            findings.report(
                document,
                model.node,
                Code::MissingProvider,
                format!("model {} names no provider", Quoted(&model.value)),
                format!(
                    "write it as `provider/{}`",
                    crate::base::text::cut(&model.value)
                ),
            );
        }
        return;
    };
    let fault = if id.is_empty() {
        "the model id is empty"
    } else if provider.is_empty() {
        "the provider is empty"
    } else if provider.contains('*') {
        "the provider cannot be a wildcard"
    } else if id != "*" && id.contains('*') {
        "`*` cannot be part of a model id"
    } else {
        return;
    };
    findings.report(
        document,
        model.node,
        Code::InvalidModel,
        format!("invalid model {}: {fault}", Quoted(&model.value)),
        "write it as `provider/model`, or `provider/*` for all models",
    );
}

fn names(config: &Config, findings: &mut Findings) -> HashSet<usize> {
    let mut seen: HashMap<&str, &ProviderEntry> = HashMap::new();
    let mut repeated = HashSet::new();
    for (at, entry) in config.provider_entries().iter().enumerate() {
        let Some(name) = entry.name.at().filter(|name| !name.value.is_empty()) else {
            continue;
        };
        let Some(first) = seen.get(&*name.value) else {
            seen.insert(&name.value, entry);
            continue;
        };
        // In the form that Plano renders, the name of a wildcard entry is its pattern (`anthropic/*`),
        // so equal wildcards have equal names. `models` warns about those.
        if entry.is_wildcard() && entry.parts() == first.parts() {
            continue;
        }
        repeated.insert(at);
        findings.again(
            mark(entry, name.node),
            mark(first, first.name.at().map_or(first.node, |at| at.node)),
            Code::DuplicateName,
            format!("duplicate provider name {}", Quoted(&name.value)),
            "give each provider a name of its own",
        );
    }
    repeated
}

fn models(config: &Config, same_name: &HashSet<usize>, findings: &mut Findings) -> HashSet<usize> {
    let mut groups: indexmap::IndexMap<(&str, &str), Vec<(usize, &ProviderEntry)>> =
        indexmap::IndexMap::new();
    for (at, entry) in config.provider_entries().iter().enumerate() {
        if let Some(parts) = entry.parts() {
            groups.entry(parts).or_default().push((at, entry));
        }
    }
    let mut repeated = HashSet::new();
    for ((provider, id), entries) in groups {
        let [(_, first), others @ ..] = entries.as_slice() else {
            continue;
        };
        if others.is_empty() {
            continue;
        }
        let full = format!("{provider}/{id}");
        let first_mark = mark(first, model_node(first));
        if id == "*" {
            for (_, other) in others {
                findings.again(
                    mark(other, model_node(other)),
                    first_mark,
                    Code::DuplicateWildcard,
                    format!("duplicate wildcard {}", Quoted(&full)),
                    "remove the earlier one; the later one serves",
                );
            }
            continue;
        }
        // Accounts of one model are told apart by name, so each of them needs one.
        let mut unnamed = others
            .iter()
            .filter(|(_, entry)| entry.name.is_absent())
            .peekable();
        let only_first_is_unnamed = unnamed.peek().is_none() && first.name.is_absent();
        let repeats_name = others.iter().any(|(at, _)| same_name.contains(at));
        if only_first_is_unnamed || repeats_name || unnamed.peek().is_some() {
            repeated.extend(others.iter().map(|(at, _)| at));
        }
        for (_, entry) in unnamed.chain(others.iter().take(usize::from(only_first_is_unnamed))) {
            findings.again(
                mark(entry, model_node(entry)),
                first_mark,
                Code::DuplicateModel,
                format!("duplicate model {}", Quoted(&full)),
                "remove one, or give each a `name` if they are two accounts",
            );
        }
    }
    repeated
}

fn defaults(config: &Config, findings: &mut Findings) {
    let mut first = None;
    for entry in config.provider_entries() {
        let Some(default) = entry.default.at().filter(|default| default.value) else {
            continue;
        };
        let here = mark(entry, default.node);
        if entry.is_wildcard() {
            findings.report(
                entry.document,
                default.node,
                Code::WildcardDefault,
                format!("wildcard {} cannot be the default", Quoted(entry.label())),
                "make an entry with one model the default",
            );
        }
        if let Some(first) = first {
            findings.beside(
                here,
                first,
                Code::MultipleDefaults,
                "a second provider is the default, beside the one at",
                "keep `default: true` on one provider",
            );
        } else {
            first = Some(here);
        }
    }
}
