//! From a document to an immutable table: reading, checking, compiling.

pub(crate) mod cases;
pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod config;
pub(crate) mod error;
#[cfg(feature = "schema")]
pub(crate) mod schema;
