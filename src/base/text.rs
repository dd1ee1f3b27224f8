//! How the user's words appear in a sentence.

use std::fmt;

/// Words longer than this are cut, so that an error stays one line.
const LONGEST: usize = 64;

/// The longest name of an alias.
const LONGEST_NAME: usize = 128;

/// Shows a user's word in backticks: control characters escaped, cut after 64 characters.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`")?;
        for (count, c) in self.0.chars().enumerate() {
            if count == LONGEST {
                f.write_str("…")?;
                break;
            }
            // A backtick would end the quotation, the rest would garble a terminal.
            if c == '`' || c == '\\' {
                write!(f, "\\{c}")?;
            } else if is_unprintable(c) {
                write!(f, "{}", c.escape_default())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        f.write_str("`")
    }
}

/// Shows a key in backticks, from the first character on that no key of ours has only as `…`:
/// without its space, `access_key:sk-1` is one key, secret included.
pub(crate) struct QuotedKey<'a>(pub(crate) &'a str);

impl fmt::Display for QuotedKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let other = |c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.');
        match self.0.find(other) {
            Some(end) => write!(f, "`{}…`", cut(&self.0[..end])),
            None => write!(f, "{}", Quoted(self.0)),
        }
    }
}

/// A word without backticks, control characters escaped.
pub(crate) fn escaped(word: &str) -> String {
    let mut text = String::with_capacity(word.len());
    for c in word.chars() {
        if is_unprintable(c) {
            text.extend(c.escape_default());
        } else {
            text.push(c);
        }
    }
    text
}

/// The same for a picture, cut after as many characters as the name of an alias may have.
pub(crate) fn printable(word: &str) -> String {
    let (shown, more) = match word.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => (&word[..end], "…"),
        None => (word, ""),
    };
    escaped(shown) + more
}

/// Control characters, line separators and marks that turn the direction of writing.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200b}'..='\u{200f}'
        )
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The first 64 characters of a word.
pub(crate) fn cut(word: &str) -> &str {
    word.char_indices()
        .nth(LONGEST)
        .map_or(word, |(end, _)| &word[..end])
}

/// Joins words in backticks with commas and a last `and` or `or`.
pub(crate) fn list<'a>(words: impl IntoIterator<Item = &'a str>, last: &str) -> String {
    let words: Vec<String> = words.into_iter().map(|w| Quoted(w).to_string()).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., end] => format!("{} {last} {end}", most.join(", ")),
    }
}

/// `article noun`, as in `a list`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_escaped_and_cut() {
        let long = "x".repeat(70);
        for (word, expected) in [
            ("gpt-4o", "`gpt-4o`".to_owned()),
            ("a\nb", "`a\\nb`".to_owned()),
            ("a`b", "`a\\`b`".to_owned()),
            ("\u{202e}abc", "`\\u{202e}abc`".to_owned()),
            (&long, format!("`{}…`", "x".repeat(64))),
        ] {
            assert_eq!(Quoted(word).to_string(), expected);
        }
    }

    #[test]
    fn a_key_shows_no_more_than_a_word() {
        for (key, expected) in [
            ("base_url", "`base_url`"),
            ("x-größe.1", "`x-größe.1`"),
            ("access_key:sk-1", "`access_key…`"),
            ("access_key sk-1", "`access_key…`"),
            ("\"sk-1", "`…`"),
        ] {
            assert_eq!(QuotedKey(key).to_string(), expected);
        }
    }

    #[test]
    fn words_are_joined() {
        assert_eq!(list([], "or"), "");
        assert_eq!(list(["a"], "or"), "`a`");
        assert_eq!(list(["a", "b", "c"], "or"), "`a`, `b` or `c`");
    }
}
