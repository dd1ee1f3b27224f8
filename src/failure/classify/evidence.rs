//! What was found in one answer, as it is found.

use std::sync::Arc;
use std::time::Duration;

use super::codes::{self, Strength};
use super::phrases::{self, Trust};
use super::rule::{FailureRule, MatchedParts};
use crate::failure::class::FailureClass;
use crate::failure::report::is_code;

/// The marks of JSON (brackets, commas, colons, quotes, backslashes) that are read. An error has a
/// few hundred; each costs up to a hundred instructions, and a body may be nothing but marks.
const MARKS: usize = 1_000;

/// The codes that are looked up. An error has at most a dozen, its details included.
const CODES: u8 = 16;

/// The longest text that may be a code.
const LONGEST: usize = 64;

/// Whether a byte is a mark; `|`, which is none, is taken for one, since so six are told by one look.
fn is_mark(byte: u8) -> bool {
    (byte | 0x20).wrapping_sub(b'{') < 3 || matches!(byte, b',' | b':' | b'"')
}

/// Where a code stands. Of two that say as much, that of the better place counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CodeField {
    /// In a field that is there for codes, or in a header.
    Code,
    /// In a field for kinds of errors, of which there are fewer.
    Type,
}

#[derive(Debug)]
pub(super) struct Evidence<'r> {
    rules: &'r [FailureRule],
    seen: Vec<MatchedParts>,
    /// The first class of each strength and place.
    classes: [[Option<FailureClass>; 2]; Strength::COUNT],
    words: phrases::Match,
    /// The code that says most, with its rank.
    code: Option<(u8, CodeField, Box<str>)>,
    number: Option<u16>,
    delay: Option<Duration>,
    is_rate_limit_error: bool,
    marks_left: usize,
    codes_left: u8,
    /// Whether the status blames the request. A provider then repeats what it does not like of it, and a
    /// client must not be able to have it say what takes the target from everybody.
    blames_request: bool,
    /// Whether what is read stands behind other words, which may be quoting.
    is_hearsay: bool,
}

impl<'r> Evidence<'r> {
    pub(super) fn new(rules: &'r [FailureRule], status: u16) -> Self {
        Self {
            rules,
            seen: vec![MatchedParts::default(); rules.len()],
            classes: [[None; 2]; Strength::COUNT],
            words: phrases::Match::new(),
            code: None,
            number: None,
            delay: None,
            is_rate_limit_error: false,
            marks_left: MARKS,
            codes_left: CODES,
            blames_request: matches!(status, 400 | 404 | 409 | 422),
            is_hearsay: false,
        }
    }

    /// Says whether what follows stands behind other words; gives back what was said before.
    pub(super) fn set_hearsay(&mut self, is_hearsay: bool) -> bool {
        std::mem::replace(&mut self.is_hearsay, is_hearsay)
    }

