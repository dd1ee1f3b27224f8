//! Failures: their classes, what each class means for routing, and the conditions that match them.

mod assumed;
mod class;
pub(crate) mod classify;
mod condition;
mod report;
mod verdict;

pub use assumed::AssumedFailure;
pub(crate) use class::ClassSet;
pub use class::FailureClass;
pub(crate) use condition::Condition;
pub use report::Failure;
pub(crate) use verdict::{ANY, FallBack, HealthVerdict};
