//! Checks single aliases: targets, references, weights and algorithms.

use super::index::{Index, Link, Miss};
use crate::base::decimal::Decimal;
use crate::base::problem::Code;
use crate::base::suggest::closest;
use crate::base::text::{Quoted, counted, list};
use crate::base::vocabulary::{ALGORITHMS, Vocabulary};
use crate::load::config::Config;
use crate::load::config::entry::{AliasEntry, Field, Located, TargetEntry};
use crate::load::config::finding::Findings;

/// The links of one alias, in the order of its entries.
#[derive(Debug, Default)]
pub(crate) struct Links<'c> {
    pub(crate) members: Vec<Link<'c>>,
    pub(crate) fallbacks: Vec<Link<'c>>,
}

impl<'c> Links<'c> {
    /// The links of the targets, then those of the fallbacks.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Link<'c>> {
        self.members.iter().chain(&self.fallbacks)
    }
}

/// The decimal places of the weights of a split, in percent.
pub(crate) const SPLIT_PLACES: u32 = 2;
/// The required sum of the weights of a split, in hundredths of a percent.
const SPLIT_SUM: i128 = 10_000;
/// The largest weight of a balancer.
const MAX_BALANCE_WEIGHT: i128 = 10_000;
/// The maximum period of a balancer's schedule, in picks.
const MAX_PERIOD: i128 = 1_000;

pub(super) fn check<'c>(
    config: &'c Config,
    vocabulary: &Vocabulary,
    index: &Index<'c>,
    findings: &mut Findings,
) -> Vec<Links<'c>> {
    config
        .alias_entries()
        .iter()
        .map(|alias| {
            let mut checker = AliasChecker {
                alias,
                index,
                findings,
            };
            checker.shape();
            if alias.body.is_balanced() {
                checker.algorithm(vocabulary);
                checker.balance_weights();
            } else {
                checker.split_weights();
            }
            let resolve = |checker: &mut AliasChecker<'_, 'c, '_>, entries: &'c [TargetEntry]| {
                entries.iter().map(|entry| checker.link(entry)).collect()
            };
            Links {
                members: resolve(&mut checker, alias.body.targets()),
                fallbacks: resolve(&mut checker, alias.body.fallbacks()),
            }
        })
        .collect()
}

struct AliasChecker<'a, 'c, 'f> {
    alias: &'c AliasEntry,
    index: &'a Index<'c>,
    findings: &'f mut Findings,
}

impl<'c> AliasChecker<'_, 'c, '_> {
    fn report(
        &mut self,
        node: crate::load::config::NodeId,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings
            .report(self.alias.document, node, code, message, help);
    }

