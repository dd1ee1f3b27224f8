//! Routing tests: assert where names lead, without a network and without sampling.
//!
//! Tests are written in code with macros, or as data ([`RoutingTests`](crate::RoutingTests)).

mod asserts;
mod judge;
mod report;

pub use report::{TestReport, TestResult};
