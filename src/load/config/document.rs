//! Where the entries of a configuration came from, and how their nodes become places.

use std::fmt::Write;
use std::sync::Arc;

use super::tree::{NodeId, NodeValue, Top, TreeNode};
use super::yaml;
use crate::base::location::Location;

/// One document of a configuration: the base, an overlay, or what was built in code.
#[derive(Clone)]
pub(crate) struct Document {
    pub(crate) name: Arc<str>,
    pub(crate) origin: Origin,
}

#[derive(Clone)]
pub(crate) enum Origin {
    /// The text is kept, with what was read of it: only when there are problems is it read again for
    /// their places.
    Text(Arc<str>, &'static [&'static str]),
    /// No text: the way from the root to each node.
    Paths(Vec<(NodeId, PathStep)>),
}

/// The last step of the way to a node; before it comes the way to the parent.
#[derive(Clone, Debug)]
pub(crate) enum PathStep {
    Root,
    Key(Box<str>),
    Index(usize),
}

/// Notes the way to every node of a tree that has no text.
pub(super) fn paths(top: &Top<'_>, count: u32) -> Vec<(NodeId, PathStep)> {
    let mut paths = vec![(0, PathStep::Root); count as usize];
    for (key, value) in &top.entries {
        note(&mut paths, key.id, 0, PathStep::Key((*key.text).into()));
        if let Some(value) = value {
            note(&mut paths, value.id, 0, PathStep::Key((*key.text).into()));
            children(&mut paths, value);
        }
    }
    paths
}

fn note(paths: &mut [(NodeId, PathStep)], node: NodeId, parent: NodeId, step: PathStep) {
    if let Some(place) = paths.get_mut(node as usize) {
        *place = (parent, step);
    }
}

fn children(paths: &mut Vec<(NodeId, PathStep)>, node: &TreeNode<'_>) {
    match &node.value {
        NodeValue::List(items) => {
            for (at, item) in items.iter().enumerate() {
                note(paths, item.id, node.id, PathStep::Index(at));
                children(paths, item);
            }
        }
        NodeValue::Map(entries) => {
            for entry in entries {
                let step = || PathStep::Key((*entry.key.text).into());
                note(paths, entry.key.id, node.id, step());
                note(paths, entry.value.id, node.id, step());
                children(paths, &entry.value);
            }
        }
        NodeValue::Tagged(inner) => children(paths, inner),
        _ => {}
    }
}

impl Document {
    /// The places of some nodes, given in ascending order.
    pub(super) fn locate(&self, nodes: Vec<NodeId>) -> Vec<Location> {
        match &self.origin {
            Origin::Text(text, sections) => yaml::places(text, sections, nodes)
                .into_iter()
                .map(|(line, column)| Location::text(Arc::clone(&self.name), line, column))
                .collect(),
            Origin::Paths(paths) => nodes
                .into_iter()
                .map(|node| Location::path(Arc::clone(&self.name), path(paths, node)))
                .collect(),
        }
    }
}

/// Writes the way to a node, as in `model_aliases.arch.v1.targets[1].weight`.
fn path(paths: &[(NodeId, PathStep)], node: NodeId) -> String {
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
