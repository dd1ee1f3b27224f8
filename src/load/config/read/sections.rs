//! Reads the sections of a configuration.

use super::super::entry::{AliasEntry, ProviderEntry};
use super::super::finding::{Finding, Findings};
use super::super::tree::{Entry, NodeId, SECTIONS, Top};
use super::reading::{Reading, mark};
use super::top_level::top_level;
use crate::base::problem::{Code, Severity};
use crate::base::text::Quoted;

/// The sections of one document.
#[derive(Debug, Default)]
pub(in super::super) struct Sections {
    pub(in super::super) providers: Vec<ProviderEntry>,
    /// The entries under the other spelling, if both are there.
    pub(in super::super) other_providers: Vec<ProviderEntry>,
    pub(in super::super) aliases: Vec<AliasEntry>,
    pub(in super::super) findings: Findings,
}

/// Reads the sections out of a document's tree.
pub(in super::super) fn sections(top: Top<'_>) -> Sections {
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
