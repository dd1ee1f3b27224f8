//! YAML: a text is checked, then parsed into a tree.

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
