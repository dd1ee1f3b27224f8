//! What a change of configuration changes, for whoever reviews it.
//!
//! Compared are two tables, so that a file that was only tidied up has no changes. Nothing secret
//! is shown: that a key is another one is said, neither the one nor the other.

mod alias;
mod fields;
mod names;
mod parts;
mod provider;
mod report;
mod text;

pub use parts::{Change, FieldChange, Rerouted};
pub use report::Changes;
