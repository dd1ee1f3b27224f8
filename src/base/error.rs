//! What loading and resolving can fail with.

use std::fmt;

use thiserror::Error;

use crate::base::problem::{Problem, Severity};
use crate::base::text::{Quoted, list};

/// A configuration that does not load: every problem it has, in file order.
///
/// Displays one problem after the other, each as [`Problem`] does, warnings included and
/// marked as such.
#[derive(Clone, PartialEq, Eq, Error)]
pub struct ConfigError {
    problems: Vec<Problem>,
}

impl ConfigError {
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    /// Every problem, warnings included, in the order of the base and its overlays.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Gives the problems away.
    pub fn into_problems(self) -> Vec<Problem> {
        self.problems
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            if problem.severity() == Severity::Warning {
                f.write_str("warning: ")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ConfigError {
    /// What `unwrap` and a `main` that returns it print, so it reads like the message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:\n{self}", self.summary())
    }
}

impl ConfigError {
    fn summary(&self) -> String {
        let errors = self
            .problems
            .iter()
            .filter(|p| p.severity() == Severity::Error)
            .count();
        let warnings = self.problems.len() - errors;
        let mut text = crate::base::text::counted(errors, "error");
        if warnings > 0 {
            text.push_str(" and ");
            text.push_str(&crate::base::text::counted(warnings, "warning"));
        }
        text
    }
}

/// Why a name did not resolve. Exhaustive, because a proxy maps each case to a status; a case may
/// get more fields.
///
/// What was asked is cut after 64 characters. The texts of [`AmbiguousName`](Self::AmbiguousName) and
/// [`SelectorFault`](Self::SelectorFault) hold names of the configuration beside it, also internal
/// ones: for a log rather than for a client.
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
    /// Every target is ruled out, by the request or by an operator: a 503.
    #[error("every target of {} is ruled out", Quoted(asked))]
    #[non_exhaustive]
    NotAllowed {
        /// The name.
        asked: Box<str>,
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
        /// What the selector answered.
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
            Self::SelectorFault { .. } => "selector-fault",
        }
    }

    pub(crate) fn unknown_name(asked: &str) -> Self {
        let asked = crate::base::text::cut(asked).into();
        Self::UnknownName { asked }
    }

    pub(crate) fn ambiguous_name(asked: &str, candidates: Box<[Box<str>]>) -> Self {
        let asked = crate::base::text::cut(asked).into();
        Self::AmbiguousName { asked, candidates }
    }

    pub(crate) fn not_allowed(asked: &str) -> Self {
        let asked = crate::base::text::cut(asked).into();
        Self::NotAllowed { asked }
    }
}
