//! A value with its node, and a field that may be absent or wrong.

use super::super::tree::NodeId;

/// A value and the node it was read from. Equality ignores the node.
#[derive(Debug, Clone)]
pub(crate) struct Located<T> {
    pub(crate) node: NodeId,
    pub(crate) value: T,
}

impl<T: PartialEq> PartialEq for Located<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// A field of an entry.
#[derive(Debug, Clone, Default)]
pub(crate) enum Field<T> {
    /// The field is not written.
    #[default]
    Absent,
    /// The field is written, but wrong. The mistake is reported, so later checks must not report it
    /// again.
    Wrong,
    Set(Located<T>),
}

impl<T> Field<T> {
    pub(crate) fn get(&self) -> Option<&T> {
        match self {
            Self::Set(at) => Some(&at.value),
            _ => None,
        }
    }

    pub(crate) fn at(&self) -> Option<&Located<T>> {
        match self {
            Self::Set(at) => Some(at),
            _ => None,
        }
    }

    /// Returns the field with another node for its problems to point at.
    pub(crate) fn shown_at(self, node: NodeId) -> Self {
        match self {
            Self::Set(at) => Self::Set(Located { node, ..at }),
            other => other,
        }
    }

    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub(crate) fn is_wrong(&self) -> bool {
        matches!(self, Self::Wrong)
    }
}

impl<T: Copy> Field<T> {
    pub(crate) fn value(&self) -> Option<T> {
        self.get().copied()
    }
}

impl<T: PartialEq> PartialEq for Field<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Default for Located<()> {
    fn default() -> Self {
        Self { node: 0, value: () }
    }
}
