//! [`Explanation`] and [`Considered`], with their text and JSON output.

use std::fmt;
use std::time::Duration;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::base::fraction::Fraction;
use crate::base::text::{Quoted, printable};
use crate::failure::{Failure, FailureClass, FallBack};
use crate::inspect::shares::Share;
use crate::serve::health::HealthEffect;

/// The possible next targets of a request, and the reason for or against every candidate.
///
/// `Display` writes it for people, serde for programs. Neither shows a secret or the sticky key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub(super) asked: Box<str>,
    pub(super) after: Vec<FailureClass>,
    pub(super) answers: Vec<AnswerMeaning>,
    pub(super) candidates: Vec<Considered>,
    pub(super) next: Vec<Share>,
    pub(super) ends: Fraction,
    pub(super) unexplored: Fraction,
}

/// An entry of an alias, and the reason why the next attempt uses it or not.
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

/// What an assumed answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AnswerMeaning {
    pub(super) target: Box<str>,
    pub(super) failure: Failure,
    pub(super) fallbacks: FallBack,
    pub(super) effect: HealthEffect,
}

impl AnswerMeaning {
    /// Which fallbacks may follow: for a program, and in words.
    fn fallbacks(&self) -> (&'static str, &'static str) {
        match self.fallbacks {
            FallBack::Any => ("any", "those whose conditions hold"),
            FallBack::Named => ("named", "those whose conditions name it"),
            FallBack::Never => ("none", "none, the request ends"),
        }
    }

    /// What happens to the health of the target: for a program, and in words.
    fn health(&self) -> (&'static str, &'static str) {
        match self.effect {
            HealthEffect::Nothing => ("nothing", "unchanged"),
            HealthEffect::Alive => ("alive", "counts as alive"),
            HealthEffect::Counts => ("counts", "a failure in a row is counted"),
            HealthEffect::Cools => ("cools", "a cooldown of the target starts"),
            HealthEffect::CoolsKey => (
                "cools-key",
                "a cooldown of every target with its access key starts",
            ),
        }
    }
}

impl fmt::Display for AnswerMeaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = self.failure.class();
        write!(f, "\n  answer of {}: {class}", printable(&self.target))?;
        let decided = self.failure.decided_by().unwrap_or("the status");
        write!(f, "\n    decided by  {}", printable(decided))?;
        let retry = if class.is_retryable() {
            "may help"
        } else {
            "useless"
        };
        write!(f, "\n    retry       {retry}")?;
        write!(f, "\n    fallbacks   {}", self.fallbacks().1)?;
        write!(f, "\n    health      {}", self.health().1)
    }
}

impl Serialize for AnswerMeaning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let class = self.failure.class();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("target", &self.target)?;
        map.serialize_entry("status", &self.failure.http_status())?;
        map.serialize_entry("code", &self.failure.provider_code())?;
        map.serialize_entry("class", class.as_str())?;
        map.serialize_entry("decided_by", &self.failure.decided_by())?;
        map.serialize_entry("retry", &class.is_retryable())?;
        map.serialize_entry("fallbacks", self.fallbacks().0)?;
        map.serialize_entry("health", self.health().0)?;
        map.end()
    }
}

impl Explanation {
    /// Returns the requested name, cut at 64 characters.
    pub fn asked(&self) -> &str {
        &self.asked
    }

    /// Returns the failures that the explanation assumes, in order.
    pub fn after(&self) -> &[FailureClass] {
        &self.after
    }

    /// Returns each assumed answer, classified: the target that it came from, and the failure. An answer that may come
    /// from several targets is listed for each.
    pub fn answers(&self) -> impl ExactSizeIterator<Item = (&str, &Failure)> {
        let answers = self.answers.iter();
        answers.map(|answer| (&*answer.target, &answer.failure))
    }

    /// Returns the possible next targets with their probabilities. Together with [`ends`](Self::ends) and
    /// [`unexplored`](Self::unexplored) these sum to 1.
    pub fn next(&self) -> &[Share] {
        &self.next
    }

    /// Returns the probability that no attempt follows and the request ends.
    pub fn ends(&self) -> Fraction {
        self.ends
    }

    /// Returns the total probability of the paths that were not explored because there are too many.
    ///
    /// Every other probability may be too low by at most this much.
    pub fn unexplored(&self) -> Fraction {
        self.unexplored
    }

    /// Returns every entry of every alias that the request enters, in configuration order.
    ///
    /// An entry whose result depends on chance is listed once per result.
    pub fn candidates(&self) -> &[Considered] {
        &self.candidates
    }
}

impl Considered {
    /// Returns the alias that holds the entry; `None` for a model that was requested directly.
    pub fn alias(&self) -> Option<&str> {
        self.alias.as_deref()
    }

    /// Returns the text of the target, or the name of the alias that the entry points at.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Returns 0 for a member, or the number of the fallback, from 1.
    pub fn step(&self) -> usize {
        self.step
    }

    /// Returns the probability of this reason. Zero if the entry is not reached.
    pub fn probability(&self) -> Fraction {
        self.probability
    }

    /// Returns a stable code for the reason: `next`, `last-resort`, `failed`, `cooling`, `drained`, `not-allowed`,
    /// `cost`, `left-out`, `window`, `repeated`, `weight-0`, `other-key`, `waiting` or `unreached`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Returns the failure class behind the reason, if there is one.
    pub fn class(&self) -> Option<FailureClass> {
        self.class
    }

    /// Returns the remaining time of the cooldown.
    pub fn returns_in(&self) -> Option<Duration> {
        self.returns_in
    }

    /// Returns whether the next attempt may use this entry.
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
        for answer in &self.answers {
            answer.fmt(f)?;
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
            parts.push(format!("unexplored {}", self.unexplored));
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
        if !self.answers.is_empty() {
            map.serialize_entry("answers", &self.answers)?;
        }
        map.serialize_entry("next", &self.next)?;
        map.serialize_entry("ends", &self.ends.to_decimal())?;
        map.serialize_entry("unexplored", &self.unexplored.to_decimal())?;
        map.serialize_entry("candidates", &self.candidates)?;
        map.end()
    }
}
