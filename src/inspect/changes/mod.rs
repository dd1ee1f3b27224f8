//! Reports the differences between two versions of a configuration, for review.
//!
//! It compares the routing tables, so a file that was only reformatted has no changes. No secret is shown: the
//! report says that an access key changed, but shows neither the old nor the new one.

mod alias;
mod fields;
mod names;
mod parts;
mod provider;
mod report;
mod rules;
mod text;

pub use parts::{Change, FieldChange, Rerouted};
pub use report::Changes;