    /// The beginning of a text in JSON that has no more marks than are left to be read.
    pub(super) fn take_marks<'t>(&mut self, text: &'t str) -> &'t str {
        let mut start = 0;
        // Short enough for a count of one byte, which the compiler makes wide.
        for chunk in text.as_bytes().chunks(128) {
            let marks: u8 = chunk.iter().map(|&byte| u8::from(is_mark(byte))).sum();
            let Some(left) = self.marks_left.checked_sub(usize::from(marks)) else {
                let mut marks = chunk.iter().enumerate().filter(|(_, byte)| is_mark(**byte));
                let first_left_out = marks.nth(self.marks_left).map_or(0, |(at, _)| at);
                self.marks_left = 0;
                // A mark is one byte, so the text may be cut before it.
                return text.get(..start + first_left_out).unwrap_or_default();
            };
            self.marks_left = left;
            start += chunk.len();
        }
        text
    }

    /// Whether marks were left out because there are too many.
    pub(super) fn is_full(&self) -> bool {
        self.marks_left == 0
    }

    /// Notes a code, a type or a status in words.
    pub(super) fn note_code(&mut self, text: &str, place: CodeField) {
        // `prefix#Exception:http://…`, as AWS writes it.
        let text = text.split(':').next().unwrap_or_default();
        let text = text.rsplit('#').next().unwrap_or_default().trim();
        if text.len() > LONGEST || self.codes_left == 0 {
            return;
        }
        self.codes_left -= 1;
        for (rule, seen) in self.rules.iter().zip(&mut self.seen) {
            seen.code |= rule.fits_code(text);
        }
        if let Ok(number) = text.parse() {
            self.note_number(number);
        }
        self.is_rate_limit_error |= text.eq_ignore_ascii_case("rate_limit_error");
        let found = codes::find(text);
        if let Some((strength, class)) = found {
            self.note_class(strength, place, class);
        }
        let rank = match (found, place) {
            (Some((Strength::Certain, _)), _) => 0,
            (Some((Strength::Broad, _)), _) => 1,
            // What nobody knows says more than `invalid_request_error`, which everybody does.
            (None, CodeField::Code) if text.parse::<u64>().is_err() => 2,
            (Some((Strength::Weak, _)), _) => 3,
            (None, CodeField::Type) => 4,
            // A number is most often the status once more.
            (None, CodeField::Code) => 5,
        };
        let says_something = is_code(text) && !text.eq_ignore_ascii_case("error");
        let best = self.code.as_ref().map(|(rank, place, _)| (*rank, *place));
        if says_something && best.is_none_or(|best| (rank, place) < best) {
            self.code = Some((rank, place, text.into()));
        }
    }

    /// Notes a number that may be a status.
    pub(super) fn note_number(&mut self, number: u64) {
        let status = u16::try_from(number).ok();
        self.number = self
            .number
            .or(status.filter(|status| (400..600).contains(status)));
    }

    /// Notes something that means this class and no other.
    pub(super) fn note_certain(&mut self, class: FailureClass) {
        self.note_class(Strength::Certain, CodeField::Code, class);
    }

    fn note_class(&mut self, strength: Strength, place: CodeField, class: FailureClass) {
        if self.blames_request && self.is_hearsay && class.is_counted() {
            return;
        }
        if let Some(places) = self.classes.get_mut(strength as usize) {
            places[place as usize].get_or_insert(class);
        }
    }

    fn class(&self, strength: Strength) -> Option<FailureClass> {
        let [code, kind] = *self.classes.get(strength as usize)?;
        code.or(kind)
    }

    /// Notes what a message says, by the built-in words and by the rules.
    pub(super) fn note_message(&mut self, text: &str) {
        let trust = match (self.blames_request, self.is_hearsay) {
            (false, _) => Trust::Whole,
            (true, false) => Trust::Unquoted,
            (true, true) => Trust::Harmless,
        };
        self.words.look_into(text.as_bytes(), trust);
        self.note_text(text);
    }

    /// Notes a text for the rules alone.
    pub(super) fn note_text(&mut self, text: &str) {
        for (rule, seen) in self.rules.iter().zip(&mut self.seen) {
            seen.message = seen.message || rule.fits_message(text);
        }
    }

    /// Notes the time to be left alone, the first that is written.
    pub(super) fn note_delay(&mut self, delay: Option<Duration>) {
        self.delay = self.delay.or(delay);
    }

    /// The class that a rule gives.
    pub(super) fn ruled(&self, status: u16) -> Option<FailureClass> {
        self.fitting(status).find_map(FailureRule::gives_class)
    }

    /// The conditions that rules give.
    pub(super) fn conditions(&self, status: u16) -> impl Iterator<Item = Arc<str>> {
        self.fitting(status)
            .flat_map(FailureRule::gives_conditions)
            .cloned()
    }

    fn fitting(&self, status: u16) -> impl Iterator<Item = &'r FailureRule> {
        let rules = self.rules.iter().zip(&self.seen);
        rules
            .filter(move |(rule, seen)| rule.fits(status, **seen))
            .map(|(rule, _)| rule)
    }

    /// What a code says that means one thing only.
    pub(super) fn certain(&self) -> Option<FailureClass> {
        self.class(Strength::Certain)
    }

    /// What the words of a message say.
    pub(super) fn worded(&self) -> Option<FailureClass> {
        self.words.class()
    }

    /// What a code says that leaves a choice.
    pub(super) fn broad(&self) -> Option<FailureClass> {
        self.class(Strength::Broad)
    }

    /// What a code says that counts only where nothing else does.
    pub(super) fn weak(&self) -> Option<FailureClass> {
        self.class(Strength::Weak)
    }

    /// The status that the body says.
    pub(super) fn number(&self) -> Option<u16> {
        self.number
    }

    pub(super) fn delay(&self) -> Option<Duration> {
        self.delay
    }

    /// The code that says most.
    pub(super) fn best_code(&self) -> Option<&str> {
        self.code.as_ref().map(|(_, _, code)| &**code)
    }

    pub(super) fn is_rate_limit_error(&self) -> bool {
        self.is_rate_limit_error
    }
}
