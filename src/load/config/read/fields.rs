//! Reads single values out of nodes: text, numbers, lists, mappings. Every mismatch becomes
//! one finding at its node.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use crate::base::decimal::Decimal;
use crate::base::duration;
use crate::base::problem::{Code, Severity};
use crate::base::secret::{Secret, url_fault};
use crate::base::suggest::closest;
use crate::base::text::{Quoted, QuotedKey, list};
use crate::base::value::Value;
use crate::load::config::entry::{At, Field};
use crate::load::config::finding::{Finding, Findings, Mark};
use crate::load::config::node::{Entry, Key, MERGE, Node, NodeId, NodeValue};

/// Collects findings while a document is read. Everything gets document 0; a configuration
/// with overlays renumbers.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) findings: Findings,
}

impl Reading {
    pub(super) fn report(
        &mut self,
        node: NodeId,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.report(0, node, code, message, help);
    }

    pub(super) fn wrong_type(
        &mut self,
        node: &Node<'_>,
        what: &dyn fmt::Display,
        wanted: &str,
        help: &str,
    ) {
        if let NodeValue::Tagged(_) = node.value {
            self.report(
                node.id,
                Code::UnsupportedTag,
                format!("{what} has a YAML tag"),
                "remove the word that begins with `!`",
            );
            return;
        }
        self.report(
            node.id,
            Code::WrongType,
            format!("{what} must be {wanted}, found {}", node.value.kind()),
            help,
        );
    }

    /// Reads text. A plain word that YAML takes for a number, a truth value or nothing is the
    /// common mistake, and gets told so.
    pub(super) fn text(&mut self, node: Node<'_>, what: &dyn fmt::Display) -> Field<Arc<str>> {
        match node.value {
            NodeValue::Text(text) => Field::Set(At {
                node: node.id,
                value: text.into(),
            }),
            NodeValue::Null
            | NodeValue::Bool(_)
            | NodeValue::Int(_)
            | NodeValue::Float(_)
            | NodeValue::BigInt(_) => {
                let help = if matches!(node.value, NodeValue::Null) {
                    "write a text, in quotes if it is `null` or `~`"
                } else {
                    "put it in quotes"
                };
                self.report(
                    node.id,
                    Code::UnquotedText,
                    format!("{what} must be text, found {}", node.value.kind()),
                    help,
                );
                Field::Wrong
            }
            _ => {
                self.wrong_type(&node, what, "text", "write a single text");
                Field::Wrong
            }
        }
    }

    pub(super) fn bool(&mut self, node: &Node<'_>, what: &dyn fmt::Display) -> Field<bool> {
        if let NodeValue::Bool(value) = node.value {
            Field::Set(At {
                node: node.id,
                value,
            })
        } else {
            self.wrong_type(
                node,
                what,
                "`true` or `false`",
                "write `true` or `false`, without quotes",
            );
            Field::Wrong
        }
    }

    /// Reads a whole number between two bounds.
    pub(super) fn whole(
        &mut self,
        node: &Node<'_>,
        what: &dyn fmt::Display,
        bounds: std::ops::RangeInclusive<i64>,
    ) -> Field<i64> {
        let help = if *bounds.end() == i64::MAX {
            format!("write a whole number from {}", bounds.start())
        } else {
            format!(
                "write a whole number from {} to {}",
                bounds.start(),
                bounds.end()
            )
        };
        match node.value {
            NodeValue::Int(value) if bounds.contains(&value) => Field::Set(At {
                node: node.id,
                value,
            }),
            NodeValue::Int(_) | NodeValue::BigInt(_) | NodeValue::Float(_) => {
                let fault = match node.value {
                    NodeValue::Float(_) => "is not a whole number",
                    _ => "is out of range",
                };
                self.report(node.id, Code::OutOfRange, format!("{what} {fault}"), help);
                Field::Wrong
            }
            _ => {
                self.wrong_type(node, what, "a whole number", &help);
                Field::Wrong
            }
        }
    }

    /// The exact decimal that a number node holds, if it is one of at most 15 digits.
    pub(super) fn decimal(node: &Node<'_>) -> Option<Decimal> {
        match node.value {
            NodeValue::Int(value) => Some(Decimal::from_int(value)),
            NodeValue::Float(value) => Decimal::from_float(value),
            _ => None,
        }
    }

    /// Reads an amount of money through `make`.
    pub(super) fn amount<T>(
        &mut self,
        node: &Node<'_>,
        what: &dyn fmt::Display,
        places: u32,
        make: impl FnOnce(Decimal) -> Option<T>,
    ) -> Field<T> {
        match node.value {
            NodeValue::Int(_) | NodeValue::BigInt(_) | NodeValue::Float(_) => {
                let decimal = Self::decimal(node);
                if let Some(value) = decimal.and_then(make) {
                    return Field::Set(At {
                        node: node.id,
                        value,
                    });
                }
                let fault = match decimal {
                    Some(decimal) if decimal.is_negative() => "is negative".to_owned(),
                    Some(_) => format!("has more than {places} decimals"),
                    None => "has more than 15 digits".to_owned(),
                };
                self.report(
                    node.id,
                    Code::InvalidAmount,
                    format!("{what} {fault}"),
                    format!("write US dollars, 0 or more, with at most {places} decimals"),
                );
                Field::Wrong
            }
            _ => {
                self.wrong_type(
                    node,
                    what,
                    "an amount",
                    "write US dollars as a plain number, without quotes",
                );
                Field::Wrong
            }
        }
    }

