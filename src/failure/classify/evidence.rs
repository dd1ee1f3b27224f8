//! [`Evidence`]: collects what one response says about its failure.

use std::sync::Arc;
use std::time::Duration;

use super::knowledge::{self, Row, Strength};
use super::rule::{FailureRule, MatchedParts, ProviderNames};
use super::words::{self, Trust};
use crate::failure::class::FailureClass;
use crate::failure::report::is_code;

/// How many JSON marks (brackets, commas, colons, quotes, backslashes) are read. An error has a few
/// hundred. Each costs up to a hundred instructions, and a body may consist of nothing else.
const MARKS: usize = 1_000;

/// How many bytes of messages are searched for words. A message has a few hundred, and says what is wrong first.
const WORDS: usize = 3 * 1024;

/// How many codes are looked up. An error has at most a dozen, including its details.
const CODES: u8 = 16;

/// The longest text that may be a code, in bytes.
const LONGEST: usize = 64;

/// Whether a byte is a JSON mark. `|` counts as well: this way one comparison covers six marks.
fn is_mark(byte: u8) -> bool {
    (byte | 0x20).wrapping_sub(b'{') < 3 || matches!(byte, b',' | b':' | b'"')
}

/// The field that holds a code. Between two codes of equal strength, the first variant wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CodeField {
    /// A field for error codes, or a header.
    Code,
    /// A field for error types, which are less specific.
    Type,
}

/// A class, and what gives it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decision<'r> {
    pub(super) class: FailureClass,
    pub(super) grounds: Grounds<'r>,
}

/// What gives a class.
#[derive(Debug, Clone, Copy)]
pub(super) enum Grounds<'r> {
    /// The status alone.
    Status,
    /// A part of the answer for which there is no row.
    Part(&'static str),
    Row(&'static Row<'static>),
    Rule(&'r FailureRule),
}

impl Decision<'_> {
    pub(super) fn of_status(class: FailureClass) -> Self {
        let grounds = Grounds::Status;
        Self { class, grounds }
    }

    pub(super) fn of_part(class: FailureClass, why: &'static str) -> Self {
        let grounds = Grounds::Part(why);
        Self { class, grounds }
    }

    fn of_row(row: &'static Row<'static>) -> Self {
        let (class, grounds) = (row.class, Grounds::Row(row));
        Self { class, grounds }
    }
}

impl Grounds<'_> {
    /// In words; `None` for the status.
    pub(super) fn text(self) -> Option<Arc<str>> {
        match self {
            Self::Status => None,
            Self::Part(text) => Some(text.into()),
            Self::Row(row) => Some(Arc::clone(&row.text)),
            Self::Rule(rule) => Some(format!("rule {rule}").into()),
        }
    }
}

