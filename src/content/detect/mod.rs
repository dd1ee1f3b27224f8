//! Detectors of sensitive data: what `sensitive_data` and the category `PII` look for.
//!
//! One pass: a single automaton finds the places where something may begin, reading each byte
//! once; at such a place a checker looks at a bounded piece of text and decides: by check digits,
//! ranges, lengths and what stands around it. [`find`] takes a whole text, [`Scanner`] one that
//! comes in pieces; both run the same loop and find the same.
//!
//! What is found first, from the left, is kept, and the search goes on behind it, so finds are
//! sorted and do not overlap. Of two that begin at one place the one with the stronger check
//! wins; digits in front of an `@` are left to the address they belong to.
//!
//! # Linear time
//!
//! The automaton could be slow in one way only: begun again and again in the same bytes. Its
//! patterns are therefore bounded ([`TRIGGER`] bytes), and it never begins again before a place
//! it has passed. A checker reads at most a constant number of bytes, or a run of bytes that no
//! later trigger of its kind reads again. `tests/suite/detectors` counts the looks, and
//! `scripts/detect` measures.

mod address;
mod card;
mod email;
mod iban;
mod identity;
mod key;
mod kind;
mod number;
mod pass;
mod pem;
mod phone;
#[cfg(feature = "profanity")]
pub(crate) mod profanity;
mod scan;
mod trigger;
mod window;

pub(crate) use kind::Found;
pub(crate) use kind::Kind;
#[allow(unused_imports, reason = "a bound that the tests hold the scanner to")]
pub(crate) use scan::{REACH, Scanner};

use pass::Pass;

/// Finds everything in a text: sorted, without overlaps.
///
/// # Complexity
///
/// `O(bytes)`, whatever they are.
pub(crate) fn find(text: &str) -> Vec<Found> {
    let mut pass = Pass::default();
    pass.go_on(text.as_bytes(), 0, true);
    pass.finds
}

/// Writes a text with each find replaced by its kind in brackets: `[email]`.
///
/// The finds are those of this text, sorted; one that is out of place is left out.
pub(crate) fn redact(text: &str, finds: &[Found]) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut written = 0;
    for find in finds {
        let range = find.range.clone();
        let (Some(before), Some(_)) = (text.get(written..range.start), text.get(range)) else {
            continue;
        };
        redacted.push_str(before);
        redacted.push('[');
        redacted.push_str(find.kind.as_str());
        redacted.push(']');
        written = find.range.end;
    }
    redacted.push_str(&text[written..]);
    redacted
}
