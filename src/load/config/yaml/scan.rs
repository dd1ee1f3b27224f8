//! Refuses texts that the YAML crate handles badly, before it sees them.
//!
//! The crate takes time quadratic in the number of open brackets and of directives before its
//! first visitor runs, keeps at least 104 bytes for every node, and resolves an anchor that is
//! defined twice to a wrong value. None of this is visible afterwards. So a light scan looks for
//! the tokens of YAML: quotes, comments, block scalars, brackets, dashes, commas and anchors. It
//! checks nothing else.
//!
//! The memory for an accepted text is linear, but not small: `[a,a,a` costs the crate 114 bytes
//! per byte, and a text with problems is read twice. `tests/suite/hostile` states the factor for
//! each kind of text.

use super::refusal::{MAX_DIRECTIVES, MAX_OPEN, Refusal, max_flow_nodes};
use super::tokens::Tokens;

/// Checks a text for all that [`Refusal`] lists.
///
/// # Complexity
///
/// `O(n)`. Most texts have at most one anchor and few brackets, dashes, commas and percent signs, and
/// need one pass over their bytes. The others are also split into tokens.
pub(super) fn scan(text: &str) -> Result<(), Refusal> {
    let mut open = 0_usize;
    let mut deepest = 0;
    let mut anchors = 0;
    let mut dashes = 0_usize;
    let mut most_dashes = 0;
    let mut commas = 0_usize;
    let mut percents = 0_usize;
    let bytes = text.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        if ORDINARY[byte as usize] {
            continue;
        }
        match byte {
            b'\n' | b'\r' => dashes = 0,
            b',' => commas += 1,
            b'%' => percents += 1,
            b'-' | b'?' if matches!(bytes.get(at + 1), Some(b' ' | b'\t')) => {
                dashes += 1;
                most_dashes = most_dashes.max(dashes);
            }
            b'[' | b'{' => {
                open += 1;
                deepest = deepest.max(open);
            }
            b']' | b'}' => open = open.saturating_sub(1),
            b'&' => anchors += 1,
            0..=8 | 11 | 12 | 14..=31 | 127 => return Err(Refusal::ControlCharacter(at)),
            // The leading bytes of U+0080 to U+009F, U+FEFF, U+FFFE and U+FFFF.
            0xc2 | 0xef if text[at..].chars().next().is_some_and(is_refused) => {
                return Err(Refusal::ControlCharacter(at));
            }
            _ => {}
        }
    }
    let suspicious = deepest > MAX_OPEN
        || most_dashes > MAX_OPEN
        || anchors > 1
        || commas > max_flow_nodes(bytes.len()) / 2
        || percents > MAX_DIRECTIVES;
    if suspicious {
        Tokens::new(text).run()
    } else {
        Ok(())
    }
}

/// The bytes that the first pass skips with one look-up in this table: nine of ten.
const ORDINARY: [bool; 256] = {
    let mut ordinary = [false; 256];
    let mut byte = b' ';
    while byte < u8::MAX {
        ordinary[byte as usize] = !matches!(
            byte,
            b',' | b'%' | b'-' | b'?' | b'[' | b'{' | b']' | b'}' | b'&' | 127 | 0xc2 | 0xef
        );
        byte += 1;
    }
    ordinary
};