#[derive(Debug)]
pub(super) struct Evidence<'r> {
    /// The rules that may apply, with what was seen of each.
    rules: Vec<(&'r FailureRule, MatchedParts)>,
    status: u16,
    /// The first class for each strength and field.
    classes: [[Option<Decision<'r>>; 2]; Strength::COUNT],
    words: Option<&'static Row<'static>>,
    /// The most specific code, with its rank.
    code: Option<(u8, CodeField, Box<str>)>,
    /// A status written in the body.
    number: Option<u16>,
    delay: Option<Duration>,
    is_rate_limit_error: bool,
    marks_left: usize,
    words_left: usize,
    codes_left: u8,
    /// Whether the status blames the request. The provider may then quote parts of the request, and
    /// clients must not trigger cooldowns through echoed text.
    blames_request: bool,
    /// Whether the current text follows other words, which may introduce a quotation.
    is_hearsay: bool,
}

impl<'r> Evidence<'r> {
    /// Nothing was read. Rules of other providers do not apply.
    pub(super) fn new(
        rules: &'r [FailureRule],
        provider: Option<ProviderNames<'_>>,
        status: u16,
    ) -> Self {
        let rules = rules.iter().filter(|rule| rule.fits_provider(provider));
        Self {
            rules: rules.map(|rule| (rule, MatchedParts::default())).collect(),
            status,
            classes: [[None; 2]; Strength::COUNT],
            words: None,
            code: None,
            number: None,
            delay: None,
            is_rate_limit_error: false,
            marks_left: MARKS,
            words_left: WORDS,
            codes_left: CODES,
            blames_request: matches!(status, 400 | 403 | 404 | 409 | 412 | 413 | 422),
            is_hearsay: false,
        }
    }

    /// Sets whether the following text may be a quotation. Returns the previous setting.
    pub(super) fn set_hearsay(&mut self, is_hearsay: bool) -> bool {
        std::mem::replace(&mut self.is_hearsay, is_hearsay)
    }

    /// Returns the longest prefix of a JSON text that stays within the remaining marks.
    pub(super) fn take_marks<'t>(&mut self, text: &'t str) -> &'t str {
        let mut start = 0;
        // Short enough to count in a `u8`, which the compiler vectorizes.
        for chunk in text.as_bytes().chunks(128) {
            let marks: u8 = chunk.iter().map(|&byte| u8::from(is_mark(byte))).sum();
            let Some(left) = self.marks_left.checked_sub(usize::from(marks)) else {
                let mut marks = chunk.iter().enumerate().filter(|(_, byte)| is_mark(**byte));
                let first_left_out = marks.nth(self.marks_left).map_or(0, |(at, _)| at);
                self.marks_left = 0;
                // A mark is ASCII, so the text can be cut before it.
                return text.get(..start + first_left_out).unwrap_or_default();
            };
            self.marks_left = left;
            start += chunk.len();
        }
        text
    }

    /// Whether the marks are used up.
    pub(super) fn is_full(&self) -> bool {
        self.marks_left == 0
    }

    /// Records a code, an error type or a status.
    pub(super) fn note_code(&mut self, text: &str, field: CodeField) {
        // AWS writes `prefix#Exception:http://…`.
        let text = text.split(':').next().unwrap_or_default();
        let text = text.rsplit('#').next().unwrap_or_default().trim();
        if text.len() > LONGEST || self.codes_left == 0 {
            return;
        }
        self.codes_left -= 1;
        for (rule, matched) in &mut self.rules {
            matched.code |= rule.fits_code(text);
        }
        if let Ok(number) = text.parse() {
            self.note_number(number);
        }
        self.is_rate_limit_error |= text.eq_ignore_ascii_case("rate_limit_error");
        let found = knowledge::code(text, self.status);
        if let Some(row) = found {
            self.note_class(row.strength, field, Decision::of_row(row));
        }
        let rank = match (found.map(|row| row.strength), field) {
            (Some(Strength::Certain), _) => 0,
            (Some(Strength::Broad), _) => 1,
            // An unknown code says more than a general one such as `invalid_request_error`.
            (None, CodeField::Code) if text.parse::<u64>().is_err() => 2,
            (Some(Strength::Weak), _) => 3,
            (None, CodeField::Type) => 4,
            // A number is usually the status again.
            (None, CodeField::Code) => 5,
        };
        let says_something = is_code(text) && !text.eq_ignore_ascii_case("error");
        let best = self.code.as_ref().map(|(rank, field, _)| (*rank, *field));
        if says_something && best.is_none_or(|best| (rank, field) < best) {
            self.code = Some((rank, field, text.into()));
        }
    }

    /// Records a number that may be a status.
    pub(super) fn note_number(&mut self, number: u64) {
        let status = u16::try_from(number).ok();
        self.number = self
            .number
            .or(status.filter(|status| (400..600).contains(status)));
    }

    /// Records unambiguous evidence for a class.
    pub(super) fn note_certain(&mut self, class: FailureClass, why: &'static str) {
        let decision = Decision::of_part(class, why);
        self.note_class(Strength::Certain, CodeField::Code, decision);
    }

    fn note_class(&mut self, strength: Strength, field: CodeField, decision: Decision<'r>) {
        if self.blames_request && self.is_hearsay && decision.class.is_counted() {
            return;
        }
        if let Some(fields) = self.classes.get_mut(strength as usize) {
            fields[field as usize].get_or_insert(decision);
        }
    }

    fn class(&self, strength: Strength) -> Option<Decision<'r>> {
        let [code, kind] = *self.classes.get(strength as usize)?;
        code.or(kind)
    }

    /// Matches a message against the words of the table and the custom rules.
    pub(super) fn note_message(&mut self, text: &str) {
        let trust = match (self.blames_request, self.is_hearsay) {
            (false, _) => Trust::Whole,
            (true, false) => Trust::Unquoted,
            (true, true) => Trust::None,
        };
        let searched = &text.as_bytes()[..text.len().min(self.words_left)];
        self.words_left -= searched.len();
        if let Some(row) = words::row(searched, self.status, trust) {
            self.words = Some(knowledge::stronger(self.words, row));
        }
        self.match_rules(text, true);
    }

    /// Matches a text that is no message of the provider: an HTML page, or the output of the model. Only the
    /// embedder's rules read it.
    pub(super) fn note_text(&mut self, text: &str) {
        self.match_rules(text, false);
    }

    fn match_rules(&mut self, text: &str, is_message: bool) {
        for (rule, matched) in &mut self.rules {
            if is_message || !rule.reads_only_messages() {
                matched.message = matched.message || rule.fits_message(text);
            }
        }
    }

    /// Records a retry delay; the first one counts.
    pub(super) fn note_delay(&mut self, delay: Option<Duration>) {
        self.delay = self.delay.or(delay);
    }

    /// The class set by the first fitting rule that sets one.
    pub(super) fn ruled(&self) -> Option<Decision<'r>> {
        self.fitting().find_map(|rule| {
            let (class, grounds) = (rule.gives_class()?, Grounds::Rule(rule));
            Some(Decision { class, grounds })
        })
    }

    /// The conditions added by the rules.
    pub(super) fn conditions(&self) -> impl Iterator<Item = Arc<str>> {
        self.fitting()
            .flat_map(FailureRule::gives_conditions)
            .cloned()
    }

    fn fitting(&self) -> impl Iterator<Item = &'r FailureRule> {
        let statuses = [Some(self.status), self.reported_status()];
        let rules = self.rules.iter();
        rules
            .filter(move |(rule, matched)| rule.fits(statuses, *matched))
            .map(|(rule, _)| *rule)
    }

    /// The class of an unambiguous code.
    pub(super) fn certain(&self) -> Option<Decision<'r>> {
        self.class(Strength::Certain)
    }

    /// The class of the words found in messages.
    pub(super) fn worded(&self) -> Option<Decision<'r>> {
        self.words.map(Decision::of_row)
    }

    /// The class of an ambiguous code.
    pub(super) fn broad(&self) -> Option<Decision<'r>> {
        self.class(Strength::Broad)
    }

    /// The class of a code that counts only without other evidence.
    pub(super) fn weak(&self) -> Option<Decision<'r>> {
        self.class(Strength::Weak)
    }

    /// The status of the failure: that of the response, or for an error inside a stream the one in the body.
    pub(super) fn reported_status(&self) -> Option<u16> {
        if self.status >= 400 {
            Some(self.status)
        } else {
            self.number
        }
    }

    pub(super) fn delay(&self) -> Option<Duration> {
        self.delay
    }

    /// The most specific code.
    pub(super) fn best_code(&self) -> Option<&str> {
        self.code.as_ref().map(|(_, _, code)| &**code)
    }

    pub(super) fn is_rate_limit_error(&self) -> bool {
        self.is_rate_limit_error
    }
}
