//! Valid configurations that use every part of the grammar.

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use super::super::tree::{Tree, decimal, list, map};
use super::draft::Draft;
use super::pick;

const MODELS: &[(&str, &str)] = &[
    ("openai", "gpt-4o"),
    ("openai", "gpt-4o-mini"),
    ("openai", "o3"),
    ("azure_openai", "gpt-4o"),
    ("anthropic", "claude-3-haiku-20240307"),
    ("anthropic", "claude-sonnet-4-5"),
    ("ollama", "llama3.1"),
    ("vllm", "llama3.1"),
    ("amazon_bedrock", "us.amazon.nova-pro-v1:0"),
    ("together_ai", "meta-llama/Llama-3.3-70B"),
    ("groq", "meta-llama/Llama-3.3-70B"),
    ("mistral", "8x7b"),
];

const WILDCARDS: &[&str] = &["anthropic", "openai", "deepseek", "xai"];

const ALIAS_NAMES: &[&str] = &[
    "arch.summarize.v1",
    "arch.v1",
    "fast",
    "smart",
    "4",
    "true",
    "1.10",
    "null",
    "no",
    "-dash",
    ".dot",
    "_low",
    "1e3",
    "gpt-4o",
    "o3",
    "llama3.1",
    "claude-3-haiku-20240307",
    "FAST",
    "x",
];

const STEP_CONDITIONS: &[&str] = &[
    "timeout",
    "rate_limited",
    "quota_exhausted",
    "quota_exceeded",
    "overloaded",
    "server_error",
    "connect_error",
    "auth_failed",
    "not_found",
    "context_length_exceeded",
    "content_filtered",
    "cost_exceeded",
    "latency_exceeded",
    "not_allowed",
    "transient",
    "any",
    "5xx",
    "503",
    "primary_failed",
    "all_previous_failed",
];

/// What a new alias can refer to: only earlier aliases, so there is never a cycle.
#[derive(Debug)]
struct Known {
    models: Vec<String>,
    aliases: Vec<String>,
}

/// Adds rules that do not hide each other.
fn failure_rules(draft: &mut Draft, rng: &mut StdRng) {
    let rules = (0..rng.random_range(0..4)).map(|at| {
        let mut rule = map([]);
        match rng.random_range(0..3) {
            0 => rule.push("status", Tree::Int(410 + at)),
            1 => rule.push("status", list([Tree::Int(510 + at), Tree::Int(450)])),
            _ => rule.push("code", format!("E_{at}")),
        }
        if rng.random_bool(0.5) {
            rule.push(
                "says",
                *pick(rng, &["Spending limit", "no seats: left", "#1"]),
            );
        }
        let class = *pick(rng, &["quota_exhausted", "overloaded", "invalid_request"]);
        rule.push("class", class);
        rule
    });
    let rules = Tree::List(rules.collect());
    draft.others.push(("model_failure_rules".to_owned(), rules));
}

/// Makes a document without errors; it may have warnings.
pub(super) fn draft(rng: &mut StdRng) -> Draft {
    let section = *pick(
        rng,
        &["model_providers", "model_providers", "llm_providers"],
    );
    let mut draft = Draft::new(section);
    foreign_sections(&mut draft, rng);
    providers(&mut draft, rng);
    let mut known = Known {
        models: references(&draft),
        aliases: Vec::new(),
    };
    for _ in 0..rng.random_range(1..9) {
        // The members of a new alias may share an identity; then try again.
        for _ in 0..8 {
            let name = alias_name(&mut draft, rng);
            known.aliases = draft.referable_aliases();
            let alias = alias(&mut draft, &known, rng);
            draft.aliases.push((name, alias));
            if !draft.has_equal_members() {
                break;
            }
            draft.aliases.pop();
        }
    }
    if rng.random_bool(0.1) {
        failure_rules(&mut draft, rng);
    }
    if rng.random_bool(0.05) {
        draft.aliases.clear();
        if rng.random_bool(0.5) {
            draft.instead = Some(pick(rng, &[Tree::Null, map([])]).clone());
        }
    }
    draft
}

/// Sections that belong to the gateway, with any content.
fn foreign_sections(draft: &mut Draft, rng: &mut StdRng) {
    let strange = map([
        ("target", Tree::Int(4)),
        ("a b", Tree::Null),
        ("a b", "twice, and not ours".into()),
    ]);
    let sources = list([map([
        ("model_aliases", strange),
        ("model_providers", Tree::Null),
    ])]);
    let sections = [
        ("version", "v0.4.0".into()),
        (
            "listeners",
            list([map([
                ("port", Tree::Int(12000)),
                ("name", "llm: #1".into()),
            ])]),
        ),
        (
            "tracing",
            map([
                ("random_sampling", Tree::Int(100)),
                ("opentracing", Tree::Bool(false)),
            ]),
        ),
        ("model_metrics_sources", sources),
        (
            "x-defaults",
            map([
                ("timeout", "3s".into()),
                ("params", map([("temperature", decimal("0.2"))])),
            ]),
        ),
        ("agents", Tree::Null),
    ];
    for (name, value) in sections {
        if rng.random_bool(0.3) {
            draft.others.push((name.to_owned(), value));
        }
    }
}

