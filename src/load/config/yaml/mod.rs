//! Checks a YAML text, parses it into a tree, finds the places of nodes, and writes YAML.

mod admit;
mod limits;
mod reader;
mod refusal;
mod scan;
mod syntax;
mod tokens;

pub(super) use admit::admit;
pub use limits::ReadLimits;
pub(super) use reader::{places, read, write};
