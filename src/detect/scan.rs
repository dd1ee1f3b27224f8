//! The one pass, over a text that may come in pieces.

use super::kind::{Found, Kind};
use super::number::Digits;
use super::trigger::{self, TRIGGER};
use super::window::{BEHIND, Window};
use super::{address, card, email, iban, identity, key, pem, phone};

/// How many bytes at the end of a text may still become part of a find: the longest one, what a
/// trigger needs to be judged, and an address's local part before it.
///
/// Seldom so many: only a private key or a token of three parts is longer than 600 bytes, and
/// [`Scanner::settled`] holds nothing back behind a find that cannot be going on.
pub(crate) const REACH: usize = pem::BLOCK + 256 + TRIGGER + BEHIND;

/// Finds in a text that comes in pieces.
///
/// However the text is cut, the finds are those of the whole.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    /// The text from `base` on.
    text: Vec<u8>,
    base: usize,
    /// Where the search goes on, in `text`.
    from: usize,
    /// Digits that are judged next.
    digits: Option<usize>,
    /// The end of the last find, in `text`; 0 if it is gone from there.
    floor: usize,
    settled: usize,
    /// A checker wanted more text: it is asked again when there is so much.
    again: usize,
    finds: Vec<Found>,
    looks: u64,
}

/// What a trigger came to.
enum Judged {
    Found(Kind, usize, usize),
    /// Nothing; the search goes on at the first place. If digits go on at the second one, and
    /// only marks are between, they are judged without asking the automaton, which for rows of
    /// numbers took most of the time.
    Nothing(usize, Option<usize>),
}

impl Scanner {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Reads the next piece.
    pub(crate) fn push(&mut self, piece: &str) {
        self.text.extend_from_slice(piece.as_bytes());
        if self.text.len() >= self.again {
            self.scan(false);
        }
    }

    /// Reads the last piece, which may be empty.
    pub(crate) fn push_last(&mut self, piece: &str) {
        self.text.extend_from_slice(piece.as_bytes());
        self.scan(true);
    }

    /// The finds since this was last asked, with their places in the whole text.
    pub(crate) fn take(&mut self) -> Vec<Found> {
        std::mem::take(&mut self.finds)
    }

    /// Up to which byte of the whole text everything is known: no find that is still to come
    /// begins before. It lies between characters.
    pub(crate) fn settled(&self) -> usize {
        self.settled
    }

    /// How many bytes were looked at outside of the automaton.
    pub(crate) fn looks(&self) -> u64 {
        self.looks
    }

    fn scan(&mut self, complete: bool) {
        let mut window = Window::new(&self.text, self.floor, complete);
        let len = self.text.len();
        let open = loop {
            let next = self.digits;
            let Some(place) = next.or_else(|| trigger::next(&self.text, self.from)) else {
                break None;
            };
            if !complete && place + TRIGGER > len {
                break Some(place);
            }
            let judged = judge(&mut window, place);
            if window.take_starved() {
                break Some(place);
            }
            (self.from, self.digits) = match judged {
                Judged::Found(kind, start, end) => {
                    let range = self.base + start..self.base + end;
                    self.finds.push(Found { kind, range });
                    window.floor = end;
                    (end, None)
                }
                // Past the place in any case, so that the pass ends.
                Judged::Nothing(next, digits) => (next.max(place + 1), digits),
            };
        };
        self.floor = window.floor;
        self.looks += window.looks();
        self.settle(open, complete);
    }

