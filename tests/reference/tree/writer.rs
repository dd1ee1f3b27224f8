//! Writes a tree as YAML text, each time in a random one of many equivalent spellings.

use rand::RngExt;
use rand::rngs::StdRng;

use super::Tree;

/// Options for the document as a whole.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// Write the top level as `{…}` too.
    pub(crate) flow_root: bool,
    /// Use anchors, YAML aliases and merge keys.
    pub(crate) anchors: bool,
}

/// Returns the text of `tree`. It ends with a line break, and every line break is `\n`.
pub(crate) fn to_yaml(tree: &Tree, style: Style, rng: &mut StdRng) -> String {
    let step = if rng.random_bool(0.5) { 2 } else { 4 };
    let mut repeated = Vec::new();
    if style.anchors {
        find_repeated(tree, &mut Vec::new(), &mut repeated);
    }
    let mut writer = Writer {
        rng,
        out: String::new(),
        step,
        anchors: style.anchors,
        repeated,
        named: 0,
        defined: Vec::new(),
    };
    match tree {
        Tree::Map(fields) if !style.flow_root && !fields.is_empty() => {
            // Merge keys have no meaning at the top level, outside our sections.
            writer.block_entries(fields, 0, false);
        }
        _ => {
            writer.flow(tree);
            writer.out.push('\n');
        }
    }
    writer.out
}

/// Collects every map or list that occurs in the document more than once.
fn find_repeated(tree: &Tree, seen: &mut Vec<Tree>, repeated: &mut Vec<Tree>) {
    if !tree.fields().is_empty() || !tree.items().is_empty() {
        if seen.contains(tree) {
            repeated.push(tree.clone());
        } else {
            seen.push(tree.clone());
        }
    }
    for (_, value) in tree.fields() {
        find_repeated(value, seen, repeated);
    }
    for item in tree.items() {
        find_repeated(item, seen, repeated);
    }
}

/// The context of a scalar. Plain scalars allow fewer characters inside flow brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Block,
    Flow,
}

#[derive(Debug)]
struct Writer<'r> {
    rng: &'r mut StdRng,
    out: String,
    /// The indentation of a nested block: 2 or 4.
    step: usize,
    anchors: bool,
    repeated: Vec<Tree>,
    /// How many anchors were started.
    named: usize,
    /// The anchored values so far, with the names of their anchors.
    defined: Vec<(Tree, String)>,
}

