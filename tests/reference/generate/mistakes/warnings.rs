//! Configurations that load with a warning.

use rand::RngExt;
use rand::rngs::StdRng;

use super::super::super::tree::{Tree, decimal, list, map};
use super::super::draft::Draft;
use super::super::pick;
use super::groups::balancer;

pub(super) fn misspelt_field(draft: &mut Draft, rng: &mut StdRng) {
    let fields = [
        "base_ur",
        "acces_key",
        "http_hots",
        "header",
        "pricin",
        "context_windw",
    ];
    draft.model_with(map([(*pick(rng, &fields), "word".into())]));
}

/// Either the alias section has a wrong name, or there is a stray section besides.
pub(super) fn misspelt_section(draft: &mut Draft, rng: &mut StdRng) {
    if rng.random_bool(0.5) {
        let aliases = Tree::Map(std::mem::take(&mut draft.aliases));
        let names = [
            "model_alias",
            "model_aliase",
            "model-aliases",
            "models_aliases",
        ];
        draft
            .others
            .push(((*pick(rng, &names)).to_owned(), aliases));
    } else {
        let names = ["model_alias", "model_provider", "llm_provider"];
        draft
            .others
            .push(((*pick(rng, &names)).to_owned(), map([])));
    }
}

pub(super) fn duplicate_wildcard(draft: &mut Draft, rng: &mut StdRng) {
    let prefix = draft.fresh("wild");
    let forms = [
        map([("model", format!("{prefix}/*").into())]),
        map([
            ("model", "*".into()),
            ("name", format!("{prefix}/*").into()),
        ]),
        map([
            ("model", format!("{prefix}/*").into()),
            ("access_key", "$OTHER".into()),
        ]),
    ];
    for number in 1..3 {
        // The answer then shows which of the two serves.
        let mut entry = pick(rng, &forms).clone();
        entry.push("base_url", format!("https://wild-{number}.example"));
        draft.providers.push(entry);
    }
    draft.alias(format!("{prefix}/some-id"));
}

pub(super) fn partial_weights(draft: &mut Draft, rng: &mut StdRng) {
    let rows = [
        vec![Tree::Int(2), Tree::Null],
        vec![Tree::Null, Tree::Int(0), Tree::Int(3)],
    ];
    let weights = pick(rng, &rows);
    balancer(draft, weights);
}

pub(super) fn shadowed_model(draft: &mut Draft, rng: &mut StdRng) {
    let (model, target) = (draft.model(), draft.model());
    let name = if rng.random_bool(0.5) {
        model.trim_start_matches("lab/").to_owned()
    } else {
        let name = draft.fresh("mine");
        draft.model_with(map([("name", (&*name).into())]));
        name
    };
    draft.aliases.push((name, target.into()));
}

/// An alias of a fresh model with fresh models as fallbacks, under one condition each.
fn chain(draft: &mut Draft, conditions: &[&str]) -> Tree {
    let mut steps = Vec::new();
    for &condition in conditions {
        let target = draft.model();
        steps.push(map([
            ("target", target.into()),
            ("conditions", list([condition.into()])),
        ]));
    }
    map([
        ("target", draft.model().into()),
        ("fallbacks", steps.into()),
    ])
}

/// A fallback for limits that no alias sets.
pub(super) fn unreachable_fallback(draft: &mut Draft, rng: &mut StdRng) {
    for (_, alias) in &mut draft.aliases {
        if let Tree::Map(fields) = alias {
            fields.retain(|(key, _)| key != "guardrails");
        }
    }
    let rows: [&[&str]; 3] = [
        &["cost_exceeded"],
        &["any", "latency_exceeded"],
        &["cost_exceeded", "primary_and_first_fallback_failed"],
    ];
    let conditions = *pick(rng, &rows);
    let alias = chain(draft, conditions);
    draft.alias(alias);
}

pub(super) fn repeated_step(draft: &mut Draft, rng: &mut StdRng) {
    let (model, other) = (draft.model(), draft.model());
    let plain = draft.alias(&*model);
    let member = map([("model", (&*model).into())]);
    let aliases = [
        map([
            ("target", (&*model).into()),
            ("fallbacks", list([plain.into()])),
        ]),
        map([
            ("target", (&*model).into()),
            ("fallbacks", list([(&*other).into(), (&*other).into()])),
        ]),
        map([
            ("targets", list([member])),
            ("fallbacks", list([other.into(), model.into()])),
        ]),
    ];
    draft.alias(pick(rng, &aliases).clone());
}