fn providers(draft: &mut Draft, rng: &mut StdRng) {
    let mut models = MODELS.to_vec();
    models.shuffle(rng);
    let count = rng.random_range(2..8);
    for (prefix, id) in models.drain(..count) {
        let entry = entry(draft, prefix, id, rng);
        draft.providers.push(entry);
    }
    if rng.random_bool(0.25)
        && let Some((prefix, id)) = models.pop()
    {
        for _ in 0..2 {
            let name = draft.fresh("account");
            draft.providers.push(map([
                ("model", format!("{prefix}/{id}").into()),
                ("name", name.into()),
            ]));
        }
    }
    if rng.random_bool(0.5) {
        let default = rng.random_range(0..draft.providers.len());
        draft.providers[default].push("default", true);
    }
    let mut prefixes = WILDCARDS.to_vec();
    prefixes.shuffle(rng);
    for prefix in &prefixes[..rng.random_range(0..3)] {
        let pattern = format!("{prefix}/*");
        let entry = match rng.random_range(0..5) {
            0 => map([("name", pattern.into()), ("model", "*".into())]),
            1 => map([("provider", (*prefix).into()), ("model", "*".into())]),
            2 => map([
                ("model", pattern.into()),
                ("name", draft.fresh("wild").into()),
            ]),
            _ => map([("model", pattern.into())]),
        };
        draft.providers.push(entry);
    }
    for entry in &mut draft.providers {
        optional_fields(entry, rng);
    }
}

/// An entry for this model, in one of its equivalent forms.
fn entry(draft: &mut Draft, prefix: &str, id: &str, rng: &mut StdRng) -> Tree {
    let full = format!("{prefix}/{id}");
    match rng.random_range(0..10) {
        0 => map([("model", full.into()), ("name", draft.fresh("my").into())]),
        1 => {
            // A name takes precedence over a model, so this name takes over the bare id.
            let taken = draft
                .providers
                .iter()
                .any(|entry| entry.text_at("name") == Some("gpt-4o"));
            let name = if taken {
                draft.fresh("my")
            } else {
                "gpt-4o".to_owned()
            };
            map([("model", full.into()), ("name", name.into())])
        }
        2 => map([
            ("name", full.into()),
            ("model", id.into()),
            ("provider_interface", "openai".into()),
        ]),
        3 => map([
            ("name", full.into()),
            ("model", id.into()),
            ("internal", true.into()),
        ]),
        4 => map([("provider", prefix.into()), ("model", id.into())]),
        5 => map([("provider", prefix.into()), ("model", full.into())]),
        6 if !id.contains('/') => {
            map([("model", id.into()), ("provider_interface", prefix.into())])
        }
        _ => map([("model", full.into())]),
    }
}

fn optional_fields(entry: &mut Tree, rng: &mut StdRng) {
    let url = *pick(
        rng,
        &[
            "http://host.docker.internal:11434",
            "https://api.example.com/v1",
            "$BASE_URL/v1",
            "${BASE_URL}",
            "https://user:secret@api.example.com",
            "http://[::1]:8080",
        ],
    );
    let key = *pick(
        rng,
        &["$OPENAI_API_KEY", "${KEY}", "sk-literal: #1", "0123"],
    );
    let prices = map([
        (
            "input",
            pick(rng, &[decimal("0.15"), decimal("0.000001"), Tree::Int(3)]).clone(),
        ),
        (
            "output",
            pick(rng, &[decimal("0.60"), Tree::Int(0), decimal("15.0")]).clone(),
        ),
    ]);
    let window = *pick(rng, &[8_192_i64, 128_000, 1_000_000]);
    let preferences = list([map([
        ("name", "code".into()),
        ("description", "writes code".into()),
    ])]);
    let fields: [(&str, Tree); 11] = [
        ("access_key", key.into()),
        ("base_url", url.into()),
        ("http_host", "internal.example".into()),
        (
            "headers",
            map([("X-Team", "search".into()), ("X-Count", "5".into())]),
        ),
        ("passthrough_auth", true.into()),
        ("default", false.into()),
        ("pricing", prices),
        ("context_window", window.into()),
        ("routing_preferences", preferences),
        ("rate_limits", map([("tokens", Tree::Int(100))])),
        ("provider_interface", "openai".into()),
    ];
    for (key, value) in fields {
        // `provider_interface` often stands beside a name that already decides the prefix.
        if entry.get(key).is_none() && rng.random_bool(0.15) {
            entry.push(key, value);
        }
    }
}

