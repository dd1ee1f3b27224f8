//! Text to tree, and node numbers to places. The only file that names the YAML crate.

mod syntax;

use std::sync::Arc;

use serde::Deserializer as _;
use serde_yaml::Deserializer;

use super::node::{
    Budget, KEY_EXPECTED, NodeId, OVER_BUDGET, Pass, Places, REPEATED, TOO_DEEP, Top, TopVisitor,
    root_place,
};
use super::scan::{MAX_DIRECTIVES, MAX_OPEN, Refusal, scan};
use crate::base::location::Location;
use crate::base::problem::{Code, Problem};
use crate::base::value::Value;
use syntax::Fault;

/// How large a document may be.
///
/// # Examples
///
/// ```
/// use model_aliases::{Config, Code, ReadLimits};
///
/// let limits = ReadLimits::new().max_bytes(10);
/// let error = Config::from_yaml_with("config.yaml", "model_aliases: {}", limits);
/// assert_eq!(error.map_err(|e| e.problems()[0].code()).err(), Some(Code::TooLarge));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    max_bytes: usize,
    max_nodes: u32,
}

impl ReadLimits {
    /// The defaults: 16 MiB and four million nodes.
    pub const fn new() -> Self {
        Self {
            max_bytes: 16 << 20,
            max_nodes: 4_000_000,
        }
    }

    /// The longest text, in bytes.
    #[must_use]
    pub const fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// The most nodes (keys and values, YAML aliases expanded) in the sections that are read.
    /// Whatever it is, YAML aliases cannot make more of a text than a node for each byte, and
    /// 30,000.
    #[must_use]
    pub const fn max_nodes(mut self, nodes: u32) -> Self {
        self.max_nodes = nodes;
        self
    }

    /// For a document that comes without its text.
    pub(crate) fn budget(self) -> Budget {
        Budget {
            nodes: self.max_nodes,
            text: usize::MAX,
        }
    }

    /// For a text of so many bytes. Without YAML aliases it holds fewer nodes than bytes, a
    /// tenth usually, and fewer bytes of scalars than twice its own (`"\L"` becomes three). The
    /// rest is room for YAML aliases, in proportion, so that fifty kilobytes cannot become
    /// gigabytes and a thousand aliases can merge a mapping of ten fields.
    fn budget_for(self, bytes: usize) -> Budget {
        let nodes = u32::try_from(bytes).unwrap_or(u32::MAX);
        Budget {
            nodes: self.max_nodes.min(nodes.saturating_add(ROOM)),
            text: bytes.saturating_mul(4).saturating_add(ROOM as usize),
        }
    }
}

/// Nodes, and bytes of scalars, that even the shortest text may have.
const ROOM: u32 = 30_000;

impl Default for ReadLimits {
    fn default() -> Self {
        Self::new()
    }
}

