//! An ordered document tree, which is how the reference sees a configuration.

mod writer;

pub(crate) use writer::{Style, to_yaml};

/// One value of a document, as its author meant it.
///
/// The kinds keep what matters: numbers, bools and null are separate from text that looks like them, a decimal keeps
/// its digits as written, and a map keeps the order and the duplicates of its keys. A key is always text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    Int(i64),
    /// The text of a plain number with a point and no exponent, such as `99.5`.
    Decimal(String),
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

impl Tree {
    /// The first value under `key`; `None` if this is not a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let found = self.fields().iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value)
    }

    /// The text under `key`, if it is text.
    pub(crate) fn text_at(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_text()
    }

    /// The entries of a map; empty for any other value.
    pub(crate) fn fields(&self) -> &[(String, Self)] {
        match self {
            Self::Map(fields) => fields,
            _ => &[],
        }
    }

    /// The entries of a list; empty for any other value.
    pub(crate) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Appends an entry to a map, even if the key exists.
    pub(crate) fn push(&mut self, key: &str, value: impl Into<Self>) {
        if let Self::Map(fields) = self {
            fields.push((key.to_owned(), value.into()));
        }
    }
}

impl From<&str> for Tree {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Tree {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Tree {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Tree {
    fn from(answer: bool) -> Self {
        Self::Bool(answer)
    }
}

impl From<Vec<Tree>> for Tree {
    fn from(items: Vec<Tree>) -> Self {
        Self::List(items)
    }
}

/// A map with these entries, in this order.
pub(crate) fn map<const N: usize>(fields: [(&str, Tree); N]) -> Tree {
    Tree::Map(fields.map(|(key, value)| (key.to_owned(), value)).to_vec())
}

/// A list with these entries.
pub(crate) fn list<const N: usize>(items: [Tree; N]) -> Tree {
    Tree::List(Vec::from(items))
}

/// A decimal with this text.
pub(crate) fn decimal(text: &str) -> Tree {
    Tree::Decimal(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_keeps_duplicates_and_gives_the_first() {
        let tree = map([("a", Tree::Int(1)), ("a", Tree::Int(2))]);
        assert_eq!(tree.get("a"), Some(&Tree::Int(1)));
        assert_eq!(tree.fields().len(), 2);
        assert_eq!(Tree::Null.get("a"), None);
    }
}
