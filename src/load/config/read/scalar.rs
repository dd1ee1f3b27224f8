//! Reads single values: text, numbers, amounts, durations, URLs, words.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::super::entry::{Field, Located};
use super::super::tree::{NodeValue, TreeNode};
use super::entry_reader::EntryReader;
use crate::base::decimal::Decimal;
use crate::base::duration;
use crate::base::problem::Code;
use crate::base::secret::{Secret, url_fault};
use crate::base::text::{Quoted, list};

impl EntryReader {
    /// Reads text. The common mistake is a plain word that YAML takes for a number, a boolean
    /// or null. The help then says to quote it.
    pub(super) fn text(&mut self, node: TreeNode<'_>, what: &dyn fmt::Display) -> Field<Arc<str>> {
        match node.value {
            NodeValue::Text(text) => Field::Set(Located {
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

    pub(super) fn bool(&mut self, node: &TreeNode<'_>, what: &dyn fmt::Display) -> Field<bool> {
        if let NodeValue::Bool(value) = node.value {
            Field::Set(Located {
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
        node: &TreeNode<'_>,
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
            NodeValue::Int(value) if bounds.contains(&value) => Field::Set(Located {
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

    /// Returns the exact decimal value of an integer that fits into 64 bits, or of a float with at most
    /// 15 digits.
    pub(super) fn decimal(node: &TreeNode<'_>) -> Option<Decimal> {
        match node.value {
            NodeValue::Int(value) => Some(Decimal::from_int(value)),
            NodeValue::Float(value) => Decimal::from_float(value),
            _ => None,
        }
    }

    /// Reads an amount of money and converts it with `make`.
    pub(super) fn amount<T>(
        &mut self,
        node: &TreeNode<'_>,
        what: &dyn fmt::Display,
        places: u32,
        make: impl FnOnce(Decimal) -> Option<T>,
    ) -> Field<T> {
        match node.value {
            NodeValue::Int(_) | NodeValue::BigInt(_) | NodeValue::Float(_) => {
                let decimal = Self::decimal(node);
                if let Some(value) = decimal.and_then(make) {
                    return Field::Set(Located {
                        node: node.id,
                        value,
                    });
                }
                let fault = match decimal {
                    Some(decimal) if decimal.is_negative() => "is negative".to_owned(),
                    Some(_) => format!("has more than {places} decimals"),
                    None if matches!(node.value, NodeValue::Float(n) if !n.is_finite()) => {
                        "is no number".to_owned()
                    }
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

    pub(super) fn duration(
        &mut self,
        node: &TreeNode<'_>,
        what: &dyn fmt::Display,
    ) -> Field<Duration> {
        const HELP: &str = "write a number and a unit, such as `500ms`, `5s` or `1m30s`";
        let fault = match &node.value {
            NodeValue::Text(text) => match duration::parse(text) {
                Ok(value) => {
                    return Field::Set(Located {
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

    /// Reads a URL and keeps it as written. It is never shown, because it may hold a password.
    pub(super) fn url(&mut self, node: TreeNode<'_>, what: &dyn fmt::Display) -> Field<Secret> {
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
        Field::Set(Located {
            node: url.node,
            value: Secret::new(&*url.value),
        })
    }

    /// Reads one of these words.
    pub(super) fn word<T: Copy>(
        &mut self,
        node: TreeNode<'_>,
        what: &dyn fmt::Display,
        words: &[(&str, T)],
    ) -> Field<T> {
        let text = match self.text(node, what) {
            Field::Set(text) => text,
            Field::Absent | Field::Wrong => return Field::Wrong,
        };
        if let Some(&(_, value)) = words.iter().find(|(word, _)| *word == &*text.value) {
            return Field::Set(Located {
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
}
