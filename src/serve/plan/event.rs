//! What a request goes through.

use crate::failure::FailureClass;
use crate::table::{AliasId, TargetId};

/// What became of an entry of an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// An attempt that is under way.
    Tried,
    Served,
    /// The failure, by its position among those of the request, of which there are few.
    Failed(u8),
    PassedOver(FailureClass),
    /// A fallback whose conditions did not hold.
    LeftOut,
    /// Tried before in the same request; its failure stands.
    Repeated(FailureClass),
    /// What was to be sent there, or came from there, must not pass.
    Blocked,
    Unreported,
}

/// One line of what a request went through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Event {
    /// The alias whose entry it is, or [`NONE`].
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
