//! Reads the targets and fallbacks of an alias.

use std::borrow::Cow;

use super::super::entry::{Field, Located, TargetEntry};
use super::super::tree::{MapEntry, MapKey, NodeId, NodeValue, TreeNode};
use super::entry_reader::EntryReader;
use super::phrase::AliasLabel;
use crate::base::problem::Code;
use crate::failure::Condition;

/// The maximum number of entries in `targets`.
const MAX_TARGETS: usize = 64;
/// The maximum number of entries in `fallbacks`.
const MAX_FALLBACKS: usize = 16;

/// The list that an entry belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TargetList {
    Targets,
    Fallbacks,
}

impl TargetList {
    pub(super) fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Targets => &["model", "weight", "endpoint", "params", "timeout"],
            Self::Fallbacks => &["target", "conditions", "endpoint", "params", "timeout"],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Targets => "targets",
            Self::Fallbacks => "fallbacks",
        }
    }

    fn max_entries(self) -> usize {
        match self {
            Self::Targets => MAX_TARGETS,
            Self::Fallbacks => MAX_FALLBACKS,
        }
    }

    /// The field that holds the reference.
    fn reference(self) -> &'static str {
        self.fields()[0]
    }
}

impl EntryReader {
    /// Reads `endpoint`, `params` or `timeout`. A later check can only report that the field is
    /// present, so the field keeps the node of its key.
    pub(super) fn option(
        &mut self,
        key: &MapKey<'_>,
        node: TreeNode<'_>,
        entry: &mut TargetEntry,
        alias: AliasLabel<'_>,
    ) {
        let what = alias.field(&key.text);
        match &*key.text {
            "endpoint" => entry.endpoint = self.url(node, &what).shown_at(key.id),
            "timeout" => entry.timeout = self.duration(&node, &what).shown_at(key.id),
            _ => {
                entry.params = match self.map(node, &what) {
                    Some(entries) => Field::Set(Located {
                        node: key.id,
                        value: Box::new(self.values(entries, &what)),
                    }),
                    None => Field::Wrong,
                };
            }
        }
    }

    pub(super) fn single(
        &mut self,
        node: TreeNode<'_>,
        alias: AliasLabel<'_>,
    ) -> Field<Vec<TargetEntry>> {
        let id = node.id;
        if let NodeValue::Text(text) = node.value {
            return plain_target(id, text);
        }
        self.text(node, &alias.field("target"));
        Field::Wrong
    }

    pub(super) fn members(
        &mut self,
        key: NodeId,
        node: TreeNode<'_>,
        alias: AliasLabel<'_>,
    ) -> Field<Vec<TargetEntry>> {
        self.entries_list(key, node, alias, TargetList::Targets)
    }

    pub(super) fn fallbacks(
        &mut self,
        key: NodeId,
        node: TreeNode<'_>,
        alias: AliasLabel<'_>,
    ) -> Field<Vec<TargetEntry>> {
        self.entries_list(key, node, alias, TargetList::Fallbacks)
    }

    /// Reads a list of entries. Problems of the whole list point at its key.
    fn entries_list(
        &mut self,
        key: NodeId,
        node: TreeNode<'_>,
        alias: AliasLabel<'_>,
        list: TargetList,
    ) -> Field<Vec<TargetEntry>> {
        let Some(items) = self.list(node, &alias.field(list.name()), list.max_entries()) else {
            return Field::Wrong;
        };
        let mut entries = Vec::with_capacity(items.len());
        for item in items {
            entries.push(self.target(item, alias, list));
        }
        Field::Set(Located {
            node: key,
            value: entries,
        })
    }

