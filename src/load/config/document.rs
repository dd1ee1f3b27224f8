//! The documents of a configuration, and the locations of their nodes.

use std::fmt::Write;
use std::sync::Arc;

use super::tree::{NodeId, NodeValue, Top, TreeNode};
use super::yaml;
use crate::base::location::Location;

/// One document of a configuration: the base, an overlay, or the entries built in code.
#[derive(Clone)]
pub(crate) struct Document {
    pub(crate) name: Arc<str>,
    pub(crate) origin: Origin,
}

#[derive(Clone)]
pub(crate) enum Origin {
    /// The text and the sections read from it. It is read again only to locate problems.
    Text(Arc<str>, &'static [&'static str]),
    /// No text: each node with its parent and the last step of its path.
    Paths(Vec<(NodeId, PathStep)>),
}

/// The last step of the path to a node; the rest is the path to its parent.
#[derive(Clone, Debug)]
pub(crate) enum PathStep {
    Root,
    Key(Box<str>),
    Index(usize),
}

/// Records the path to every node of a tree without text.
pub(super) fn paths(top: &Top<'_>, count: u32) -> Vec<(NodeId, PathStep)> {
    let mut paths = vec![(0, PathStep::Root); count as usize];
    for (key, value) in &top.entries {
        record(&mut paths, key.id, 0, PathStep::Key((*key.text).into()));
        if let Some(value) = value {
            record(&mut paths, value.id, 0, PathStep::Key((*key.text).into()));
            record_children(&mut paths, value);
        }
    }
    paths
}

fn record(paths: &mut [(NodeId, PathStep)], node: NodeId, parent: NodeId, step: PathStep) {
    if let Some(place) = paths.get_mut(node as usize) {
        *place = (parent, step);
    }
}

fn record_children(paths: &mut Vec<(NodeId, PathStep)>, node: &TreeNode<'_>) {
    match &node.value {
        NodeValue::List(items) => {
            for (at, item) in items.iter().enumerate() {
                record(paths, item.id, node.id, PathStep::Index(at));
                record_children(paths, item);
            }
        }
        NodeValue::Map(entries) => {
            for entry in entries {
                let step = || PathStep::Key((*entry.key.text).into());
                record(paths, entry.key.id, node.id, step());
                record(paths, entry.value.id, node.id, step());
                record_children(paths, &entry.value);
            }
        }
        NodeValue::Tagged(inner) => record_children(paths, inner),
        _ => {}
    }
}

impl Document {
    /// Returns the locations of nodes, which must be in ascending order.
    pub(super) fn locate(&self, nodes: Vec<NodeId>) -> Vec<Location> {
        match &self.origin {
            Origin::Text(text, sections) => yaml::places(text, sections, nodes)
                .into_iter()
                .map(|(line, column)| Location::text(Arc::clone(&self.name), line, column))
                .collect(),
            Origin::Paths(paths) => nodes
                .into_iter()
                .map(|node| Location::path(Arc::clone(&self.name), format_path(paths, node)))
                .collect(),
        }
    }
}

/// Formats the path to a node, as in `model_aliases.arch.v1.targets[1].weight`.
fn format_path(paths: &[(NodeId, PathStep)], node: NodeId) -> String {
    let mut steps = Vec::new();
    let mut at = node;
    while let Some((parent, step)) = paths.get(at as usize) {
        match step {
            PathStep::Root => break,
            PathStep::Key(_) | PathStep::Index(_) => steps.push(step),
        }
        if *parent >= at {
            break;
        }
        at = *parent;
    }
    let mut text = String::new();
    for step in steps.into_iter().rev() {
        match step {
            PathStep::Root => {}
            PathStep::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(crate::base::text::cut(key));
            }
            PathStep::Index(at) => {
                let _ = write!(text, "[{at}]");
            }
        }
    }
    if text.is_empty() {
        text.push_str("the configuration");
    }
    text
}
