//! The error of loading.

use std::fmt;

use thiserror::Error;

use crate::base::problem::{Problem, Severity};
use crate::base::text::counted;

/// The problems of a configuration that does not load, in file order.
///
/// `Display` writes one problem after the other, each as [`Problem`] does. Warnings are included
/// and marked as such.
#[derive(Clone, PartialEq, Eq, Error)]
pub struct ConfigError {
    problems: Vec<Problem>,
}

impl ConfigError {
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    /// Returns every problem, warnings included, in the order of the base and its overlays.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Returns the problems and consumes the error.
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
    /// `unwrap`, and a `main` that returns the error, print this, so it reads like the message.
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
        let mut text = counted(errors, "error");
        if warnings > 0 {
            text.push_str(" and ");
            text.push_str(&counted(warnings, "warning"));
        }
        text
    }
}
