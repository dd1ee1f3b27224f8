//! A checked configuration becomes a table. Nothing can fail here: what could has been found.

mod compiler;
mod entry;
mod names;
mod schedule;
mod targets;

pub(crate) use compiler::{RegisteredSelectors, compile};
