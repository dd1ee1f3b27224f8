//! Legal but suspicious configurations: one function per code, so that each can be compared alone.

use std::time::Duration;

use super::super::plan::duration;
use super::super::tree::Tree;
use super::super::view::{Alias, Hit, Home, Identity, Step, View};
use super::{Findings, scalars};

pub(super) fn check(view: &View<'_>, found: &mut Findings) {
    for (index, alias) in view.aliases.iter().enumerate() {
        found.warn_if(shadows_model(view, alias), "shadowed-model");
        found.warn_if(
            has_unreachable_fallback(view, alias),
            "unreachable-fallback",
        );
        found.warn_if(repeats_step(view, alias), "repeated-step");
        found.warn_if(chain_is_too_long(view, index), "chain-too-long");
        found.warn_if(
            context_window_shrinks(view, alias),
            "smaller-context-window",
        );
        found.warn_if(chain_is_untimed(view, alias), "untimed-chain");
        found.warn_if(has_unpriced_target(view, index), "unpriced-target");
        found.warn_if(has_unchecked_content(alias), "unchecked-content");
        found.warn_if(targets_deprecated(view, alias), "deprecated-target");
        found.warn_if(timeout_is_late(view, alias), "late-timeout");
        found.warn_if(status_is_partial(alias), "partial-status");
        found.warn_if(is_replaced_by_itself(view, alias), "replacement-cycle");
        found.warn_if(repeats_salt(view, alias), "repeated-salt");
    }
}

fn guardrail<'t>(alias: &Alias<'t>, key: &str) -> Option<&'t Tree> {
    alias.node.get("guardrails")?.get(key)
}

/// An alias with the `name` or the bare id of a declared model, however many entries declare it.
///
/// (The full name of a model contains a `/`, which no alias name does.)
fn shadows_model(view: &View<'_>, alias: &Alias<'_>) -> bool {
    view.entries.iter().any(|entry| match &entry.home {
        Home::Model { id, .. } => entry.name == Some(alias.name) || id == alias.name,
        Home::Wildcard { .. } | Home::Broken(_) => false,
    })
}

/// A fallback whose conditions can never hold. Exactly these cases:
///
/// - `cost_exceeded` where no alias of the whole configuration has a `max_cost_per_request`,
/// - `latency_exceeded` where none has a `max_latency`,
/// - a positional word that counts a fallback which is itself unreachable: a skipped fallback has
///   not failed.
fn has_unreachable_fallback(view: &View<'_>, alias: &Alias<'_>) -> bool {
    let limited = |key| {
        view.aliases
            .iter()
            .any(|alias| guardrail(alias, key).is_some())
    };
    let mut dead: Vec<bool> = Vec::new();
    for step in &alias.fallbacks {
        let conditions = step.node.get("conditions").map_or(&[][..], Tree::items);
        let never = |condition: &Tree| match condition.as_text() {
            Some("cost_exceeded") => !limited("max_cost_per_request"),
            Some("latency_exceeded") => !limited("max_latency"),
            Some("primary_and_first_fallback_failed") => dead.first() == Some(&true),
            Some("all_previous_failed") => dead.contains(&true),
            _ => false,
        };
        let unreachable = !conditions.is_empty() && conditions.iter().all(never);
        dead.push(unreachable);
    }
    dead.contains(&true)
}

/// A fallback with the identity of the primary or an earlier fallback. One member of several does not count as a step:
/// a canary may fall back to its baseline.
fn repeats_step(view: &View<'_>, alias: &Alias<'_>) -> bool {
    let mut seen: Vec<Identity> = Vec::new();
    if alias.primary().count() == 1 {
        seen.extend(alias.primary().filter_map(|step| view.identity(step)));
    }
    alias.fallbacks.iter().any(|step| {
        let Some(identity) = view.identity(step) else {
            return false;
        };
        let repeated = seen.contains(&identity);
        seen.push(identity);
        repeated
    })
}

/// More steps on the longest path of the plan than `max_attempts`, or than 8 if the alias has fallbacks and no
/// `max_attempts`. An alias without either adds no steps of its own: a nested alias is then too long already.
fn chain_is_too_long(view: &View<'_>, index: usize) -> bool {
    let alias = &view.aliases[index];
    let limit = match alias.node.get("max_attempts") {
        Some(Tree::Int(number)) => usize::try_from(*number).unwrap_or(usize::MAX),
        None if !alias.fallbacks.is_empty() => 8,
        _ => usize::MAX,
    };
    limit > 0 && steps_of(view, index, &mut Vec::new()) > limit
}