    fn name(&self) -> Quoted<'c> {
        Quoted(&self.alias.name)
    }

    /// Checks that the alias has a value and exactly one of `target` and `targets`.
    fn shape(&mut self) {
        let body = &self.alias.body;
        let name = self.name();
        if body.null {
            self.report(
                self.alias.node,
                Code::NullAlias,
                format!("alias {name} has no value"),
                "write a target; only an overlay removes an alias with `~`",
            );
            return;
        }
        if body.broken {
            return;
        }
        if !body.target.is_absent() && !body.targets.is_absent() {
            self.report(
                self.alias.node,
                Code::TargetAndTargets,
                format!("alias {name} has both `target` and `targets`"),
                "keep one of the two",
            );
        } else if body.targets.is_absent() && body.is_balanced() {
            self.report(
                self.alias.node,
                Code::BalanceWithoutTargets,
                format!("alias {name} has `load_balance` without `targets`"),
                "write the targets to balance over as a list under `targets:`",
            );
        } else if body.target.is_absent() && body.targets.is_absent() {
            self.report(
                self.alias.node,
                Code::MissingTarget,
                format!("alias {name} has neither `target` nor `targets`"),
                "write `target:` with a model or an alias",
            );
        }
    }

    fn algorithm(&mut self, vocabulary: &Vocabulary) {
        let Some(algorithm) = self
            .alias
            .body
            .load_balance
            .get()
            .and_then(|balance| balance.algorithm.at())
        else {
            return;
        };
        if vocabulary.knows_algorithm(&algorithm.value) {
            return;
        }
        let words = || {
            ALGORITHMS
                .iter()
                .copied()
                .chain(vocabulary.algorithms.iter().map(String::as_str))
        };
        let help = match closest(&algorithm.value, words()) {
            Some(meant) => format!("did you mean {}?", Quoted(meant)),
            None => format!("known are {}", list(words(), "and")),
        };
        let name = self.name();
        self.report(
            algorithm.node,
            Code::UnknownAlgorithm,
            format!(
                "unknown algorithm {} in alias {name}",
                Quoted(&algorithm.value)
            ),
            help,
        );
    }

    /// Looks up the reference of an entry.
    fn link(&mut self, entry: &'c TargetEntry) -> Link<'c> {
        let Some(reference) = entry.reference.at() else {
            return Link::Wrong;
        };
        let name = self.name();
        match self.index.reference(&reference.value) {
            Ok(link) => {
                if let Link::Alias(_) = link {
                    self.misplaced_options(entry);
                }
                link
            }
            Err(miss) => {
                let target = Quoted(&reference.value);
                let (code, message, help) = match miss {
                    Miss::Unknown => (
                        Code::UnknownTarget,
                        format!("unknown target {target} in alias {name}"),
                        match self.index.suggestion(&reference.value) {
                            Some(meant) => format!("did you mean {}?", Quoted(meant)),
                            None => "declare the model in `model_providers`".to_owned(),
                        },
                    ),
                    Miss::Pattern => (
                        Code::UnknownTarget,
                        format!("target {target} in alias {name} is a wildcard"),
                        "write one model of that provider".to_owned(),
                    ),
                    Miss::Ambiguous(names) => (
                        Code::AmbiguousTarget,
                        format!("ambiguous target {target} in alias {name}"),
                        format!("write {names}"),
                    ),
                };
                self.report(reference.node, code, message, help);
                Link::Wrong
            }
        }
    }

    /// Reports options of a target beside a reference to an alias, which has targets of its own.
    fn misplaced_options(&mut self, entry: &TargetEntry) {
        let written = [
            ("endpoint", entry.endpoint.at().map(|at| at.node)),
            ("params", entry.params.at().map(|at| at.node)),
            ("timeout", entry.timeout.at().map(|at| at.node)),
        ];
        for (field, node) in written {
            if let Some(node) = node {
                let (name, target) = (self.name(), Quoted(entry.reference().unwrap_or_default()));
                self.report(
                    node,
                    Code::MisplacedField,
                    format!(
                        "`{field}` in alias {name} cannot apply to {target}, which is an alias"
                    ),
                    format!("write it in the targets of {target}"),
                );
            }
        }
    }

    fn split_weights(&mut self) {
        let Field::Set(targets) = &self.alias.body.targets else {
            return;
        };
        let mut sum = 0;
        let mut sound = true;
        let alone = targets.value.len() == 1;
        for entry in &targets.value {
            match &entry.weight {
                Field::Wrong => sound = false,
                Field::Absent if alone => sum = SPLIT_SUM,
                Field::Absent => {
                    sound = false;
                    let name = self.name();
                    self.report(
                        entry.problem_node(),
                        Code::MissingWeight,
                        format!(
                            "{} in alias {name} has no `weight`",
                            Quoted(entry.reference().unwrap_or_default())
                        ),
                        "give every target of a split a weight; they sum to 100",
                    );
                }
                Field::Set(weight) => match hundredths(weight.value) {
                    Ok(part) => sum += part,
                    Err(fault) => {
                        sound = false;
                        self.invalid_weight(weight, fault, "write a percentage from 0 to 100");
                    }
                },
            }
        }
        if sound && sum != SPLIT_SUM {
            let difference = SPLIT_SUM - sum;
            let help = format!(
                "{}; {} {}",
                list_weights(&targets.value),
                percent(difference.abs()),
                match (difference > 0, difference.abs() == 100) {
                    (true, true) => "is missing",
                    (true, false) => "are missing",
                    (false, true) => "is too many",
                    (false, false) => "are too many",
                }
            );
            let name = self.name();
            self.report(
                targets.node,
                Code::WeightSum,
                format!(
                    "weights of alias {name} sum to {}, expected 100",
                    percent(sum)
                ),
                help,
            );
        }
    }

    fn invalid_weight(&mut self, weight: &Located<Decimal>, fault: &str, help: &str) {
        let name = self.name();
        self.report(
            weight.node,
            Code::InvalidWeight,
            format!("a weight in alias {name} {fault}"),
            help,
        );
    }

    fn balance_weights(&mut self) {
        let Field::Set(targets) = &self.alias.body.targets else {
            return;
        };
        let mut weights = Vec::with_capacity(targets.value.len());
        let mut sound = true;
        let mut absent = 0;
        for entry in &targets.value {
            match &entry.weight {
                Field::Wrong => sound = false,
                Field::Absent => {
                    absent += 1;
                    weights.push(1);
                }
                Field::Set(weight) => match weight.value.scaled(0) {
                    Some(whole) if (0..=MAX_BALANCE_WEIGHT).contains(&whole) => {
                        weights.push(whole);
                    }
                    other => {
                        sound = false;
                        let fault = match other {
                            _ if weight.value.is_negative() => "is negative",
                            Some(_) => "is above 10000",
                            None => "is not whole",
                        };
                        self.invalid_weight(weight, fault, "write a whole number from 0 to 10000");
                    }
                },
            }
        }
        let name = self.name();
        if sound && absent > 0 && absent < targets.value.len() {
            self.report(
                targets.node,
                Code::PartialWeights,
                format!(
                    "{} of alias {name} have no `weight` and count as 1",
                    counted(absent, "target").replace("1 target", "1 of the targets")
                ),
                "write all weights or none",
            );
        }
        if !sound {
            return;
        }
        let sum: i128 = weights.iter().sum();
        if sum == 0 {
            self.report(
                targets.node,
                Code::ZeroWeights,
                format!("every weight of alias {name} is 0"),
                "give at least one target a weight above 0",
            );
            return;
        }
        let period = sum / weights.iter().copied().fold(0, gcd);
        if period > MAX_PERIOD {
            self.report(
                targets.node,
                Code::WeightPeriod,
                format!(
                    "weights of alias {name} repeat after {period} picks, at most 1000 are allowed"
                ),
                "use smaller weights of nearly the same ratio",
            );
        }
    }
}

