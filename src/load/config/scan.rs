//! What must be known of a text before the YAML reader sees it.
//!
//! The reader takes time quadratic in the number of open brackets and of directives before its
//! first visitor runs, keeps 104 bytes and more for every node, and resolves an anchor that is
//! defined twice to a wrong value. None of it shows afterwards, so all is found here, by a
//! light scan for the tokens of YAML: quotes, comments, block scalars, brackets, dashes, commas
//! and anchors. It judges nothing else.
//!
//! What remains is proportional, but not small: `[a,a,a` costs the reader 114 bytes a byte, and
//! a text with problems is read twice. `tests/suite/hostile` states the factor of each kind.

use std::collections::HashMap;

/// What the scan refuses, with the byte where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    ControlCharacter(usize),
    TooDeep(usize),
    /// Too many `- ` or `? ` on one line, each of which opens a level.
    DeepLine(usize),
    /// More keys in flow mappings than a text of this size may hold.
    TooDense(usize),
    Directives(usize),
    /// The second definition of an anchor, and the first.
    DuplicateAnchor(usize, usize),
}

/// Brackets that may be open at once.
pub(super) const MAX_OPEN: usize = super::node::MAX_DEPTH as usize;

/// Lines that begin with `%`. YAML knows two kinds, and one of either is plenty.
pub(super) const MAX_DIRECTIVES: usize = 16;

/// Keys and values in brackets that a text may have. The reader keeps 104 bytes for each, so
/// that the two of `a,` in a mapping make a hundred times the text. A list of digits passes.
const fn most_nodes(bytes: usize) -> usize {
    bytes / 4 * 3 + 10_000
}

/// Scans a text.
///
/// # Complexity
///
/// `O(n)`. Texts without anchors and with few brackets, which is nearly all, take one pass
/// over their bytes; only the others are split into tokens.
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
        || commas > most_nodes(bytes.len()) / 2
        || percents > MAX_DIRECTIVES;
    if suspicious {
        Tokens::new(text).run()
    } else {
        Ok(())
    }
}

/// Bytes that say nothing to the first pass: nine of ten, passed over by one look.
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