/// Characters above ASCII that YAML does not allow in a stream.
fn is_refused(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn anchors(text: &str, expected: Result<(), (usize, usize)>) {
        let found = match scan(text) {
            Ok(()) => Ok(()),
            Err(Refusal::DuplicateAnchor(second, first)) => Err((second, first)),
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn an_anchor_that_is_defined_twice_is_found() {
        anchors("a: &x 1\nb: &x 2\n", Err((11, 3)));
        anchors("[&x 1, &x 2]", Err((7, 1)));
        anchors("- &x\n  a: 1\n- &x {}\n", Err((14, 2)));
        anchors("&x a: 1\n&x b: 2\n", Err((8, 0)));
    }

    #[test]
    fn what_only_looks_like_an_anchor_is_none() {
        for text in [
            "a: &x 1\nb: &y 2\nc: [*x, *y]\n",
            "a: R&D &x\nb: Q&A &x\n",
            "a: \"&x &x\"\nb: '&x'\nc: '&x'\n",
            "a: 'it''s &x'\nb: '&x'\n",
            "# &x\n# &x\n",
            "a: b # &x &x\nc: &x 1\n",
            "a: |\n  &x\n  &x\nb: 1\n",
            "a: >-\n\n  &x\n\n  &x\nb: &x 1\n",
            "- |\n  &x\n- |\n  &x\n",
            "a: some\n  &x text\n  &x text\n",
            "a: \"x\\\" &x\"\nb: \"&x\"\nc: &x 1\n",
            "a: it's\nb: &x 1\nc: it's\n",
            "a: {b: it's, c: &x 1}\nd: it's\n",
            "k: a &x b\nl: a &x b\n",
            "? &x a\n: b\n",
            "%TAG ! &x &x\n---\na: 1\n",
        ] {
            anchors(text, Ok(()));
        }
    }

    #[test]
    fn only_open_brackets_count() {
        let deep =
            |n: usize, open: &str, close: &str| format!("a: {}{}", open.repeat(n), close.repeat(n));
        assert_eq!(scan(&deep(128, "[", "]")), Ok(()));
        assert_eq!(scan(&deep(129, "[", "]")), Err(Refusal::TooDeep(131)));
        assert_eq!(scan(&"{a: ".repeat(129)), Err(Refusal::TooDeep(512)));
        assert_eq!(scan(&"[]".repeat(1000)), Ok(()));
        for text in [
            format!("a: \"{}\"", "[".repeat(500)),
            format!("a: '{}'", "{".repeat(500)),
            format!("a: x{}", "[".repeat(500)),
            format!("# {}", "[".repeat(500)),
            format!("a: |\n  {}\nb: 1", "[".repeat(500)),
        ] {
            assert_eq!(scan(&text), Ok(()), "{text}");
        }
    }

    #[test]
    fn only_levels_of_one_line_count() {
        let line = |n: usize, piece: &str| format!("a:\n  {}x\n", piece.repeat(n));
        assert_eq!(scan(&line(128, "- ")), Ok(()));
        assert_eq!(scan(&line(129, "- ")), Err(Refusal::DeepLine(261)));
        assert_eq!(scan(&line(129, "? ")), Err(Refusal::DeepLine(261)));
        assert_eq!(scan(&"- a\n".repeat(500)), Ok(()));
        assert_eq!(scan(&line(500, "--- ")), Ok(()));
        assert_eq!(scan(&format!("a: x {}", "- ".repeat(500))), Ok(()));
        assert_eq!(scan(&format!("a: |\n  {}\n", "- ".repeat(500))), Ok(()));
        assert_eq!(scan(&format!("a: \"{}\"\n", "- ".repeat(500))), Ok(()));
    }

    #[test]
    fn sets_of_letters_and_many_directives_are_refused() {
        let dense = |open: &str, close: &str| format!("{open}{}{close}", "a,".repeat(50_000));
        assert_eq!(scan(&dense("{", "}")), Err(Refusal::TooDense(85_002)));
        for (open, close) in [("[", "]"), ("\"", "\""), ("# ", ""), ("{a: '", "'}")] {
            assert_eq!(scan(&dense(open, close)), Ok(()));
        }
        assert_eq!(scan(&"%YAML 1.1\n".repeat(16)), Ok(()));
        assert_eq!(
            scan(&"%YAML 1.1\n".repeat(17)),
            Err(Refusal::Directives(160))
        );
        assert_eq!(scan(&"a: 10%\n".repeat(50)), Ok(()));
        assert_eq!(scan(&format!("|\n{}", " %a\n".repeat(50))), Ok(()));
    }

    #[test]
    fn characters_that_yaml_does_not_allow() {
        for (text, at) in [
            ("a: \0", 3),
            ("a: \u{7f}", 3),
            ("é: \u{9b}", 4),
            ("a\u{feff}", 1),
        ] {
            assert_eq!(scan(text), Err(Refusal::ControlCharacter(at)));
        }
        assert_eq!(scan("a: é\u{85}ï\u{a0}😀\r\n\tﬀ"), Ok(()));
    }
}
