//! Picks the sections to read from the top level of a document.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::super::finding::Finding;
use super::super::tree::{MERGE, MapEntry, MapKey, NodeId, NodeValue, SECTIONS, TESTS, TreeNode};
use super::entry_reader::{EntryReader, mark};
use crate::base::problem::{Code, Severity};
use crate::base::suggest::closest;
use crate::base::text::Quoted;

/// Returns the sections of these names in file order, with merge keys applied. Reports repeated
/// sections. Reports a misspelt section with the severity that `severity_of` returns for the name that
/// was probably meant.
pub(super) fn top_level<'a>(
    reader: &mut EntryReader,
    entries: Vec<(MapKey<'a>, Option<TreeNode<'a>>)>,
    names: &[&str],
    severity_of: impl Fn(&str) -> Option<Severity>,
) -> Vec<MapEntry<'a>> {
    let mut seen: HashMap<Cow<'a, str>, NodeId, FixedState> = HashMap::default();
    let mut sections = Vec::new();
    let mut merges = Vec::new();
    for (key, value) in entries {
        if let Some(first) = seen.get(&key.text) {
            let code = Code::DuplicateKey;
            reader.findings.push_with(code.severity(), || {
                let message = format!("duplicate section {}", Quoted(&key.text));
                Finding::new(mark(key.id), code, message, "put both into one section")
                    .first_at(mark(*first))
            });
            continue;
        }
        seen.insert(key.text.clone(), key.id);
        match value {
            Some(value) if key.text == MERGE => merges.push(value),
            Some(value) => sections.push(MapEntry { key, value }),
            None => {
                let known = || SECTIONS.iter().chain(TESTS).copied();
                if known().all(|name| name != key.text)
                    && let Some(meant) = closest(&key.text, known())
                    && let Some(severity) = severity_of(meant)
                {
                    let message = format!("section {} is not read", Quoted(&key.text));
                    let help = format!("did you mean {}?", Quoted(meant));
                    let code = Code::MisspeltSection;
                    let finding = Finding::new(mark(key.id), code, message, help);
                    reader.findings.push(Finding {
                        severity,
                        ..finding
                    });
                }
            }
        }
    }
    for merge in merges {
        for map in merge.merge_sources() {
            // The gateway may use merge keys for its own sections, so an invalid one is not reported
            // here. A merged section is used only if the document has no section with its name.
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
