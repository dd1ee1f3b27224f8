//! One generic reader: a serde document becomes a tree of nodes numbered in file order.
//!
//! Typed serde visitors lose places and swallow what they cannot read. So everything of ours
//! is read as a tree first, keys and values numbered in the order of the file, and the tree is
//! judged in plain Rust. A problem holds the number of its node; only when there are problems
//! is the text read once more, by the same code, to turn numbers into places.

mod node;
mod pass;
mod place;
mod top;
mod values;

pub(crate) use node::NodeId;
pub(super) use node::{MERGE, MapEntry, MapKey, NodeValue, SECTIONS, TESTS, Top, TreeNode};
pub(super) use pass::{MAX_DEPTH, NodeBudget, OVER_BUDGET, REPEATED, ReadPass, TOO_DEEP};
pub(super) use place::{Places, root_place};
pub(super) use top::TopVisitor;
pub(super) use values::KEY_EXPECTED;
