//! Explains routing: every candidate of a request, the reason it is chosen or skipped, and its probability.
//!
//! There are two ways to compute it, and both use the code that serves requests. While every target is healthy,
//! the shares come from `distribution`, which visits each alias once. After failures, or while a target is
//! cooling down, the plan of `attempts` is run on a copy of the live state, once for every outcome of its
//! random choices.

mod explanation;
mod findings;
mod methods;
mod reason;
mod walk;

pub use explanation::{Considered, Explanation};
