//! A generic reader: it turns a serde document into a tree of nodes, numbered in file order.
//!
//! Typed serde visitors lose places and swallow what they cannot read. So the sections are read
//! into a tree first, with keys and values numbered in file order, and plain Rust checks the tree.
//! A problem holds the number of its node. If there are problems, the same code reads the text again
//! to turn the numbers into places.

mod node;
mod pass;
mod place;
mod top;
mod values;

pub(crate) use node::NodeId;
pub(super) use node::{
    EVERY_SECTION, MERGE, MapEntry, MapKey, NodeValue, SECTIONS, TESTS, Top, TreeNode,
};
pub(super) use pass::{MAX_DEPTH, NodeBudget, OVER_BUDGET, REPEATED, ReadPass, TOO_DEEP};
pub(super) use place::{Places, root_place};
pub(super) use top::TopVisitor;
pub(super) use values::KEY_EXPECTED;
