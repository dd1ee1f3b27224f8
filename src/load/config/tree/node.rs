//! The nodes of a document's tree, and the top level of a document.

use std::borrow::Cow;

/// The number of a node: keys and values, from 1, in the order of the file. 0 is the document.
pub(crate) type NodeId = u32;

#[derive(Debug)]
pub(crate) struct TreeNode<'a> {
    pub(crate) id: NodeId,
    pub(crate) value: NodeValue<'a>,
}

impl<'a> TreeNode<'a> {
    /// The nodes that a merge key takes its entries from: those of a list, or the node itself.
    pub(crate) fn merge_sources(self) -> Vec<TreeNode<'a>> {
        match self.value {
            NodeValue::List(items) => items,
            _ => vec![self],
        }
    }
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
    /// A value with a local YAML tag, `!word`. The YAML crate itself drops the long forms,
    /// `!<uri>` and those of a `%TAG` line.
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

/// The top level of a document: the sections to read as trees, and only the keys of the others.
#[derive(Debug, Default)]
pub(crate) struct Top<'a> {
    /// Every top-level key in file order, with its value if the section is read.
    pub(crate) entries: Vec<(MapKey<'a>, Option<TreeNode<'a>>)>,
    /// The kind of the document if it is not a mapping.
    pub(crate) not_a_mapping: Option<&'static str>,
}

/// The top-level keys of a configuration.
pub(crate) const SECTIONS: &[&str] = &[
    "model_providers",
    "llm_providers",
    "model_aliases",
    "model_failure_rules",
];
/// The top-level key of routing tests. A configuration does not read it, so that serving neither
/// waits for tests nor fails because of a mistake in one.
pub(crate) const TESTS: &[&str] = &["model_alias_tests"];
/// Stands for every top-level key.
pub(crate) const EVERY_SECTION: &[&str] = &["*"];
/// The merge key of YAML.
pub(crate) const MERGE: &str = "<<";

impl NodeValue<'_> {
    /// The kind of the value, for messages such as "must be text, found a list".
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::BigInt(_) | Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
            Self::Tagged(_) => "a tagged value",
        }
    }
}
