//! What loading and resolving can fail with.

use std::fmt;

use thiserror::Error;

use crate::problem::{Problem, Severity};
use crate::text::{Quoted, list};

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
        let mut text = crate::text::counted(errors, "error");
        if warnings > 0 {
            text.push_str(" and ");
            text.push_str(&crate::text::counted(warnings, "warning"));
        }
        text
    }
}

/// Why a name did not resolve. Exhaustive, because a proxy maps each case to a status.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ResolveError {
    /// Nothing has this name: a 404.
    #[error("unknown model {}", Quoted(.0.asked()))]
    UnknownName(UnknownName),
    /// More than one model has this name: a 400.
    #[error("model {} is ambiguous: {}", Quoted(.0.asked()), list(.0.candidates(), "or"))]
    AmbiguousName(AmbiguousName),
    /// Every target is ruled out: a 503.
    #[error("every target of {} is ruled out", Quoted(.0.asked()))]
    NotAllowed(NotAllowed),
    /// A selector of the embedder chose a candidate that is not there: a 500.
    #[error(
        "the selector of alias {} chose candidate {}, which is not there",
        Quoted(.0.alias()), .0.position
    )]
    SelectorFault(SelectorFault),
}

impl ResolveError {
    /// A stable word for the case, such as `unknown-name`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownName(_) => "unknown-name",
            Self::AmbiguousName(_) => "ambiguous-name",
            Self::NotAllowed(_) => "not-allowed",
            Self::SelectorFault(_) => "selector-fault",
        }
    }
}

/// A name that nothing has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    asked: Box<str>,
}

impl UnknownName {
    pub(crate) fn new(asked: &str) -> Self {
        Self {
            asked: crate::text::cut(asked).into(),
        }
    }

    /// What was asked, cut after 64 characters.
    pub fn asked(&self) -> &str {
        &self.asked
    }
}

/// A name that more than one model has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmbiguousName {
    asked: Box<str>,
    candidates: Box<[Box<str>]>,
}

impl AmbiguousName {
    pub(crate) fn new(asked: &str, candidates: Box<[Box<str>]>) -> Self {
        Self {
            asked: crate::text::cut(asked).into(),
            candidates,
        }
    }

    /// What was asked, cut after 64 characters.
    pub fn asked(&self) -> &str {
        &self.asked
    }

    /// The full names that it may stand for, in file order.
    pub fn candidates(&self) -> impl ExactSizeIterator<Item = &str> {
        self.candidates.iter().map(AsRef::as_ref)
    }
}

/// A name whose every target is ruled out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAllowed {
    asked: Box<str>,
}

impl NotAllowed {
    pub(crate) fn new(asked: &str) -> Self {
        Self {
            asked: crate::text::cut(asked).into(),
        }
    }

    /// What was asked, cut after 64 characters.
    pub fn asked(&self) -> &str {
        &self.asked
    }
}

/// A selector that chose a candidate out of range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectorFault {
    alias: Box<str>,
    position: usize,
}

impl SelectorFault {
    pub(crate) fn new(alias: &str, position: usize) -> Self {
        Self {
            alias: alias.into(),
            position,
        }
    }

    /// The alias that was to be balanced.
    pub fn alias(&self) -> &str {
        &self.alias
    }
}
