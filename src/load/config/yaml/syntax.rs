//! Explains why a text is not YAML, in words of our own.
//!
//! The error text of the YAML crate is never shown: it quotes the file, and the line with the mistake
//! may hold an access key. But its parts are enough to tell the mistakes apart: a problem with a place, and
//! often the construct that was being read, with the place where it began.

use crate::base::text::Quoted;

/// A line and a column.
pub(super) type LineColumn = (usize, usize);

/// A syntax error with its place and help.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) place: LineColumn,
    pub(super) message: String,
    pub(super) help: &'static str,
}

/// The place to show: where the YAML crate gave up, or where the construct began.
#[derive(Clone, Copy)]
enum FaultPlace {
    End,
    Start,
}

/// Words in the YAML crate's problem and in its context, and the message and help to show. The
/// first row that matches both counts.
const FAULTS: &[(&str, &str, FaultPlace, &str, &str)] = &[
    ("tab character", "", FaultPlace::End, TAB, SPACES),
    (
        "unexpected end of stream",
        "quoted scalar",
        FaultPlace::Start,
        "a quote is not closed",
        "write the closing quote",
    ),
    (
        "unexpected document indicator",
        "quoted scalar",
        FaultPlace::Start,
        "a quote is not closed",
        "write the closing quote",
    ),
    (
        "",
        "quoted scalar",
        FaultPlace::End,
        "the characters after this `\\` are not a valid escape",
        "write `\\\\` for a backslash, or use single quotes",
    ),
    (
        "expected ':'",
        "simple key",
        FaultPlace::Start,
        "a `:` is missing after a key",
        "write `key: value`, the space included, or indent the line under what it belongs to",
    ),
    (
        "mapping values are not allowed",
        "",
        FaultPlace::End,
        "a `:` is not expected here",
        "quote a text that holds `: `, or check the indentation",
    ),
    (
        "",
        "scanning an alias",
        FaultPlace::Start,
        "a name is expected behind `*`",
        "quote a text that begins with `*`",
    ),
    (
        "",
        "scanning an anchor",
        FaultPlace::Start,
        "a name is expected behind `&`",
        "quote a text that begins with `&`",
    ),
    (
        "",
        "scanning a tag",
        FaultPlace::Start,
        "a YAML tag cannot be read",
        "quote a text that begins with `!`",
    ),
    (
        "tag handle",
        "",
        FaultPlace::End,
        "a YAML tag cannot be read",
        "quote a text that begins with `!`",
    ),
    (
        "",
        "directive",
        FaultPlace::Start,
        "a YAML directive cannot be read",
        "remove the line that begins with `%`",
    ),
    (
        "incompatible YAML document",
        "",
        FaultPlace::End,
        "a YAML directive cannot be read",
        "remove the line that begins with `%`",
    ),
    (
        "",
        "flow node",
        FaultPlace::End,
        "a value is expected here, inside brackets",
        "close the bracket, or remove a comma",
    ),
    (
        "block sequence entries are not allowed",
        "",
        FaultPlace::End,
        "a list cannot begin here",
        "begin it on a line of its own, or quote a text that begins with `- `",
    ),
    (
        "",
        "block mapping",
        FaultPlace::End,
        "a key is expected here",
        "check the indentation here and on the line before; nothing may follow a closed quote or bracket",
    ),
    (
        "",
        "block collection",
        FaultPlace::End,
        "an item of the list is expected here",
        "begin each item with `- `, all at the same indentation",
    ),
    (
        "",
        "block scalar",
        FaultPlace::End,
        "the text after `|` or `>` cannot begin here",
        "begin it on the next line, indented with spaces and deeper than the key",
    ),
    (
        "expected node content",
        "",
        FaultPlace::End,
        "a value is expected here",
        "quote a text that begins with a bracket or a comma",
    ),
];

const TAB: &str = "a tab stands where YAML wants spaces";
const SPACES: &str = "indent with spaces";