/// A walk over the tokens of a text.
struct Tokens<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    line_start: usize,
    /// The column of the block collection that the next scalar belongs to; -1 at the top.
    parent: isize,
    /// The `- ` and `? ` of this line.
    dashes: usize,
    open: Vec<u8>,
    nodes: usize,
    directives: usize,
    anchors: HashMap<&'a str, usize>,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            line_start: 0,
            parent: -1,
            dashes: 0,
            open: Vec::new(),
            nodes: 0,
            directives: 0,
            anchors: HashMap::new(),
        }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(b'\n')
    }

    fn column(&self, at: usize) -> isize {
        // A quoted key may begin lines before its colon.
        isize::try_from(at.saturating_sub(self.line_start)).unwrap_or(isize::MAX)
    }

    fn blank(byte: u8) -> bool {
        matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
    }

    fn run(&mut self) -> Result<(), Refusal> {
        // Where the node began that a `:` would turn into a key.
        let mut key_start = None;
        while self.at < self.bytes.len() {
            let byte = self.bytes[self.at];
            let start = self.at;
            let ends = Self::blank(self.peek(1));
            let flow = !self.open.is_empty();
            match byte {
                b'\n' | b'\r' => {
                    self.at += 1;
                    self.line_start = self.at;
                    self.dashes = 0;
                    key_start = key_start.filter(|_| flow);
                    if self.document_mark() {
                        self.at += 3;
                        self.parent = -1;
                    }
                    continue;
                }
                b' ' | b'\t' => {
                    self.at += 1;
                    continue;
                }
                b'#' if start == 0 || Self::blank(self.bytes[start - 1]) => {
                    self.skip_line();
                    continue;
                }
                b'%' if !flow && self.column(start) == 0 => {
                    self.directives += 1;
                    if self.directives > MAX_DIRECTIVES {
                        return Err(Refusal::Directives(start));
                    }
                    self.skip_line();
                }
                b'[' | b'{' => {
                    self.open.push(byte);
                    if self.open.len() > MAX_OPEN {
                        return Err(Refusal::TooDeep(start));
                    }
                    key_start.get_or_insert(start);
                    self.at += 1;
                }
                b']' | b'}' if flow => {
                    self.open.pop();
                    self.at += 1;
                }
                b',' if flow => {
                    self.nodes += if self.open.last() == Some(&b'{') {
                        2
                    } else {
                        1
                    };
                    if self.nodes > most_nodes(self.bytes.len()) {
                        return Err(Refusal::TooDense(start));
                    }
                    self.at += 1;
                }
                b'-' | b'?' if !flow && ends => {
                    self.dashes += 1;
                    if self.dashes > MAX_OPEN {
                        return Err(Refusal::DeepLine(start));
                    }
                    self.parent = self.column(start);
                    self.at += 1;
                }
                b':' if ends || flow => {
                    if !flow && let Some(key) = key_start.take() {
                        self.parent = self.column(key);
                    }
                    self.at += 1;
                }
                b'"' => {
                    key_start.get_or_insert(start);
                    self.double_quoted();
                }
                b'\'' => {
                    key_start.get_or_insert(start);
                    self.single_quoted();
                }
                b'&' => {
                    key_start.get_or_insert(start);
                    self.anchor()?;
                }
                b'*' | b'!' => {
                    key_start.get_or_insert(start);
                    self.skip_word();
                }
                b'|' | b'>' if !flow => self.block_scalar(),
                _ => {
                    key_start.get_or_insert(start);
                    self.plain(flow);
                }
            }
            debug_assert!(self.at > start, "every token moves on");
        }
        Ok(())
    }

    /// Whether a line begins with `---` or `...`, alone.
    fn document_mark(&self) -> bool {
        let rest = &self.bytes[self.at..];
        (rest.starts_with(b"---") || rest.starts_with(b"...")) && Self::blank(self.peek(3))
    }

    fn skip_line(&mut self) {
        while self.at < self.bytes.len() && !matches!(self.bytes[self.at], b'\n' | b'\r') {
            self.at += 1;
        }
    }

    fn newline(&mut self) {
        self.line_start = self.at + 1;
    }

    fn double_quoted(&mut self) {
        self.at += 1;
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' => self.at += 1,
                b'\n' => self.newline(),
                _ => {}
            }
            self.at += 1;
        }
    }

    fn single_quoted(&mut self) {
        self.at += 1;
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b'\'' if self.peek(1) == b'\'' => self.at += 1,
                b'\'' => {
                    self.at += 1;
                    return;
                }
                b'\n' => self.newline(),
                _ => {}
            }
            self.at += 1;
        }
    }

    fn skip_word(&mut self) {
        while self.at < self.bytes.len()
            && !Self::blank(self.bytes[self.at])
            && !matches!(self.bytes[self.at], b',' | b'[' | b']' | b'{' | b'}')
        {
            self.at += 1;
        }
    }

    fn anchor(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        self.skip_word();
        let text = self.text;
        let name = &text[start..self.at];
        if name.len() > 1
            && let Some(first) = self.anchors.insert(name, start)
        {
            return Err(Refusal::DuplicateAnchor(start, first));
        }
        Ok(())
    }

    /// Skips a block scalar: its header and every line that is blank or indented deeper than
    /// the collection it belongs to.
    fn block_scalar(&mut self) {
        self.skip_line();
        self.skip_indented();
    }

    fn skip_indented(&mut self) {
        loop {
            let mut next = self.at;
            while next < self.bytes.len() && matches!(self.bytes[next], b'\n' | b'\r') {
                next += 1;
            }
            let start = next;
            while next < self.bytes.len() && self.bytes[next] == b' ' {
                next += 1;
            }
            if next >= self.bytes.len() {
                self.at = next;
                return;
            }
            let blank = matches!(self.bytes[next], b'\n' | b'\r');
            let indent = isize::try_from(next - start).unwrap_or(isize::MAX);
            if !blank && indent <= self.parent {
                return;
            }
            self.at = next;
            self.line_start = start;
            self.skip_line();
        }
    }

    /// Skips a plain scalar, over the lines that it goes on for.
    fn plain(&mut self, flow: bool) {
        loop {
            while self.at < self.bytes.len() {
                let byte = self.bytes[self.at];
                let next = self.peek(1);
                match byte {
                    b'\n' | b'\r' => break,
                    b':' if Self::blank(next) => return,
                    b':' if flow && matches!(next, b',' | b'[' | b']' | b'{' | b'}') => return,
                    b',' | b'[' | b']' | b'{' | b'}' if flow => return,
                    b'#' if self.at > 0 && Self::blank(self.bytes[self.at - 1]) => return,
                    _ => self.at += 1,
                }
            }
            if flow || !self.goes_on() {
                return;
            }
        }
    }

    /// In a block: whether the next line that holds something belongs to the scalar; if so,
    /// moves there.
    fn goes_on(&mut self) -> bool {
        let mut next = self.at;
        let mut line = self.at;
        while next < self.bytes.len() && Self::blank(self.bytes[next]) {
            if matches!(self.bytes[next], b'\n' | b'\r') {
                line = next + 1;
            }
            next += 1;
        }
        let indent = isize::try_from(next - line).unwrap_or(isize::MAX);
        if next >= self.bytes.len() || indent <= self.parent || self.bytes[next] == b'#' {
            return false;
        }
        // A line with a key of its own begins something new.
        let rest = &self.text[next..];
        let rest = &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())];
        if rest.ends_with(':') || rest.contains(": ") {
            return false;
        }
        self.at = next;
        self.line_start = line;
        true
    }
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

    #[test]
    fn any_text_is_scanned_to_its_end() {
        // Every text of up to six characters out of those that mean something.
        let alphabet = [
            "a", " ", "\n", "'", "\"", "&x", "[", "]", "|", ":", "-", "#", "\\",
        ];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            texts = texts
                .iter()
                .flat_map(|t| alphabet.iter().map(move |c| format!("{t}{c}")))
                .collect();
        }
        for text in texts {
            let _ = Tokens::new(&text).run();
        }
    }
}
