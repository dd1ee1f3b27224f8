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
//! patterns are therefore bounded ([`window::TRIGGER`] bytes), and it never begins again before a place
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
mod whole;
mod window;

pub(crate) use kind::{DataKind, Detection};
#[allow(unused_imports, reason = "a bound that the tests hold the scanner to")]
pub(crate) use scan::{REACH, Scanner};
pub(crate) use whole::find;
#[allow(unused_imports, reason = "only the tests redact with it")]
pub(crate) use whole::redact;
