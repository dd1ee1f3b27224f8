//! Detects profane words with the library `rustrict`.
//!
//! The library classifies a text as a whole: it does not report ranges, and it reads numbers and code as
//! letters. So it gets one word at a time. This gives exact ranges and linear time, and skips everything
//! that is not a word.

use std::collections::HashMap;
use std::ops::Range;

use rustrict::{Censor, Type};

use super::kind::{DataKind, Detection};

/// The longest word, in characters.
const LONGEST: usize = 32;

/// Finds every word that is profane, offensive or obscene, at least moderately.
///
/// # Complexity
///
/// `O(bytes)`: about a microsecond per letter for each word that is new in this text.
pub(crate) fn find(text: &str) -> Vec<Detection> {
    let mut known: HashMap<&str, bool> = HashMap::new();
    let mut ranges = Vec::new();
    let mut spaced = Spaced::default();
    for range in words(text) {
        let word = &text[range.clone()];
        if word.chars().nth(1).is_none() {
            ranges.extend(spaced.add(text, range));
            continue;
        }
        ranges.extend(spaced.end());
        if *known.entry(word).or_insert_with(|| is_profane(word)) {
            ranges.push(range);
        }
    }
    ranges.extend(spaced.end());
    let found = |range| Detection {
        kind: DataKind::Profanity,
        range,
    };
    ranges.into_iter().map(found).collect()
}

/// The settled offset of an incomplete text: the end of the last complete word of at least three letters.
/// No sequence of single letters continues across such a word, even if an escape hides its first letter.
/// The caller must search the rest again with the next piece.
pub(crate) fn settled(text: &str) -> usize {
    let ends = |at: &usize| {
        text[*at..].starts_with(|c| !part(c))
            && text[..*at]
                .chars()
                .rev()
                .take(3)
                .filter(|c| c.is_alphabetic())
                .count()
                == 3
    };
    let places = text.char_indices().rev().map(|(at, _)| at);
    places.into_iter().find(ends).unwrap_or(0)
}

/// A sequence of single letters with one separator between them, as in `d.a.r.n`.
#[derive(Default)]
struct Spaced {
    letters: String,
    range: Range<usize>,
}

impl Spaced {
    /// Adds the next letter. If it starts a new sequence, returns the match of the previous one.
    fn add(&mut self, text: &str, letter: Range<usize>) -> Option<Range<usize>> {
        let gap = text.get(self.range.end..letter.start).unwrap_or_default();
        let goes_on = matches!(gap, " " | "." | "-" | "_" | "*")
            && !self.letters.is_empty()
            && self.letters.len() < LONGEST;
        let ended = if goes_on { None } else { self.end() };
        if self.letters.is_empty() {
            self.range = letter.clone();
        }
        self.letters.push_str(&text[letter.clone()]);
        self.range.end = letter.end;
        ended
    }

    fn end(&mut self) -> Option<Range<usize>> {
        let letters = std::mem::take(&mut self.letters);
        is_profane(&letters).then(|| self.range.clone())
    }
}

/// Whether a character may be part of a word.
fn part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '*' | '@' | '$' | '!')
}

/// The words of a text: letters, and digits and marks used in their place.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(part)?;
        let rest = &text[start..];
        let end = start + rest.find(|c| !part(c)).unwrap_or(rest.len());
        from = end;
        // The `n` of an escape `\n` is not part of the word, nor are marks around it.
        let escaped = text[..start].ends_with('\\') && rest.starts_with(['n', 'r', 't']);
        let start = start + usize::from(escaped);
        let letter = |c: char| c.is_alphabetic();
        let Some(first) = text[start..end].find(letter) else {
            return Some(start..start);
        };
        let trimmed = text[start..end].trim_end_matches(|c| !letter(c));
        Some(start + first..start + trimmed.len())
    })
    .filter(|range| !range.is_empty())
}

/// Whether the library classifies the word as profane.
fn is_profane(word: &str) -> bool {
    let count = word.chars().count();
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let kinds = Type::PROFANE | Type::OFFENSIVE | Type::SEXUAL;
    (3..=LONGEST).contains(&count)
        && letters * 2 >= count
        && Censor::from_str(word)
            .analyze()
            .is(kinds & Type::MODERATE_OR_HIGHER)
}
