//! Inspects a configuration without sending a request: shares, explanations, changes, graphs, routing tests.

pub(crate) mod changes;
pub(crate) mod explain;
pub(crate) mod graph;
pub(crate) mod shares;
pub(crate) mod simulate;
pub(crate) mod testing;
