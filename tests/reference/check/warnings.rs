//! What is legal and rarely meant: one function for each code, so that each can be aligned alone.

use super::super::tree::Tree;
use super::super::view::{Alias, Hit, Home, Identity, Step, View};
use super::Findings;

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
    }
}

fn guardrail<'t>(alias: &Alias<'t>, key: &str) -> Option<&'t Tree> {
    alias.node.get("guardrails")?.get(key)
}

/// An alias with the `name` or the bare id of a declared model, however many declare it.
///
/// (The full name of a model has a `/` in it, which no alias has.)
fn shadows_model(view: &View<'_>, alias: &Alias<'_>) -> bool {
    view.entries.iter().any(|entry| match &entry.home {
        Home::Model { id, .. } => entry.name == Some(alias.name) || id == alias.name,
        Home::Wildcard { .. } | Home::Broken(_) => false,
    })
}

/// A fallback none of whose conditions can ever hold. These cases, and no others:
///
/// - `cost_exceeded` where no alias of the whole configuration has a `max_cost_per_request`,
/// - `latency_exceeded` where none has a `max_latency`,
/// - a positional word that counts a fallback which itself is unreachable: being left out is
///   no failure.
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

/// A fallback of the same identity as the primary or an earlier fallback. One member of several
/// is no step: a canary may well fall back to its baseline.
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

/// More steps on the longest path of the plan than `max_attempts`, or than 8 where it is missing
/// and the alias has a fallback: else the path is too long before it comes to this alias.
fn chain_is_too_long(view: &View<'_>, index: usize) -> bool {
    let alias = &view.aliases[index];
    let limit = match alias.node.get("max_attempts") {
        Some(Tree::Int(number)) => usize::try_from(*number).unwrap_or(usize::MAX),
        None if !alias.fallbacks.is_empty() => 8,
        _ => usize::MAX,
    };
    limit > 0 && steps_of(view, index, &mut Vec::new()) > limit
}

/// The steps of an alias, those of nested aliases counted: a group is as long as its longest
/// member, and every fallback adds its own.
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

/// A fallback that may go to a model with a smaller known context window than one of the primary;
/// of an alias what it tries first counts, for its own fallbacks are judged by themselves.
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

/// Every provider entry that a step can lead to without a fallback.
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

/// Every provider entry that a step can lead to, through targets and fallbacks.
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

/// `max_latency`, a fallback that may run after a timeout, and a target of the primary that may
/// use half of the time because nothing on the way to it says `timeout`.
fn chain_is_untimed(view: &View<'_>, alias: &Alias<'_>) -> bool {
    guardrail(alias, "max_latency").is_some()
        && alias.fallbacks.iter().any(follows_timeout)
        && alias
            .primary()
            .any(|step| !is_timed(view, step, &mut Vec::new()))
}

/// Whether one of the conditions may hold after a timeout, which has the statuses 408, 504, 524.
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

/// `max_cost_per_request` and a model without `pricing` somewhere behind it, drained or not,
/// whatever `on_unverifiable` says.
fn has_unpriced_target(view: &View<'_>, index: usize) -> bool {
    let alias = &view.aliases[index];
    let mut passed = vec![index];
    let mut behind = alias
        .steps()
        .flat_map(|step| entries_behind(view, step, &mut passed));
    guardrail(alias, "max_cost_per_request").is_some()
        && behind.any(|entry| view.entries[entry].node.get("pricing").is_none())
}

/// A category but `PII` or a filter but `sensitive_data`: nobody registered a detector here.
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

fn targets_deprecated(view: &View<'_>, alias: &Alias<'_>) -> bool {
    alias.steps().any(
        |step| match step.reference.map(|text| view.reference(text)) {
            Some(Hit::Alias(index)) => view.aliases[index].node.get("deprecated").is_some(),
            _ => false,
        },
    )
}
