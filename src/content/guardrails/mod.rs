//! Content guardrails: the rules of aliases, the checks behind them, and the outcome for a text.
//!
//! Every rule checks the original text, never one that another rule has redacted. So the order of rules
//! does not matter, and an additional rule hides nothing from the others. The results are combined
//! once: a block wins, otherwise all redactions are applied.
//!
//! [`whole`] checks a complete text, [`stream`] one that arrives in pieces. Both combine and redact
//! with the same code.

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
pub(crate) use rule::ContentRules;
pub use stream::ReplyStream;
pub use verdict::Verdict;
pub use violation::Violation;
pub(crate) use whole::check;