    /// Says what is settled, and lets go of text that nothing looks at any more.
    fn settle(&mut self, open: Option<usize>, complete: bool) {
        let len = self.text.len();
        if complete {
            self.settled = self.base + len;
            self.text = Vec::new();
            (self.base, self.from, self.floor) = (self.settled, 0, 0);
            self.digits = None;
            return;
        }
        // Before this no pattern begins that the end cuts off; the first whole one waits at `open`.
        let judged = len.saturating_sub(TRIGGER);
        self.from = self.from.max(open.unwrap_or(len).min(judged));
        // A pattern that is cut off reaches the end, and none goes on behind a small word and
        // white space.
        let cut_off = self.from.max(judged).max(quiet(&self.text));
        let first = open.unwrap_or(len).min(cut_off);
        let settled = lead_in(&self.text, self.floor, first);
        self.settled = self.settled.max(self.base + settled);
        // A block that goes on is read again only when it has grown by an eighth.
        let waiting = len - first;
        self.again = len + waiting / 8;

        let keep = self.from.min(settled).saturating_sub(BEHIND);
        let keep = (0..=keep)
            .rev()
            .find(|&at| is_start(&self.text, at))
            .unwrap_or(0);
        self.text.drain(..keep);
        self.base += keep;
        self.from -= keep;
        self.digits = self.digits.map(|place| place - keep);
        self.floor = self.floor.saturating_sub(keep);
        self.again -= keep;
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
    let part = |byte: u8| email::is_local(byte) || byte == b'(';
    let mut start = place;
    while start > lowest && part(text[start - 1]) {
        start -= 1;
    }
    // A wide mark of three bytes before a number.
    if start >= lowest + 3 && text[start - 3] == 0xef {
        start -= 3;
    }
    (0..=start)
        .rev()
        .find(|&at| is_start(text, at))
        .unwrap_or(0)
}

/// Whether a character begins at a place, or the text ends.
fn is_start(text: &[u8], place: usize) -> bool {
    text.get(place)
        .is_none_or(|byte| !matches!(byte, 0x80..=0xbf))
}

/// What stands at a trigger. At one place the stronger check comes first.
fn judge(window: &mut Window<'_>, place: usize) -> Judged {
    let found = |kind| move |(start, end)| Judged::Found(kind, start, end);
    let here = |kind| move |end| Judged::Found(kind, place, end);
    let Some(first) = window.at(place) else {
        return Judged::Nothing(place + 1, None);
    };
    let mut next = (place + 1, None);
    let judged = match first {
        b'@' | b'%' => email::check(window, place).map(found(Kind::Email)),
        b'-' if window.at(place + 1) == Some(b'-') => {
            pem::check(window, place).map(here(Kind::PrivateKey))
        }
        b'-' => key::check_centre(window, place).map(found(Kind::ApiKey)),
        b':' => address::check_colons(window, place).map(here(Kind::Ip)),
        b'0'..=b'9' | 0xef => {
            let digits = Digits::parse(window, place);
            next = behind_digits(window, &digits, place);
            // Behind a plus even digits that pass for a card are a phone number.
            let plus = window.before(place, 1) == Some(b'+');
            let phone = plus.then(|| phone::check(window, &digits)).flatten();
            if let Some(range) = phone {
                return found(Kind::Phone)(range);
            }
            address::check_digits(window, &digits)
                .map(here(Kind::Ip))
                .or_else(|| address::check_colons(window, place).map(here(Kind::Ip)))
                .or_else(|| identity::check_digits(window, &digits).map(here(Kind::Ssn)))
                .or_else(|| card::check(window, &digits).map(here(Kind::Card)))
                .or_else(|| key::check_bot(window, place).map(here(Kind::ApiKey)))
                .or_else(|| phone::check(window, &digits).map(found(Kind::Phone)))
        }
        _ => iban::check(window, place)
            .map(here(Kind::Iban))
            .or_else(|| key::check(window, place).map(found(Kind::ApiKey)))
            .or_else(|| identity::check_letters(window, place).map(here(Kind::Ssn)))
            .or_else(|| address::check_colons(window, place).map(here(Kind::Ip))),
    };
    judged.unwrap_or(Judged::Nothing(next.0, next.1))
}

/// Where the search goes on behind digits that are nothing: at their end, since a number begins
/// where a group does; but the digits of an escape, as in `%204111`, are none of it.
fn behind_digits(window: &mut Window<'_>, digits: &Digits, place: usize) -> (usize, Option<usize>) {
    let hex = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
    match (window.before(place, 1), window.before(place, 2)) {
        (Some(b'%'), _) if hex(window.at(place + 1)) => (place + 2, None),
        (Some(byte), Some(b'%')) if byte.is_ascii_hexdigit() => (place + 1, None),
        _ => (digits.first_end(), digits.next_start()),
    }
}