/// Converts a weight of a split to hundredths.
fn hundredths(weight: Decimal) -> Result<i128, &'static str> {
    match weight.scaled(SPLIT_PLACES) {
        _ if weight.is_negative() => Err("is negative"),
        Some(part) if part <= SPLIT_SUM => Ok(part),
        Some(_) => Err("is above 100"),
        None => Err("has more than two decimals"),
    }
}

/// Formats hundredths as a percentage without trailing zeros.
fn percent(part: i128) -> String {
    let (whole, rest) = (part / 100, part % 100);
    match rest {
        0 => whole.to_string(),
        rest if rest % 10 == 0 => format!("{whole}.{}", rest / 10),
        rest => format!("{whole}.{rest:02}"),
    }
}

/// Lists the weights of the first few targets.
fn list_weights(targets: &[TargetEntry]) -> String {
    const SHOWN: usize = 4;
    let mut text: Vec<String> = targets
        .iter()
        .take(SHOWN)
        .map(|entry| {
            let weight = entry.weight.value().and_then(|w| hundredths(w).ok());
            format!(
                "{} has {}",
                Quoted(entry.reference().unwrap_or_default()),
                percent(weight.unwrap_or(SPLIT_SUM))
            )
        })
        .collect();
    if targets.len() > SHOWN {
        text.push("…".to_owned());
    }
    text.join(", ")
}

pub(crate) fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Reports two members of a group that are the same target.
pub(super) fn report_duplicate(
    alias: &AliasEntry,
    entry: &TargetEntry,
    first: &TargetEntry,
    findings: &mut Findings,
) {
    let written = |entry: &TargetEntry| Quoted(entry.reference().unwrap_or_default()).to_string();
    let (this, other) = (written(entry), written(first));
    let name = Quoted(&alias.name);
    findings.beside(
        alias.mark(entry.problem_node()),
        alias.mark(first.problem_node()),
        Code::DuplicateMember,
        if this == other {
            format!("duplicate target {this} in alias {name}, first listed at")
        } else {
            format!("target {this} in alias {name} is the same as {other} at")
        },
        "merge the two; for an A/A test declare the model twice, each entry with a `name`",
    );
}
