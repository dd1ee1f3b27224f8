//! The shape of one alias, without resolving its references.

use super::super::tree::Tree;
use super::super::view::{Alias, TARGET_FIELDS};
use super::{Findings, scalars};

/// The whole of a split, in hundredths of a percent.
const WHOLE: u64 = 10_000;

const ALGORITHMS: &[&str] = &["round_robin", "least_connections", "weighted", "sticky"];

pub(super) fn check(alias: &Alias<'_>, found: &mut Findings) {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let named = (1..=128).contains(&alias.name.len()) && alias.name.chars().all(legal);
    found.error_if(!named, "invalid-alias-name");
    match alias.node {
        Tree::Text(_) => {}
        Tree::Null => found.error("null-alias"),
        Tree::Map(fields) => {
            for (key, value) in fields {
                field(key, value, found);
            }
            targets(alias.node, found);
        }
        Tree::List(_) => found.error("wrong-type"),
        Tree::Bool(_) | Tree::Int(_) | Tree::Decimal(_) => found.error("unquoted-text"),
    }
}

fn field(key: &str, value: &Tree, found: &mut Findings) {
    match key {
        "target" | "description" => {
            found.text(value);
        }
        "targets" | "params" => {} // see `targets`; params are carried unread
        "load_balance" => {
            for (key, value) in found.map(value) {
                match key.as_str() {
                    "algorithm" => {
                        if let Some(word) = found.text(value) {
                            found.error_if(!ALGORITHMS.contains(&word), "unknown-algorithm");
                        }
                    }
                    "targets" => {}
                    _ => found.error("unknown-field"),
                }
            }
        }
        "fallbacks" => fallbacks(value, found),
        "guardrails" => {
            for (key, value) in found.map(value) {
                guardrail(key, value, found);
            }
        }
        "endpoint" => found.url(value),
        "timeout" => found.duration(value),
        "redistribute" | "hidden" => found.bool(value),
        "max_attempts" => found.whole(value, 1, 8),
        "last_resort" => found.word(value, &["always", "never"]),
        "sticky" => texts(value, &["salt"], found),
        "deprecated" => {
            texts(value, &["replacement", "sunset", "message"], found);
            if let Some(day) = value.text_at("sunset") {
                found.error_if(!scalars::is_date(day), "invalid-value");
            }
        }
        _ => found.error("unknown-field"),
    }
}

/// Requires a map with only these keys, each with a text value.
fn texts(value: &Tree, known: &[&str], found: &mut Findings) {
    for (key, value) in found.map(value) {
        if known.contains(&key.as_str()) {
            found.text(value);
        } else {
            found.error("unknown-field");
        }
    }
}

fn guardrail(key: &str, value: &Tree, found: &mut Findings) {
    match key {
        "max_latency" => found.duration(value),
        "max_cost_per_request" => found.amount(value, 12),
        "on_unverifiable" => found.word(value, &["allow", "refuse"]),
        "mode" => found.word(value, &["enforce", "monitor"]),
        "block_categories" => {
            for category in found.filled_list(value) {
                found.text(category);
            }
        }
        "content_filters" => {
            for filter in found.filled_list(value) {
                content_filter(filter, found);
            }
        }
        _ => found.error("unknown-field"),
    }
}

/// Requires `type` and a valid `action`; other options are free.
fn content_filter(filter: &Tree, found: &mut Findings) {
    if !matches!(filter, Tree::Map(_)) {
        return found.error("wrong-type");
    }
    match filter.get("type") {
        Some(kind) => {
            found.text(kind);
        }
        None => found.error("missing-field"),
    }
    if let Some(action) = filter.get("action") {
        found.word(action, &["redact", "block"]);
    }
}

fn fallbacks(value: &Tree, found: &mut Findings) {
    let items = found.filled_list(value);
    found.error_if(items.len() > 16, "too-many-entries");
    for (index, step) in items.iter().enumerate() {
        match step {
            Tree::Text(_) => {}
            Tree::Map(fields) => {
                found.error_if(step.get("target").is_none(), "missing-field");
                for (key, value) in fields {
                    match key.as_str() {
                        "target" => {
                            found.text(value);
                        }
                        "conditions" => conditions(value, index, found),
                        _ => target_field(key, value, found),
                    }
                }
            }
            Tree::List(_) => found.error("wrong-type"),
            _ => found.error("unquoted-text"),
        }
    }
}

