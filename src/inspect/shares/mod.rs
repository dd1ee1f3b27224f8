//! Exact shares: the share of each target, and the sticky keys that move when weights change.

mod distributions;
mod marginals;
mod methods;
mod moved;
mod sampled;
mod share;
mod side;
mod spread;
mod transitions;

pub(in crate::inspect) use distributions::Distributions;
pub use moved::{Flow, Moved};
pub use share::Share;
pub(crate) use spread::{probabilities, spread};