/// Every text that leads to a model.
fn references(draft: &Draft) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for entry in &draft.providers {
        texts.extend(entry.text_at("name").map(str::to_owned));
        texts.extend(entry.text_at("model").map(str::to_owned));
    }
    for (prefix, id) in MODELS {
        texts.extend([format!("{prefix}/{id}"), (*id).to_owned()]);
    }
    for prefix in WILDCARDS {
        texts.extend([
            format!("{prefix}/some-new-model"),
            format!("{prefix}/team/model:2"),
        ]);
    }
    texts.sort();
    texts.dedup();
    draft.leading_to_models(texts)
}

fn alias_name(draft: &mut Draft, rng: &mut StdRng) -> String {
    let name = match rng.random_range(0..10) {
        0 => draft.fresh(&"long.".repeat(24)),
        1..4 => draft.fresh("team_a.chat"),
        _ => (*pick(rng, ALIAS_NAMES)).to_owned(),
    };
    let taken = draft.aliases.iter().any(|(other, _)| *other == name);
    if taken { draft.fresh("again") } else { name }
}

/// A reference, and whether it leads to a model.
fn reference(known: &Known, rng: &mut StdRng) -> (String, bool) {
    if known.aliases.is_empty() || rng.random_bool(0.6) {
        (pick(rng, &known.models).clone(), true)
    } else {
        (pick(rng, &known.aliases).clone(), false)
    }
}

/// A map with a reference under `key`, and fields that are valid beside it.
fn step(draft: &mut Draft, key: &str, known: &Known, rng: &mut StdRng) -> Tree {
    let (text, is_model) = reference(known, rng);
    let mut step = map([(key, text.into())]);
    if is_model {
        if rng.random_bool(0.15) {
            let host = draft.fresh("https://eu");
            step.push("endpoint", format!("{host}.example.com"));
        }
        if rng.random_bool(0.15) {
            step.push("timeout", *pick(rng, &["3s", "500ms", "1m30s"]));
        }
        if rng.random_bool(0.15) {
            step.push(
                "params",
                map([
                    ("temperature", decimal("0.2")),
                    ("stop", list([Tree::Null])),
                ]),
            );
        }
    }
    step
}

fn alias(draft: &mut Draft, known: &Known, rng: &mut StdRng) -> Tree {
    let mut alias = match rng.random_range(0..10) {
        0 => return reference(known, rng).0.into(),
        1..4 => step(draft, "target", known, rng),
        4 => single(draft, known, rng),
        5..8 => split(draft, known, rng),
        _ => balancer(draft, known, rng),
    };
    if rng.random_bool(0.35) {
        let steps = fallbacks(draft, known, rng);
        alias.push("fallbacks", steps);
    }
    if rng.random_bool(0.25) {
        alias.push("guardrails", guardrails(rng));
    }
    if rng.random_bool(0.2) {
        alias.push("max_attempts", rng.random_range(1_i64..9));
    }
    if rng.random_bool(0.1) {
        alias.push("last_resort", *pick(rng, &["always", "never"]));
    }
    if rng.random_bool(0.2) {
        let text = *pick(
            rng,
            &[
                "checkout assistant",
                "für alle: #1",
                "two\nlines\u{7}",
                "yes",
                " padded ",
            ],
        );
        alias.push("description", text);
    }
    if rng.random_bool(0.1) {
        alias.push("hidden", rng.random_bool(0.5));
    }
    if rng.random_bool(0.1) {
        let notice = deprecated(known, rng);
        alias.push("deprecated", notice);
    }
    alias
}

/// A list of one member, whose weight may be left out.
fn single(draft: &mut Draft, known: &Known, rng: &mut StdRng) -> Tree {
    let mut member = step(draft, "model", known, rng);
    if rng.random_bool(0.5) {
        member.push("weight", 100);
    }
    map([("targets", list([member]))])
}

fn split(draft: &mut Draft, known: &Known, rng: &mut StdRng) -> Tree {
    let count = rng.random_range(2..5);
    let unit = *pick(rng, &[1_u32, 10, 100]);
    let mut cuts: Vec<u32> = (1..count)
        .map(|_| rng.random_range(0..=10_000 / unit) * unit)
        .collect();
    cuts.extend([0, 10_000]);
    cuts.sort_unstable();
    let mut members = Vec::new();
    for ends in cuts.windows(2) {
        let mut member = step(draft, "model", known, rng);
        member.push("weight", share(ends[1] - ends[0]));
        members.push(member);
    }
    let mut alias = map([("targets", members.into())]);
    if rng.random_bool(0.2) {
        alias.push("redistribute", rng.random_bool(0.5));
    }
    if rng.random_bool(0.2) {
        alias.push("sticky", map([("salt", "checkout-25".into())]));
    }
    alias
}

