//! A problem that still holds node numbers instead of places.

use super::entry::DocumentId;
use super::node::NodeId;
use crate::problem::{Code, Severity};

/// A place as the tree knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    pub(crate) document: DocumentId,
    pub(crate) node: NodeId,
}

/// A problem before its place is looked up.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) mark: Mark,
    pub(crate) severity: Severity,
    pub(crate) code: Code,
    pub(crate) message: String,
    /// The message goes on with this place.
    pub(crate) first: Option<Mark>,
    pub(crate) help: String,
}

impl Finding {
    pub(crate) fn new(
        mark: Mark,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            mark,
            severity: code.severity(),
            code,
            message: message.into(),
            first: None,
            help: help.into(),
        }
    }

    /// Lets the message go on with `, first defined at` and a place.
    #[must_use]
    pub(crate) fn first_at(mut self, first: Mark) -> Self {
        self.message.push_str(", first defined at");
        self.ending_at(first)
    }

    /// Lets the message, which asks for it, go on with a place.
    #[must_use]
    pub(crate) fn ending_at(mut self, place: Mark) -> Self {
        self.first = Some(place);
        self
    }
}
