//! Invalid provider entries, alone or beside each other.

use rand::RngExt;
use rand::rngs::StdRng;

use super::super::super::tree::{Tree, map};
use super::super::draft::Draft;
use super::super::pick;

/// Moves some entries to the other spelling of the section.
pub(super) fn both_sections(draft: &mut Draft, rng: &mut StdRng) {
    let kept = rng.random_range(1..draft.providers.len());
    let moved = Tree::List(draft.providers.split_off(kept));
    let other = if draft.section == "llm_providers" {
        "model_providers"
    } else {
        "llm_providers"
    };
    draft.others.push((other.to_owned(), moved));
}

pub(super) fn missing_model(draft: &mut Draft, rng: &mut StdRng) {
    let entries = [
        map([("name", "nameless-model".into())]),
        map([("base_url", "http://localhost:8000".into())]),
        map([("provider", "openai".into()), ("access_key", "$KEY".into())]),
        map([]),
    ];
    broken(draft, pick(rng, &entries), rng);
}

/// Adds a broken entry, and sometimes an alias of it, which is not another mistake.
fn broken(draft: &mut Draft, entry: &Tree, rng: &mut StdRng) {
    let called = entry.text_at("name").or_else(|| entry.text_at("model"));
    if let Some(reference) = called.filter(|_| rng.random_bool(0.5)) {
        draft.alias(reference);
    }
    draft.providers.push(entry.clone());
}

pub(super) fn invalid_model(draft: &mut Draft, rng: &mut StdRng) {
    let models = ["lab/", "/x", "lab/gpt-*", "*/x", "*/*", "lab/*/x", "/"];
    let entries = [
        map([("model", (*pick(rng, &models)).into())]),
        map([("model", "lab/".into()), ("provider", "lab".into())]),
        map([("model", "gpt-*".into()), ("provider", "lab".into())]),
        map([("model", "gpt-*".into()), ("name", "lab/gpt-*".into())]),
    ];
    let chosen = if rng.random_bool(0.6) {
        &entries[0]
    } else {
        pick(rng, &entries)
    };
    broken(draft, chosen, rng);
}

pub(super) fn missing_provider(draft: &mut Draft, rng: &mut StdRng) {
    let entries = [
        map([("model", "lonely".into())]),
        map([("model", "lonely".into()), ("name", "lonely-name".into())]),
        map([("model", "lonely".into()), ("name", "lab/other".into())]),
        map([("model", "lonely".into()), ("name", "/lonely".into())]),
        map([("model", "*".into())]),
    ];
    broken(draft, pick(rng, &entries), rng);
}

/// One model twice, in forms that may differ, with fewer names than it needs.
pub(super) fn duplicate_model(draft: &mut Draft, rng: &mut StdRng) {
    if rng.random_bool(0.3) {
        // Also where aliases refer to the model: that is not another mistake.
        let written: Vec<&str> = draft.providers.iter().filter_map(plain_model).collect();
        if !written.is_empty() {
            let model = (*pick(rng, &written)).to_owned();
            draft.providers.push(map([("model", model.into())]));
            return;
        }
    }
    let model = draft.model();
    let id = model.trim_start_matches("lab/");
    let again = match rng.random_range(0..4) {
        0 => map([("model", id.into()), ("provider", "lab".into())]),
        1 => map([("model", id.into()), ("provider_interface", "lab".into())]),
        2 => {
            let name = draft.fresh("named");
            map([("model", model.into()), ("name", name.into())])
        }
        _ => map([("model", model.into())]),
    };
    draft.providers.push(again);
}

/// The `model` of an entry that says `provider/model` and has no name.
fn plain_model(entry: &Tree) -> Option<&str> {
    let plain = entry.get("name").is_none() && entry.get("provider").is_none();
    let model = entry.text_at("model").filter(|_| plain)?;
    (model.contains('/') && !model.contains('*')).then_some(model)
}

pub(super) fn duplicate_name(draft: &mut Draft, rng: &mut StdRng) {
    let name = draft.fresh("twin");
    let first = draft.model_with(map([("name", (&*name).into())]));
    if rng.random_bool(0.3) {
        // The same entry twice is also one mistake.
        draft
            .providers
            .push(map([("name", name.into()), ("model", first.into())]));
    } else {
        draft.model_with(map([("name", name.into())]));
    }
}

pub(super) fn multiple_defaults(draft: &mut Draft, rng: &mut StdRng) {
    for _ in 0..rng.random_range(2..4) {
        draft.model_with(map([("default", true.into())]));
    }
}

/// No other entry may be the default, or there would be two mistakes.
pub(super) fn wildcard_default(draft: &mut Draft, rng: &mut StdRng) {
    for entry in &mut draft.providers {
        if let Tree::Map(fields) = entry {
            fields.retain(|(key, _)| key != "default");
        }
    }
    let prefix = draft.fresh("wild");
    let mut entry = map([("default", true.into())]);
    if rng.random_bool(0.5) {
        entry.push("model", format!("{prefix}/*"));
    } else {
        entry.push("model", "*");
        entry.push("name", format!("{prefix}/*"));
    }
    draft.providers.push(entry);
}