    fn target(
        &mut self,
        node: TreeNode<'_>,
        alias: AliasLabel<'_>,
        list: TargetList,
    ) -> TargetEntry {
        let id = node.id;
        let mut entry = TargetEntry {
            node: Located {
                node: id,
                value: (),
            },
            ..TargetEntry::default()
        };
        let entries = match node.value {
            NodeValue::Map(entries) => entries,
            NodeValue::Text(text) if list == TargetList::Fallbacks => {
                entry.reference = Field::Set(Located {
                    node: id,
                    value: text.into(),
                });
                return entry;
            }
            _ => {
                let what = alias.entry(list.name());
                match list {
                    TargetList::Targets => {
                        self.wrong_type(&node, &what, "a mapping", "write it as `- model: …`");
                    }
                    TargetList::Fallbacks => {
                        self.text(node, &what);
                    }
                }
                entry.reference = Field::Wrong;
                entry.weight = Field::Wrong;
                return entry;
            }
        };
        let unplaced = self.unplaced;
        for field in self.entries(entries, &alias.entry(list.name())) {
            let MapEntry { key, value: node } = field;
            match (&*key.text, list) {
                ("model", TargetList::Targets) | ("target", TargetList::Fallbacks) => {
                    entry.reference = match node.value {
                        NodeValue::Text(text) => Field::Set(Located {
                            node: node.id,
                            value: text.into(),
                        }),
                        _ => self.text(node, &alias.field(&key.text)),
                    };
                }
                ("weight", TargetList::Targets) => entry.weight = self.weight(&node, alias),
                ("conditions", TargetList::Fallbacks) => {
                    entry.conditions = self.conditions(node, alias);
                }
                ("endpoint" | "params" | "timeout", _) => {
                    self.option(&key, node, &mut entry, alias);
                }
                _ => match self.unknown_field(&key, &alias.entry(list.name()), list.fields()) {
                    Some("weight") => entry.weight = Field::Wrong,
                    Some("model" | "target") => entry.reference = Field::Wrong,
                    _ => {}
                },
            }
        }
        let is_placed = self.unplaced == unplaced;
        if entry.reference.is_absent() {
            if is_placed {
                self.report(
                    id,
                    Code::MissingField,
                    format!("{} has no `{}`", alias.entry(list.name()), list.reference()),
                    format!("write `{}:` with a model or an alias", list.reference()),
                );
            }
            entry.reference = Field::Wrong;
        }
        if entry.weight.is_absent() && !is_placed {
            entry.weight = Field::Wrong;
        }
        entry
    }

    fn weight(
        &mut self,
        node: &TreeNode<'_>,
        alias: AliasLabel<'_>,
    ) -> Field<crate::base::decimal::Decimal> {
        if let Some(value) = Self::decimal(node) {
            return Field::Set(Located {
                node: node.id,
                value,
            });
        }
        if let NodeValue::Tagged(_) = node.value {
            self.wrong_type(node, &alias.field("weight"), "", "");
        } else {
            let fault = match node.value {
                NodeValue::Float(number) if !number.is_finite() => "is no number",
                NodeValue::Float(_) | NodeValue::BigInt(_) => "has more than 15 digits",
                _ => "is no number",
            };
            self.report(
                node.id,
                Code::InvalidWeight,
                format!("a weight in {} {fault}", alias.name()),
                "write a plain number, without quotes or a percent sign",
            );
        }
        Field::Wrong
    }

    fn conditions(
        &mut self,
        node: TreeNode<'_>,
        alias: AliasLabel<'_>,
    ) -> Field<Vec<Located<Condition>>> {
        let id = node.id;
        let Some(items) = self.list(node, &alias.field("conditions"), usize::MAX) else {
            return Field::Wrong;
        };
        let mut conditions = Vec::with_capacity(items.len());
        for item in items {
            let id = item.id;
            let condition = match &item.value {
                NodeValue::Text(word) => Some(Condition::from_word(word)),
                NodeValue::Int(status) => Some(
                    Condition::from_status(*status)
                        .unwrap_or_else(|| Condition::Registered(status.to_string().into())),
                ),
                _ => None,
            };
            match condition {
                Some(value) => conditions.push(Located { node: id, value }),
                None => {
                    self.text(item, &alias.entry("conditions"));
                }
            }
        }
        Field::Set(Located {
            node: id,
            value: conditions,
        })
    }
}

/// Returns a single target that is only a reference.
pub(super) fn plain_target(node: NodeId, text: Cow<'_, str>) -> Field<Vec<TargetEntry>> {
    Field::Set(Located {
        node,
        value: vec![TargetEntry {
            node: Located { node, value: () },
            reference: Field::Set(Located {
                node,
                value: text.into(),
            }),
            ..TargetEntry::default()
        }],
    })
}
