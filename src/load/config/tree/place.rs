//! Finds the places of nodes in a YAML text.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Visitor};

use super::node::NodeId;

/// Nodes whose places are wanted, in ascending order, and the places found so far.
#[derive(Debug, Default)]
pub(crate) struct Places {
    pub(crate) wanted: Vec<NodeId>,
    pub(crate) found: Vec<(usize, usize)>,
}

impl Places {
    /// Adds the place in the error that a [`PlaceSeed`] returns.
    pub(super) fn note(&mut self, error: &impl fmt::Display) {
        self.found.push(place_in(&error.to_string()));
    }
}

/// Parses the line and column at the end of an error text. The YAML crate omits them for 1:1.
fn place_in(text: &str) -> (usize, usize) {
    let parse = || {
        let (_, mark) = text.rsplit_once(" at line ")?;
        let (line, column) = mark.split_once(" column ")?;
        Some((line.parse().ok()?, column.parse().ok()?))
    };
    parse().unwrap_or((1, 1))
}

/// Asks a YAML deserializer for the place of its next node without consuming the node.
///
/// It recurses through newtypes until the depth limit of the YAML crate fires. That error carries the
/// place of the node, which is still unread. Every other way to learn a place consumes the node.
pub(super) struct PlaceSeed;

impl<'de> DeserializeSeed<'de> for PlaceSeed {
    type Value = std::convert::Infallible;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_newtype_struct("", self)
    }
}

impl<'de> Visitor<'de> for PlaceSeed {
    type Value = std::convert::Infallible;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML node")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        self.deserialize(deserializer)
    }
}

/// Returns the place of a document's root.
pub(crate) fn root_place<'de, D: Deserializer<'de>>(deserializer: D) -> (usize, usize) {
    match PlaceSeed.deserialize(deserializer) {
        Ok(never) => match never {},
        Err(error) => place_in(&error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_from_the_end_of_an_error() {
        for (text, expected) in [
            ("recursion limit exceeded at line 3 column 14", (3, 14)),
            ("a.b at line 9 column 9: x at line 1 column 2", (1, 2)),
            ("recursion limit exceeded", (1, 1)),
        ] {
            assert_eq!(place_in(text), expected);
        }
    }
}
