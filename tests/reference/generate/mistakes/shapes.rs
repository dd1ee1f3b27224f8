//! Values of the wrong kind, and words and numbers that their field does not allow.

use rand::RngExt;
use rand::rngs::StdRng;

use super::super::super::tree::{Tree, decimal, list, map};
use super::super::draft::Draft;
use super::super::pick;

/// Adds an alias of a fresh model with this field.
fn alias_with(draft: &mut Draft, field: &str, value: impl Into<Tree>) {
    let target = draft.model();
    draft.alias(map([("target", target.into()), (field, value.into())]));
}

/// Adds an alias whose only member, a fresh model, has this field.
fn member_with(draft: &mut Draft, field: &str, value: impl Into<Tree>) {
    let model = draft.model();
    let member = map([("model", model.into()), (field, value.into())]);
    draft.alias(map([("targets", list([member]))]));
}

/// Adds an alias with one fallback that has this field.
fn fallback_with(draft: &mut Draft, field: &str, value: impl Into<Tree>) {
    let target = draft.model();
    let step = map([("target", target.into()), (field, value.into())]);
    alias_with(draft, "fallbacks", list([step]));
}

fn guardrail(draft: &mut Draft, field: &str, value: impl Into<Tree>) {
    alias_with(draft, "guardrails", map([(field, value.into())]));
}

/// A place in the document with rules of its own.
#[derive(Debug, Clone, Copy)]
enum Place {
    Provider,
    Alias,
    Member,
    Fallback,
    Guardrails,
}

fn put(draft: &mut Draft, place: Place, field: &str, value: Tree) {
    match place {
        Place::Provider => {
            draft.model_with(map([(field, value)]));
        }
        Place::Alias => alias_with(draft, field, value),
        Place::Member => member_with(draft, field, value),
        Place::Fallback => fallback_with(draft, field, value),
        Place::Guardrails => guardrail(draft, field, value),
    }
}

pub(super) fn wrong_type(draft: &mut Draft, rng: &mut StdRng) {
    let some_list = || list(["word".into()]);
    let some_map = || map([("key", "word".into())]);
    let rows = [
        (Place::Provider, "name", some_list()),
        (Place::Provider, "access_key", some_map()),
        (Place::Provider, "default", "true".into()),
        (Place::Provider, "internal", Tree::Int(1)),
        (Place::Provider, "passthrough_auth", "yes".into()),
        (Place::Provider, "headers", some_list()),
        (Place::Provider, "headers", map([("X-Team", some_list())])),
        (Place::Provider, "pricing", "0.15".into()),
        (Place::Provider, "context_window", "128000".into()),
        (Place::Alias, "description", some_map()),
        (Place::Alias, "hidden", "true".into()),
        (Place::Alias, "redistribute", "no".into()),
        (Place::Alias, "sticky", "checkout-25".into()),
        (Place::Alias, "max_attempts", "4".into()),
        (Place::Alias, "last_resort", some_list()),
        (Place::Alias, "deprecated", some_list()),
        (Place::Alias, "guardrails", some_list()),
        (
            Place::Alias,
            "fallbacks",
            map([("target", "gpt-4o".into())]),
        ),
        (
            Place::Fallback,
            "conditions",
            map([("any", Tree::Bool(true))]),
        ),
        (
            Place::Guardrails,
            "block_categories",
            map([("PII", Tree::Bool(true))]),
        ),
        (Place::Guardrails, "block_categories", list([some_list()])),
        (Place::Guardrails, "content_filters", list([some_list()])),
    ];
    match rng.random_range(0..rows.len() + 6) {
        0 => draft.providers.push(list(["openai/gpt-4o".into()])),
        1 => draft
            .providers
            .push(map([("model", list(["openai/gpt-4o".into()]))])),
        2 => {
            draft.alias(list(["gpt-4o".into()]));
        }
        3 => {
            draft.alias(map([("target", list(["gpt-4o".into()]))]));
        }
        4 => {
            draft.alias(map([("targets", list([list(["gpt-4o".into()])]))]));
        }
        5 => {
            draft.aliases.clear();
            draft.instead = Some(list([some_map()]));
        }
        _ => {
            let (place, field, value) = pick(rng, &rows).clone();
            put(draft, place, field, value);
        }
    }
}

