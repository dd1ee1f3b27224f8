//! One version of the configuration with all that answers requests for it.

use crate::entropy::Source;
use crate::problem::Problem;
use crate::table::RoutingTable;

/// What happens to a name that nothing has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum UnknownNames {
    /// It is an error.
    #[default]
    Refuse,
    /// It goes to the `default: true` entry, the name as asked.
    DefaultProvider,
    /// It goes to the `default: true` entry's own model.
    DefaultModel,
}

/// A table and what a request needs beside it.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) table: RoutingTable,
    pub(crate) entropy: Source,
    pub(crate) unknown_names: UnknownNames,
    pub(crate) warnings: Vec<Problem>,
}
