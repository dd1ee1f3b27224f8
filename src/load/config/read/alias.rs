//! Reads entries of `model_aliases`.

use std::borrow::Cow;
use std::sync::Arc;

use super::fields::Reading;
use super::phrase::Alias;
use crate::base::name::check_alias_name;
use crate::base::problem::Code;
use crate::base::text::Quoted;
use crate::failure::Condition;
use crate::load::config::entry::{
    AliasBody, AliasEntry, At, BalanceEntry, DeprecatedEntry, Field, TargetEntry,
};
use crate::load::config::node::{Entry, Key, MERGE, Node, NodeId, NodeValue};

/// The most entries of `targets`.
const MAX_TARGETS: usize = 64;
/// The most entries of `fallbacks`.
const MAX_FALLBACKS: usize = 16;

const ALIAS_FIELDS: &[&str] = &[
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
    "description",
    "hidden",
    "deprecated",
];

/// Whether an entry stands in `targets` or in `fallbacks`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Member,
    Fallback,
}

impl Place {
    fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Member => &["model", "weight", "endpoint", "params", "timeout"],
            Self::Fallback => &["target", "conditions", "endpoint", "params", "timeout"],
        }
    }

    pub(super) fn list(self) -> &'static str {
        match self {
            Self::Member => "targets",
            Self::Fallback => "fallbacks",
        }
    }

    fn most(self) -> usize {
        match self {
            Self::Member => MAX_TARGETS,
            Self::Fallback => MAX_FALLBACKS,
        }
    }

    /// The field that holds the reference.
    fn reference(self) -> &'static str {
        self.fields()[0]
    }
}

