//! The pass over a text that comes in pieces.

use super::kind::Detection;
use super::pass::DetectorPass;
use super::window::{BEHIND, TRIGGER};
use super::{email, pem};

/// How many bytes at the end of a text may still become part of a find: the longest one, what a
/// trigger needs to be judged, and an address's local part before it.
///
/// Seldom so many: only a private key or a token of three parts is longer than 600 bytes, and
/// [`Scanner::settled`] holds nothing back behind a find that cannot be going on.
pub(crate) const REACH: usize = pem::BLOCK + 256 + TRIGGER + BEHIND;

/// Finds in a text that comes in pieces.
///
/// However the text is cut, the finds are those of the whole: a trigger is judged once so much text
/// follows that none can still begin before it, and a judgement that wanted more text waits.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    /// The text from `base` on.
    text: Vec<u8>,
    base: usize,
    pass: DetectorPass,
    settled: usize,
    /// A checker wanted more text: it is asked again when there is so much.
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
            let waiting = self.pass.go_on(&self.text, self.base, false);
            self.settle(waiting);
        }
    }

    /// Says that the text has ended; what is pushed afterwards is another one.
    pub(crate) fn finish(&mut self) {
        self.pass.go_on(&self.text, self.base, true);
        self.settled = self.base + self.text.len();
        self.base = self.settled;
        self.text.clear();
        self.again = 0;
        self.pass.forget_all();
    }

    /// The finds since this was last asked, with their places in the whole text.
    pub(crate) fn take(&mut self) -> Vec<Detection> {
        std::mem::take(&mut self.pass.finds)
    }

    /// Up to which byte of the whole text everything is known: no find that is still to come
    /// begins before. It lies between characters.
    pub(crate) fn settled(&self) -> usize {
        self.settled
    }

    /// How many bytes were looked at outside of the automaton, for the test of linear time.
    pub(crate) fn looks(&self) -> u64 {
        self.pass.looks
    }

    /// Says what is settled, and lets go of text that nothing looks at any more.
    fn settle(&mut self, waiting: Option<usize>) {
        let len = self.text.len();
        let waiting = waiting.unwrap_or(len);
        // Before this no pattern begins that the end cuts off.
        let judged = len.saturating_sub(TRIGGER);
        self.pass.from = self.pass.from.max(waiting.min(judged));
        // A pattern that is cut off reaches the end, and none goes on behind a small word and
        // white space.
        let cut_off = self.pass.from.max(judged).max(quiet(&self.text));
        let first = waiting.min(cut_off);
        let settled = lead_in(&self.text, self.pass.floor, first);
        self.settled = self.settled.max(self.base + settled);
        // A block that goes on is read again only when it has grown by an eighth.
        self.again = len + (len - first) / 8;

        let keep = self.pass.from.min(settled).saturating_sub(BEHIND);
        let keep = start_of_char(&self.text, keep);
        self.text.drain(..keep);
        self.base += keep;
        self.again -= keep;
        self.pass.forget(keep);
    }
}

/// Behind the last white space that follows three small letters: no trigger's pattern has both.
fn quiet(text: &[u8]) -> usize {
    let from = text.len().saturating_sub(TRIGGER);
    let tail = &text[from..];
    let space = tail.windows(4).rposition(|part| {
        part[..3].iter().all(u8::is_ascii_lowercase) && matches!(part[3], b' ' | b'\n')
    });
    space.map_or(0, |at| from + at + 4)
}

/// Where a find may begin whose trigger begins at a place: at the local part of an address, the
/// digits of a key, the mark before a number.
fn lead_in(text: &[u8], floor: usize, place: usize) -> usize {
    let lowest = floor.max(place.saturating_sub(BEHIND));
    let part = |byte: u8| email::is_local(byte) || matches!(byte, b'(' | b'%');
    let mut start = place;
    while start > lowest && part(text[start - 1]) {
        start -= 1;
    }
    // A wide mark of three bytes before a number.
    if start >= lowest + 3 && text[start - 3] == 0xef {
        start -= 3;
    }
    start_of_char(text, start)
}

/// The place, or the start of the character that it is in.
fn start_of_char(text: &[u8], place: usize) -> usize {
    let goes_on = |at: &usize| matches!(text.get(*at), Some(0x80..=0xbf));
    (0..=place).rev().find(|at| !goes_on(at)).unwrap_or(0)
}
