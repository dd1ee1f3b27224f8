//! Guardrails about content: what a text is checked for, and what comes of it.
//!
//! Every rule judges the text as it was handed over, never one that another rule has redacted
//! already, so that the order of rules decides nothing and a rule more hides nothing from the others.
//! What they find is put together once: a block wins, then what is to be redacted is replaced.
//!
//! A text that comes in pieces goes through [`stream`], a whole one through [`whole`]; both outcome
//! and redact with the same code.

mod check;
mod checked;
mod outcome;
mod redaction;
mod rule;
mod stream;
mod stream_checker;
mod verdict;
mod violation;
mod whole;

pub use check::Check;
pub(crate) use check::{CheckFn, CheckSubject, Registered};
pub use checked::Checked;
pub(crate) use rule::Content;
pub use stream::ReplyStream;
pub use verdict::Verdict;
pub use violation::Violation;
pub(crate) use whole::check;
