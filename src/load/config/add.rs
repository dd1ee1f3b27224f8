//! Adds entries built in code to a configuration.
//!
//! They become a tree and pass through the same reader as a document, so that there is one set of
//! checks.

use std::sync::Arc;

use super::configuration::Config;
use super::document::{Document, Origin, PathStep};
use super::finding::Finding;
use super::mark::Mark;
use super::new_entries::{NewAlias, NewProvider};
use super::read;
use super::tree::{MapEntry, MapKey, NodeId, NodeValue, TreeNode};
use crate::base::problem::Code;
use crate::base::text::Quoted;
use crate::base::value::Value;

impl Config {
    /// Adds a provider.
    #[must_use]
    pub fn provider(mut self, provider: NewProvider) -> Self {
        let at = self.providers.len();
        let node = self.add(
            "model_providers",
            PathStep::Index(at),
            Value::Map(provider.0.0),
        );
        let (entry, findings) = read::provider(node);
        let document = self.documents.len() - 1;
        self.findings.append(findings, document);
        if let Some(mut entry) = entry {
            entry.document = document;
            self.providers.push(entry);
        }
        self
    }

    /// Adds an alias. A second alias of the same name is a problem; use [`overlay`](Self::overlay)
    /// to replace aliases.
    #[must_use]
    pub fn alias(mut self, name: &str, alias: NewAlias) -> Self {
        let node = self.add(
            "model_aliases",
            PathStep::Key(name.into()),
            Value::Map(alias.0.0),
        );
        let key = MapKey {
            id: node.id,
            text: name.into(),
        };
        let (mut entry, findings) = read::alias(MapEntry { key, value: node });
        let document = self.documents.len() - 1;
        self.findings.append(findings, document);
        entry.document = document;
        let first = self.aliases.iter().find(|other| other.name == entry.name);
        if let Some(first) = first {
            let (mark, first) = (
                Mark {
                    document,
                    node: entry.node,
                },
                Mark {
                    document: first.document,
                    node: first.node,
                },
            );
            self.findings.push(
                Finding::new(
                    mark,
                    Code::DuplicateAlias,
                    format!("duplicate alias {}", Quoted(name)),
                    "rename or remove one of the two",
                )
                .first_at(first),
            );
        } else {
            self.aliases.push(entry);
        }
        self
    }

    /// Turns a value into a numbered tree and records the paths of its nodes. They go into the
    /// document for entries built in code: the last document, or a new one.
    fn add(&mut self, section: &str, step: PathStep, value: Value) -> TreeNode<'static> {
        let mut paths = match self.documents.last().map(|document| &document.origin) {
            Some(Origin::Paths(_)) => match self.documents.pop().map(Arc::unwrap_or_clone) {
                Some(Document {
                    origin: Origin::Paths(paths),
                    ..
                }) => paths,
                _ => Vec::new(),
            },
            _ => vec![(0, PathStep::Root)],
        };
        let section = push(&mut paths, 0, PathStep::Key(section.into()));
        let node = tree(&mut paths, section, step, value);
        self.documents.push(Arc::new(Document {
            name: "".into(),
            origin: Origin::Paths(paths),
        }));
        node
    }
}

fn push(paths: &mut Vec<(NodeId, PathStep)>, parent: NodeId, step: PathStep) -> NodeId {
    let id = NodeId::try_from(paths.len()).unwrap_or(NodeId::MAX);
    paths.push((parent, step));
    id
}

fn tree(
    paths: &mut Vec<(NodeId, PathStep)>,
    parent: NodeId,
    step: PathStep,
    value: Value,
) -> TreeNode<'static> {
    let id = push(paths, parent, step);
    let value = match value {
        Value::Null => NodeValue::Null,
        Value::Bool(value) => NodeValue::Bool(value),
        Value::Int(value) => match i64::try_from(value) {
            Ok(value) => NodeValue::Int(value),
            Err(_) => NodeValue::BigInt(Box::new(value)),
        },
        Value::Float(value) => NodeValue::Float(value),
        Value::Text(text) => NodeValue::Text(text.into()),
        Value::List(items) => NodeValue::List(
            items
                .into_iter()
                .enumerate()
                .map(|(at, item)| tree(paths, id, PathStep::Index(at), item))
                .collect(),
        ),
        Value::Map(entries) => NodeValue::Map(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let key_id = push(paths, id, PathStep::Key((&*key).into()));
                    MapEntry {
                        value: tree(paths, id, PathStep::Key((&*key).into()), value),
                        key: MapKey {
                            id: key_id,
                            text: key.into(),
                        },
                    }
                })
                .collect(),
        ),
    };
    TreeNode { id, value }
}