pub(super) fn unquoted_text(draft: &mut Draft, rng: &mut StdRng) {
    let plain = [Tree::Int(4), decimal("1.10"), Tree::Bool(true), Tree::Null];
    let rows = [
        (Place::Provider, "name"),
        (Place::Provider, "access_key"),
        (Place::Provider, "http_host"),
        (Place::Provider, "base_url"),
        (Place::Alias, "description"),
        (Place::Alias, "endpoint"),
        (Place::Member, "endpoint"),
        (Place::Guardrails, "mode"),
    ];
    let value = pick(rng, &plain).clone();
    match rng.random_range(0..rows.len() + 8) {
        0 => draft.providers.push(map([("model", value)])),
        1 => {
            draft.alias(pick(rng, &plain[..3]).clone());
        }
        2 => {
            draft.alias(map([("target", value)]));
        }
        3 => {
            draft.alias(map([("targets", list([map([("model", value)])]))]));
        }
        4 => alias_with(draft, "fallbacks", list([map([("target", value)])])),
        5 => alias_with(draft, "sticky", map([("salt", value)])),
        6 => guardrail(draft, "block_categories", list([value])),
        7 => guardrail(draft, "content_filters", list([map([("type", value)])])),
        _ => {
            let (place, field) = *pick(rng, &rows);
            put(draft, place, field, value);
        }
    }
}

/// Adds a key twice with the same value, so it does not matter which one counts.
pub(super) fn duplicate_key(draft: &mut Draft, rng: &mut StdRng) {
    let twice = |key: &str, value: Tree| map([(key, value.clone()), (key, value)]);
    match rng.random_range(0..6) {
        0 => {
            draft.model_with(twice("http_host", "internal.example".into()));
        }
        1 => {
            draft.model_with(map([("headers", twice("X-Team", "search".into()))]));
        }
        2 => alias_with(draft, "params", map([("deep", twice("key", Tree::Int(1)))])),
        3 => {
            let target = draft.model();
            draft.alias(twice("target", target.into()));
        }
        4 => {
            let target = draft.model();
            draft.alias(map([("targets", list([twice("model", target.into())]))]));
        }
        _ => {
            for _ in 0..2 {
                draft.others.push(("routing".to_owned(), Tree::Int(1)));
            }
        }
    }
}

pub(super) fn unknown_field(draft: &mut Draft, rng: &mut StdRng) {
    let rows = [
        (Place::Alias, "fallback"),
        (Place::Alias, "guardrail"),
        (Place::Alias, "descripton"),
        (Place::Alias, "retries"),
        (Place::Member, "wieght"),
        (Place::Member, "endpont"),
        (Place::Member, "region"),
        (Place::Fallback, "condition"),
        (Place::Fallback, "weight"),
        (Place::Guardrails, "max_latencyy"),
        (Place::Guardrails, "budget"),
    ];
    match rng.random_range(0..rows.len() + 4) {
        0 => alias_with(draft, "sticky", map([("slat", "word".into())])),
        1 => alias_with(draft, "deprecated", map([("sunsett", "2027-01-31".into())])),
        2 => {
            let member = map([("model", draft.model().into())]);
            let balance = map([("algorithmn", "weighted".into())]);
            draft.alias(map([
                ("load_balance", balance),
                ("targets", list([member])),
            ]));
        }
        3 => {
            let maps = |(_, alias): &&mut (String, Tree)| matches!(alias, Tree::Map(_));
            if let Some((_, alias)) = draft.aliases.iter_mut().find(maps) {
                alias.push("retries", 3);
            } else {
                alias_with(draft, "retries", Tree::Int(3));
            }
        }
        _ => {
            let (place, field) = *pick(rng, &rows);
            put(draft, place, field, "word".into());
        }
    }
}

