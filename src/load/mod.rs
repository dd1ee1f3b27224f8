//! From a document to an immutable table: reading, checking, compiling.

pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod config;
pub(crate) mod error;
pub(crate) mod foreign;
pub(crate) mod routing_tests;
#[cfg(feature = "schema")]
pub(crate) mod schema;
