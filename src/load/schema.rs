//! The JSON Schema of the configuration format, for editors.
//!
//! The schema uses draft 7: every version of the YAML language server that most editors use supports
//! it, and later drafts add nothing that the format needs. `patternErrorMessage` is an
//! extension of that server; other tools ignore it. `scripts/editor` tests the schema with the
//! server itself.
//!
//! The text is a template: only its word lists are filled in, from the lists that the reader uses.
//! The lists are closed, because an editor should underline a misspelt `tiemout`. An embedder that
//! registers words gets a schema that contains them.

use std::fmt::Write;

use crate::base::vocabulary::{ALGORITHMS, Vocabulary};
use crate::failure::{Condition, FailureClass};
use crate::load::routing_tests::ERRORS;

/// The schema, with a [`PLACEHOLDER`] for each word list: algorithms, conditions, failures, errors,
/// classes of answers.
const TEMPLATE: &str = include_str!("schema/template.json");

/// The placeholder of a word list. The template is valid JSON with its placeholders.
const PLACEHOLDER: &str = "\"@\"";

impl Vocabulary {
    /// Returns the JSON Schema (draft 7) of the configuration format, with the registered
    /// algorithms and conditions.
    ///
    /// The schema covers the shape of each entry: unknown fields, wrong types, unknown words, and
    /// texts and numbers out of range. Checks that need the whole file (references, cycles, sums)
    /// are left to [`Config::check`](crate::Config::check). Routing tests are covered too; other
    /// sections of the file are not checked.
    ///
    /// The schema of [`Vocabulary::new`] is in the repository as
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
        let answers = FailureClass::ALL
            .iter()
            .filter(|class| class.may_be_answered());
        let answers = words(answers.map(|class| class.as_str()), []);
        let mut lists = [algorithms, conditions, failures, errors, answers].into_iter();
        let mut schema = String::with_capacity(TEMPLATE.len() + 1024);
        for piece in TEMPLATE.split_inclusive(PLACEHOLDER) {
            schema.push_str(piece.trim_end_matches(PLACEHOLDER));
            if piece.ends_with(PLACEHOLDER) {
                schema.push_str(&lists.next().unwrap_or_default());
            }
        }
        schema
    }
}

/// Formats words as the elements of a JSON array.
fn words<'w>(
    built_in: impl Iterator<Item = &'w str>,
    registered: impl IntoIterator<Item = &'w String>,
) -> String {
    let all = built_in.chain(registered.into_iter().map(String::as_str));
    let all: Vec<String> = all.map(quoted).collect();
    all.join(", ")
}

/// Formats a word as a JSON string.
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