impl Writer<'_> {
    fn chance(&mut self, probability: f64) -> bool {
        self.rng.random_bool(probability)
    }

    fn indent(&mut self, column: usize) {
        self.out.push_str(&" ".repeat(column));
    }

    /// Ends a line, sometimes with a comment.
    fn end_line(&mut self) {
        if self.chance(0.04) {
            self.out.push_str(" # it's {only}: a comment");
        }
        self.out.push('\n');
    }

    /// Writes blank lines and comments between two entries.
    fn noise(&mut self, column: usize) {
        if self.chance(0.03) {
            self.out.push('\n');
        }
        if self.chance(0.03) {
            self.indent(column);
            self.out.push_str("# model_aliases: {not: this}\n");
        }
    }

    /// Writes the lines of a non-empty map whose keys are at `column`.
    ///
    /// With `inline`, the first key goes on the current line.
    fn block_map(&mut self, fields: &[(String, Tree)], column: usize, inline: bool) {
        let Some((anchor, rest)) = self.merge_source(fields) else {
            return self.block_entries(fields, column, inline);
        };
        if !inline {
            self.indent(column);
        }
        self.out.push_str("<<: *");
        self.out.push_str(&anchor);
        self.end_line();
        self.block_entries(&rest, column, false);
    }

    fn block_entries(&mut self, fields: &[(String, Tree)], column: usize, inline: bool) {
        for (index, (key, value)) in fields.iter().enumerate() {
            if index > 0 || !inline {
                self.noise(column);
                self.indent(column);
            }
            self.key(key);
            self.out.push(':');
            self.block_value(value, column, false);
        }
    }

    fn block_list(&mut self, items: &[Tree], column: usize) {
        for item in items {
            self.noise(column);
            self.indent(column);
            self.out.push('-');
            self.block_value(item, column, true);
        }
    }

    /// Writes the value after a `key:` or `-` at `column`, and ends its line.
    fn block_value(&mut self, value: &Tree, column: usize, in_list: bool) {
        if value.fields().is_empty() && value.items().is_empty() {
            return self.block_leaf(value, in_list);
        }
        if let Some(anchor) = self.anchor_of(value) {
            self.out.push_str(" *");
            self.out.push_str(&anchor);
            return self.end_line();
        }
        let anchor = self.new_anchor(value, " &");
        if self.chance(0.3) {
            self.out.push(' ');
            self.flow_collection(value);
            self.end_line();
        } else {
            self.block_collection(value, column, in_list, anchor.is_some());
        }
        self.defined
            .extend(anchor.map(|name| (value.clone(), name)));
    }

    fn block_collection(&mut self, value: &Tree, column: usize, in_list: bool, anchored: bool) {
        match value {
            // An anchor before `key: value` on one line would belong to the key.
            Tree::Map(fields) if in_list && !anchored && self.chance(0.8) => {
                self.out.push(' ');
                self.block_map(fields, column + 2, true);
            }
            Tree::Map(fields) => {
                self.end_line();
                self.block_map(fields, column + self.step, false);
            }
            // A list under a key may be at the column of that key.
            Tree::List(items) if !in_list && self.chance(0.4) => {
                self.end_line();
                self.block_list(items, column);
            }
            other => {
                self.end_line();
                self.block_list(other.items(), column + self.step);
            }
        }
    }

    /// Writes a scalar or an empty collection at the end of a line.
    fn block_leaf(&mut self, value: &Tree, in_list: bool) {
        let nothing = *value == Tree::Null && !in_list && self.chance(0.4);
        if !nothing {
            self.out.push(' ');
            self.scalar(value, Place::Block);
        }
        self.end_line();
    }

    /// Writes any value on one line.
    fn flow(&mut self, value: &Tree) {
        if value.fields().is_empty() && value.items().is_empty() {
            return self.scalar(value, Place::Flow);
        }
        if let Some(anchor) = self.anchor_of(value) {
            self.out.push('*');
            self.out.push_str(&anchor);
            return;
        }
        let anchor = self.new_anchor(value, "&");
        if anchor.is_some() {
            self.out.push(' ');
        }
        self.flow_collection(value);
        self.defined
            .extend(anchor.map(|name| (value.clone(), name)));
    }

    fn flow_collection(&mut self, value: &Tree) {
        match value {
            Tree::Map(fields) => {
                self.out.push('{');
                for (index, (key, value)) in fields.iter().enumerate() {
                    self.comma(index);
                    self.key(key);
                    self.out.push_str(": ");
                    self.flow(value);
                }
                self.out.push('}');
            }
            other => {
                self.out.push('[');
                for (index, item) in other.items().iter().enumerate() {
                    self.comma(index);
                    self.flow(item);
                }
                self.out.push(']');
            }
        }
    }

    fn comma(&mut self, index: usize) {
        if index > 0 {
            self.out.push_str(", ");
        }
    }

    /// The anchor of an equal value that was written before.
    fn anchor_of(&self, value: &Tree) -> Option<String> {
        let found = self.defined.iter().find(|(tree, _)| tree == value);
        found.map(|(_, name)| name.clone())
    }

    /// Gives the value an anchor if it is repeated, and sometimes if it is not.
    ///
    /// The anchor is defined only after the value is written: a value that merged its own parent would have no end.
    fn new_anchor(&mut self, value: &Tree, mark: &str) -> Option<String> {
        let wanted = self.anchors
            && (self.repeated.contains(value)
                || (matches!(value, Tree::Map(_)) && self.chance(0.15)));
        wanted.then(|| {
            self.named += 1;
            let name = format!("a{}", self.named);
            self.out.push_str(mark);
            self.out.push_str(&name);
            name
        })
    }

    /// Returns an anchored map to merge into these fields, and the fields still to write.
    ///
    /// These fields must include each of its keys. Where the values differ the written field wins, so it stays.
    fn merge_source(&self, fields: &[(String, Tree)]) -> Option<(String, Vec<(String, Tree)>)> {
        let twice = |key: &String| fields.iter().filter(|(other, _)| other == key).count() > 1;
        if !self.anchors || fields.iter().any(|(key, _)| twice(key)) {
            return None;
        }
        self.defined.iter().find_map(|(source, name)| {
            let wanted = |key: &String| fields.iter().any(|(other, _)| other == key);
            let given = source.fields();
            let shared = fields.iter().filter(|field| given.contains(field)).count();
            if shared == 0 || !given.iter().all(|(key, _)| wanted(key)) {
                return None;
            }
            let rest = fields.iter().filter(|field| !given.contains(field));
            Some((name.clone(), rest.cloned().collect()))
        })
    }

    /// Writes a key. Keys are always text, so `4` and `true` need no quotes.
    fn key(&mut self, key: &str) {
        let plain = key.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && key
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
        if plain && self.chance(0.9) {
            self.out.push_str(key);
        } else {
            self.quoted(key);
        }
    }

    fn scalar(&mut self, value: &Tree, place: Place) {
        match value {
            Tree::Null => {
                let word = if self.chance(0.5) { "~" } else { "null" };
                self.out.push_str(word);
            }
            Tree::Bool(answer) => {
                let word = if *answer { "true" } else { "false" };
                self.out.push_str(word);
            }
            Tree::Int(number) => self.out.push_str(&number.to_string()),
            Tree::Decimal(number) => self.out.push_str(number),
            Tree::Text(text) if plain_is_text(text, place) && self.chance(0.7) => {
                self.out.push_str(text);
            }
            Tree::Text(text) => self.quoted(text),
            Tree::List(_) => self.out.push_str("[]"),
            Tree::Map(_) => self.out.push_str("{}"),
        }
    }

    fn quoted(&mut self, text: &str) {
        let single = text.chars().all(stands_in_quotes) && self.chance(0.5);
        let quoted = if single {
            format!("'{}'", text.replace('\'', "''"))
        } else {
            double_quoted(text)
        };
        self.out.push_str(&quoted);
    }
}

