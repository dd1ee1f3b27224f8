//! Why a request would go where it goes: every step and candidate, and how likely it is.
//!
//! Two computations, both the ones that serve. While nothing is amiss the shares are those of
//! [`distribution`](AliasResolver::distribution), each alias once; after failures, or where something
//! cools, the plan of [`attempts`](AliasResolver::attempts) itself is walked along each way of chance, on a
//! copy of the live state.

mod explanation;
mod findings;
mod methods;
mod reason;
mod walk;

pub use explanation::{Considered, Explanation};
