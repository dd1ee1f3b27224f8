//! The format as a JSON Schema, for editors.
//!
//! Draft 7, because every version of the language server behind most editors' YAML support reads it;
//! later drafts bring nothing that the format needs. `patternErrorMessage` is that server's own word,
//! which others skip. `scripts/editor` asks the server itself. The text is a template: only its lists
//! of words are filled in, out of the lists that the reader itself uses. Closed lists, since a
//! misspelt `tiemout` is what an editor should underline, and whoever registers words of
//! their own gets a schema with these in it.

use std::fmt::Write;

use crate::base::vocabulary::{ALGORITHMS, Vocabulary};
use crate::failure::{Condition, FailureClass};
use crate::load::routing_tests::ERRORS;

/// The schema, [`GAP`] in place of each list of words: algorithms, conditions, failures, errors.
const TEMPLATE: &str = include_str!("schema/template.json");

/// What a list of words is put in for. The template is JSON with it, too.
const GAP: &str = "\"@\"";

impl Vocabulary {
    /// Writes the JSON Schema (draft 7) of the configuration format, with these words among the
    /// algorithms and conditions.
    ///
    /// It sees what the shape of an entry tells: unknown fields, wrong types, unknown words, texts
    /// and numbers out of range. What takes the whole file (references, cycles, sums) is left to
    /// [`Config::check`](crate::Config::check). Routing tests are seen as well; other sections of the file are
    /// not judged.
    ///
    /// The schema of [`Vocabulary::new`] lies in the repository as
    /// `schema/model-aliases.schema.json`.
    ///
    /// # Examples
    ///
    /// ```
    /// use model_aliases::Vocabulary;
    ///
    /// let schema = Vocabulary::new().algorithm("cheapest").json_schema();
    /// assert!(schema.contains(r#""sticky", "cheapest"]"#));
    /// ```
    pub fn json_schema(&self) -> String {
        let algorithms = words(ALGORITHMS.iter().copied(), &self.algorithms);
        let conditions = words(Condition::words(), &self.conditions);
        let classes = FailureClass::ALL.iter().map(|class| class.as_str());
        let failures = words(classes, []);
        let errors = words(ERRORS.iter().copied(), []);
        let mut lists = [algorithms, conditions, failures, errors].into_iter();
        let mut schema = String::with_capacity(TEMPLATE.len() + 1024);
        for piece in TEMPLATE.split_inclusive(GAP) {
            schema.push_str(piece.trim_end_matches(GAP));
            if piece.ends_with(GAP) {
                schema.push_str(&lists.next().unwrap_or_default());
            }
        }
        schema
    }
}

/// Words as the inside of a JSON array.
fn words<'w>(
    built_in: impl Iterator<Item = &'w str>,
    registered: impl IntoIterator<Item = &'w String>,
) -> String {
    let all = built_in.chain(registered.into_iter().map(String::as_str));
    let all: Vec<String> = all.map(quoted).collect();
    all.join(", ")
}

/// A word as a JSON string.
fn quoted(word: &str) -> String {
    let mut text = String::from('"');
    for c in word.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '\0'..='\u{1f}' => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            _ => text.push(c),
        }
    }
    text.push('"');
    text
}
