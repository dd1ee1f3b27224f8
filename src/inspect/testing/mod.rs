//! Routing tests: what a name leads to, asserted without a network and without sampling; in code, by
//! macros, or as data ([`RoutingTests`](crate::RoutingTests)).

mod asserts;
mod judge;
mod report;

pub use report::{TestReport, TestResult};
