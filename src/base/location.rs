//! [`Location`]: a position in a configuration.

use std::fmt;
use std::sync::Arc;

/// Tells where a [`Problem`](crate::Problem) is: `source:line:column` in a text, or a path such as
/// `model_aliases.fast.target` in a configuration without text: one built in code or deserialized with serde.
///
/// Lines and columns count from 1; a column counts characters, not bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Location {
    source: Arc<str>,
    spot: Spot,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Spot {
    Text { line: usize, column: usize },
    Path(Box<str>),
}

impl Location {
    pub(crate) fn text(source: Arc<str>, line: usize, column: usize) -> Self {
        Self {
            source,
            spot: Spot::Text { line, column },
        }
    }

    pub(crate) fn path(source: Arc<str>, path: String) -> Self {
        Self {
            source,
            spot: Spot::Path(path.into()),
        }
    }

    /// Returns the source name, as given to [`Config::from_yaml`](crate::Config::from_yaml); empty for a
    /// configuration without text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns the line, from 1; `None` for a configuration without text.
    pub fn line(&self) -> Option<usize> {
        match self.spot {
            Spot::Text { line, .. } => Some(line),
            Spot::Path(_) => None,
        }
    }

    /// Returns the column in characters, from 1; `None` for a configuration without text.
    pub fn column(&self) -> Option<usize> {
        match self.spot {
            Spot::Text { column, .. } => Some(column),
            Spot::Path(_) => None,
        }
    }

    /// Returns the path of sections, names and list positions; `None` for a text.
    pub fn path_text(&self) -> Option<&str> {
        match &self.spot {
            Spot::Text { .. } => None,
            Spot::Path(path) => Some(path),
        }
    }

    /// Formats the location relative to another one: without the source if both share it.
    pub(crate) fn seen_from(&self, other: &Self) -> String {
        match &self.spot {
            Spot::Text { line, column } if self.source == other.source => {
                format!("{line}:{column}")
            }
            _ => self.to_string(),
        }
    }

    /// Returns a sort key for locations in one document.
    pub(crate) fn order(&self) -> (usize, usize) {
        match self.spot {
            Spot::Text { line, column } => (line, column),
            Spot::Path(_) => (0, 0),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.spot {
            Spot::Text { line, column } => write!(f, "{}:{line}:{column}", self.source),
            Spot::Path(path) if self.source.is_empty() => f.write_str(path),
            Spot::Path(path) => write!(f, "{}:{path}", self.source),
        }
    }
}
