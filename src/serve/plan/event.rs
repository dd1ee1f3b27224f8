//! The events of one request, for `steps()` and errors.

use crate::failure::FailureClass;
use crate::table::{AliasId, TargetId};

/// What happened to an entry of an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// An attempt that is under way.
    Tried,
    Served,
    /// The failure, by its position among those of the request.
    Failed(u8),
    PassedOver(FailureClass),
    /// A fallback whose conditions did not hold, or whose context window is too small.
    LeftOut,
    /// Tried before in the same request; its failure stands.
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
    pub(crate) subject: Subject,
    pub(crate) fate: Fate,
}

/// What an entry leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Target(TargetId),
    Alias(AliasId),
}
