//! What resolving fails with.

use std::time::Duration;

use thiserror::Error;

use crate::base::text::{Quoted, cut, list};

/// Tells why a name did not resolve. Exhaustive, because a proxy maps each case to a status; a case may
/// get more fields.
///
/// The name asked is cut after 64 characters. The texts of [`AmbiguousName`](Self::AmbiguousName) and
/// [`SelectorFault`](Self::SelectorFault) also hold names of the configuration, internal ones
/// included: they are for a log, not for a client.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ResolveError {
    /// Nothing has this name: a 404.
    #[error("unknown model {}", Quoted(asked))]
    #[non_exhaustive]
    UnknownName {
        /// The name.
        asked: Box<str>,
    },
    /// More than one model has this name: a 400.
    #[error("model {} is ambiguous: {}", Quoted(asked), list(candidates.iter().map(AsRef::as_ref), "or"))]
    #[non_exhaustive]
    AmbiguousName {
        /// The name.
        asked: Box<str>,
        /// The full names that it may stand for, in file order.
        candidates: Box<[Box<str>]>,
    },
    /// The request, an operator or a selector rules out every target: a 503.
    #[error("every target of {} is ruled out", Quoted(asked))]
    #[non_exhaustive]
    NotAllowed {
        /// The name.
        asked: Box<str>,
    },
    /// Every target that may be tried cools down, and `last_resort: never` refuses the request: a 503 with a
    /// `Retry-After`.
    #[error(
        "every target of {} cools down; the first returns in {} s",
        Quoted(asked),
        returns_in.as_millis().div_ceil(1000)
    )]
    #[non_exhaustive]
    Cooling {
        /// The name.
        asked: Box<str>,
        /// The time until the first cooldown ends; zero if a probe is under way.
        returns_in: Duration,
    },
    /// A selector of the embedder chose a candidate that is not there: a 500.
    #[error(
        "the selector of alias {} chose candidate {position}, which is not there",
        Quoted(alias)
    )]
    #[non_exhaustive]
    SelectorFault {
        /// The alias that was to be balanced.
        alias: Box<str>,
        /// The position that the selector returned.
        position: usize,
    },
}

impl ResolveError {
    /// A stable word for the case, such as `unknown-name`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownName { .. } => "unknown-name",
            Self::AmbiguousName { .. } => "ambiguous-name",
            Self::NotAllowed { .. } => "not-allowed",
            Self::Cooling { .. } => "cooling",
            Self::SelectorFault { .. } => "selector-fault",
        }
    }

    pub(crate) fn unknown_name(asked: &str) -> Self {
        let asked = cut(asked).into();
        Self::UnknownName { asked }
    }

    pub(crate) fn ambiguous_name(asked: &str, candidates: Box<[Box<str>]>) -> Self {
        let asked = cut(asked).into();
        Self::AmbiguousName { asked, candidates }
    }

    pub(crate) fn selector_fault(alias: &str, position: usize) -> Self {
        let alias = alias.into();
        Self::SelectorFault { alias, position }
    }

    pub(crate) fn cooling(asked: &str, returns_in: Duration) -> Self {
        let asked = cut(asked).into();
        Self::Cooling { asked, returns_in }
    }

    pub(crate) fn not_allowed(asked: &str) -> Self {
        let asked = cut(asked).into();
        Self::NotAllowed { asked }
    }
}