pub(super) fn missing_field(draft: &mut Draft, rng: &mut StdRng) {
    let conditions = list(["any".into()]);
    match rng.random_range(0..5) {
        4 => {
            let rules = [
                map([("status", Tree::Int(412))]),
                map([("class", "timeout".into()), ("says", "late".into())]),
            ];
            let rule = pick(rng, &rules).clone();
            draft.others.retain(|(key, _)| key != "model_failure_rules");
            let section = "model_failure_rules".to_owned();
            draft.others.push((section, list([rule])));
        }
        0 => guardrail(
            draft,
            "content_filters",
            list([map([("action", "block".into())])]),
        ),
        1 => alias_with(
            draft,
            "fallbacks",
            list([map([("conditions", conditions)])]),
        ),
        2 => alias_with(draft, "fallbacks", list([map([("timeout", "3s".into())])])),
        _ => {
            let whole = map([("weight", Tree::Int(100))]);
            draft.alias(map([("targets", list([whole]))]));
        }
    }
}

pub(super) fn invalid_value(draft: &mut Draft, rng: &mut StdRng) {
    let days = [
        "2027-02-30",
        "2027-13-01",
        "2027-1-31",
        "27-01-31",
        "2027/01/31",
        "soon",
    ];
    match rng.random_range(0..4) {
        0 => guardrail(draft, "mode", *pick(rng, &["watch", "Monitor", "off"])),
        1 => guardrail(draft, "on_unverifiable", *pick(rng, &["deny", "ALLOW"])),
        2 => {
            let filter = map([("type", "sensitive_data".into()), ("action", "drop".into())]);
            guardrail(draft, "content_filters", list([filter]));
        }
        _ => alias_with(
            draft,
            "deprecated",
            map([("sunset", (*pick(rng, &days)).into())]),
        ),
    }
}

pub(super) fn out_of_range(draft: &mut Draft, rng: &mut StdRng) {
    if rng.random_bool(0.5) {
        alias_with(draft, "max_attempts", *pick(rng, &[0_i64, 9, -1, 1_000]));
    } else {
        let window = pick(rng, &[Tree::Int(0), Tree::Int(-1), decimal("8192.5")]).clone();
        draft.model_with(map([("context_window", window)]));
    }
}

pub(super) fn invalid_url(draft: &mut Draft, rng: &mut StdRng) {
    let rows = [
        (Place::Provider, "base_url"),
        (Place::Alias, "endpoint"),
        (Place::Member, "endpoint"),
        (Place::Fallback, "endpoint"),
    ];
    let (place, field) = *pick(rng, &rows);
    let urls = [
        "ftp://api.example.com",
        "api.example.com",
        "localhost:11434",
        "http://",
        "https:///v1",
        "https://:8080",
        "//api.example.com",
        "http:/api.example.com",
        "https://user:secret@/v1",
    ];
    put(draft, place, field, (*pick(rng, &urls)).into());
}

pub(super) fn invalid_amount(draft: &mut Draft, rng: &mut StdRng) {
    if rng.random_bool(0.5) {
        let amounts = [decimal("-0.1"), Tree::Int(-1), decimal("0.1234567890123")];
        guardrail(draft, "max_cost_per_request", pick(rng, &amounts).clone());
    } else {
        let amounts = [
            decimal("-0.15"),
            decimal("0.1234567"),
            Tree::Int(-3),
            decimal("1234567890.123456"),
        ];
        let bad = pick(rng, &amounts).clone();
        let good = Tree::Int(1);
        let prices = if rng.random_bool(0.5) {
            [bad, good]
        } else {
            [good, bad]
        };
        let [input, output] = prices;
        draft.model_with(map([(
            "pricing",
            map([("input", input), ("output", output)]),
        )]));
    }
}

pub(super) fn invalid_duration(draft: &mut Draft, rng: &mut StdRng) {
    let rows = [
        (Place::Alias, "timeout"),
        (Place::Member, "timeout"),
        (Place::Fallback, "timeout"),
        (Place::Guardrails, "max_latency"),
    ];
    let (place, field) = *pick(rng, &rows);
    let durations = [
        "5", "0s", "0ms", "-5s", "5 s", "5x", "s", "soon", "30s1m", "5s5s", "1m30",
    ];
    put(draft, place, field, (*pick(rng, &durations)).into());
}
