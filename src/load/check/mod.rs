//! Finds every problem of a configuration. What a clean one is compiled from comes with it.

mod chains;
mod checked;
mod graph;
mod index;
mod members;
mod providers;
mod steps;

pub(crate) use checked::{Checked, check};
pub(crate) use graph::Graph;
pub(crate) use index::{Index, Link, ModelSlot};
