//! Reads the test set. `tests/detectors/README.md` describes its format.

use std::fs;
use std::ops::Range;

use super::source::detect::DataKind;
use crate::program::root;

/// A text with exactly one match.
pub(super) struct Positive {
    pub(super) kind: DataKind,
    pub(super) hard: bool,
    pub(super) text: String,
    pub(super) range: Range<usize>,
}

/// Returns the lines of a file of the test set.
fn lines(file: &str) -> Vec<String> {
    let path = root().join("tests/detectors").join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    text.lines().map(str::to_owned).collect()
}

/// Resolves the escapes in a line.
fn unescaped(line: &str) -> String {
    line.replace('‸', "").replace('␊', "\n").replace('␍', "\r")
}

pub(super) fn positives() -> Vec<Positive> {
    DataKind::ALL.into_iter().flat_map(of_kind).collect()
}

pub(super) fn of_kind(kind: DataKind) -> Vec<Positive> {
    let lines = lines(&format!("positives/{}.txt", kind.as_str()));
    lines.iter().map(|line| positive(kind, line)).collect()
}

fn positive(kind: DataKind, line: &str) -> Positive {
    let (word, text) = line.split_once('\t').unwrap();
    assert!(matches!(word, "plain" | "hard"), "{line}");
    let text = unescaped(text);
    let (before, rest) = text.split_once('⟦').unwrap();
    let (find, behind) = rest.split_once('⟧').unwrap();
    Positive {
        kind,
        hard: word == "hard",
        text: [before, find, behind].concat(),
        range: before.len()..before.len() + find.len(),
    }
}

pub(super) const ORDINARY: [&str; 4] = ["prose", "code", "near", "generated"];

/// Texts without a match, each with the name of its file.
pub(super) fn ordinary() -> Vec<(&'static str, String)> {
    let of_file = |file: &'static str| {
        lines(&format!("ordinary/{file}.txt"))
            .into_iter()
            .map(move |line| (file, unescaped(&line)))
    };
    ORDINARY.into_iter().flat_map(of_file).collect()
}
