//! Looking at a configuration without sending anything: shares, explanations, changes, pictures, tests.

pub(crate) mod changes;
pub(crate) mod explain;
pub(crate) mod graph;
pub(crate) mod shares;
pub(crate) mod simulate;
pub(crate) mod testing;