/// The number of steps of an alias, nested aliases included: a group is as long as its longest member, and every
/// fallback adds its own.
fn steps_of(view: &View<'_>, index: usize, passed: &mut Vec<usize>) -> usize {
    if passed.contains(&index) {
        return 0;
    }
    passed.push(index);
    let alias = &view.aliases[index];
    let mut length = |step: &Step<'_>| match step.reference.map(|text| view.reference(text)) {
        Some(Hit::Alias(next)) => steps_of(view, next, passed),
        _ => 1,
    };
    let first = alias.primary().map(&mut length).max().unwrap_or(0);
    let rest: usize = alias.fallbacks.iter().map(&mut length).sum();
    passed.pop();
    first + rest
}

/// A fallback that may go to a model with a smaller known context window than a model of the primary. A nested alias
/// counts only with what it tries first, since its own fallbacks are checked separately.
fn context_window_shrinks(view: &View<'_>, alias: &Alias<'_>) -> bool {
    let window = |step: &Step<'_>| {
        let entries = entries_tried_first(view, step, &mut Vec::new());
        let known = entries.into_iter().filter_map(|entry| {
            match view.entries[entry].node.get("context_window") {
                Some(Tree::Int(tokens)) => Some(*tokens),
                _ => None,
            }
        });
        known.collect::<Vec<i64>>()
    };
    let largest = alias.primary().flat_map(window).max();
    let smallest = alias.fallbacks.iter().flat_map(window).min();
    matches!((smallest, largest), (Some(fallback), Some(primary)) if fallback < primary)
}

