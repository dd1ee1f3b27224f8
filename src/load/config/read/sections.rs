//! Reads the sections of a configuration.

use super::super::entry::{AliasEntry, ProviderEntry, RuleEntry};
use super::super::finding::{Finding, Findings};
use super::super::tree::{MapEntry, NodeId, SECTIONS, TESTS, Top};
use super::entry_reader::{EntryReader, mark};
use super::top_level::top_level;
use crate::base::problem::{Code, Severity};
use crate::base::text::Quoted;

/// The sections of one document.
#[derive(Debug, Default)]
pub(in super::super) struct Sections {
    pub(in super::super) providers: Vec<ProviderEntry>,
    /// The entries of the second provider section, if both spellings are there.
    pub(in super::super) other_providers: Vec<ProviderEntry>,
    pub(in super::super) aliases: Vec<AliasEntry>,
    pub(in super::super) rules: Vec<RuleEntry>,
    pub(in super::super) findings: Findings,
    /// Whether the document has neither a section that is read nor one that looks like it.
    pub(in super::super) found_nothing: bool,
    /// Whether the document has LiteLLM's section of models.
    pub(in super::super) is_litellm: bool,
}

/// Reads the sections from a document's tree.
pub(in super::super) fn sections(top: Top<'_>) -> Sections {
    let mut reader = EntryReader::default();
    if let Some(kind) = top.not_a_mapping {
        reader.report(
            0,
            Code::WrongType,
            format!("a configuration must be a mapping, found {kind}"),
            "begin with `model_providers:` and `model_aliases:`",
        );
    }
    let has = |name: &str| top.entries.iter().any(|(key, _)| key.text == name);
    let mut sections = Sections {
        found_nothing: !SECTIONS.iter().chain(TESTS).any(|name| has(name)),
        is_litellm: has("model_list"),
        ..Sections::default()
    };
    let mut provider_section: Option<(NodeId, String)> = None;
    let severity_of = |_: &str| Some(Severity::Warning);
    let entries = top_level(&mut reader, top.entries, SECTIONS, severity_of);
    // Not reported if another finding says more, such as a wrong type or a misspelt section, nor if a merge key brings
    // a section.
    sections.found_nothing &= entries.is_empty() && reader.findings.iter().len() == 0;
    for MapEntry { key, value } in entries {
        match &*key.text {
            "model_aliases" => sections.aliases = reader.aliases(value),
            "model_failure_rules" => sections.rules = reader.rules(value),
            section => {
                if let Some((first, name)) = &provider_section {
                    reader.findings.push(
                        Finding::new(
                            mark(key.id),
                            Code::BothProviderSections,
                            format!(
                                "section {} has the same meaning as {} at",
                                Quoted(section),
                                Quoted(name)
                            ),
                            "keep `model_providers`; `llm_providers` is its older spelling",
                        )
                        .ending_at(mark(*first)),
                    );
                    sections.other_providers = reader.providers(value, section);
                } else {
                    provider_section = Some((key.id, section.to_owned()));
                    sections.providers = reader.providers(value, section);
                }
            }
        }
    }
    sections.findings = reader.findings;
    sections
}
