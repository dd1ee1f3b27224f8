//! Reads entries of `model_providers`.

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;

use super::super::entry::{Field, Located, ProviderEntry};
use super::super::finding::{Finding, Findings};
use super::super::tree::{NodeId, NodeValue, TreeNode};
use super::alias::ALIAS_FIELDS;
use super::entry_reader::{EntryReader, mark};
use super::guardrails::GUARDRAIL_FIELDS;
use super::target::TargetList;
use crate::base::money::{Cost, Pricing};
use crate::base::problem::{Code, Severity};
use crate::base::secret::Secret;
use crate::base::suggest::closest;
use crate::base::text::{Quoted, QuotedKey};
use crate::load::foreign;

/// The fields of a provider that the crate knows.
const KNOWN: &[&str] = &[
    "model",
    "name",
    "provider",
    "provider_interface",
    "access_key",
    "base_url",
    "http_host",
    "default",
    "passthrough_auth",
    "internal",
    "headers",
    "pricing",
    "context_window",
];

/// The cost of one token at a tenth of a cent per million tokens. No model costs less, unless it is free.
const LEAST_PLAUSIBLE: Cost = Cost::from_picodollars(1_000);

/// A field of a provider, for messages.
struct ProviderField<'a>(&'a str);

impl fmt::Display for ProviderField<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of a provider", QuotedKey(self.0))
    }
}

/// Reads a provider built in code.
pub(in super::super) fn provider(node: TreeNode<'_>) -> (Option<ProviderEntry>, Findings) {
    let mut reader = EntryReader::default();
    let entry = reader.provider(node);
    (entry, reader.findings)
}

impl EntryReader {
    /// Reads the section: a list of entries, or null.
    pub(super) fn providers(&mut self, node: TreeNode<'_>, section: &str) -> Vec<ProviderEntry> {
        let items = match node.value {
            NodeValue::Null => return Vec::new(),
            NodeValue::List(items) => items,
            _ => {
                self.wrong_type(
                    &node,
                    &Quoted(section),
                    "a list",
                    "begin each provider with `- model: `",
                );
                return Vec::new();
            }
        };
        items
            .into_iter()
            .filter_map(|item| self.provider(item))
            .collect()
    }

    fn provider(&mut self, node: TreeNode<'_>) -> Option<ProviderEntry> {
        let mut entry = ProviderEntry {
            node: node.id,
            ..ProviderEntry::default()
        };
        for field in self.map(node, &"a provider")? {
            let key = field.key;
            let node = field.value;
            let what = ProviderField(&key.text);
            match &*key.text {
                "model" => entry.model = self.text(node, &what),
                "name" => entry.name = self.text(node, &what),
                "provider" => entry.provider = self.text(node, &what),
                "provider_interface" => entry.provider_interface = self.text(node, &what),
                "access_key" => entry.access_key = self.secret(node, &what),
                "base_url" => entry.base_url = self.url(node, &what),
                "http_host" => entry.http_host = self.secret(node, &what),
                "default" => entry.default = self.bool(&node, &what),
                "passthrough_auth" => entry.passthrough_auth = self.bool(&node, &what),
                "internal" => entry.internal = self.bool(&node, &what),
                "headers" => entry.headers = self.headers(node, &what),
                "pricing" => entry.pricing = self.pricing(node),
                "context_window" => {
                    entry.context_window = match self.whole(&node, &what, 1..=i64::MAX) {
                        Field::Set(at) => Field::Set(Located {
                            node: at.node,
                            value: at.value.unsigned_abs(),
                        }),
                        Field::Absent | Field::Wrong => Field::Wrong,
                    }
                }
                other => {
                    self.warn_unread(key.id, other);
                    let value = self.value(node, &what);
                    entry.extra.insert(key.text.into_owned(), value);
                }
            }
        }
        if entry.model.is_absent() {
            self.report(
                entry.node,
                Code::MissingModel,
                "a provider has no `model`",
                "write `model: provider/model`",
            );
            // An entry with a name is kept, so that references to it are not reported as well.
            if entry.name.is_absent() {
                return None;
            }
        }
        Some(entry)
    }

