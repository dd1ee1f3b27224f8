//! The error of loading.

use std::fmt;

use thiserror::Error;

use crate::base::problem::{Problem, Severity};
use crate::base::text::counted;

/// The problems of a configuration that does not load, in file order.
///
/// `Display` writes one problem after the other, each as [`Problem`] does. If there are warnings too, the
/// errors come first, each problem is marked as error or warning, and the last line counts them.
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
        let of = |severity| {
            self.problems
                .iter()
                .filter(move |p| p.severity() == severity)
        };
        let is_mixed = of(Severity::Warning).next().is_some();
        let sorted = of(Severity::Error).chain(of(Severity::Warning));
        for (at, problem) in sorted.enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            if is_mixed {
                write!(f, "{}: ", problem.severity())?;
            }
            write!(f, "{problem}")?;
        }
        if is_mixed {
            write!(f, "\n{}", self.summary())?;
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