/// A character that needs no escape in either kind of quotes.
fn stands_in_quotes(c: char) -> bool {
    c == ' ' || c.is_ascii_graphic() || c.is_alphabetic()
}

fn double_quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if stands_in_quotes(c) => out.push(c),
            c => out.push_str(&format_escape(c)),
        }
    }
    out.push('"');
    out
}

fn format_escape(c: char) -> String {
    match c {
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        c => format!("\\U{:08x}", u32::from(c)),
    }
}

/// Whether this text, written without quotes, is read as the same text.
///
/// Returns `false` when in doubt, also for words that only an older YAML reads as bools.
fn plain_is_text(text: &str, place: Place) -> bool {
    const WORDS: &[&str] = &[
        "true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf", "infinity",
    ];
    if is_date(text) || is_duration_like(text) {
        return true;
    }
    let first = text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '$' | '_'));
    let last = text.ends_with(|c: char| c.is_ascii_alphanumeric());
    let inside = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '.' | '-' | '_' | '/' | '$' | ' ')
            || (c == ':' && place == Place::Block)
    };
    first
        && last
        && text.chars().all(inside)
        && !text.contains(": ")
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// `2027-01-31` is not a number, and a date only in schemas that are not used here.
fn is_date(text: &str) -> bool {
    let shape = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c });
    shape.eq("0000-00-00".chars())
}

/// `500ms`, `1m30s`: digits and units without any letter that a number may contain.
fn is_duration_like(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.ends_with(['s', 'm'])
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, 's' | 'm'))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::super::{decimal, list, map};
    use super::*;

    #[test]
    fn only_what_is_surely_text_goes_without_quotes() {
        for text in [
            "gpt-4o",
            "openai/gpt-4o",
            "$KEY",
            "5s",
            "1m30s",
            "2027-01-31",
            "two words",
        ] {
            assert!(plain_is_text(text, Place::Block), "{text}");
            assert!(plain_is_text(text, Place::Flow), "{text}");
        }
        for text in [
            "",
            "4",
            "1.10",
            "1e5",
            "0x1F",
            "1_000",
            "1:30",
            "true",
            "No",
            "~",
            "null",
            "- a",
            "a: b",
            "a #b",
            "*a",
            "&a",
            "!a",
            "a,b",
            "{a}",
            "a ",
            " a",
            "a:",
            "ü",
            "<<",
            "@a",
            "5",
            ".5",
            "-1",
            "+1",
            "Infinity",
            "2027-1-31",
            "%a",
            "?",
            "'a'",
            "\"a\"",
            "a\nb",
            "=",
        ] {
            assert!(!plain_is_text(text, Place::Block), "{text}");
        }
        assert!(plain_is_text("http://a:80/b", Place::Block));
        assert!(!plain_is_text("http://a:80/b", Place::Flow));
    }

    #[test]
    fn quotes_hide_what_they_hold() {
        assert_eq!(double_quoted("a\"b\\c\n\u{7}"), r#""a\"b\\c\n\U00000007""#);
    }

    #[test]
    fn an_equal_value_is_written_once_and_then_referred_to() {
        let shared = list([Tree::Int(1), decimal("2.5")]);
        let tree = map([("a", shared.clone()), ("b", shared)]);
        let style = Style {
            flow_root: true,
            anchors: true,
        };
        let text = to_yaml(&tree, style, &mut StdRng::seed_from_u64(1));
        assert!(
            text.contains("&a1 [1, 2.5]") && text.contains("*a1"),
            "{text}"
        );
    }

    #[test]
    fn the_same_seed_writes_the_same_text() {
        let tree = map([("a", list([map([("b", "c".into())])])), ("d", Tree::Null)]);
        let style = Style {
            flow_root: false,
            anchors: false,
        };
        let write = |seed| to_yaml(&tree, style, &mut StdRng::seed_from_u64(seed));
        assert_eq!(write(7), write(7));
        assert!((0..20).any(|seed| write(seed) != write(7)));
    }
}