    /// Warns about an unknown field that looks like a known one: of a provider, of an alias, or of another
    /// gateway.
    fn warn_unread(&mut self, node: NodeId, field: &str) {
        let owners: [(&[&str], &str); 4] = [
            (ALIAS_FIELDS, "an alias"),
            (TargetList::Targets.fields(), "a target of an alias"),
            (TargetList::Fallbacks.fields(), "a fallback of an alias"),
            (GUARDRAIL_FIELDS, "`guardrails` of an alias"),
        ];
        let owner = owners.iter().find(|(fields, _)| fields.contains(&field));
        let (code, help) = if let Some((_, owner)) = owner {
            (Code::MisplacedField, format!("it belongs to {owner}"))
        } else if let Some((meant, unit)) = foreign::field(field, KNOWN) {
            let help = format!("did you mean {}{unit}?", Quoted(meant));
            (Code::MisspeltField, help)
        } else if let Some(meant) = closest(field, KNOWN.iter().copied()) {
            let help = format!("did you mean {}?", Quoted(meant));
            (Code::MisspeltField, help)
        } else {
            return;
        };
        let message = format!("field {} of a provider is not read", Quoted(field));
        self.findings.push(Finding {
            severity: Severity::Warning,
            ..Finding::new(mark(node), code, message, help)
        });
    }

    fn secret(&mut self, node: TreeNode<'_>, what: &dyn fmt::Display) -> Field<Secret> {
        match self.text(node, what) {
            Field::Set(text) => Field::Set(Located {
                node: text.node,
                value: Secret::new(&*text.value),
            }),
            Field::Absent | Field::Wrong => Field::Wrong,
        }
    }

    fn headers(
        &mut self,
        node: TreeNode<'_>,
        what: &dyn fmt::Display,
    ) -> Field<Box<IndexMap<Arc<str>, Located<Secret>>>> {
        let id = node.id;
        let Some(entries) = self.map(node, what) else {
            return Field::Wrong;
        };
        let mut headers = Box::new(IndexMap::with_capacity(entries.len()));
        for entry in entries {
            // A header name without a value may be a secret in the wrong place.
            let what = match entry.value.value {
                NodeValue::Null => "the value of a header".to_owned(),
                _ => format!("header {}", QuotedKey(&entry.key.text)),
            };
            if let Field::Set(value) = self.secret(entry.value, &what) {
                headers.insert(entry.key.text.into(), value);
            }
        }
        Field::Set(Located {
            node: id,
            value: headers,
        })
    }

    fn pricing(&mut self, node: TreeNode<'_>) -> Field<Pricing> {
        let id = node.id;
        let Some(entries) = self.map(node, &"`pricing`") else {
            return Field::Wrong;
        };
        let (mut input, mut output) = (Field::Absent, Field::Absent);
        let unplaced = self.unplaced;
        for entry in entries {
            match &*entry.key.text {
                "input" => {
                    input = self.amount(
                        &entry.value,
                        &"`input` of `pricing`",
                        6,
                        Pricing::token_cost,
                    );
                }
                "output" => {
                    output = self.amount(
                        &entry.value,
                        &"`output` of `pricing`",
                        6,
                        Pricing::token_cost,
                    );
                }
                _ => match self.unknown_field(&entry.key, &"`pricing`", &["input", "output"]) {
                    Some("input") => input = Field::Wrong,
                    Some(_) => output = Field::Wrong,
                    None => {}
                },
            }
        }
        for (part, name) in [(&input, "input"), (&output, "output")] {
            if let Field::Set(at) = part
                && at.value > Cost::ZERO
                && at.value < LEAST_PLAUSIBLE
            {
                // The written amount v is v·10⁶ picodollars for one token; v dollars for one token would be
                // v·10⁶ dollars per million.
                self.report(
                    at.node,
                    Code::PricePerToken,
                    format!("`{name}` of `pricing` is below a tenth of a cent per million tokens"),
                    format!(
                        "prices are per million tokens: write `{}` if this is the price of one token",
                        at.value.as_picodollars()
                    ),
                );
            }
            if part.is_absent() && self.unplaced == unplaced {
                self.report(
                    id,
                    Code::MissingField,
                    format!("`pricing` has no `{name}`"),
                    "write both `input` and `output`, in US dollars per million tokens",
                );
            }
        }
        match (input.value(), output.value()) {
            (Some(input), Some(output)) => Field::Set(Located {
                node: id,
                value: Pricing::per_token(input, output),
            }),
            _ => Field::Wrong,
        }
    }
}
