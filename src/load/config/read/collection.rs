//! Reads lists and mappings, and values that the crate does not interpret.

use std::collections::HashMap;
use std::fmt;

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use super::super::finding::Finding;
use super::super::tree::{MERGE, MapEntry, MapKey, NodeId, NodeValue, TreeNode};
use super::entry_reader::{EntryReader, mark};
use crate::base::problem::{Code, Severity};
use crate::base::text::QuotedKey;
use crate::base::value::Value;

impl EntryReader {
    /// Reads a list of 1 to `most` entries.
    pub(super) fn list<'a>(
        &mut self,
        node: TreeNode<'a>,
        what: &dyn fmt::Display,
        most: usize,
    ) -> Option<Vec<TreeNode<'a>>> {
        let id = node.id;
        let NodeValue::List(items) = node.value else {
            self.wrong_type(&node, what, "a list", "begin each entry with `- `");
            return None;
        };
        if items.is_empty() {
            self.report(
                id,
                Code::EmptyList,
                format!("{what} is empty"),
                "write at least one entry, or remove the field",
            );
            return None;
        }
        if items.len() > most {
            self.report(
                id,
                Code::TooManyEntries,
                format!(
                    "{what} has {} entries, at most {most} are allowed",
                    items.len()
                ),
                "split it over several aliases",
            );
            return None;
        }
        Some(items)
    }

    /// Reads a mapping: applies merge keys and keeps the first of repeated keys.
    pub(super) fn map<'a>(
        &mut self,
        node: TreeNode<'a>,
        what: &dyn fmt::Display,
    ) -> Option<Vec<MapEntry<'a>>> {
        if let NodeValue::Map(entries) = node.value {
            return Some(self.entries(entries, what));
        }
        self.wrong_type(
            &node,
            what,
            "a mapping",
            "write it as `key: value` lines, indented",
        );
        None
    }

    /// Removes repeated keys, each with a finding, then applies merge keys.
    pub(super) fn entries<'a>(
        &mut self,
        entries: Vec<MapEntry<'a>>,
        what: &dyn fmt::Display,
    ) -> Vec<MapEntry<'a>> {
        let entries = self.unique(entries, |key| {
            let message = format!("duplicate key {} in {what}", QuotedKey(&key.text));
            (Code::DuplicateKey, message)
        });
        self.merged(entries, what)
    }

    /// Keeps the first entry of each key and reports the others.
    pub(super) fn unique<'a>(
        &mut self,
        mut entries: Vec<MapEntry<'a>>,
        fault: impl Fn(&MapKey<'_>) -> (Code, String),
    ) -> Vec<MapEntry<'a>> {
        let repeated = repeated(&entries);
        for &(at, first) in &repeated {
            let key = &entries[at].key;
            self.findings.push_with(Severity::Error, || {
                let (code, message) = fault(key);
                let help = "rename or remove one of the two";
                Finding::new(mark(key.id), code, message, help).first_at(mark(first))
            });
        }
        remove(&mut entries, &repeated);
        entries
    }

    /// Applies `<<`. The keys of the mapping itself win, then those of an earlier merge.
    pub(super) fn merged<'a>(
        &mut self,
        entries: Vec<MapEntry<'a>>,
        what: &dyn fmt::Display,
    ) -> Vec<MapEntry<'a>> {
        if !entries.iter().any(|entry| entry.key.text == MERGE) {
            return entries;
        }
        let mut own = Vec::with_capacity(entries.len());
        let mut merges = Vec::new();
        for entry in entries {
            if entry.key.text == MERGE {
                merges.push(entry.value);
            } else {
                own.push(entry);
            }
        }
        for merge in merges {
            for map in merge.merge_sources() {
                let NodeValue::Map(entries) = map.value else {
                    self.unplaced += 1;
                    self.report(
                        map.id,
                        Code::InvalidMerge,
                        format!("the merge key in {what} needs a mapping, found {}", map.value.kind()),
                        "write `<<: *name` where `name` is the anchor of a mapping, or a list of such",
                    );
                    continue;
                };
                own.extend(self.entries(entries, what));
            }
        }
        let repeated = repeated(&own);
        remove(&mut own, &repeated);
        own
    }

    /// Turns a node into a value that the crate does not interpret.
    pub(super) fn value(&mut self, node: TreeNode<'_>, what: &dyn fmt::Display) -> Value {
        match node.value {
            NodeValue::Null => Value::Null,
            NodeValue::Bool(value) => Value::Bool(value),
            NodeValue::Int(value) => Value::Int(value.into()),
            NodeValue::BigInt(value) => Value::Int(*value),
            NodeValue::Float(value) => Value::Float(value),
            NodeValue::Text(value) => Value::Text(value.into_owned()),
            NodeValue::List(items) => Value::List(
                items
                    .into_iter()
                    .map(|item| self.value(item, what))
                    .collect(),
            ),
            NodeValue::Map(entries) => {
                let entries = self.entries(entries, what);
                Value::Map(self.values(entries, what))
            }
            NodeValue::Tagged(_) => {
                self.wrong_type(&node, what, "", "");
                Value::Null
            }
        }
    }

    /// Turns entries into values that the crate does not interpret.
    pub(super) fn values(
        &mut self,
        entries: Vec<MapEntry<'_>>,
        what: &dyn fmt::Display,
    ) -> IndexMap<String, Value> {
        entries
            .into_iter()
            .map(|entry| (entry.key.text.into_owned(), self.value(entry.value, what)))
            .collect()
    }
}

/// Returns the positions of entries that repeat an earlier key, each with the node of that key.
fn repeated(entries: &[MapEntry<'_>]) -> Vec<(usize, NodeId)> {
    let mut repeated = Vec::new();
    // Most mappings have few entries, and comparing them beats hashing. Sections are large.
    if entries.len() <= 16 {
        for (at, entry) in entries.iter().enumerate().skip(1) {
            let mut before = entries[..at].iter();
            if let Some(first) = before.find(|e| e.key.text == entry.key.text) {
                repeated.push((at, first.key.id));
            }
        }
        return repeated;
    }
    let mut seen: HashMap<&str, NodeId, FixedState> =
        HashMap::with_capacity_and_hasher(entries.len(), FixedState::default());
    for (at, entry) in entries.iter().enumerate() {
        if let Some(&first) = seen.get(&*entry.key.text) {
            repeated.push((at, first));
        } else {
            seen.insert(&entry.key.text, entry.key.id);
        }
    }
    repeated
}

/// Removes the entries at these positions, which must be in ascending order.
fn remove(entries: &mut Vec<MapEntry<'_>>, positions: &[(usize, NodeId)]) {
    let mut positions = positions.iter().map(|&(at, _)| at).peekable();
    let mut at = 0;
    if positions.peek().is_some() {
        entries.retain(|_| {
            let removed = positions.next_if_eq(&at).is_some();
            at += 1;
            !removed
        });
    }
}
