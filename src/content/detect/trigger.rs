//! Finds triggers: offsets at or near which a match may start.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::iban;
use super::key;

/// Returns the next trigger at `from` or later.
///
/// Also returns `None` if the automaton could not be built, which the tests rule out.
pub(super) fn next(text: &[u8], from: usize) -> Option<usize> {
    let automaton = AUTOMATON.as_ref()?;
    automaton.find_at(text, from).map(|found| found.start())
}

/// All patterns in one automaton. They are bounded and only locate triggers; the checkers read the text
/// themselves.
static AUTOMATON: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&pattern()).ok());

fn pattern() -> String {
    let separator = r"(?:[ \t\r\n.()/+-]|%20|\xC2\xA0|\xE2\x80[\x87-\x93\xAF]|\xE3\x80\x80|\xEF\xBC[\x88-\x8D])";
    let countries: Vec<&str> = iban::COUNTRIES
        .iter()
        .filter_map(|(code, _)| std::str::from_utf8(code).ok())
        .collect();
    let keys: Vec<String> = key::beginnings().map(regex_of).collect();
    let patterns = [
        // A number of seven or more digits; a full-width digit, which is rare; four numbers with dots.
        format!("[0-9](?:{separator}{{0,3}}[0-9]){{6}}"),
        r"\xEF\xBC[\x90-\x99]".to_owned(),
        r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}".to_owned(),
        // An IPv6 address.
        r"[0-9A-Fa-f]{1,4}:(?::|[0-9A-Fa-f]{1,4}:)".to_owned(),
        "::[Ff]{4}:".to_owned(),
        // An e-mail address.
        "@|%40".to_owned(),
        // An IBAN, and the ids that start with letters.
        format!("(?i:{})[0-9]{{2}}", countries.join("|")),
        "[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]".to_owned(),
        "[XYZ]-?[0-9]{7}-?[A-Z]".to_owned(),
        "[A-Z]{6}[0-9]{2}[A-Z][0-9]{2}[A-Z][0-9]{3}[A-Z]".to_owned(),
        // Keys.
        keys.join("|"),
        "-us[0-9]".to_owned(),
        "-----BEGIN [A-Z0-9 ]{0,24}PRIVATE KEY(?: BLOCK)?-----".to_owned(),
    ];
    format!("(?-u){}", patterns.join("|"))
}

/// Escapes a key prefix, which consists of letters, digits, `_`, `-` and `.`.
fn regex_of(text: &str) -> String {
    text.replace('.', r"\.")
}
