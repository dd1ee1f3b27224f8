//! [`Scanner`]: detection in a text that arrives in pieces.

use super::kind::Detection;
use super::pass::DetectorPass;
use super::window::{BEHIND, TRIGGER};
use super::{email, pem};

/// How many bytes at the end of a text may still become part of a match: the longest match, the text that
/// a trigger needs, and the local part of an address before it.
///
/// The actual number is usually far smaller: only private keys and three-part tokens exceed 600 bytes,
/// and [`Scanner::settled`] holds back nothing after a match that cannot continue.
pub(crate) const REACH: usize = pem::BLOCK + 256 + TRIGGER + BEHIND;

/// Finds sensitive data in a text that arrives in pieces.
///
/// The matches do not depend on how the text is split. A trigger is checked only when enough text
/// follows that no earlier trigger can appear, and a check that needs more text waits for it.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    /// The text from offset `base` on.
    text: Vec<u8>,
    base: usize,
    pass: DetectorPass,
    settled: usize,
    /// The length of `text` at which a waiting checker runs again.
    again: usize,
}

impl Scanner {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Reads the next piece.
    pub(crate) fn push(&mut self, piece: &str) {
        self.text.extend_from_slice(piece.as_bytes());
        if self.text.len() >= self.again {
            let waiting = self.pass.advance(&self.text, self.base, false);
            self.settle(waiting);
        }
    }

    /// Ends the text. The next piece starts a new one.
    pub(crate) fn finish(&mut self) {
        self.pass.advance(&self.text, self.base, true);
        self.settled = self.base + self.text.len();
        self.base = self.settled;
        self.text.clear();
        self.again = 0;
        self.pass.forget_all();
    }

    /// Takes the matches since the last call, with offsets in the whole text.
    pub(crate) fn take(&mut self) -> Vec<Detection> {
        std::mem::take(&mut self.pass.detections)
    }

    /// The settled offset of the whole text: no later match starts before it. It is a character boundary.
    pub(crate) fn settled(&self) -> usize {
        self.settled
    }

    /// How many bytes were read outside the automaton, for the test of linear time.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.pass.bytes_read
    }

    /// Updates the settled offset, and drops text that is no longer needed.
    fn settle(&mut self, waiting: Option<usize>) {
        let len = self.text.len();
        let waiting = waiting.unwrap_or(len);
        // Every pattern that starts before this offset is complete.
        let judged = len.saturating_sub(TRIGGER);
        self.pass.from = self.pass.from.max(waiting.min(judged));
        // A pattern cut off by the end of the text starts at or after this offset: it is shorter than
        // `TRIGGER`, and no pattern contains three lower-case letters before white space.
        let cut_off = self.pass.from.max(judged).max(quiet(&self.text));
        let first = waiting.min(cut_off);
        let settled = lead_in(&self.text, self.pass.floor, first);
        self.settled = self.settled.max(self.base + settled);
        // An open PEM block is read again only after it has grown by an eighth.
        self.again = len + (len - first) / 8;

        let keep_from = self.pass.from.min(settled).saturating_sub(BEHIND);
        let keep_from = start_of_char(&self.text, keep_from);
        self.text.drain(..keep_from);
        self.base += keep_from;
        self.again -= keep_from;
        self.pass.forget(keep_from);
    }
}

/// The offset after the last white space that follows three lower-case letters. No pattern contains
/// both.
fn quiet(text: &[u8]) -> usize {
    let from = text.len().saturating_sub(TRIGGER);
    let tail = &text[from..];
    let space = tail.windows(4).rposition(|part| {
        part[..3].iter().all(u8::is_ascii_lowercase) && matches!(part[3], b' ' | b'\n')
    });
    space.map_or(0, |at| from + at + 4)
}

/// The earliest start of a match whose trigger is at `place`: it may include the local part of an
/// address, the digits of a key, or the separator before a number.
fn lead_in(text: &[u8], floor: usize, place: usize) -> usize {
    let lowest = floor.max(place.saturating_sub(BEHIND));
    let part = |byte: u8| email::is_local(byte) || matches!(byte, b'(' | b'%');
    let mut start = place;
    while start > lowest && part(text[start - 1]) {
        start -= 1;
    }
    // A full-width separator of three bytes before a number.
    if start >= lowest + 3 && text[start - 3] == 0xef {
        start -= 3;
    }
    start_of_char(text, start)
}

/// Rounds an offset down to a character boundary.
fn start_of_char(text: &[u8], place: usize) -> usize {
    let goes_on = |at: &usize| matches!(text.get(*at), Some(0x80..=0xbf));
    (0..=place).rev().find(|at| !goes_on(at)).unwrap_or(0)
}
