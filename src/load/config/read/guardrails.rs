//! Reads `guardrails`.

use std::sync::Arc;

use super::super::entry::{Field, FilterEntry, GuardrailsEntry, Located};
use super::super::tree::{MapEntry, TreeNode};
use super::entry_reader::EntryReader;
use super::phrase::AliasLabel;
use crate::base::limits::{FilterAction, GuardrailMode, OnUnverifiable};
use crate::base::money::Cost;
use crate::base::problem::Code;

pub(super) const GUARDRAIL_FIELDS: &[&str] = &[
    "max_latency",
    "max_cost_per_request",
    "on_unverifiable",
    "mode",
    "block_categories",
    "content_filters",
];

impl EntryReader {
    pub(super) fn guardrails(
        &mut self,
        node: TreeNode<'_>,
        alias: AliasLabel<'_>,
    ) -> Field<Box<GuardrailsEntry>> {
        let id = node.id;
        let Some(entries) = self.map(node, &alias.field("guardrails")) else {
            return Field::Wrong;
        };
        let mut guardrails = Box::<GuardrailsEntry>::default();
        for entry in entries {
            let MapEntry { key, value: node } = entry;
            let what = alias.field(&key.text);
            match &*key.text {
                "max_latency" => guardrails.max_latency = self.duration(&node, &what),
                "max_cost_per_request" => {
                    guardrails.max_cost_per_request =
                        self.amount(&node, &what, 12, Cost::from_dollars);
                }
                "on_unverifiable" => {
                    let words = [
                        ("refuse", OnUnverifiable::Refuse),
                        ("allow", OnUnverifiable::Allow),
                    ];
                    guardrails.on_unverifiable = self.word(node, &what, &words);
                }
                "mode" => {
                    let words = [
                        ("enforce", GuardrailMode::Enforce),
                        ("monitor", GuardrailMode::Monitor),
                    ];
                    guardrails.mode = self.word(node, &what, &words);
                }
                "block_categories" => guardrails.block_categories = self.categories(node, alias),
                "content_filters" => guardrails.content_filters = self.filters(node, alias),
                _ => {
                    self.unknown_field(&key, &alias.field("guardrails"), GUARDRAIL_FIELDS);
                }
            }
        }
        Field::Set(Located {
            node: id,
            value: guardrails,
        })
    }

    fn categories(
        &mut self,
        node: TreeNode<'_>,
        alias: AliasLabel<'_>,
    ) -> Field<Vec<Located<Arc<str>>>> {
        let id = node.id;
        let Some(items) = self.list(node, &alias.field("block_categories"), usize::MAX) else {
            return Field::Wrong;
        };
        let mut categories = Vec::with_capacity(items.len());
        for item in items {
            if let Field::Set(category) = self.text(item, &alias.entry("block_categories")) {
                categories.push(category);
            }
        }
        Field::Set(Located {
            node: id,
            value: categories,
        })
    }

    fn filters(&mut self, node: TreeNode<'_>, alias: AliasLabel<'_>) -> Field<Vec<FilterEntry>> {
        let id = node.id;
        let Some(items) = self.list(node, &alias.field("content_filters"), usize::MAX) else {
            return Field::Wrong;
        };
        let mut filters = Vec::with_capacity(items.len());
        for item in items {
            filters.extend(self.filter(item, alias));
        }
        Field::Set(Located {
            node: id,
            value: filters,
        })
    }

    fn filter(&mut self, node: TreeNode<'_>, alias: AliasLabel<'_>) -> Option<FilterEntry> {
        let what = alias.entry("content_filters");
        let id = node.id;
        let mut kind = Field::Absent;
        let mut action = Field::Absent;
        let mut options = indexmap::IndexMap::new();
        for entry in self.map(node, &what)? {
            let MapEntry { key, value } = entry;
            match &*key.text {
                "type" => kind = self.text(value, &alias.field("type")),
                "action" => {
                    let words = [
                        ("redact", FilterAction::Redact),
                        ("block", FilterAction::Block),
                    ];
                    action = self.word(value, &alias.field("action"), &words);
                }
                _ => {
                    let value = self.value(value, &what);
                    options.insert(key.text.into_owned(), value);
                }
            }
        }
        if kind.is_absent() {
            self.report(
                id,
                Code::MissingField,
                format!("{what} has no `type`"),
                "write `type:` with the kind of filter",
            );
        }
        match kind {
            Field::Set(kind) => Some(FilterEntry {
                kind,
                action,
                options,
            }),
            Field::Absent | Field::Wrong => None,
        }
    }
}
