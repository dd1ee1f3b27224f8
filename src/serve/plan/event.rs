//! The events of one request, for `steps()` and errors.

use super::rules::LeftOut;
use crate::failure::FailureClass;
use crate::table::{AliasId, End};

/// What happened to an entry of an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventKind {
    /// An attempt that is under way.
    Tried,
    Served,
    /// The failure, by its position among those of the request.
    Failed(u8),
    PassedOver(FailureClass),
    /// Every target of it is drained.
    Drained,
    LeftOut(LeftOut),
    /// Looked at before in the same request; its outcome stands.
    Repeated(FailureClass),
    /// A guardrail blocked the text sent or received.
    Blocked,
    Unreported,
}

/// One event of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Event {
    /// The alias whose entry it is, or [`NONE`](crate::table::NONE).
    pub(crate) alias: AliasId,
    /// What the entry leads to.
    pub(crate) end: End,
    pub(crate) kind: EventKind,
}