/// A plain whole number is valid here: it is a status.
fn conditions(value: &Tree, step: usize, found: &mut Findings) {
    for condition in found.filled_list(value) {
        let number = match condition {
            Tree::Int(number) => Some(number.to_string()),
            _ => None,
        };
        let word = match &number {
            Some(number) => Some(number.as_str()),
            None => found.text(condition),
        };
        if let Some(word) = word {
            found.error_if(!scalars::is_condition(word), "unknown-condition");
            let too_early = word == "primary_and_first_fallback_failed" && step == 0;
            found.error_if(too_early, "impossible-condition");
        }
    }
}

/// Checks a field that belongs to a target; others are unknown there.
fn target_field(key: &str, value: &Tree, found: &mut Findings) {
    match key {
        "endpoint" => found.url(value),
        "timeout" => found.duration(value),
        "params" => {}
        _ => found.error("unknown-field"),
    }
}

/// Checks `target`, `targets` and `load_balance` together.
fn targets(alias: &Tree, found: &mut Findings) {
    let balance = alias.get("load_balance");
    // A `load_balance` of the wrong shape is one mistake; its missing fields are not another.
    let judged = balance.is_none_or(|balance| matches!(balance, Tree::Map(_)));
    let beside = alias.get("targets");
    let inside = balance.and_then(|balance| balance.get("targets"));
    found.error_if(beside.is_some() && inside.is_some(), "targets-twice");
    if let Some(list) = beside.or(inside) {
        found.error_if(alias.get("target").is_some(), "target-and-targets");
        let stray = TARGET_FIELDS.iter().any(|field| alias.get(field).is_some());
        found.error_if(stray, "misplaced-field");
        members(list, balance.is_some(), found);
    } else if balance.is_some() {
        found.error_if(judged, "balance-without-targets");
    } else {
        found.error_if(alias.get("target").is_none(), "missing-target");
    }
}

fn members(list: &Tree, balanced: bool, found: &mut Findings) {
    let items = found.filled_list(list);
    found.error_if(items.len() > 64, "too-many-entries");
    for member in items {
        for (key, value) in found.map(member) {
            match key.as_str() {
                "model" => {
                    found.text(value);
                }
                "weight" => {}
                _ => target_field(key, value, found),
            }
        }
        let shaped = matches!(member, Tree::Map(_));
        found.error_if(shaped && member.get("model").is_none(), "missing-field");
    }
    if items.iter().all(|member| matches!(member, Tree::Map(_))) {
        let weights: Vec<_> = items.iter().map(|member| member.get("weight")).collect();
        if balanced {
            balancer_weights(&weights, found);
        } else {
            split_weights(&weights, found);
        }
    }
}

/// Checks the weights of a split, in hundredths of a percent: all present, with the right sum.
fn split_weights(weights: &[Option<&Tree>], found: &mut Findings) {
    let share = |tree| {
        scalars::exact(tree)?
            .hundredths()
            .filter(|&part| part <= WHOLE)
    };
    let written: Vec<Option<u64>> = weights.iter().flatten().map(|tree| share(tree)).collect();
    let missing = written.len() < weights.len();
    found.error_if(missing && weights.len() > 1, "missing-weight");
    match written.iter().copied().sum::<Option<u64>>() {
        None => found.error("invalid-weight"),
        Some(sum) => found.error_if(
            !missing && !weights.is_empty() && sum != WHOLE,
            "weight-sum",
        ),
    }
}

/// Checks the weights of a balancer: whole numbers, 1 if missing, with a short period.
fn balancer_weights(weights: &[Option<&Tree>], found: &mut Findings) {
    let written = weights.iter().flatten().count();
    found.warn_if(written > 0 && written < weights.len(), "partial-weights");
    let part = |tree| scalars::exact(tree)?.hundredths().filter(whole_and_small);
    let parts: Vec<Option<u64>> = weights
        .iter()
        .map(|weight| weight.map_or(Some(100), part))
        .collect();
    let Some(parts) = parts.into_iter().collect::<Option<Vec<u64>>>() else {
        return found.error("invalid-weight");
    };
    let sum: u64 = parts.iter().sum();
    let divisor = parts.iter().copied().fold(0, gcd);
    match sum.checked_div(divisor) {
        Some(picks) => found.error_if(picks > 1000, "weight-period"),
        None => found.error_if(!parts.is_empty(), "zero-weights"),
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "what `Option::filter` asks for"
)]
fn whole_and_small(hundredths: &u64) -> bool {
    hundredths.is_multiple_of(100) && *hundredths <= 1_000_000
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
