//! [`TextWindow`]: the piece of text that a checker reads.

/// An upper bound on the length of the automaton's patterns, in bytes. The longest has 61: seven digits with
/// up to three separators of three bytes between each two.
///
/// A trigger is checked only if at least this much text follows its start. With less, another pattern
/// may still start earlier.
pub(super) const TRIGGER: usize = 96;

/// How many bytes before a trigger a checker may read: the local part of an address and an escape before
/// it, or the words before a number.
pub(super) const BEHIND: usize = 160;

/// A piece of text that records whether a checker read past its end.
///
/// INVARIANT: a decision made without starving is the same for every longer text, because all the bytes
/// it depends on were present. This alone makes the matches independent of how a stream is split.
pub(super) struct TextWindow<'t> {
    text: &'t [u8],
    /// Matches start here or later: the end of the last match.
    pub(super) floor: usize,
    complete: bool,
    /// Whether a read went past the end of an incomplete text.
    starved: bool,
    bytes_read: u64,
}

impl<'t> TextWindow<'t> {
    /// Creates a window; `complete` means that no more text follows.
    pub(super) fn new(text: &'t [u8], floor: usize, complete: bool) -> Self {
        Self {
            text,
            floor,
            complete,
            starved: false,
            bytes_read: 0,
        }
    }

    /// The byte at an offset; `None` past the end, which is final only if the text is complete.
    #[inline]
    pub(super) fn at(&mut self, place: usize) -> Option<u8> {
        self.bytes_read += 1;
        let byte = self.text.get(place).copied();
        self.starved |= byte.is_none() && !self.complete;
        byte
    }

    /// The byte `back` bytes before an offset; `None` before the start.
    #[inline]
    pub(super) fn before(&mut self, place: usize, back: usize) -> Option<u8> {
        self.at(place.checked_sub(back)?)
    }

    /// The text at a trigger, at most [`TRIGGER`] bytes. Does not starve, since that much is present.
    pub(super) fn head(&self, trigger: usize) -> &'t [u8] {
        let end = self.text.len().min(trigger + TRIGGER);
        self.text.get(trigger..end).unwrap_or_default()
    }

    /// Whether the text at an offset starts with `text`.
    pub(super) fn is_at(&mut self, place: usize, text: &[u8]) -> bool {
        (0..)
            .zip(text)
            .all(|(i, &byte)| self.at(place + i) == Some(byte))
    }

    /// The end of the run of matching bytes from `from` on, at most `most` bytes.
    pub(super) fn run(&mut self, from: usize, most: usize, part: impl Fn(u8) -> bool) -> usize {
        let mut end = from;
        while end - from < most && self.at(end).is_some_and(&part) {
            end += 1;
        }
        end
    }

    /// The bytes of a range that was already read.
    pub(super) fn slice(&self, from: usize, to: usize) -> &'t [u8] {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Whether a read went past the current end since the last call.
    pub(super) fn take_starved(&mut self) -> bool {
        std::mem::take(&mut self.starved)
    }

    /// How many bytes were read.
    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Whether a match may start here: no word character precedes it.
    ///
    /// The tail of an escape does not count as a word, as in `\n4111` and `%3D4111`.
    pub(super) fn opens(&mut self, place: usize) -> bool {
        let Some(last) = self.before(place, 1) else {
            return true;
        };
        if last >= 0x80 {
            return !self.wide_digit_before(place);
        }
        !is_word(last) || self.escape_before(place)
    }

    /// Whether an escape such as `\n`, `\r`, `\t` or `%3D` ends here.
    pub(super) fn escape_before(&mut self, place: usize) -> bool {
        let hex = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
        let last = self.before(place, 1);
        (matches!(last, Some(b'n' | b'r' | b't')) && self.before(place, 2) == Some(b'\\'))
            || (hex(last) && hex(self.before(place, 2)) && self.before(place, 3) == Some(b'%'))
    }

    fn wide_digit_before(&mut self, place: usize) -> bool {
        place >= 3
            && matches!(self.before(place, 1), Some(0x90..=0x99))
            && self.is_at(place - 3, &[0xef, 0xbc])
    }

    /// Whether a match may end here: neither a word nor an address continues.
    pub(super) fn closes(&mut self, place: usize) -> bool {
        match self.at(place) {
            None => true,
            Some(b'@') => false,
            Some(b'%') => !self.is_at(place + 1, b"40"),
            Some(0xef) => {
                !(self.at(place + 1) == Some(0xbc)
                    && matches!(self.at(place + 2), Some(0x90..=0x99)))
            }
            Some(byte) => !is_word(byte),
        }
    }

    /// Whether one of these words occurs in the 40 bytes before an offset, with no digit in between.
    ///
    /// ASCII words must match a whole word; others may match a part of one.
    pub(super) fn has_word_before(&mut self, place: usize, words: &[&str]) -> bool {
        const NEAR: usize = 40;
        let mut near = [0; NEAR];
        let mut from = NEAR;
        while from > 0 {
            match self.before(place, NEAR - from + 1) {
                Some(byte) if !byte.is_ascii_digit() => {
                    from -= 1;
                    near[from] = byte.to_ascii_lowercase();
                }
                _ => break,
            }
        }
        let near = &near[from..];
        let spoken = |word: &[u8]| words.iter().any(|other| other.as_bytes() == word);
        let mut letters = near.split(|byte| !byte.is_ascii_alphabetic());
        if letters.any(|word| !word.is_empty() && spoken(word)) {
            return true;
        }
        !near.is_ascii()
            && (0..near.len()).any(|at| {
                let here = |word: &&str| {
                    word.as_bytes().first() == near.get(at)
                        && !word.is_ascii()
                        && near[at..].starts_with(word.as_bytes())
                };
                words.iter().any(here)
            })
    }
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