pub(super) fn chain_too_long(draft: &mut Draft, rng: &mut StdRng) {
    let mut alias = chain(draft, &["any", "any", "any"]);
    alias.push("max_attempts", rng.random_range(1_i64..4));
    draft.alias(alias);
}

pub(super) fn smaller_context_window(draft: &mut Draft, _: &mut StdRng) {
    let large = draft.model_with(map([("context_window", Tree::Int(128_000))]));
    let small = draft.model_with(map([("context_window", Tree::Int(8_192))]));
    draft.alias(map([
        ("target", large.into()),
        ("fallbacks", list([small.into()])),
    ]));
}

pub(super) fn untimed_chain(draft: &mut Draft, _: &mut StdRng) {
    let mut alias = chain(draft, &["timeout"]);
    alias.push("guardrails", map([("max_latency", "5s".into())]));
    draft.alias(alias);
}

pub(super) fn late_timeout(draft: &mut Draft, rng: &mut StdRng) {
    let mut alias = chain(draft, &["timeout"]);
    alias.push("timeout", *pick(rng, &["5s", "4s800ms"]));
    alias.push("guardrails", map([("max_latency", "5s".into())]));
    draft.alias(alias);
}

pub(super) fn price_per_token(draft: &mut Draft, _: &mut StdRng) {
    let pricing = map([("input", decimal("0.000003")), ("output", decimal("0.5"))]);
    draft.model_with(map([("pricing", pricing)]));
}

pub(super) fn partial_status(draft: &mut Draft, rng: &mut StdRng) {
    let condition = *pick(rng, &["400", "413", "422", "4xx"]);
    let alias = chain(draft, &[condition]);
    draft.alias(alias);
}

pub(super) fn replacement_cycle(draft: &mut Draft, rng: &mut StdRng) {
    let names: Vec<String> = (0..rng.random_range(1..4))
        .map(|_| draft.fresh("old"))
        .collect();
    for (at, name) in names.iter().enumerate() {
        let next = names[(at + 1) % names.len()].as_str();
        let target = draft.model();
        let alias = map([
            ("target", target.into()),
            ("deprecated", map([("replacement", next.into())])),
        ]);
        draft.aliases.push((name.clone(), alias));
    }
}

pub(super) fn repeated_salt(draft: &mut Draft, _: &mut StdRng) {
    let split = |draft: &mut Draft, first: String| {
        let members = [first, draft.model()]
            .map(|model| map([("model", model.into()), ("weight", Tree::Int(50))]));
        map([
            ("targets", list(members)),
            ("sticky", map([("salt", "shared".into())])),
        ])
    };
    let model = draft.model();
    let inner = split(draft, model);
    let inner = draft.alias(inner);
    let outer = split(draft, inner);
    draft.alias(outer);
}

/// Removes every section of ours.
pub(super) fn nothing_found(draft: &mut Draft, rng: &mut StdRng) {
    draft.providers.clear();
    draft.aliases.clear();
    draft.instead = None;
    let foreign = ["model_list", "listeners", "llm", "tracing"];
    draft.others = vec![((*pick(rng, &foreign)).to_owned(), map([]))];
}

pub(super) fn unpriced_target(draft: &mut Draft, _: &mut StdRng) {
    let mut alias = chain(draft, &["any"]);
    alias.push(
        "guardrails",
        map([("max_cost_per_request", decimal("0.10"))]),
    );
    draft.alias(alias);
}

pub(super) fn unchecked_content(draft: &mut Draft, rng: &mut StdRng) {
    let guardrails = if rng.random_bool(0.5) {
        map([("block_categories", list(["PII".into(), "weapons".into()]))])
    } else {
        map([(
            "content_filters",
            list([map([("type", "profanity".into())])]),
        )])
    };
    let target = draft.model();
    draft.alias(map([("target", target.into()), ("guardrails", guardrails)]));
}

pub(super) fn deprecated_target(draft: &mut Draft, _: &mut StdRng) {
    let target = draft.model();
    let notice = map([("message", "going away".into())]);
    let old = draft.alias(map([("target", target.into()), ("deprecated", notice)]));
    draft.alias(map([("target", old.into())]));
}
