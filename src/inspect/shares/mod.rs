//! Exact shares: the share of each target, and the sticky keys that move when weights change.

mod methods;
mod moved;
mod share;
mod spread;
mod transitions;

pub use moved::{Flow, Moved};
pub use share::Share;
pub(crate) use spread::{probabilities, spread};
