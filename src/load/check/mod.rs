//! Finds every problem of a configuration. What a clean one is compiled from comes with it.

mod chains;
mod checked;
mod graph;
mod index;
mod members;
mod providers;
mod steps;

pub(crate) use checked::{CheckedConfig, check};
pub(crate) use graph::AliasGraph;
pub(crate) use index::{Index, Link, ModelSlot};
