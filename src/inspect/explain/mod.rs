//! Explains routing: every candidate of a request, the reason it is chosen or skipped, and its probability.
//!
//! There are two ways to compute it, and both use the code that serves requests. While every target is healthy,
//! and for a request without a rule, an estimate or random bits of its own, the shares come from `spread`, as in
//! `distribution`, which visits each alias once. Only the probabilities of members differ: a sticky key decides, and
//! least connections reads the load. In every other case the plan of `attempts` is run on a copy of the live state,
//! once for every outcome of its random choices.

mod explanation;
mod findings;
mod methods;
mod reason;
mod walk;

pub use explanation::{Considered, Explanation};