/// Every provider entry that a step can reach without a fallback.
fn entries_tried_first(view: &View<'_>, step: &Step<'_>, passed: &mut Vec<usize>) -> Vec<usize> {
    match step.reference.map(|text| view.reference(text)) {
        Some(Hit::Model { entry, .. }) => vec![entry],
        Some(Hit::Alias(index)) if !passed.contains(&index) => {
            passed.push(index);
            let primary = view.aliases[index].primary();
            primary
                .flat_map(|step| entries_tried_first(view, step, passed))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Every provider entry that a step can reach, through targets and fallbacks.
fn entries_behind(view: &View<'_>, step: &Step<'_>, passed: &mut Vec<usize>) -> Vec<usize> {
    match step.reference.map(|text| view.reference(text)) {
        Some(Hit::Model { entry, .. }) => vec![entry],
        Some(Hit::Alias(index)) if !passed.contains(&index) => {
            passed.push(index);
            let steps = view.aliases[index].steps();
            steps
                .flat_map(|step| entries_behind(view, step, passed))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// `max_latency`, a fallback that may run after a timeout, and a target of the primary that may use half of the time
/// because no step to it sets `timeout`.
fn chain_is_untimed(view: &View<'_>, alias: &Alias<'_>) -> bool {
    guardrail(alias, "max_latency").is_some()
        && alias.fallbacks.iter().any(follows_timeout)
        && alias
            .primary()
            .any(|step| !is_timed(view, step, &mut Vec::new()))
}

/// Whether a condition may hold after a timeout, whose statuses are 408, 504 and 524.
fn follows_timeout(step: &Step<'_>) -> bool {
    const WORDS: [&str; 11] = [
        "timeout",
        "transient",
        "any",
        "408",
        "504",
        "524",
        "4xx",
        "5xx",
        "primary_failed",
        "primary_and_first_fallback_failed",
        "all_previous_failed",
    ];
    let Some(conditions) = step.node.get("conditions") else {
        return true;
    };
    conditions.items().iter().any(|condition| match condition {
        Tree::Int(status) => matches!(status, 408 | 504 | 524),
        other => other.as_text().is_some_and(|word| WORDS.contains(&word)),
    })
}

fn is_timed(view: &View<'_>, step: &Step<'_>, passed: &mut Vec<usize>) -> bool {
    match step.reference.map(|text| view.reference(text)) {
        Some(Hit::Alias(index)) if !passed.contains(&index) => {
            passed.push(index);
            let mut primary = view.aliases[index].primary();
            primary.all(|step| is_timed(view, step, passed))
        }
        Some(Hit::Model { .. }) => step.node.get("timeout").is_some(),
        _ => true,
    }
}

/// `max_cost_per_request` and a reachable model without `pricing`, drained or not, whatever `on_unverifiable` says.
fn has_unpriced_target(view: &View<'_>, index: usize) -> bool {
    let alias = &view.aliases[index];
    let mut passed = vec![index];
    let mut behind = alias
        .steps()
        .flat_map(|step| entries_behind(view, step, &mut passed));
    guardrail(alias, "max_cost_per_request").is_some()
        && behind.any(|entry| view.entries[entry].node.get("pricing").is_none())
}

/// A category other than `PII` or a filter other than `sensitive_data`: no detector is registered here.
fn has_unchecked_content(alias: &Alias<'_>) -> bool {
    let list = |key| guardrail(alias, key).map_or(&[][..], Tree::items);
    let category = |word: &Tree| {
        word.as_text()
            .is_some_and(|word| !word.eq_ignore_ascii_case("pii"))
    };
    let filter = |filter: &Tree| {
        filter
            .text_at("type")
            .is_some_and(|kind| kind != "sensitive_data")
    };
    list("block_categories").iter().any(category) || list("content_filters").iter().any(filter)
}

/// `max_latency`, a fallback that may run after a timeout, and a target of the primary whose own `timeout` leaves less
/// than 250 ms, or less than a quarter of `max_latency` if that is shorter.
fn timeout_is_late(view: &View<'_>, alias: &Alias<'_>) -> bool {
    let Some(limit) = guardrail(alias, "max_latency").and_then(time) else {
        return false;
    };
    let least = Duration::from_millis(250).min(limit / 4);
    let timeouts = alias
        .primary()
        .flat_map(|step| timeouts_tried_first(view, step, &mut Vec::new()));
    alias.fallbacks.iter().any(follows_timeout)
        && timeouts.max().is_some_and(|last| last + least > limit)
}

/// The time that a valid duration means.
fn time(value: &Tree) -> Option<Duration> {
    let text = value.as_text()?;
    scalars::is_duration(text).then(|| duration(text))
}

/// Every `timeout` of a target that a step can reach without a fallback.
fn timeouts_tried_first(
    view: &View<'_>,
    step: &Step<'_>,
    passed: &mut Vec<usize>,
) -> Vec<Duration> {
    match step.reference.map(|text| view.reference(text)) {
        Some(Hit::Model { .. }) => step
            .node
            .get("timeout")
            .and_then(time)
            .into_iter()
            .collect(),
        Some(Hit::Alias(index)) if !passed.contains(&index) => {
            passed.push(index);
            let primary = view.aliases[index].primary();
            primary
                .flat_map(|step| timeouts_tried_first(view, step, passed))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// A condition on a status that also comes with a class which such a condition leaves out.
fn status_is_partial(alias: &Alias<'_>) -> bool {
    let conditions = alias
        .fallbacks
        .iter()
        .filter_map(|step| step.node.get("conditions"));
    conditions
        .flat_map(Tree::items)
        .any(|condition| match condition {
            Tree::Int(status) => matches!(status, 400 | 413 | 422),
            other => matches!(other.as_text(), Some("400" | "413" | "422" | "4xx")),
        })
}

/// A deprecated alias that its chain of replacements leads back to.
fn is_replaced_by_itself(view: &View<'_>, alias: &Alias<'_>) -> bool {
    let mut name = alias.name;
    for _ in 0..view.aliases.len() {
        let found = view.aliases.iter().find(|other| other.name == name);
        let deprecated = found.and_then(|other| other.node.get("deprecated"));
        match deprecated.and_then(|notice| notice.text_at("replacement")) {
            Some(next) if next == alias.name => return true,
            Some(next) => name = next,
            None => return false,
        }
    }
    false
}

/// A group that chooses by key and leads to another one with the same salt.
fn repeats_salt(view: &View<'_>, alias: &Alias<'_>) -> bool {
    salt(alias).is_some_and(|salt| has_salt_below(view, alias, salt, &mut vec![alias.name]))
}

fn has_salt_below<'v>(
    view: &'v View<'_>,
    alias: &Alias<'_>,
    wanted: &str,
    passed: &mut Vec<&'v str>,
) -> bool {
    alias.steps().any(
        |step| match step.reference.map(|text| view.reference(text)) {
            Some(Hit::Alias(index)) if !passed.contains(&view.aliases[index].name) => {
                let inner = &view.aliases[index];
                passed.push(inner.name);
                salt(inner) == Some(wanted) || has_salt_below(view, inner, wanted, passed)
            }
            _ => false,
        },
    )
}

/// The salt of a split or a `sticky` balancer of several targets: the written one, or the name of the alias.
fn salt<'t>(alias: &Alias<'t>) -> Option<&'t str> {
    let balance = alias.node.get("load_balance");
    let algorithm = balance.map(|balance| balance.text_at("algorithm"));
    let chooses_by_key = matches!(algorithm, None | Some(Some("sticky")));
    let written = || alias.node.get("sticky")?.text_at("salt");
    (chooses_by_key && alias.primary().count() > 1).then(|| written().unwrap_or(alias.name))
}

fn targets_deprecated(view: &View<'_>, alias: &Alias<'_>) -> bool {
    alias.steps().any(
        |step| match step.reference.map(|text| view.reference(text)) {
            Some(Hit::Alias(index)) => view.aliases[index].node.get("deprecated").is_some(),
            _ => false,
        },
    )
}
