//! The choice among the members of a group.

mod algorithms;
mod choose;
mod context;
mod draws;
mod hook;
mod least;

pub(crate) use choose::{choose, choose_first, choose_simply};
pub(crate) use context::{Mask, Pick, SelectContext};
pub(crate) use draws::{Draws, SavedDraws};
pub use hook::{Candidate, Candidates, Selector};
pub(crate) use hook::{Hooks, SelectFn};
pub(crate) use least::least_loaded;
