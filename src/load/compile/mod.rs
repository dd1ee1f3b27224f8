//! Compiles a checked configuration into a table. Nothing can fail here, because the check has
//! found every error.

mod compiler;
mod entry;
mod names;
mod schedule;
mod targets;

pub(crate) use compiler::{RegisteredSelectors, compile};
