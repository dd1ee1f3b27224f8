//! The configuration as written: read, built in code, overlaid and written back.

mod add;
mod configuration;
mod document;
pub(crate) mod entry;
pub(crate) mod finding;
mod mark;
mod new_entries;
mod nothing_found;
mod overlay;
mod parse;
mod problems;
mod read;
mod routing_tests;
mod tree;
mod variables;
mod write;
mod yaml;

pub use configuration::Config;
pub(crate) use mark::Mark;
pub use new_entries::{NewAlias, NewProvider, NewTarget};
pub(crate) use problems::problems;
pub(crate) use tree::NodeId;
pub use yaml::ReadLimits;