    pub(super) fn duration(&mut self, node: &Node<'_>, what: &dyn fmt::Display) -> Field<Duration> {
        const HELP: &str = "write a number and a unit, such as `500ms`, `5s` or `1m30s`";
        let fault = match &node.value {
            NodeValue::Text(text) => match duration::parse(text) {
                Ok(value) => {
                    return Field::Set(At {
                        node: node.id,
                        value,
                    });
                }
                Err(fault) => fault,
            },
            NodeValue::Int(_) | NodeValue::BigInt(_) | NodeValue::Float(_) => "a unit is needed",
            _ => {
                self.wrong_type(node, what, "a duration", HELP);
                return Field::Wrong;
            }
        };
        self.report(
            node.id,
            Code::InvalidDuration,
            format!("invalid {what}: {fault}"),
            HELP,
        );
        Field::Wrong
    }

    /// Reads a URL; the text is kept as written. It is never shown: it may hold a password.
    pub(super) fn url(&mut self, node: Node<'_>, what: &dyn fmt::Display) -> Field<Secret> {
        let Field::Set(url) = self.text(node, what) else {
            return Field::Wrong;
        };
        if let Some(fault) = url_fault(&url.value) {
            self.report(
                url.node,
                Code::InvalidUrl,
                format!("invalid {what}: {fault}"),
                "write it as `https://host`, with port and path if needed",
            );
            return Field::Wrong;
        }
        Field::Set(At {
            node: url.node,
            value: Secret::new(&*url.value),
        })
    }

    /// Reads one of a few words.
    pub(super) fn word<T: Copy>(
        &mut self,
        node: Node<'_>,
        what: &dyn fmt::Display,
        words: &[(&str, T)],
    ) -> Field<T> {
        let text = match self.text(node, what) {
            Field::Set(text) => text,
            Field::Absent | Field::Wrong => return Field::Wrong,
        };
        if let Some(&(_, value)) = words.iter().find(|(word, _)| *word == &*text.value) {
            return Field::Set(At {
                node: text.node,
                value,
            });
        }
        self.report(
            text.node,
            Code::InvalidValue,
            format!("{what} cannot be {}", Quoted(&text.value)),
            format!("write {}", list(words.iter().map(|(word, _)| *word), "or")),
        );
        Field::Wrong
    }

    /// Reads a list.
    pub(super) fn list<'a>(
        &mut self,
        node: Node<'a>,
        what: &dyn fmt::Display,
        most: usize,
    ) -> Option<Vec<Node<'a>>> {
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

    /// Reads a mapping: merge keys applied, of a key that stands twice the first kept.
    pub(super) fn map<'a>(
        &mut self,
        node: Node<'a>,
        what: &dyn fmt::Display,
    ) -> Option<Vec<Entry<'a>>> {
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

    /// Drops repeated keys, each with a finding, then applies merge keys.
    pub(super) fn entries<'a>(
        &mut self,
        entries: Vec<Entry<'a>>,
        what: &dyn fmt::Display,
    ) -> Vec<Entry<'a>> {
        let entries = self.unique(entries, |key| {
            let message = format!("duplicate key {} in {what}", QuotedKey(&key.text));
            (Code::DuplicateKey, message)
        });
        self.merged(entries, what)
    }

    /// Keeps the first of each key.
    pub(super) fn unique<'a>(
        &mut self,
        mut entries: Vec<Entry<'a>>,
        fault: impl Fn(&Key<'_>) -> (Code, String),
    ) -> Vec<Entry<'a>> {
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

    /// Applies `<<`: what stands in the mapping itself wins, then the earlier of several.
    pub(super) fn merged<'a>(
        &mut self,
        entries: Vec<Entry<'a>>,
        what: &dyn fmt::Display,
    ) -> Vec<Entry<'a>> {
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
            let maps = match merge.value {
                NodeValue::List(items) => items,
                value => vec![Node {
                    id: merge.id,
                    value,
                }],
            };
            for map in maps {
                let NodeValue::Map(entries) = map.value else {
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

    /// Turns a node into a value that is carried unread.
    pub(super) fn value(&mut self, node: Node<'_>, what: &dyn fmt::Display) -> Value {
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

    /// Turns entries into values that are carried unread.
    pub(super) fn values(
        &mut self,
        entries: Vec<Entry<'_>>,
        what: &dyn fmt::Display,
    ) -> IndexMap<String, Value> {
        entries
            .into_iter()
            .map(|entry| (entry.key.text.into_owned(), self.value(entry.value, what)))
            .collect()
    }

    /// Reports a field that nothing knows. Gives the field that was probably meant, so that
    /// nobody reports that one as missing too.
    pub(super) fn unknown_field<'k>(
        &mut self,
        key: &Key<'_>,
        what: &dyn fmt::Display,
        known: &[&'k str],
    ) -> Option<&'k str> {
        let meant = closest(&key.text, known.iter().copied());
        let code = Code::UnknownField;
        self.findings.push_with(code.severity(), || {
            let help = match meant {
                Some(meant) => format!("did you mean {}?", Quoted(meant)),
                None => format!("known here: {}", list(known.iter().copied(), "and")),
            };
            let message = format!("unknown field {} in {what}", QuotedKey(&key.text));
            Finding::new(mark(key.id), code, message, help)
        });
        meant
    }
}

pub(super) fn mark(node: NodeId) -> Mark {
    Mark { document: 0, node }
}

/// The positions of entries whose key stands before them, each with that first key.
fn repeated(entries: &[Entry<'_>]) -> Vec<(usize, NodeId)> {
    let mut repeated = Vec::new();
    // Entries of an alias are few, and comparing them beats hashing; sections are large.
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

/// Removes the entries at some positions, given in ascending order.
fn remove(entries: &mut Vec<Entry<'_>>, positions: &[(usize, NodeId)]) {
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
