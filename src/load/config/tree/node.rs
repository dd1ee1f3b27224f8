//! The nodes of a document's tree, and the top level of a document.

use std::borrow::Cow;

/// The number of a node: keys and values, from 1, in the order of the file. 0 is the document.
pub(crate) type NodeId = u32;

#[derive(Debug)]
pub(crate) struct TreeNode<'a> {
    pub(crate) id: NodeId,
    pub(crate) value: NodeValue<'a>,
}

#[derive(Debug)]
pub(crate) enum NodeValue<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// A whole number beyond 64 bits. Boxed, so that the common node stays small.
    BigInt(Box<i128>),
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<TreeNode<'a>>),
    Map(Vec<MapEntry<'a>>),
    /// A value with a YAML tag of its own, `!word`. The long forms, `!<uri>` and those of a
    /// `%TAG` line, are dropped by the YAML reader before anybody can see them.
    Tagged(Box<TreeNode<'a>>),
}

#[derive(Debug)]
pub(crate) struct MapEntry<'a> {
    pub(crate) key: MapKey<'a>,
    pub(crate) value: TreeNode<'a>,
}

#[derive(Debug, Clone)]
pub(crate) struct MapKey<'a> {
    pub(crate) id: NodeId,
    pub(crate) text: Cow<'a, str>,
}

/// The top level of a document: our sections as trees, of the others the keys alone.
#[derive(Debug, Default)]
pub(crate) struct Top<'a> {
    /// Every top-level key in file order; the value where it is one of ours.
    pub(crate) entries: Vec<(MapKey<'a>, Option<TreeNode<'a>>)>,
    /// What the document is where it is no mapping.
    pub(crate) not_a_mapping: Option<&'static str>,
}

/// The top-level keys of a configuration.
pub(crate) const SECTIONS: &[&str] = &["model_providers", "llm_providers", "model_aliases"];
/// The top-level key of routing tests. A configuration leaves it alone: what serves does not wait for
/// tests to be read, or fail for a mistake in one.
pub(crate) const TESTS: &[&str] = &["model_alias_tests"];
/// The merge key of YAML.
pub(crate) const MERGE: &str = "<<";

impl NodeValue<'_> {
    /// What the value is, for "expected …, found …".
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a truth value",
            Self::Int(_) | Self::BigInt(_) | Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
            Self::Tagged(_) => "a tagged value",
        }
    }
}
