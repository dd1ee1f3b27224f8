//! The warning about a document without a section that is read.

use std::rc::Rc;
use std::sync::Arc;

use super::finding::Finding;
use super::mark::Mark;
use super::tree::{EVERY_SECTION, NodeValue, SECTIONS, TreeNode};
use super::yaml::{self, ReadLimits};
use crate::base::problem::Code;
use crate::base::text::Quoted;

/// A section that is not at the top level.
pub(super) struct NestedSection {
    name: &'static str,
    /// The key whose value contains it.
    parent: Rc<str>,
    line: usize,
}

/// Warns that a document has no section that is read.
pub(super) fn nothing_found(nested: Option<NestedSection>, is_litellm: bool) -> Finding {
    let document = Mark {
        document: 0,
        node: 0,
    };
    let help = match nested {
        Some(NestedSection { name, parent, line }) => format!(
            "`{name}` is nested under {} at line {line}; move it to the top level",
            Quoted(&parent)
        ),
        None if is_litellm => "`model_list` is LiteLLM's; write each of its models as an entry of \
                               `model_providers`"
            .to_owned(),
        None => "write `model_providers:` and `model_aliases:` at the top level".to_owned(),
    };
    let message = "neither `model_providers` nor `model_aliases` is found";
    Finding::new(document, Code::NothingFound, message, help)
}

/// Searches a text for the first section below the top level. Finds none in a document that is too large to
/// be read as a whole.
pub(super) fn nested_section(
    name: &Arc<str>,
    text: &str,
    limits: ReadLimits,
) -> Option<NestedSection> {
    let top = yaml::read(name, text, EVERY_SECTION, limits).ok()?;
    let top = top.entries.into_iter().rev();
    let mut waiting: Vec<(Rc<str>, TreeNode<'_>)> = top
        .filter_map(|(key, value)| Some((key.text.into(), value?)))
        .collect();
    // Depth first, so that the sections are found in file order.
    while let Some((parent, node)) = waiting.pop() {
        match node.value {
            NodeValue::Map(entries) => {
                let section = entries.iter().find_map(|entry| {
                    let name = SECTIONS.iter().find(|name| **name == entry.key.text)?;
                    Some((*name, entry.key.id))
                });
                if let Some((name, key)) = section {
                    let line = yaml::places(text, EVERY_SECTION, vec![key]).first()?.0;
                    return Some(NestedSection { name, parent, line });
                }
                let entries = entries.into_iter().rev();
                waiting.extend(entries.map(|entry| (entry.key.text.into(), entry.value)));
            }
            NodeValue::List(items) => {
                let items = items.into_iter().rev();
                waiting.extend(items.map(|item| (Rc::clone(&parent), item)));
            }
            _ => {}
        }
    }
    None
}