/// Takes a text through everything that is checked before it is parsed.
///
/// # Errors
///
/// A text over the byte limit, one that is not UTF-8, one that holds a character that YAML does
/// not allow, one with too many open brackets or with an anchor that is defined twice.
pub(super) fn admit<'t>(
    source: &Arc<str>,
    bytes: &'t [u8],
    limits: ReadLimits,
) -> Result<&'t str, Problem> {
    let refuse = |code, location, message: String, help: &str| {
        Problem::new(Code::severity(code), code, location, message, help.into())
    };
    if bytes.len() > limits.max_bytes {
        return Err(refuse(
            Code::TooLarge,
            place(source, bytes, 0),
            format!(
                "the text has {} bytes, at most {} are read",
                bytes.len(),
                limits.max_bytes
            ),
            "split the configuration, or raise the byte limit",
        ));
    }
    // A byte order mark would make the reader take the rest for a second document.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let at = |offset: usize| place(source, bytes, offset);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        refuse(
            Code::InvalidUtf8,
            at(error.valid_up_to()),
            "the text is not UTF-8 here".into(),
            "save the file as UTF-8",
        )
    })?;
    match scan(text) {
        Ok(()) => Ok(text),
        Err(Refusal::ControlCharacter(offset)) => Err(refuse(
            Code::ControlCharacter,
            at(offset),
            format!(
                "unexpected character `{}`",
                text[offset..]
                    .chars()
                    .next()
                    .map_or(String::new(), |c| c.escape_default().to_string())
            ),
            "remove it; YAML has no control characters but tab and line break",
        )),
        Err(Refusal::TooDeep(offset)) => Err(refuse(
            Code::TooDeep,
            at(offset),
            format!("more than {MAX_OPEN} brackets are open here"),
            "close the brackets; a configuration needs four levels",
        )),
        Err(Refusal::DeepLine(offset)) => Err(refuse(
            Code::TooDeep,
            at(offset),
            format!("more than {MAX_OPEN} lists and mappings begin on this line"),
            "a configuration needs four levels; are these dashes meant as text?",
        )),
        Err(Refusal::TooDense(offset)) => Err(refuse(
            Code::TooManyNodes,
            at(offset),
            "the mappings in brackets hold too many keys for the size of the text".into(),
            "write sets as lists, one entry a line",
        )),
        Err(Refusal::Directives(offset)) => Err(refuse(
            Code::InvalidYaml,
            at(offset),
            format!("more than {MAX_DIRECTIVES} directives"),
            "remove the lines that begin with `%`",
        )),
        Err(Refusal::DuplicateAnchor(second, first)) => {
            let (first, second) = (at(first), at(second));
            Err(refuse(
                Code::DuplicateAnchor,
                second.clone(),
                format!(
                    "an anchor of this name is already defined at {}",
                    first.seen_from(&second)
                ),
                "rename one of the two anchors",
            ))
        }
    }
}

/// The place of a byte.
fn place(source: &Arc<str>, bytes: &[u8], offset: usize) -> Location {
    let before = &bytes[..offset];
    let line_start = before
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |at| at + 1);
    let line = before.split(|&b| b == b'\n').count();
    let column = String::from_utf8_lossy(&before[line_start..])
        .chars()
        .count()
        + 1;
    Location::text(Arc::clone(source), line, column)
}

/// Reads an admitted text.
///
/// # Errors
///
/// Broken YAML, a document over the node budget, one that nests too deep, a key that is no
/// text, a second document.
pub(super) fn read<'t>(
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
    let mut pass = Pass::new(sections, budget, None);
    let top = first
        .deserialize_option(TopVisitor(&mut pass))
        .map_err(|error| {
            let expands = budget.nodes < limits.max_nodes;
            explain(source, text, &error, expands, limits)
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

/// Reads the same sections of a text once more for the places of some nodes, given in ascending
/// order.
pub(super) fn places(
    text: &str,
    sections: &'static [&'static str],
    wanted: Vec<NodeId>,
) -> Vec<(usize, usize)> {
    let mut places = Places {
        wanted,
        found: Vec::new(),
    };
    // Node 0 is the document: it is asked for outside the tree.
    if places.wanted.first() == Some(&0) {
        let root = Deserializer::from_str(text)
            .next()
            .map_or((1, 1), root_place);
        places.found.push(root);
    }
    if let Some(document) = Deserializer::from_str(text).next() {
        // The first reading kept to its budget, and this one reads the same.
        let unlimited = Budget {
            nodes: u32::MAX,
            text: usize::MAX,
        };
        let mut pass = Pass::new(sections, unlimited, Some(&mut places));
        let _ = document.deserialize_option(TopVisitor(&mut pass));
    }
    places.found.resize(places.wanted.len(), (1, 1));
    places.found
}

/// Writes a document.
pub(super) fn write(value: &Value) -> String {
    // A tree of texts, numbers, lists and mappings cannot fail to be written.
    serde_yaml::to_string(value).unwrap_or_default()
}

/// Puts the reader's error into our words; [`syntax`] knows why its own are not shown.
fn explain(
    source: &Arc<str>,
    text: &str,
    error: &serde_yaml::Error,
    expands: bool,
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
    let (code, fault) = if has(OVER_BUDGET) && !expands {
        (
            Code::TooManyNodes,
            fault(
                &format!("more than {} keys and values", limits.max_nodes),
                "split the configuration, or raise the node budget",
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
    use super::super::node::SECTIONS;
    use super::*;

    /// Every kind of node, with the place that a problem there must show.
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
            // Asking for one gives the same place as asking for all.
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
