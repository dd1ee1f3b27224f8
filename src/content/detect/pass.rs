//! [`DetectorPass`]: the loop that goes from trigger to trigger and runs the checkers.

use super::kind::{DataKind, Detection};
use super::number::Digits;
use super::trigger;
use super::window::{TRIGGER, TextWindow};
use super::{address, card, email, iban, identity, key, pem, phone};

/// The progress of a pass and its matches. Offsets refer to the given text, matches to the whole text.
#[derive(Debug, Default)]
pub(super) struct DetectorPass {
    /// Where the search continues.
    pub(super) from: usize,
    /// The offset of digits to check next.
    digits: Option<usize>,
    /// The end of the last match; 0 if that text was dropped.
    pub(super) floor: usize,
    pub(super) detections: Vec<Detection>,
    /// How many bytes were read outside the automaton.
    pub(super) bytes_read: u64,
}

/// The result of checking one trigger.
enum TriggerResult {
    Found(DataKind, usize, usize),
    /// No match. The search continues at the first offset. The second offset is the next group of digits,
    /// if only separators precede it: it is checked directly, because searching for it with the automaton
    /// took most of the time in rows of numbers.
    Nothing(usize, Option<usize>),
}

impl DetectorPass {
    /// Continues in a text that starts at offset `base` of the whole text. `complete` means that no more
    /// text follows. Returns the trigger that needs more text.
    pub(super) fn advance(&mut self, text: &[u8], base: usize, complete: bool) -> Option<usize> {
        let mut window = TextWindow::new(text, self.floor, complete);
        let waiting = loop {
            let digits = self.digits;
            let Some(place) = digits.or_else(|| trigger::next(text, self.from)) else {
                break None;
            };
            if !complete && place + TRIGGER > text.len() {
                break Some(place);
            }
            let result = check_trigger(&mut window, place);
            if window.take_starved() {
                break Some(place);
            }
            (self.from, self.digits) = match result {
                TriggerResult::Found(kind, start, end) => {
                    let range = base + start..base + end;
                    self.detections.push(Detection { kind, range });
                    window.floor = end;
                    (end, None)
                }
                // Always advances, so that the pass terminates.
                TriggerResult::Nothing(next, digits) => (next.max(place + 1), digits),
            };
        };
        self.floor = window.floor;
        self.bytes_read += window.bytes_read();
        waiting
    }

    /// Resets the offsets for a new text.
    pub(super) fn forget_all(&mut self) {
        (self.from, self.digits, self.floor) = (0, None, 0);
    }

    /// Shifts the offsets after the first bytes of the text were dropped.
    pub(super) fn forget(&mut self, bytes: usize) {
        self.from -= bytes;
        self.digits = self.digits.map(|place| place - bytes);
        self.floor = self.floor.saturating_sub(bytes);
    }
}

/// Runs the checkers that fit a trigger, the stronger checks first.
fn check_trigger(window: &mut TextWindow<'_>, place: usize) -> TriggerResult {
    let found = |kind| move |(start, end)| TriggerResult::Found(kind, start, end);
    let here = |kind| move |end| TriggerResult::Found(kind, place, end);
    let Some(first) = window.at(place) else {
        return TriggerResult::Nothing(place + 1, None);
    };
    let mut next = (place + 1, None);
    let result = match first {
        b'@' | b'%' => email::check(window, place).map(found(DataKind::Email)),
        b'-' if window.at(place + 1) == Some(b'-') => {
            pem::check(window, place).map(here(DataKind::PrivateKey))
        }
        b'-' => key::check_mailchimp(window, place).map(found(DataKind::ApiKey)),
        b':' => address::check_colons(window, place).map(here(DataKind::Ip)),
        b'0'..=b'9' | 0xef => {
            let digits = Digits::parse(window, place);
            next = after_digits(window, &digits, place);
            // A number after a plus is a phone number, even if it passes as a card number.
            let plus = window.before(place, 1) == Some(b'+');
            let phone = plus.then(|| phone::check(window, &digits)).flatten();
            if let Some(range) = phone {
                return found(DataKind::Phone)(range);
            }
            address::check_digits(window, &digits)
                .map(here(DataKind::Ip))
                .or_else(|| address::check_colons(window, place).map(here(DataKind::Ip)))
                .or_else(|| identity::check_digits(window, &digits).map(here(DataKind::NationalId)))
                .or_else(|| card::check(window, &digits).map(here(DataKind::Card)))
                .or_else(|| key::check_bot(window, place).map(here(DataKind::ApiKey)))
                .or_else(|| phone::check(window, &digits).map(found(DataKind::Phone)))
        }
        _ => iban::check(window, place)
            .map(here(DataKind::Iban))
            .or_else(|| key::check(window, place).map(found(DataKind::ApiKey)))
            .or_else(|| identity::check_letters(window, place).map(here(DataKind::NationalId)))
            .or_else(|| address::check_colons(window, place).map(here(DataKind::Ip))),
    };
    result.unwrap_or(TriggerResult::Nothing(next.0, next.1))
}

/// Where the search continues after digits without a match: at the end of the first group, since
/// numbers start with a group. In `%204111` the digits of the escape do not count.
fn after_digits(
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
