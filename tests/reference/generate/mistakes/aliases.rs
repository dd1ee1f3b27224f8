//! Aliases with a wrong name, reference or chain.

use rand::RngExt;
use rand::rngs::StdRng;

use super::super::super::tree::{Tree, list, map};
use super::super::draft::Draft;
use super::super::pick;

pub(super) fn invalid_alias_name(draft: &mut Draft, rng: &mut StdRng) {
    let long = "x".repeat(129);
    let names = [
        "fast llm",
        "",
        "a/b",
        "ü",
        "a:b",
        "a@b",
        "tab\there",
        " fast",
        "a\"b",
        "🚀",
        &long,
    ];
    let target = draft.model();
    let name = (*pick(rng, &names)).to_owned();
    if !name.is_empty() && rng.random_bool(0.3) {
        // The name is invalid, but references can find the alias.
        draft.alias(&*name);
    }
    draft.aliases.push((name, target.into()));
}

/// The same alias twice, so it does not matter which one counts.
pub(super) fn duplicate_alias(draft: &mut Draft, rng: &mut StdRng) {
    let target = draft.model();
    draft.alias(&*target);
    let copy = pick(rng, &draft.aliases).clone();
    draft.aliases.push(copy);
}

pub(super) fn null_alias(draft: &mut Draft, rng: &mut StdRng) {
    let name = draft.alias(Tree::Null);
    if rng.random_bool(0.3) {
        // The alias is invalid, but references can find it.
        draft.alias(&*name);
    }
}

pub(super) fn missing_target(draft: &mut Draft, rng: &mut StdRng) {
    let fallback = draft.model();
    let aliases = [
        map([]),
        map([("description", "goes nowhere".into())]),
        map([("fallbacks", list([fallback.into()]))]),
        map([("hidden", true.into()), ("max_attempts", Tree::Int(2))]),
    ];
    draft.alias(pick(rng, &aliases).clone());
}

/// Adds an alias that leads to `text` in a random form.
fn refer(draft: &mut Draft, text: &str, rng: &mut StdRng) -> String {
    let model = draft.model();
    let alias = match rng.random_range(0..5) {
        0 => text.into(),
        1 => map([("targets", list([map([("model", text.into())])]))]),
        2 => map([("target", model.into()), ("fallbacks", list([text.into()]))]),
        3 => map([
            ("target", model.into()),
            ("fallbacks", list([map([("target", text.into())])])),
        ]),
        _ => map([("target", text.into())]),
    };
    draft.alias(alias)
}

pub(super) fn unknown_target(draft: &mut Draft, rng: &mut StdRng) {
    let model = draft.model();
    let wild = draft.fresh("wild");
    draft.providers.push(map([
        ("model", format!("{wild}/*").into()),
        ("name", (&*wild).into()),
    ]));
    let texts = [
        "no-such-model".to_owned(),
        model.to_uppercase(),
        model.replace("lab/", "zzz/"),
        format!("{model}x"),
        format!("{wild}/*"),
        format!("{wild}/"),
        wild,
    ];
    let text = pick(rng, &texts).clone();
    refer(draft, &text, rng);
}

pub(super) fn ambiguous_target(draft: &mut Draft, rng: &mut StdRng) {
    let first = draft.fresh("account");
    let model = draft.model_with(map([("name", first.into())]));
    let id = model.trim_start_matches("lab/").to_owned();
    let text = if rng.random_bool(0.5) {
        // Two accounts: only their names tell them apart.
        let second = draft.fresh("account");
        draft
            .providers
            .push(map([("model", (&*model).into()), ("name", second.into())]));
        pick(rng, &[model, id]).clone()
    } else {
        draft
            .providers
            .push(map([("model", format!("other/{id}").into())]));
        id
    };
    if rng.random_bool(0.3) {
        // An alias of that name answers only client requests.
        let bare = text.trim_start_matches("lab/").to_owned();
        let target = draft.model();
        draft.aliases.push((bare, target.into()));
    }
    refer(draft, &text, rng);
}

/// A cycle of one to three aliases, through any kind of step.
pub(super) fn alias_cycle(draft: &mut Draft, rng: &mut StdRng) {
    let last = draft.fresh("circle");
    let mut next = last.clone();
    for _ in 0..rng.random_range(0..3) {
        next = refer(draft, &next, rng);
    }
    refer(draft, &next, rng);
    if let Some((name, _)) = draft.aliases.last_mut() {
        *name = last;
    }
}

pub(super) fn path_too_long(draft: &mut Draft, rng: &mut StdRng) {
    let mut next = draft.model();
    for _ in 0..rng.random_range(17..20) {
        next = refer(draft, &next, rng);
    }
}

/// Adds an alias with one fallback under this condition.
fn fallback_under(draft: &mut Draft, condition: &str) {
    let (target, step) = (draft.model(), draft.model());
    let conditions = list(["timeout".into(), condition.into()]);
    let step = map([("target", step.into()), ("conditions", conditions)]);
    draft.alias(map([
        ("target", target.into()),
        ("fallbacks", list([step])),
    ]));
}

pub(super) fn unknown_condition(draft: &mut Draft, rng: &mut StdRng) {
    let words = ["quota_exeeded", "on_error", "Timeout", "always", "6xx"];
    let word = *pick(rng, &words);
    fallback_under(draft, word);
}

pub(super) fn impossible_condition(draft: &mut Draft, _: &mut StdRng) {
    fallback_under(draft, "primary_and_first_fallback_failed");
}

pub(super) fn unknown_replacement(draft: &mut Draft, rng: &mut StdRng) {
    let target = draft.model();
    let other = draft.alias(&*target);
    let names = [
        "nothing-here".to_owned(),
        other.to_uppercase(),
        format!("{other}x"),
    ];
    let notice = map([("replacement", (&**pick(rng, &names)).into())]);
    draft.alias(map([("target", target.into()), ("deprecated", notice)]));
}
