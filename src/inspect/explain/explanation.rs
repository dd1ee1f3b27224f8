//! An explanation: what it holds, and how it is written.

use std::fmt;
use std::time::Duration;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::base::fraction::Fraction;
use crate::base::text::{Quoted, printable};
use crate::failure::FailureClass;
use crate::inspect::shares::Share;

/// Where a request would go next, and why not elsewhere.
///
/// `Display` writes it for people, serde for programs; neither shows a secret or the sticky key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub(super) asked: Box<str>,
    pub(super) after: Vec<FailureClass>,
    pub(super) candidates: Vec<Considered>,
    pub(super) next: Vec<Share>,
    pub(super) ends: Fraction,
    pub(super) unexplored: Fraction,
}

/// An entry of an alias, and why it is or is not what comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    pub(super) alias: Option<Box<str>>,
    pub(super) target: Box<str>,
    pub(super) step: usize,
    pub(super) probability: Fraction,
    pub(super) code: &'static str,
    pub(super) reason: Box<str>,
    pub(super) class: Option<FailureClass>,
    pub(super) returns_in: Option<Duration>,
}

impl Explanation {
    /// The name asked for, cut after 64 characters.
    pub fn asked(&self) -> &str {
        &self.asked
    }

    /// The failures that it supposes, in their order.
    pub fn after(&self) -> &[FailureClass] {
        &self.after
    }

    /// The targets that may come next, each with its probability. They and [`ends`](Self::ends) sum to 1.
    pub fn next(&self) -> &[Share] {
        &self.next
    }

    /// The probability that nothing comes next: the request is over.
    pub fn ends(&self) -> Fraction {
        self.ends
    }

    /// The probability of the ways that were not walked, because there are too many. What is said about
    /// the others may be less by so much at most.
    pub fn unexplored(&self) -> Fraction {
        self.unexplored
    }

    /// Every entry of every alias that the request comes to, in the order of the configuration. One that
    /// fares differently by chance comes once for each way in which it does.
    pub fn candidates(&self) -> &[Considered] {
        &self.candidates
    }
}

impl Considered {
    /// The alias whose entry it is; none for a model that was asked for directly.
    pub fn alias(&self) -> Option<&str> {
        self.alias.as_deref()
    }

    /// The target as text, or the name of the alias that the entry leads to.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// 0 for a member, then the number of the fallback.
    pub fn step(&self) -> usize {
        self.step
    }

    /// How likely the reason is. Zero where the entry is not reached.
    pub fn probability(&self) -> Fraction {
        self.probability
    }

    /// A stable word for the reason: `next`, `last-resort`, `failed`, `cooling`, `drained`, `not-allowed`,
    /// `cost`, `left-out`, `window`, `repeated`, `weight-0`, `other-key`, `waiting` or `unreached`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The failure that it is about.
    pub fn class(&self) -> Option<FailureClass> {
        self.class
    }

    /// How long it goes on cooling.
    pub fn returns_in(&self) -> Option<Duration> {
        self.returns_in
    }

    /// Whether the next attempt may go through it.
    pub fn is_next(&self) -> bool {
        matches!(self.code, "next" | "last-resort")
    }
}

impl fmt::Display for Considered {
    /// Writes the reason.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Quoted(&self.asked))?;
        for (at, class) in self.after.iter().enumerate() {
            write!(f, "{}{class}", if at == 0 { " after " } else { ", " })?;
        }
        let name = |one: &Considered| printable(&one.target);
        let widths = self.candidates.iter().map(|one| name(one).chars().count());
        let width = widths.max().unwrap_or(0);
        let mut alias = None;
        for one in &self.candidates {
            if one.alias.is_some() && alias != one.alias {
                write!(f, "\n  {}", one.alias().unwrap_or_default())?;
                alias.clone_from(&one.alias);
            }
            let step = match one.step {
                0 => "-".to_owned(),
                step => format!("{step}."),
            };
            let (target, share) = (name(one), one.probability.to_string());
            write!(
                f,
                "\n    {step:<2} {target:<width$}  {share:>7}  {}",
                one.reason
            )?;
        }
        f.write_str("\n  next: ")?;
        let mut parts: Vec<String> = self
            .next
            .iter()
            .map(|share| {
                let target = printable(share.target());
                format!("{target} {}", share.probability())
            })
            .collect();
        if !self.ends.is_zero() {
            parts.push(format!("none {}", self.ends));
        }
        if !self.unexplored.is_zero() {
            parts.push(format!("not looked into {}", self.unexplored));
        }
        f.write_str(&parts.join(", "))
    }
}

impl Serialize for Considered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("alias", &self.alias)?;
        map.serialize_entry("target", &self.target)?;
        map.serialize_entry("step", &self.step)?;
        map.serialize_entry("probability", &self.probability.to_decimal())?;
        map.serialize_entry("code", self.code)?;
        map.serialize_entry("reason", &self.reason)?;
        if let Some(class) = self.class {
            map.serialize_entry("class", class.as_str())?;
        }
        if let Some(time) = self.returns_in {
            map.serialize_entry("returns_in", &time.as_secs_f64())?;
        }
        map.end()
    }
}

impl Serialize for Explanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let after: Vec<&str> = self.after.iter().map(|class| class.as_str()).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("asked", &self.asked)?;
        map.serialize_entry("after", &after)?;
        map.serialize_entry("next", &self.next)?;
        map.serialize_entry("ends", &self.ends.to_decimal())?;
        map.serialize_entry("unexplored", &self.unexplored.to_decimal())?;
        map.serialize_entry("candidates", &self.candidates)?;
        map.end()
    }
}
