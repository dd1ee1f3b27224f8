//! Checks the weights of splits and balancers.

use crate::base::decimal::Decimal;
use crate::base::problem::Code;
use crate::base::text::Quoted;
use crate::load::config::NodeId;
use crate::load::config::entry::{AliasEntry, Field, Located, TargetEntry};
use crate::load::config::finding::Findings;

/// The decimal places of the weights of a split, in percent.
pub(crate) const SPLIT_PLACES: u32 = 2;
/// The required sum of the weights of a split, in hundredths of a percent.
const SPLIT_SUM: i128 = 10_000;
/// The sum of weights that were written as fractions, in hundredths of a percent: 1 instead of 100 percent.
const WRITTEN_AS_FRACTIONS: i128 = 100;
/// The largest weight of a balancer.
const MAX_BALANCE_WEIGHT: i128 = 10_000;
/// The maximum period of a balancer's schedule, in picks.
const MAX_PERIOD: i128 = 1_000;

pub(super) fn check(alias: &AliasEntry, findings: &mut Findings) {
    let Field::Set(targets) = &alias.body.targets else {
        return;
    };
    let mut checker = WeightChecker { alias, findings };
    if alias.body.is_balanced() {
        checker.balancer(targets);
    } else {
        checker.split(targets);
    }
}

struct WeightChecker<'a, 'f> {
    alias: &'a AliasEntry,
    findings: &'f mut Findings,
}

impl<'a> WeightChecker<'a, '_> {
    fn report(
        &mut self,
        node: NodeId,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings
            .report(self.alias.document, node, code, message, help);
    }

    fn name(&self) -> Quoted<'a> {
        Quoted(&self.alias.name)
    }

    fn split(&mut self, targets: &Located<Vec<TargetEntry>>) {
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
            let help = if sum == WRITTEN_AS_FRACTIONS {
                let parts = first_weights(&targets.value, |_, part| percent(part * 100));
                let (last, others) = parts.split_last().unwrap_or((&parts[0], &[]));
                format!(
                    "weights are percent: write {} and {last}",
                    others.join(", ")
                )
            } else {
                let parts = first_weights(&targets.value, |reference, part| {
                    format!("{} has {}", Quoted(reference), percent(part))
                });
                format!(
                    "{}; {} {}",
                    parts.join(", "),
                    percent(difference.abs()),
                    match (difference > 0, difference.abs() == 100) {
                        (true, true) => "is missing",
                        (true, false) => "are missing",
                        (false, true) => "is too many",
                        (false, false) => "are too many",
                    }
                )
            };
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

    fn balancer(&mut self, targets: &Located<Vec<TargetEntry>>) {
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
            let message = match absent {
                1 => format!("a target of alias {name} has no `weight` and counts as 1"),
                _ => format!("{absent} targets of alias {name} have no `weight` and count as 1"),
            };
            self.report(
                targets.node,
                Code::PartialWeights,
                message,
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

/// Describes the weights of the first few targets, each by its reference and weight in hundredths.
fn first_weights(targets: &[TargetEntry], describe: impl Fn(&str, i128) -> String) -> Vec<String> {
    const SHOWN: usize = 4;
    let mut parts: Vec<String> = targets
        .iter()
        .take(SHOWN)
        .map(|entry| {
            let weight = entry.weight.value().and_then(|w| hundredths(w).ok());
            let reference = entry.reference().unwrap_or_default();
            describe(reference, weight.unwrap_or(SPLIT_SUM))
        })
        .collect();
    if targets.len() > SHOWN {
        parts.push("…".to_owned());
    }
    parts
}

pub(crate) fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}
