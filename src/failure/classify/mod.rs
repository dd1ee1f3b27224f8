//! From what a provider answered, or from how the connection failed, to a [`Failure`].
//!
//! One status stands for several failures and one failure comes with several statuses, so the
//! evidence is asked in a fixed order: the embedder's rules, codes that mean one thing only, the
//! words of a message, codes that leave a choice, the status, and at last codes so general that
//! even the status says more. Whatever cannot be read is passed over: an error about an error
//! would help nobody.

mod body;
mod classifier;
#[cfg_attr(not(feature = "json"), expect(dead_code, reason = "JSON has more"))]
mod codes;
mod date;
#[cfg_attr(not(feature = "json"), expect(dead_code, reason = "JSON has more"))]
mod evidence;
mod headers;
#[cfg(feature = "json")]
mod json;
mod phrases;
mod rule;
mod transport;

pub use classifier::Classifier;
pub use rule::FailureRule;
pub use transport::{SendPhase, TransportError};
