//! Failures as they are reported: their classes, the verdicts on them, and the conditions that
//! name them.

mod class;
pub(crate) mod classify;
mod condition;
mod report;
mod verdict;
mod word;

pub(crate) use class::ClassSet;
pub use class::FailureClass;
pub(crate) use condition::Condition;
pub use report::Failure;
pub(crate) use verdict::{ANY, COUNTED, FallBack, HealthVerdict};
pub(crate) use word::FailureWord;
