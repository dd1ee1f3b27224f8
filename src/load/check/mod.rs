//! Finds every problem of a configuration, and prepares what `compile` needs: the name index and
//! the alias graph.

mod chains;
mod checked;
mod graph;
mod index;
mod members;
mod providers;
mod rules;
mod salts;
mod secrets;
mod spelling;
mod steps;
mod weights;

pub(crate) use checked::{CheckedConfig, check};
pub(crate) use graph::AliasGraph;
pub(crate) use index::{Index, Link, ModelSlot};
