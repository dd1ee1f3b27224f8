//! Exact shares: who gets how much of an alias, and who moves when its weights change.

mod methods;
mod moved;
mod share;
mod spread;
mod transitions;

pub use moved::{Flow, Moved};
pub use share::Share;
pub(crate) use spread::{probabilities, spread};
