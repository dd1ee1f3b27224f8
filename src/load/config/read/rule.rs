//! Reads entries of `model_failure_rules`.

use std::fmt;
use std::sync::Arc;

use super::super::entry::{Field, Located, RuleEntry};
use super::super::tree::{MapEntry, NodeValue, TreeNode};
use super::entry_reader::EntryReader;
use crate::base::problem::Code;
use crate::base::suggest::closest;
use crate::base::text::{Quoted, list};
use crate::failure::FailureClass;

const FIELDS: &[&str] = &["provider", "status", "code", "says", "class"];

/// The most rules of a document. Each costs time at every failure.
const MOST: usize = 256;

/// The statuses of responses that a rule may name: errors, and streams that fail after a 200.
const STATUSES: std::ops::RangeInclusive<i64> = 200..=599;

/// The rule that is being read, for messages: its position, from 1.
#[derive(Clone, Copy)]
struct RuleLabel(usize);

impl fmt::Display for RuleLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failure rule {}", self.0)
    }
}

impl RuleLabel {
    fn field(self, name: &str) -> String {
        format!("`{name}` of {self}")
    }
}

impl EntryReader {
    /// Reads the section: a list of rules, or null.
    pub(super) fn rules(&mut self, node: TreeNode<'_>) -> Vec<RuleEntry> {
        let items = match node.value {
            NodeValue::Null => return Vec::new(),
            NodeValue::List(items) => items,
            _ => {
                let help = "begin each rule with `- `";
                self.wrong_type(&node, &"`model_failure_rules`", "a list", help);
                return Vec::new();
            }
        };
        if items.len() > MOST {
            let count = items.len();
            self.report(
                node.id,
                Code::TooManyEntries,
                format!("`model_failure_rules` has {count} rules, at most {MOST} are allowed"),
                "put the statuses or words of one class into one rule",
            );
            return Vec::new();
        }
        let items = (1..).zip(items);
        let rules = items.filter_map(|(at, item)| self.rule(item, RuleLabel(at)));
        rules.collect()
    }

    fn rule(&mut self, node: TreeNode<'_>, label: RuleLabel) -> Option<RuleEntry> {
        let mut rule = RuleEntry::new(node.id);
        let unplaced = self.unplaced;
        for MapEntry { key, value } in self.map(node, &label)? {
            match &*key.text {
                "provider" => rule.provider = self.filled_text(value, &label.field("provider")),
                "status" => rule.status = self.statuses(value, label),
                "code" => rule.code = self.code(value, &label.field("code")),
                "says" => rule.says = self.filled_text(value, &label.field("says")),
                "class" => rule.class = self.class(value, label),
                _ => match self.unknown_field(&key, &label, FIELDS) {
                    Some("provider") => rule.provider = Field::Wrong,
                    Some("status") => rule.status = Field::Wrong,
                    Some("code") => rule.code = Field::Wrong,
                    Some("says") => rule.says = Field::Wrong,
                    Some("class") => rule.class = Field::Wrong,
                    _ => {}
                },
            }
        }
        let is_placed = self.unplaced == unplaced;
        if is_placed && rule.class.is_absent() {
            self.report(
                rule.node,
                Code::MissingField,
                format!("{label} has no `class`"),
                "write `class:` with what the answer means, such as `quota_exhausted`",
            );
        }
        if is_placed && rule.status.is_absent() && rule.code.is_absent() {
            self.report(
                rule.node,
                Code::MissingField,
                format!("{label} has neither `status` nor `code`"),
                "write the status or the code of the answer; words alone may be those of a client",
            );
        }
        let is_wrong = [&rule.provider, &rule.code, &rule.says]
            .iter()
            .any(|field| field.is_wrong());
        rule.broken =
            !is_placed || is_wrong || rule.status.is_wrong() || rule.class.get().is_none();
        Some(rule)
    }

    fn filled_text(&mut self, node: TreeNode<'_>, what: &dyn fmt::Display) -> Field<Arc<str>> {
        let text = self.text(node, what);
        match &text {
            Field::Set(at) if at.value.trim().is_empty() => {
                let message = format!("{what} is empty");
                self.report(
                    at.node,
                    Code::InvalidValue,
                    message,
                    "remove the field, or fill it",
                );
                Field::Wrong
            }
            Field::Absent => Field::Wrong,
            _ => text,
        }
    }

    /// Reads a code. Providers write numbers, too.
    fn code(&mut self, node: TreeNode<'_>, what: &dyn fmt::Display) -> Field<Arc<str>> {
        match node.value {
            NodeValue::Int(number) => Field::Set(Located {
                node: node.id,
                value: number.to_string().into(),
            }),
            _ => self.filled_text(node, what),
        }
    }

    fn statuses(&mut self, node: TreeNode<'_>, label: RuleLabel) -> Field<Vec<u16>> {
        let (id, what) = (node.id, label.field("status"));
        let items = match node.value {
            NodeValue::List(_) => match self.list(node, &what, usize::MAX) {
                Some(items) => items,
                None => return Field::Wrong,
            },
            _ => vec![node],
        };
        let mut statuses = Vec::with_capacity(items.len());
        for item in items {
            let Field::Set(status) = self.whole(&item, &what, STATUSES) else {
                return Field::Wrong;
            };
            statuses.extend(u16::try_from(status.value));
        }
        Field::Set(Located {
            node: id,
            value: statuses,
        })
    }

    fn class(&mut self, node: TreeNode<'_>, label: RuleLabel) -> Field<FailureClass> {
        let Field::Set(word) = self.text(node, &label.field("class")) else {
            return Field::Wrong;
        };
        let classes = || FailureClass::ALL.iter().copied();
        let found = classes().find(|class| class.as_str() == &*word.value);
        if let Some(value) = found.filter(|class| class.may_be_answered()) {
            let node = word.node;
            return Field::Set(Located { node, value });
        }
        let given = || classes().filter(|class| class.may_be_answered());
        let words = || given().map(FailureClass::as_str);
        let (message, help) = match (found, closest(&word.value, words())) {
            (Some(class), _) => (
                format!("{label} cannot give the class `{class}`"),
                "it is a reason of the resolver, not an answer of a provider".to_owned(),
            ),
            (None, meant) => (
                format!("unknown class {} in {label}", Quoted(&word.value)),
                match meant {
                    Some(meant) => format!("did you mean {}?", Quoted(meant)),
                    None => format!("write {}", list(words(), "or")),
                },
            ),
        };
        self.report(word.node, Code::InvalidValue, message, help);
        Field::Wrong
    }
}
