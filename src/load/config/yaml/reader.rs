//! Parses YAML into a tree, finds the places of nodes, and writes YAML. The only file that names
//! the YAML crate.

use std::sync::Arc;

use serde::Deserializer as _;
use serde_yaml::Deserializer;

use super::super::tree::{
    KEY_EXPECTED, NodeBudget, NodeId, OVER_BUDGET, Places, REPEATED, ReadPass, TOO_DEEP, Top,
    TopVisitor, root_place,
};
use super::limits::ReadLimits;
use super::syntax::{self, Fault};
use crate::base::location::Location;
use crate::base::problem::{Code, Problem};
use crate::base::text::Quoted;
use crate::base::value::Value;

/// Reads a text that `admit` has accepted.
///
/// # Errors
///
/// Broken YAML, a document over the node limit, too deep nesting, a key that is not text, a second
/// document.
pub(in super::super) fn read<'t>(
    source: &Arc<str>,
    text: &'t str,
    sections: &'static [&'static str],
    limits: ReadLimits,
) -> Result<Top<'t>, Problem> {
    let mut documents = Deserializer::from_str(text);
    let Some(first) = documents.next() else {
        return Ok(Top::default());
    };
    let budget = limits.budget_for(text.len());
    let mut pass = ReadPass::new(sections, budget, None);
    let top = first
        .deserialize_option(TopVisitor(&mut pass))
        .map_err(|error| {
            // Only YAML aliases can exceed the limit that depends on the size of the text.
            let is_limited_by_size = budget.nodes < limits.max_nodes;
            explain(source, text, &error, is_limited_by_size, limits)
        })?;
    if let Some(second) = documents.next() {
        let (line, column) = syntax::document_mark(text, root_place(second));
        return Err(Problem::new(
            Code::MultipleDocuments.severity(),
            Code::MultipleDocuments,
            Location::text(Arc::clone(source), line, column),
            "a second document begins here".into(),
            "keep one document; lay others over it as overlays".into(),
        ));
    }
    Ok(top)
}

/// Reads the same sections of a text once more, and returns the places of the wanted nodes, which
/// must be in ascending order.
pub(in super::super) fn places(
    text: &str,
    sections: &'static [&'static str],
    wanted: Vec<NodeId>,
) -> Vec<(usize, usize)> {
    let mut places = Places {
        wanted,
        found: Vec::new(),
    };
    // Node 0 is the document, which is not part of the tree.
    if places.wanted.first() == Some(&0) {
        let root = Deserializer::from_str(text)
            .next()
            .map_or((1, 1), root_place);
        places.found.push(root);
    }
    if let Some(document) = Deserializer::from_str(text).next() {
        // The first pass kept to its budget, and this one reads the same nodes.
        let unlimited = NodeBudget {
            nodes: u32::MAX,
            text: usize::MAX,
        };
        let mut pass = ReadPass::new(sections, unlimited, Some(&mut places));
        let _ = document.deserialize_option(TopVisitor(&mut pass));
    }
    places.found.resize(places.wanted.len(), (1, 1));
    places.found
}

/// Writes a document.
pub(in super::super) fn write(value: &Value) -> String {
    // Writing a tree of texts, numbers, lists and mappings cannot fail.
    serde_yaml::to_string(value).unwrap_or_default()
}

