//! Words that hurt, as the library `rustrict` judges them.
//!
//! The library judges a text as a whole: it does not say where it found something, and sees letters in
//! numbers and code. So it is given one word at a time. Places are exact, time is linear, and
//! what is no word is left out.

use std::collections::HashMap;
use std::ops::Range;

use rustrict::{Censor, Type};

use super::kind::{DataKind, Detection};

/// What has more characters is no word.
const LONGEST: usize = 32;

/// Finds every word that is profane, offensive or obscene, at least moderately.
///
/// # Complexity
///
/// `O(bytes)`: about a microsecond for each letter of a word not met before in this text.
pub(crate) fn find(text: &str) -> Vec<Detection> {
    let mut known: HashMap<&str, bool> = HashMap::new();
    let mut finds = Vec::new();
    let mut spaced = Spaced::default();
    for range in words(text) {
        let word = &text[range.clone()];
        if word.chars().nth(1).is_none() {
            finds.extend(spaced.add(text, range));
            continue;
        }
        finds.extend(spaced.end());
        if *known.entry(word).or_insert_with(|| hurts(word)) {
            finds.push(range);
        }
    }
    finds.extend(spaced.end());
    let found = |range| Detection {
        kind: DataKind::Profanity,
        range,
    };
    finds.into_iter().map(found).collect()
}

/// Up to where a text that goes on is decided: behind the last word of three letters or more that
/// has ended, so that no row of single letters goes on over it, nor one that an escape hides the
/// first letter of. What is behind it is to be asked again with what comes.
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

/// Single letters with one mark between each, as in `d.a.r.n`.
#[derive(Default)]
struct Spaced {
    letters: String,
    range: Range<usize>,
}

impl Spaced {
    /// Takes in the next letter; if it begins a new row, says what the one before came to.
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
        hurts(&letters).then(|| self.range.clone())
    }
}

/// Whether a character may stand in a word.
fn part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '*' | '@' | '$' | '!')
}

/// The words of a text: letters, and the digits and marks that stand for some.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(part)?;
        let rest = &text[start..];
        let end = start + rest.find(|c| !part(c)).unwrap_or(rest.len());
        from = end;
        // `\n` in a text of a program; marks around a word.
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

/// Whether the library takes it for a word that hurts.
fn hurts(word: &str) -> bool {
    let count = word.chars().count();
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let kinds = Type::PROFANE | Type::OFFENSIVE | Type::SEXUAL;
    (3..=LONGEST).contains(&count)
        && letters * 2 >= count
        && Censor::from_str(word)
            .analyze()
            .is(kinds & Type::MODERATE_OR_HIGHER)
}