/// A weight, given in hundredths.
fn share(hundredths: u32) -> Tree {
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    match rest {
        0 => Tree::Int(i64::from(whole)),
        _ if rest.is_multiple_of(10) => Tree::Decimal(format!("{whole}.{}", rest / 10)),
        _ => Tree::Decimal(format!("{whole}.{rest:02}")),
    }
}

fn balancer(draft: &mut Draft, known: &Known, rng: &mut StdRng) -> Tree {
    let count = rng.random_range(1..5);
    let same = pick(rng, &known.models).clone();
    let endpoints = rng.random_bool(0.5);
    // No weights, all weights, multiples with a short period, or only some weights.
    let weights = rng.random_range(0..5);
    let mut members = Vec::new();
    for index in 0..count {
        let mut member = if endpoints {
            let host = draft.fresh("https://api");
            map([("model", (&*same).into()), ("endpoint", host.into())])
        } else {
            step(draft, "model", known, rng)
        };
        let least = i64::from(index == 0);
        match weights {
            0 => member.push("weight", rng.random_range(least..21)),
            1 => member.push("weight", rng.random_range(least..5) * 2_500),
            2 if index == 0 => member.push("weight", rng.random_range(1_i64..10)),
            _ => {}
        }
        members.push(member);
    }
    let mut balance = map([]);
    if rng.random_bool(0.7) {
        let words = ["round_robin", "least_connections", "weighted", "sticky"];
        balance.push("algorithm", *pick(rng, &words));
    }
    if rng.random_bool(0.3) {
        balance.push("targets", members);
        map([("load_balance", balance)])
    } else {
        map([("load_balance", balance), ("targets", members.into())])
    }
}

fn fallbacks(draft: &mut Draft, known: &Known, rng: &mut StdRng) -> Tree {
    let count = rng.random_range(1..4);
    let mut steps: Vec<Tree> = Vec::new();
    for index in 0..count {
        if rng.random_bool(0.2) {
            steps.push(reference(known, rng).0.into());
            continue;
        }
        let mut step = step(draft, "target", known, rng);
        if rng.random_bool(0.6) {
            let conditions = conditions(index, rng);
            step.push("conditions", conditions);
        }
        steps.push(step);
    }
    steps.into()
}

fn conditions(step: usize, rng: &mut StdRng) -> Tree {
    let mut words: Vec<Tree> = Vec::new();
    for _ in 0..rng.random_range(1..4) {
        words.push(match rng.random_range(0..8) {
            0 => Tree::Int(*pick(rng, &[429, 500, 503, 529])),
            1 if step > 0 => "primary_and_first_fallback_failed".into(),
            _ => (*pick(rng, STEP_CONDITIONS)).into(),
        });
    }
    words.into()
}

fn guardrails(rng: &mut StdRng) -> Tree {
    let fields: [(&str, Tree); 6] = [
        (
            "max_latency",
            (*pick(rng, &["5s", "500ms", "1m30s"])).into(),
        ),
        (
            "max_cost_per_request",
            pick(
                rng,
                &[decimal("0.10"), Tree::Int(2), decimal("0.000000000001")],
            )
            .clone(),
        ),
        ("on_unverifiable", (*pick(rng, &["allow", "refuse"])).into()),
        ("mode", (*pick(rng, &["monitor", "enforce"])).into()),
        (
            "block_categories",
            pick(
                rng,
                &[
                    list(["PII".into()]),
                    list(["jailbreak".into(), "pii".into()]),
                ],
            )
            .clone(),
        ),
        (
            "content_filters",
            list([
                map([("type", "sensitive_data".into()), ("level", Tree::Int(3))]),
                map([
                    ("type", "profanity".into()),
                    ("action", (*pick(rng, &["block", "redact"])).into()),
                ]),
            ]),
        ),
    ];
    let mut chosen = map([]);
    for (key, value) in fields {
        if rng.random_bool(0.4) {
            chosen.push(key, value);
        }
    }
    if chosen.fields().is_empty() {
        chosen.push("mode", "enforce");
    }
    chosen
}

fn deprecated(known: &Known, rng: &mut StdRng) -> Tree {
    let mut notice = map([("message", "moved: see the wiki".into())]);
    if rng.random_bool(0.5) {
        notice.push("sunset", *pick(rng, &["2027-01-31", "2028-02-29"]));
    }
    if !known.aliases.is_empty() && rng.random_bool(0.5) {
        notice.push("replacement", &**pick(rng, &known.aliases));
    }
    notice
}
