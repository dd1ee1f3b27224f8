//! Turns the response of a provider, or a connection error, into a [`Failure`](super::Failure).
//!
//! One status can mean several failures, and one failure comes with several statuses. So the evidence
//! is weighed in a fixed order: custom rules, unambiguous codes, the wording of messages,
//! ambiguous codes, the status, and last codes that are more general than the status. Unreadable input
//! is ignored: classification never fails.

mod body;
mod classifier;
mod date;
#[cfg_attr(
    not(feature = "json"),
    expect(dead_code, reason = "only the JSON reader uses some items")
)]
mod evidence;
mod headers;
#[cfg(feature = "json")]
mod json;
#[cfg_attr(
    not(feature = "json"),
    expect(dead_code, reason = "only the JSON reader uses some items")
)]
mod knowledge;
mod rule;
mod transport;
mod words;

pub use classifier::Classifier;
pub use rule::FailureRule;
pub(crate) use rule::ProviderNames;
pub use transport::{SendPhase, TransportError};
