//! Splits a text into tokens and checks the limits of the scan.

use std::collections::HashMap;

use super::refusal::{MAX_DIRECTIVES, MAX_OPEN, Refusal, max_flow_nodes};

/// Walks over the tokens of a text.
pub(super) struct Tokens<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    line_start: usize,
    /// The column of the block collection that the next scalar belongs to; -1 at the top level.
    parent: isize,
    /// The number of `- ` and `? ` on this line.
    dashes: usize,
    open: Vec<u8>,
    nodes: usize,
    directives: usize,
    anchors: HashMap<&'a str, usize>,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
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
        // A quoted key may begin some lines before its colon.
        isize::try_from(at.saturating_sub(self.line_start)).unwrap_or(isize::MAX)
    }

    fn blank(byte: u8) -> bool {
        matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
    }

    pub(super) fn run(&mut self) -> Result<(), Refusal> {
        // The start of the node that a `:` would turn into a key.
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
                    if self.nodes > max_flow_nodes(self.bytes.len()) {
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

    /// Whether the line begins with the mark `---` or `...`.
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

    /// Skips a plain scalar, with all its lines.
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
            if flow || !self.continue_scalar() {
                return;
            }
        }
    }

    /// Outside brackets: moves to the next line that is not blank if it continues the scalar.
    /// Returns whether it does.
    fn continue_scalar(&mut self) -> bool {
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
        // A line with its own key begins a new node.
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

    #[test]
    fn any_text_is_scanned_to_its_end() {
        // Every text of five pieces out of those that have a meaning.
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
