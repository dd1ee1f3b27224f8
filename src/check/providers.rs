//! Problems of provider entries.

use std::collections::HashMap;

use crate::config::Config;
use crate::config::NodeId;
use crate::config::entry::ProviderEntry;
use crate::config::finding::{Findings, Mark};
use crate::problem::Code;
use crate::text::Quoted;

pub(super) fn check(config: &Config, findings: &mut Findings) {
    for entry in config.provider_entries() {
        model(entry, findings);
    }
    names(config, findings);
    models(config, findings);
    defaults(config, findings);
}

fn mark(entry: &ProviderEntry, node: NodeId) -> Mark {
    Mark {
        document: entry.document,
        node,
    }
}

/// The node that a problem of the model shows.
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
    let Some(model) = entry.model.at() else {
        return;
    };
    let Some((provider, id)) = entry.parts() else {
        // A wrong `provider` or `name` may be what was meant to name the provider.
        let excused = entry.provider.is_wrong()
            || entry.name.is_wrong()
            || entry.provider_interface.is_wrong();
        if !excused {
            findings.report(
                document,
                model.node,
                Code::MissingProvider,
                format!("model {} names no provider", Quoted(&model.value)),
                format!("write it as `provider/{}`", crate::text::cut(&model.value)),
            );
        }
        return;
    };
    let fault = if id.is_empty() {
        "the model id is empty"
    } else if provider.is_empty() {
        "the provider is empty"
    } else if provider.contains('*') {
        "a wildcard is no provider"
    } else if id != "*" && id.contains('*') {
        "a wildcard stands for all models of a provider"
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

fn names(config: &Config, findings: &mut Findings) {
    let mut seen: HashMap<&str, Mark> = HashMap::new();
    for entry in config.provider_entries() {
        let Some(name) = entry.name.at().filter(|name| !name.value.is_empty()) else {
            continue;
        };
        let here = mark(entry, name.node);
        if let Some(&first) = seen.get(&*name.value) {
            findings.again(
                here,
                first,
                Code::DuplicateName,
                format!("duplicate provider name {}", Quoted(&name.value)),
                "give each provider a name of its own",
            );
        } else {
            seen.insert(&name.value, here);
        }
    }
}

fn models(config: &Config, findings: &mut Findings) {
    let mut groups: indexmap::IndexMap<(&str, &str), Vec<&ProviderEntry>> =
        indexmap::IndexMap::new();
    for entry in config.provider_entries() {
        if let Some(parts) = entry.parts() {
            groups.entry(parts).or_default().push(entry);
        }
    }
    for ((provider, id), entries) in groups {
        let [first, others @ ..] = entries.as_slice() else {
            continue;
        };
        if others.is_empty() {
            continue;
        }
        let full = format!("{provider}/{id}");
        let first_mark = mark(first, model_node(first));
        if id == "*" {
            for other in others {
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
        // Accounts are told apart by name, so one entry may lack it only if it is alone.
        let mut unnamed = others
            .iter()
            .filter(|entry| entry.name.is_absent())
            .peekable();
        let only_first = unnamed.peek().is_none() && first.name.is_absent();
        for entry in unnamed.chain(others.iter().take(usize::from(only_first))) {
            findings.again(
                mark(entry, model_node(entry)),
                first_mark,
                Code::DuplicateModel,
                format!("duplicate model {}", Quoted(&full)),
                "remove one, or give each a `name` if they are two accounts",
            );
        }
    }
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
            findings.again(
                here,
                first,
                Code::MultipleDefaults,
                "a second provider is the default",
                "keep `default: true` on one provider",
            );
        } else {
            first = Some(here);
        }
    }
}