impl Reading {
    /// Reads the section: a mapping of names, or nothing.
    pub(super) fn aliases(&mut self, node: Node<'_>) -> Vec<AliasEntry> {
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

    pub(in crate::load::config) fn alias(&mut self, entry: Entry<'_>) -> AliasEntry {
        let Entry { key, value } = entry;
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

    fn body(&mut self, node: Node<'_>, key: &Key<'_>) -> AliasBody {
        let mut body = AliasBody::default();
        let what = Alias(&key.text);
        match node.value {
            NodeValue::Null => body.null = true,
            NodeValue::Text(text) => body.target = short(node.id, text),
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

    fn fields(&mut self, entries: Vec<Entry<'_>>, alias: Alias<'_>, body: &mut AliasBody) {
        // What belongs to a single target may stand before it.
        let mut beside: Vec<(Key<'_>, Node<'_>)> = Vec::new();
        let mut inside = Field::Absent;
        for entry in self.entries(entries, &alias.name()) {
            let Entry { key, value: node } = entry;
            match &*key.text {
                "target" => body.target = self.single(node, alias),
                "targets" => body.targets = self.members(key.id, node, alias),
                "load_balance" => {
                    let (balance, targets) = self.balance(node, alias);
                    body.load_balance = balance;
                    inside = targets;
                }
                "fallbacks" => body.fallbacks = self.fallbacks(key.id, node, alias),
                "guardrails" => body.guardrails = self.guardrails(node, alias),
                "endpoint" | "params" | "timeout" => beside.push((key, node)),
                "redistribute" => {
                    body.redistribute = self.bool(&node, &alias.field("redistribute"));
                }
                "sticky" => body.sticky = self.sticky(node, alias),
                "max_attempts" => {
                    let attempts = self.whole(&node, &alias.field("max_attempts"), 1..=8);
                    body.max_attempts = match attempts {
                        Field::Set(at) => Field::Set(At {
                            node: at.node,
                            value: u8::try_from(at.value).unwrap_or(8),
                        }),
                        Field::Absent | Field::Wrong => Field::Wrong,
                    };
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
        if !inside.is_absent() {
            if let (Field::Set(inner), false) = (&inside, body.targets.is_absent()) {
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
                body.targets = inside;
            }
        }
        self.beside(beside, alias, body);
    }

    /// Gives `endpoint`, `params` and `timeout` to the single target beside which they stand.
    fn beside(&mut self, beside: Vec<(Key<'_>, Node<'_>)>, alias: Alias<'_>, body: &mut AliasBody) {
        for (key, node) in beside {
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

    /// Reads `endpoint`, `params` or `timeout`. A later problem is that the field is there at
    /// all, so it shows its key.
    fn option(&mut self, key: &Key<'_>, node: Node<'_>, entry: &mut TargetEntry, alias: Alias<'_>) {
        let what = alias.field(&key.text);
        match &*key.text {
            "endpoint" => entry.endpoint = self.url(node, &what).shown_at(key.id),
            "timeout" => entry.timeout = self.duration(&node, &what).shown_at(key.id),
            _ => {
                entry.params = match self.map(node, &what) {
                    Some(entries) => Field::Set(At {
                        node: key.id,
                        value: Box::new(self.values(entries, &what)),
                    }),
                    None => Field::Wrong,
                };
            }
        }
    }

    fn single(&mut self, node: Node<'_>, alias: Alias<'_>) -> Field<Vec<TargetEntry>> {
        let id = node.id;
        if let NodeValue::Text(text) = node.value {
            return short(id, text);
        }
        self.text(node, &alias.field("target"));
        Field::Wrong
    }

    fn members(
        &mut self,
        key: NodeId,
        node: Node<'_>,
        alias: Alias<'_>,
    ) -> Field<Vec<TargetEntry>> {
        self.entries_list(key, node, alias, Place::Member)
    }

    fn fallbacks(
        &mut self,
        key: NodeId,
        node: Node<'_>,
        alias: Alias<'_>,
    ) -> Field<Vec<TargetEntry>> {
        self.entries_list(key, node, alias, Place::Fallback)
    }

    /// Reads a list of entries. A problem of the list as a whole shows its key.
    fn entries_list(
        &mut self,
        key: NodeId,
        node: Node<'_>,
        alias: Alias<'_>,
        place: Place,
    ) -> Field<Vec<TargetEntry>> {
        let Some(items) = self.list(node, &alias.field(place.list()), place.most()) else {
            return Field::Wrong;
        };
        let mut entries = Vec::with_capacity(items.len());
        for item in items {
            entries.push(self.target(item, alias, place));
        }
        Field::Set(At {
            node: key,
            value: entries,
        })
    }

    fn target(&mut self, node: Node<'_>, alias: Alias<'_>, place: Place) -> TargetEntry {
        let id = node.id;
        let mut entry = TargetEntry {
            node: At {
                node: id,
                value: (),
            },
            ..TargetEntry::default()
        };
        let entries = match node.value {
            NodeValue::Map(entries) => entries,
            NodeValue::Text(text) if place == Place::Fallback => {
                entry.reference = Field::Set(At {
                    node: id,
                    value: text.into(),
                });
                return entry;
            }
            _ => {
                let what = alias.entry_of(place);
                match place {
                    Place::Member => {
                        self.wrong_type(&node, &what, "a mapping", "write it as `- model: …`");
                    }
                    Place::Fallback => {
                        self.text(node, &what);
                    }
                }
                entry.reference = Field::Wrong;
                return entry;
            }
        };
        for field in self.entries(entries, &alias.entry_of(place)) {
            let Entry { key, value: node } = field;
            match (&*key.text, place) {
                ("model", Place::Member) | ("target", Place::Fallback) => {
                    entry.reference = match node.value {
                        NodeValue::Text(text) => Field::Set(At {
                            node: node.id,
                            value: text.into(),
                        }),
                        _ => self.text(node, &alias.field(&key.text)),
                    };
                }
                ("weight", Place::Member) => entry.weight = self.weight(&node, alias),
                ("conditions", Place::Fallback) => {
                    entry.conditions = self.conditions(node, alias);
                }
                ("endpoint" | "params" | "timeout", _) => {
                    self.option(&key, node, &mut entry, alias);
                }
                _ => match self.unknown_field(&key, &alias.entry_of(place), place.fields()) {
                    Some("weight") => entry.weight = Field::Wrong,
                    Some("model" | "target") => entry.reference = Field::Wrong,
                    _ => {}
                },
            }
        }
        if entry.reference.is_absent() {
            self.report(
                id,
                Code::MissingField,
                format!("{} has no `{}`", alias.entry_of(place), place.reference()),
                format!("write `{}:` with a model or an alias", place.reference()),
            );
            entry.reference = Field::Wrong;
        }
        entry
    }

    fn weight(
        &mut self,
        node: &Node<'_>,
        alias: Alias<'_>,
    ) -> Field<crate::base::decimal::Decimal> {
        if let Some(value) = Self::decimal(node) {
            return Field::Set(At {
                node: node.id,
                value,
            });
        }
        if let NodeValue::Tagged(_) = node.value {
            self.wrong_type(node, &alias.field("weight"), "", "");
        } else {
            let fault = match node.value {
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

    fn conditions(&mut self, node: Node<'_>, alias: Alias<'_>) -> Field<Vec<At<Condition>>> {
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
                Some(value) => conditions.push(At { node: id, value }),
                None => {
                    self.text(item, &alias.entry("conditions"));
                }
            }
        }
        Field::Set(At {
            node: id,
            value: conditions,
        })
    }

    /// Reads `load_balance`, and the targets where they stand inside it.
    fn balance(
        &mut self,
        node: Node<'_>,
        alias: Alias<'_>,
    ) -> (Field<BalanceEntry>, Field<Vec<TargetEntry>>) {
        let id = node.id;
        let mut balance = BalanceEntry::default();
        let mut targets = Field::Absent;
        let Some(entries) = self.map(node, &alias.field("load_balance")) else {
            return (Field::Wrong, targets);
        };
        for entry in entries {
            let Entry { key, value } = entry;
            match &*key.text {
                "algorithm" => balance.algorithm = self.text(value, &alias.field("algorithm")),
                "targets" => {
                    targets = self.members(key.id, value, alias);
                }
                _ => {
                    let known = ["algorithm", "targets"];
                    if self.unknown_field(&key, &alias.field("load_balance"), &known)
                        == Some("targets")
                    {
                        targets = Field::Wrong;
                    }
                }
            }
        }
        (
            Field::Set(At {
                node: id,
                value: balance,
            }),
            targets,
        )
    }

    fn sticky(&mut self, node: Node<'_>, alias: Alias<'_>) -> Field<Field<Arc<str>>> {
        let id = node.id;
        let Some(entries) = self.map(node, &alias.field("sticky")) else {
            return Field::Wrong;
        };
        let mut salt = Field::Absent;
        for entry in entries {
            match &*entry.key.text {
                "salt" => salt = self.text(entry.value, &alias.field("salt")),
                _ => {
                    self.unknown_field(&entry.key, &alias.field("sticky"), &["salt"]);
                }
            }
        }
        Field::Set(At {
            node: id,
            value: salt,
        })
    }

    fn deprecated(&mut self, node: Node<'_>, alias: Alias<'_>) -> Field<Box<DeprecatedEntry>> {
        let id = node.id;
        let Some(entries) = self.map(node, &alias.field("deprecated")) else {
            return Field::Wrong;
        };
        let mut deprecated = Box::<DeprecatedEntry>::default();
        for entry in entries {
            let Entry { key, value } = entry;
            let what = alias.field(&key.text);
            match &*key.text {
                "replacement" => deprecated.replacement = self.text(value, &what),
                "sunset" => {
                    deprecated.sunset = self.text(value, &what);
                    if let Field::Set(date) = &deprecated.sunset
                        && !is_date(&date.value)
                    {
                        self.report(
                            date.node,
                            Code::InvalidValue,
                            format!("{what} cannot be {}", Quoted(&date.value)),
                            "write a date as `2027-01-31`",
                        );
                        deprecated.sunset = Field::Wrong;
                    }
                }
                "message" => deprecated.message = self.text(value, &what),
                _ => {
                    let known = ["replacement", "sunset", "message"];
                    self.unknown_field(&key, &alias.field("deprecated"), &known);
                }
            }
        }
        Field::Set(At {
            node: id,
            value: deprecated,
        })
    }
}

/// A single target that is a reference and nothing else.
fn short(node: NodeId, text: Cow<'_, str>) -> Field<Vec<TargetEntry>> {
    Field::Set(At {
        node,
        value: vec![TargetEntry {
            node: At { node, value: () },
            reference: Field::Set(At {
                node,
                value: text.into(),
            }),
            ..TargetEntry::default()
        }],
    })
}

/// Whether a text is a day of the calendar, as `2027-01-31`.
fn is_date(text: &str) -> bool {
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        let digits = text.get(range)?;
        digits
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| digits.parse().ok())?
    };
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn days_of_the_calendar() {
        for day in ["2027-01-31", "2028-02-29", "2000-02-29", "0001-12-31"] {
            assert!(is_date(day), "{day}");
        }
        for other in [
            "2027-02-29",
            "1900-02-29",
            "2027-13-01",
            "2027-00-01",
            "2027-01-00",
            "2027-1-31",
            "27-01-31",
            "2027/01/31",
            "2027-01-3a",
            "+027-01-31",
            "",
            "2027-01-311",
        ] {
            assert!(!is_date(other), "{other}");
        }
    }
}
