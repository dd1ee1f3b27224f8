//! Detectors of sensitive data, for the filter `sensitive_data` and the category `PII`.
//!
//! Detection is one pass. A single automaton finds triggers, the offsets at or near which a match may start, and
//! reads each byte a bounded number of times. At a trigger a checker reads a bounded piece of text and decides by
//! check digits, ranges, lengths and context. [`find`] takes a whole text, [`Scanner`] one that arrives in
//! pieces; both run the same loop and find the same matches.
//!
//! The leftmost match is kept and the search continues after it, so matches are sorted and do not
//! overlap. Of two matches with the same start the one with the stronger check wins. Digits before an
//! `@` belong to the e-mail address.
//!
//! # Linear time
//!
//! The automaton can only be slow if it restarts again and again in the same bytes. So its patterns
//! are bounded ([`window::TRIGGER`] bytes), and it never restarts before an offset it has passed. A
//! checker reads a constant number of bytes at most, or a run of bytes that no later trigger of its
//! kind reads again. `tests/suite/detectors` counts the reads, and `scripts/detect` measures the time.

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
#[allow(unused_imports, reason = "a bound for the tests of the scanner")]
pub(crate) use scan::{REACH, Scanner};
pub(crate) use whole::find;
#[allow(unused_imports, reason = "only the tests redact with it")]
pub(crate) use whole::redact;
