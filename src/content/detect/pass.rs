//! The one pass: from trigger to trigger, and what each came to.

use super::kind::{DataKind, Detection};
use super::number::Digits;
use super::trigger;
use super::window::{TRIGGER, TextWindow};
use super::{address, card, email, iban, identity, key, pem, phone};

/// How far a pass is, and what it found. Places are those of the text it is given, finds those of
/// the whole text.
#[derive(Debug, Default)]
pub(super) struct DetectorPass {
    /// Where the search goes on.
    pub(super) from: usize,
    /// Digits that are judged next.
    digits: Option<usize>,
    /// The end of the last find; 0 if it is gone from the text.
    pub(super) floor: usize,
    pub(super) finds: Vec<Detection>,
    /// How many bytes were looked at outside of the automaton.
    pub(super) looks: u64,
}

/// What a trigger came to.
enum Judged {
    Found(DataKind, usize, usize),
    /// Nothing; the search goes on at the first place. If digits go on at the second one, and
    /// only marks are between, they are judged without asking the automaton, which for rows of
    /// numbers took most of the time.
    Nothing(usize, Option<usize>),
}

impl DetectorPass {
    /// Goes on in a text that begins at `base` in the whole one; `complete` says that it ends
    /// where the whole one ends. Returns the trigger that waits for more.
    pub(super) fn go_on(&mut self, text: &[u8], base: usize, complete: bool) -> Option<usize> {
        let mut window = TextWindow::new(text, self.floor, complete);
        let waiting = loop {
            let digits = self.digits;
            let Some(place) = digits.or_else(|| trigger::next(text, self.from)) else {
                break None;
            };
            if !complete && place + TRIGGER > text.len() {
                break Some(place);
            }
            let judged = judge(&mut window, place);
            if window.take_starved() {
                break Some(place);
            }
            (self.from, self.digits) = match judged {
                Judged::Found(kind, start, end) => {
                    let range = base + start..base + end;
                    self.finds.push(Detection { kind, range });
                    window.floor = end;
                    (end, None)
                }
                // Past the place in any case, so that the pass ends.
                Judged::Nothing(next, digits) => (next.max(place + 1), digits),
            };
        };
        self.floor = window.floor;
        self.looks += window.looks();
        waiting
    }

    /// Forgets the text, for another one.
    pub(super) fn forget_all(&mut self) {
        (self.from, self.digits, self.floor) = (0, None, 0);
    }

    /// Forgets the first bytes of the text, which lie before all that is still looked at.
    pub(super) fn forget(&mut self, bytes: usize) {
        self.from -= bytes;
        self.digits = self.digits.map(|place| place - bytes);
        self.floor = self.floor.saturating_sub(bytes);
    }
}

/// What stands at a trigger. At one place the stronger check comes first.
fn judge(window: &mut TextWindow<'_>, place: usize) -> Judged {
    let found = |kind| move |(start, end)| Judged::Found(kind, start, end);
    let here = |kind| move |end| Judged::Found(kind, place, end);
    let Some(first) = window.at(place) else {
        return Judged::Nothing(place + 1, None);
    };
    let mut next = (place + 1, None);
    let judged = match first {
        b'@' | b'%' => email::check(window, place).map(found(DataKind::Email)),
        b'-' if window.at(place + 1) == Some(b'-') => {
            pem::check(window, place).map(here(DataKind::PrivateKey))
        }
        b'-' => key::check_centre(window, place).map(found(DataKind::ApiKey)),
        b':' => address::check_colons(window, place).map(here(DataKind::Ip)),
        b'0'..=b'9' | 0xef => {
            let digits = Digits::parse(window, place);
            next = behind_digits(window, &digits, place);
            // Behind a plus even digits that pass for a card are a phone number.
            let plus = window.before(place, 1) == Some(b'+');
            let phone = plus.then(|| phone::check(window, &digits)).flatten();
            if let Some(range) = phone {
                return found(DataKind::Phone)(range);
            }
            address::check_digits(window, &digits)
                .map(here(DataKind::Ip))
                .or_else(|| address::check_colons(window, place).map(here(DataKind::Ip)))
                .or_else(|| identity::check_digits(window, &digits).map(here(DataKind::Ssn)))
                .or_else(|| card::check(window, &digits).map(here(DataKind::Card)))
                .or_else(|| key::check_bot(window, place).map(here(DataKind::ApiKey)))
                .or_else(|| phone::check(window, &digits).map(found(DataKind::Phone)))
        }
        _ => iban::check(window, place)
            .map(here(DataKind::Iban))
            .or_else(|| key::check(window, place).map(found(DataKind::ApiKey)))
            .or_else(|| identity::check_letters(window, place).map(here(DataKind::Ssn)))
            .or_else(|| address::check_colons(window, place).map(here(DataKind::Ip))),
    };
    judged.unwrap_or(Judged::Nothing(next.0, next.1))
}

/// Where the search goes on behind digits that are nothing: at their end, since a number begins
/// where a group does; but the digits of an escape, as in `%204111`, are none of it.
fn behind_digits(
    window: &mut TextWindow<'_>,
    digits: &Digits,
    place: usize,
) -> (usize, Option<usize>) {
    let hex = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
    match (window.before(place, 1), window.before(place, 2)) {
        (Some(b'%'), _) if hex(window.at(place + 1)) => (place + 2, None),
        (Some(byte), Some(b'%')) if byte.is_ascii_hexdigit() => (place + 1, None),
        _ => (digits.first_end(), digits.next_start()),
    }
}
