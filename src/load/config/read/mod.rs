//! Tree to entries: shapes are checked here, each mismatch a finding at its node.

mod alias;
mod cases;
mod fields;
mod guardrails;
mod phrase;
mod provider;

use std::borrow::Cow;
use std::collections::HashMap;

use fields::{Reading, mark};
use foldhash::fast::FixedState;

use super::entry::{AliasEntry, ProviderEntry};
use super::finding::{Finding, Findings};
use super::node::{Entry, Key, MERGE, Node, NodeId, NodeValue, SECTIONS, TESTS, Top};
use crate::base::problem::{Code, Severity};
use crate::base::suggest::closest;
use crate::base::text::Quoted;
use crate::load::cases::Case;

/// The sections of one document.
#[derive(Debug, Default)]
pub(super) struct Sections {
    pub(super) providers: Vec<ProviderEntry>,
    /// The entries under the other spelling, if both are there.
    pub(super) other_providers: Vec<ProviderEntry>,
    pub(super) aliases: Vec<AliasEntry>,
    pub(super) findings: Findings,
}

/// Reads the sections out of a document's tree.
pub(super) fn sections(top: Top<'_>) -> Sections {
    let mut reading = Reading::default();
    if let Some(kind) = top.not_a_mapping {
        reading.report(
            0,
            Code::WrongType,
            format!("a configuration must be a mapping, found {kind}"),
            "begin with `model_providers:` and `model_aliases:`",
        );
    }
    let mut sections = Sections::default();
    let mut provider_section: Option<(NodeId, String)> = None;
    let fault = |_: &str| Some(Severity::Warning);
    for Entry { key, value } in top_level(&mut reading, top.entries, SECTIONS, fault) {
        match &*key.text {
            "model_aliases" => sections.aliases = reading.aliases(value),
            section => {
                if let Some((first, name)) = &provider_section {
                    reading.findings.push(
                        Finding::new(
                            mark(key.id),
                            Code::BothProviderSections,
                            format!(
                                "section {} stands beside {} at",
                                Quoted(section),
                                Quoted(name)
                            ),
                            "keep `model_providers`; `llm_providers` is its older spelling",
                        )
                        .ending_at(mark(*first)),
                    );
                    sections.other_providers = reading.providers(value, section);
                } else {
                    provider_section = Some((key.id, section.to_owned()));
                    sections.providers = reading.providers(value, section);
                }
            }
        }
    }
    sections.findings = reading.findings;
    sections
}

/// Some sections in file order: repeated keys noted, misspelt ones as badly as `fault` says of what is
/// meant; merge keys applied.
fn top_level<'a>(
    reading: &mut Reading,
    entries: Vec<(Key<'a>, Option<Node<'a>>)>,
    names: &[&str],
    fault: impl Fn(&str) -> Option<Severity>,
) -> Vec<Entry<'a>> {
    let mut seen: HashMap<Cow<'a, str>, NodeId, FixedState> = HashMap::default();
    let mut sections = Vec::new();
    let mut merges = Vec::new();
    for (key, value) in entries {
        if let Some(first) = seen.get(&key.text) {
            let code = Code::DuplicateKey;
            reading.findings.push_with(code.severity(), || {
                let message = format!("duplicate section {}", Quoted(&key.text));
                Finding::new(mark(key.id), code, message, "put both into one section")
                    .first_at(mark(*first))
            });
            continue;
        }
        seen.insert(key.text.clone(), key.id);
        match value {
            Some(value) if key.text == MERGE => merges.push(value),
            Some(value) => sections.push(Entry { key, value }),
            None => {
                let known = || SECTIONS.iter().chain(TESTS).copied();
                if known().all(|name| name != key.text)
                    && let Some(meant) = closest(&key.text, known())
                    && let Some(severity) = fault(meant)
                {
                    let message = format!("section {} is not read", Quoted(&key.text));
                    let help = format!("did you mean {}?", Quoted(meant));
                    let code = Code::MisspeltSection;
                    let finding = Finding::new(mark(key.id), code, message, help);
                    reading.findings.push(Finding {
                        severity,
                        ..finding
                    });
                }
            }
        }
    }
    for merge in merges {
        let maps = match merge.value {
            NodeValue::List(items) => items,
            value => vec![Node {
                id: merge.id,
                value,
            }],
        };
        for map in maps {
            // A merge key among foreign sections is the gateway's business; what it brings us
            // counts where the document itself has no such section.
            if let NodeValue::Map(entries) = map.value {
                for entry in entries {
                    if names.contains(&&*entry.key.text)
                        && !sections.iter().any(|e| e.key.text == entry.key.text)
                    {
                        sections.push(entry);
                    }
                }
            }
        }
    }
    sections
}

/// Reads the routing tests out of a document's tree, each with the node it stands at.
pub(super) fn cases(top: Top<'_>) -> (Vec<(NodeId, Case)>, Findings) {
    let mut reading = Reading::default();
    if let Some(kind) = top.not_a_mapping {
        reading.report(
            0,
            Code::WrongType,
            format!("a file of routing tests must be a mapping, found {kind}"),
            "begin with `model_alias_tests:`",
        );
    }
    let is_there = top
        .entries
        .iter()
        .any(|(key, _)| TESTS.contains(&&*key.text));
    // Without the section a misspelt one is what was meant, and no test would run.
    let fault = |name: &str| (TESTS.contains(&name) && !is_there).then_some(Severity::Error);
    let sections = top_level(&mut reading, top.entries, TESTS, fault);
    let cases = sections
        .into_iter()
        .flat_map(|section| reading.cases(section.value));
    let cases = cases.collect();
    (cases, reading.findings)
}

/// Reads a provider that was built in code.
pub(super) fn provider(node: Node<'_>) -> (Option<ProviderEntry>, Findings) {
    let mut reading = Reading::default();
    let entry = reading.provider(node);
    (entry, reading.findings)
}

/// Reads an alias that was built in code.
pub(super) fn alias(entry: Entry<'_>) -> (AliasEntry, Findings) {
    let mut reading = Reading::default();
    let entry = reading.alias(entry);
    (entry, reading.findings)
}