/// Turns an error of the YAML crate into a problem. [`syntax`] says why the text of the error is
/// not shown.
fn explain(
    source: &Arc<str>,
    text: &str,
    error: &serde_yaml::Error,
    is_limited_by_size: bool,
    limits: ReadLimits,
) -> Problem {
    let words = error.to_string();
    let place = error
        .location()
        .map_or((1, 1), |place| (place.line(), place.column()));
    let has = |part: &str| words.contains(part);
    let fault = |message: &str, help| Fault {
        place,
        message: message.to_owned(),
        help,
    };
    let (code, fault) = if has(OVER_BUDGET) && !is_limited_by_size {
        (
            Code::TooManyNodes,
            fault(
                &format!("more than {} keys and values", limits.max_nodes),
                "split the configuration, or raise the node limit",
            ),
        )
    } else if has(OVER_BUDGET) || has(REPEATED) || has("repetition limit exceeded") {
        (
            Code::TooManyNodes,
            fault(
                "repeated YAML aliases stand for too many values",
                "write out what they stand for, or use fewer of them",
            ),
        )
    } else if (has("recursion limit exceeded") || has(TOO_DEEP))
        && let Some(name) = syntax::self_reference(text, place)
    {
        let message = format!("the anchor {} contains itself", Quoted(name));
        let help = "remove the YAML alias `*…` of that name from what the anchor stands for";
        (Code::TooDeep, fault(&message, help))
    } else if has("recursion limit exceeded") || has(TOO_DEEP) {
        (
            Code::TooDeep,
            fault(
                "the document nests deeper than 128 levels",
                "a configuration needs four levels; is a bracket or an indent too many?",
            ),
        )
    } else if has(KEY_EXPECTED) {
        (
            Code::WrongType,
            fault(
                "a key must be text",
                "write the key as a single word, in quotes if needed",
            ),
        )
    } else if has("unknown anchor") {
        (
            Code::InvalidYaml,
            fault(
                "a YAML alias refers to an anchor that is not defined before it",
                "define it as `&name` further up, or quote a text that begins with `*`",
            ),
        )
    } else {
        (Code::InvalidYaml, syntax::explain(text, &words, place))
    };
    Problem::new(
        code.severity(),
        code,
        Location::text(Arc::clone(source), fault.place.0, fault.place.1),
        fault.message,
        fault.help.into(),
    )
}

#[cfg(test)]
mod tests {
    use super::super::super::tree::SECTIONS;
    use super::*;

    /// Every kind of node, with the place that its problems must show.
    #[test]
    fn places_of_every_kind_of_node() {
        let text = "\
# a comment
model_aliases:
  1.10: x
  nul:
  tilde: ~
  lit: |
    foo
     bar
  fold: >-
    z
  multi: some plain
    continued
  flow: {x: [1, \"two\", 'th''ree'], y: !tag z}
  anchored: &q
    z: 1
  use: *q
  \"double\": 'a'
  ? explicit
  : value
  list:
    - a
    -
      b: c
  größe: ü
";
        let expected = [
            (2, 1),   // model_aliases
            (3, 3),   // its mapping
            (3, 3),   // 1.10
            (3, 9),   // x
            (4, 3),   // nul
            (4, 7),   // nothing, after the colon
            (5, 3),   // tilde
            (5, 10),  // ~
            (6, 3),   // lit
            (6, 8),   // |
            (9, 3),   // fold
            (9, 9),   // >-
            (11, 3),  // multi
            (11, 10), // some plain continued
            (13, 3),  // flow
            (13, 9),  // {
            (13, 10), // x
            (13, 13), // [
            (13, 14), // 1
            (13, 17), // "two"
            (13, 24), // 'th''ree'
            (13, 36), // y
            (13, 39), // !tag
            (13, 39), // z behind the tag
            (14, 3),  // anchored
            (14, 13), // &q
            (15, 5),  // z
            (15, 8),  // 1
            (16, 3),  // use
            (16, 8),  // *q
            (15, 5),  // z, at its definition
            (15, 8),  // 1, at its definition
            (17, 3),  // "double"
            (17, 13), // 'a'
            (18, 5),  // explicit
            (19, 5),  // value
            (20, 3),  // list
            (21, 5),  // its sequence
            (21, 7),  // a
            (23, 7),  // the mapping in the second item
            (23, 7),  // b
            (23, 10), // c
            (24, 3),  // größe
            (24, 10), // ü
        ];
        let wanted: Vec<NodeId> = (1..).take(expected.len()).collect();
        let found = places(text, SECTIONS, wanted.clone());
        for ((node, found), expected) in wanted.iter().zip(&found).zip(expected) {
            assert_eq!(*found, expected, "node {node}");
            // Asking for one gives the same place as asking for all, except for node 24, the value behind
            // a tag: its place is found only together with that of the tag.
            if *node != 24 {
                assert_eq!(
                    places(text, SECTIONS, vec![*node]),
                    [expected],
                    "node {node} alone"
                );
            }
        }
    }
}
