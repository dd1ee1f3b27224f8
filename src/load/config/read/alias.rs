//! Reads entries of `model_aliases`.

use super::super::entry::{AliasBody, AliasEntry, Field, Located, TargetEntry};
use super::super::finding::Findings;
use super::super::tree::{MERGE, MapEntry, MapKey, NodeValue, TreeNode};
use super::entry_reader::EntryReader;
use super::phrase::AliasLabel;
use super::target::plain_target;
use crate::base::name::check_alias_name;
use crate::base::problem::Code;
use crate::base::text::Quoted;

pub(super) const ALIAS_FIELDS: &[&str] = &[
    "target",
    "targets",
    "load_balance",
    "fallbacks",
    "guardrails",
    "endpoint",
    "params",
    "timeout",
    "redistribute",
    "sticky",
    "max_attempts",
    "last_resort",
    "description",
    "hidden",
    "deprecated",
];

/// Reads an alias built in code.
pub(in super::super) fn alias(entry: MapEntry<'_>) -> (AliasEntry, Findings) {
    let mut reader = EntryReader::default();
    let entry = reader.alias(entry);
    (entry, reader.findings)
}

impl EntryReader {
    /// Reads the section: a mapping of names, or null.
    pub(super) fn aliases(&mut self, node: TreeNode<'_>) -> Vec<AliasEntry> {
        let entries = match node.value {
            NodeValue::Null => return Vec::new(),
            NodeValue::Map(entries) => entries,
            _ => {
                self.wrong_type(
                    &node,
                    &"`model_aliases`",
                    "a mapping",
                    "write each alias as `name:` with its fields indented below",
                );
                return Vec::new();
            }
        };
        let entries = self.unique(entries, |key| {
            if key.text == MERGE {
                let message = "duplicate merge key in `model_aliases`";
                return (Code::DuplicateKey, message.to_owned());
            }
            (
                Code::DuplicateAlias,
                format!("duplicate alias {}", Quoted(&key.text)),
            )
        });
        let entries = self.merged(entries, &"`model_aliases`");
        let mut aliases = Vec::with_capacity(entries.len());
        for entry in entries {
            aliases.push(self.alias(entry));
        }
        aliases
    }

    fn alias(&mut self, entry: MapEntry<'_>) -> AliasEntry {
        let MapEntry { key, value } = entry;
        if let Err(fault) = check_alias_name(&key.text) {
            self.report(
                key.id,
                Code::InvalidAliasName,
                format!("invalid alias name {}: {fault}", Quoted(&key.text)),
                "use letters, digits, `.`, `-` and `_`",
            );
        }
        AliasEntry {
            document: 0,
            node: key.id,
            body: self.body(value, &key),
            name: key.text.into(),
        }
    }

    fn body(&mut self, node: TreeNode<'_>, key: &MapKey<'_>) -> AliasBody {
        let mut body = AliasBody::default();
        let what = AliasLabel(&key.text);
        match node.value {
            NodeValue::Null => body.null = true,
            NodeValue::Text(text) => body.target = plain_target(node.id, text),
            NodeValue::Map(entries) => self.fields(entries, what, &mut body),
            NodeValue::Bool(_) | NodeValue::Int(_) | NodeValue::BigInt(_) | NodeValue::Float(_) => {
                self.text(node, &what.field("target"));
                body.broken = true;
            }
            NodeValue::List(_) | NodeValue::Tagged(_) => {
                self.wrong_type(
                    &node,
                    &what.name(),
                    "a reference or a mapping",
                    "write `target:` or `targets:` below the name",
                );
                body.broken = true;
            }
        }
        body
    }

    fn fields(&mut self, entries: Vec<MapEntry<'_>>, alias: AliasLabel<'_>, body: &mut AliasBody) {
        // The options of a single target may be written before it.
        let mut target_options: Vec<(MapKey<'_>, TreeNode<'_>)> = Vec::new();
        let mut balanced_targets = Field::Absent;
        let unplaced = self.unplaced;
        for entry in self.entries(entries, &alias.name()) {
            let MapEntry { key, value: node } = entry;
            match &*key.text {
                "target" => body.target = self.single(node, alias),
                "targets" => body.targets = self.members(key.id, node, alias),
                "load_balance" => {
                    let (balance, targets) = self.balance(node, alias);
                    body.load_balance = balance;
                    balanced_targets = targets;
                }
                "fallbacks" => body.fallbacks = self.fallbacks(key.id, node, alias),
                "guardrails" => body.guardrails = self.guardrails(node, alias),
                "endpoint" | "params" | "timeout" => target_options.push((key, node)),
                "redistribute" => {
                    body.redistribute = self.bool(&node, &alias.field("redistribute"));
                }
                "sticky" => body.sticky = self.sticky(node, alias),
                "max_attempts" => {
                    let attempts = self.whole(&node, &alias.field("max_attempts"), 1..=8);
                    body.max_attempts = match attempts {
                        Field::Set(at) => Field::Set(Located {
                            node: at.node,
                            value: u8::try_from(at.value).unwrap_or(8),
                        }),
                        Field::Absent | Field::Wrong => Field::Wrong,
                    };
                }
                "last_resort" => {
                    let words = [("always", true), ("never", false)];
                    body.last_resort = self.word(node, &alias.field("last_resort"), &words);
                }
                "description" => body.description = self.text(node, &alias.field("description")),
                "hidden" => body.hidden = self.bool(&node, &alias.field("hidden")),
                "deprecated" => body.deprecated = self.deprecated(node, alias),
                _ => match self.unknown_field(&key, &alias.name(), ALIAS_FIELDS) {
                    Some("target") => body.target = Field::Wrong,
                    Some("targets") => body.targets = Field::Wrong,
                    _ => {}
                },
            }
        }
        if !balanced_targets.is_absent() {
            if let (Field::Set(inner), false) = (&balanced_targets, body.targets.is_absent()) {
                self.report(
                    inner.node,
                    Code::TargetsTwice,
                    format!(
                        "{} has `targets` beside `load_balance` and inside it",
                        alias.name()
                    ),
                    "keep one of the two lists",
                );
            } else {
                body.targets = balanced_targets;
            }
        }
        self.target_options(target_options, alias, body);
        if self.unplaced > unplaced && body.target.is_absent() && body.targets.is_absent() {
            body.target = Field::Wrong;
        }
    }

    /// Moves `endpoint`, `params` and `timeout` to the single target that they are written beside.
    fn target_options(
        &mut self,
        options: Vec<(MapKey<'_>, TreeNode<'_>)>,
        alias: AliasLabel<'_>,
        body: &mut AliasBody,
    ) {
        for (key, node) in options {
            if !body.targets.is_absent() {
                self.report(
                    key.id,
                    Code::MisplacedField,
                    format!("`{}` stands beside `targets` in {}", key.text, alias.name()),
                    "write it in the entry of `targets` that it is meant for",
                );
                continue;
            }
            let mut entry = TargetEntry::default();
            self.option(&key, node, &mut entry, alias);
            if let Field::Set(at) = &mut body.target
                && let [target] = at.value.as_mut_slice()
            {
                match &*key.text {
                    "endpoint" => target.endpoint = entry.endpoint,
                    "params" => target.params = entry.params,
                    _ => target.timeout = entry.timeout,
                }
            }
        }
    }
}