/// Explains the YAML crate's error about a text; `end` is the place where it gave up.
pub(super) fn explain(text: &str, error: &str, end: LineColumn) -> Fault {
    let (problem, context) = error.split_once(", ").unwrap_or((error, ""));
    // "did not find expected ',' or ']' at …, while …" contains the separator itself.
    let (problem, context) = match context.split_once(", while ") {
        Some((_, context)) => (error, context),
        None => (problem, context),
    };
    let start = place_in(context);
    let fault = |place, message: &str, help| Fault {
        place,
        message: message.to_owned(),
        help,
    };
    if problem.contains("cannot start any token")
        && let Some(c) = char_at(text, end)
    {
        return match c {
            '\t' => fault(end, TAB, SPACES),
            _ => Fault {
                place: end,
                message: format!(
                    "no value can begin with {}",
                    Quoted(c.encode_utf8(&mut [0; 4]))
                ),
                help: "put the text in quotes",
            },
        };
    }
    if char_at(text, end) == Some('!') {
        return fault(
            end,
            "a second YAML tag stands before one value",
            "remove the words that begin with `!`",
        );
    }
    for (kind, closing) in [("flow sequence", ']'), ("flow mapping", '}')] {
        if context.contains(kind) {
            let (line, column) = start.unwrap_or((1, 1));
            return Fault {
                place: end,
                message: format!(
                    "`,` or `{closing}` is expected here; the bracket opens at {line}:{column}"
                ),
                help: "close the bracket, or put a comma between its entries",
            };
        }
    }
    let row = FAULTS
        .iter()
        .find(|(sign, reading, ..)| problem.contains(sign) && context.contains(reading));
    match row {
        Some((_, _, FaultPlace::Start, message, help)) => {
            fault(start.unwrap_or(end), message, help)
        }
        Some((_, _, FaultPlace::End, message, help)) => fault(end, message, help),
        None => fault(
            end,
            "the YAML cannot be read from here on",
            "check indentation, colons, quotes and brackets here and on the line before",
        ),
    }
}

/// Parses the place at the end of a part of the YAML crate's error.
fn place_in(text: &str) -> Option<LineColumn> {
    let (line, column) = text.rsplit_once(" at line ")?.1.split_once(" column ")?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

fn char_at(text: &str, (line, column): LineColumn) -> Option<char> {
    text.lines().nth(line - 1)?.chars().nth(column - 1)
}

/// Returns the anchor at a place, such as `a` for `&a`, if the text after it refers to it. A document that is nested
/// without end there contains itself.
pub(super) fn self_reference(text: &str, (line, column): LineColumn) -> Option<&str> {
    let start: usize = text
        .split_inclusive('\n')
        .take(line - 1)
        .map(str::len)
        .sum();
    let rest = text.get(start..)?;
    let at = rest.char_indices().nth(column - 1)?.0;
    let rest = rest.get(at..)?.strip_prefix('&')?;
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}');
    let (name, rest) = rest.split_at(rest.find(ends)?);
    let mut uses = rest.match_indices('*');
    let is_use = |(at, _): (usize, &str)| {
        let after = rest[at + 1..].strip_prefix(name);
        after.is_some_and(|after| after.is_empty() || after.starts_with(ends))
    };
    uses.any(is_use).then_some(name)
}

/// Returns the place of the `---` before the first node of a document: on the same line, or before
/// it with only comments between. Without such a mark, returns the place of the node.
pub(super) fn document_mark(text: &str, node: LineColumn) -> LineColumn {
    let lines: Vec<&str> = text.lines().take(node.0).collect();
    for (at, line) in lines.iter().enumerate().rev() {
        if line.starts_with("---") {
            return (at + 1, 1);
        }
        let is_blank = line.trim().is_empty() || line.trim_start().starts_with('#');
        if at + 1 < node.0 && !is_blank {
            break;
        }
    }
    node
}
