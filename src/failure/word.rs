//! Failures named by a word, for simulations and routing tests.

use std::fmt;

use super::class::FailureClass;

/// The failure that a word such as `timeout` or `429` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureWord {
    Class(FailureClass),
    /// From 400 to 599.
    Status(u16),
}

impl FailureWord {
    pub(crate) fn read(word: &str) -> Option<Self> {
        let mut classes = FailureClass::ALL.iter();
        if let Some(&class) = classes.find(|class| class.as_str() == word) {
            return Some(Self::Class(class));
        }
        let status = word.parse().ok().filter(|_| word.len() == 3)?;
        (400..600).contains(&status).then_some(Self::Status(status))
    }
}

impl fmt::Display for FailureWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Class(class) => class.fmt(f),
            Self::Status(status) => status.fmt(f),
        }
    }
}
