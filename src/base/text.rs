//! Formats user input for messages: quoting, escaping, cutting, joining.

use std::fmt;

/// Longer words are cut, so that an error stays on one line. In characters.
const LONGEST: usize = 64;

/// The longest alias name, in characters.
const LONGEST_NAME: usize = 128;

/// Shows a word in backticks, with control characters escaped, cut after 64 characters.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`")?;
        for (count, c) in self.0.chars().enumerate() {
            if count == LONGEST {
                f.write_str("…")?;
                break;
            }
            // A backtick would end the quotation; unprintable characters would garble a terminal.
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

/// Shows a key in backticks, cut at the first character that is not valid in known keys. With a missing
/// space, `access_key:sk-1` is one key that contains the secret.
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

/// Escapes control characters, without adding backticks.
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

/// Like [`escaped`], cut after as many characters as an alias name may have.
pub(crate) fn printable(word: &str) -> String {
    let (shown, more) = match word.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => (&word[..end], "…"),
        None => (word, ""),
    };
    escaped(shown) + more
}

/// Whether it is a control character, a line separator or a mark that changes the writing direction.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200b}'..='\u{200f}'
        )
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns the first 64 characters of a word.
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

/// Formats a count with its noun: `1 list`, `2 lists`.
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
