//! Valid configurations for planning: few providers, and aliases that nest, fall back and limit each other as often as
//! possible.

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use super::super::tree::{Style, Tree, decimal, map, to_yaml};
use super::draft::Draft;
use super::pick;

/// Conditions that the embedder registers.
pub(crate) const OWN_WORDS: [&str; 2] = ["busy_hour", "flaky"];

const MODELS: &[&str] = &[
    "openai/gpt-4o",
    "openai/gpt-4o-mini",
    "anthropic/haiku",
    "ollama/llama3.1",
    "vllm/qwen3",
    "groq/llama4",
    "mistral/large",
];

/// `$ONE` and `${ONE}` are the same key.
const KEYS: &[&str] = &["$ONE", "${ONE}", "$TWO", "sk-three"];

const WORDS: &[&str] = &[
    "timeout",
    "timeout",
    "rate_limited",
    "quota_exhausted",
    "quota_exceeded",
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
    "transient",
    "any",
    "any",
    "5xx",
    "4xx",
    "503",
    "primary_failed",
    "all_previous_failed",
    OWN_WORDS[0],
    OWN_WORDS[1],
];

/// Dollars per million tokens, input and output.
const PRICES: &[(&str, &str)] = &[
    ("1", "1"),
    ("10", "10"),
    ("0.15", "0.6"),
    ("2.5", "10.0"),
    ("0.333333", "0.000001"),
    ("0", "0"),
];

/// Limits of cost: the price of three thousand input and output tokens at some of the prices, once and twice, and
/// amounts between.
const LIMITS: &[&str] = &[
    "0",
    "0.000000000001",
    "0.001000002",
    "0.00225",
    "0.006",
    "0.0105",
    "0.012",
    "0.03",
    "0.059999999999",
    "0.06",
    "0.066",
    "0.12",
    "0.5",
    "5",
];

/// What a step can refer to.
struct Known {
    models: Vec<String>,
    aliases: Vec<String>,
}

/// Makes a configuration to plan requests in, as a tree and as text.
pub(crate) fn plans(rng: &mut StdRng) -> (Tree, String) {
    let mut draft = Draft::new("model_providers");
    let mut known = Known {
        models: Vec::new(),
        aliases: Vec::new(),
    };
    providers(&mut draft, &mut known, rng);
    for _ in 0..rng.random_range(2..7) {
        // The members of a new alias may share an identity; then try again.
        for _ in 0..8 {
            let alias = alias(&mut draft, &known, rng);
            let name = draft.alias(alias);
            if !draft.has_equal_members() {
                known.aliases.push(name);
                break;
            }
            draft.aliases.pop();
        }
    }
    let tree = draft.tree();
    let style = Style {
        flow_root: false,
        anchors: false,
    };
    let text = to_yaml(&tree, style, rng);
    (tree, text)
}

fn providers(draft: &mut Draft, known: &mut Known, rng: &mut StdRng) {
    let mut models = MODELS.to_vec();
    models.shuffle(rng);
    for &model in &models[..rng.random_range(3..7)] {
        draft.providers.push(map([("model", model.into())]));
        known.models.push(model.to_owned());
    }
    if rng.random_bool(0.25) {
        for _ in 0..2 {
            let name = draft.fresh("account");
            let model = models[models.len() - 1];
            draft
                .providers
                .push(map([("model", model.into()), ("name", (&*name).into())]));
            known.models.push(name);
        }
    }
    if rng.random_bool(0.4) {
        let default = rng.random_range(0..draft.providers.len());
        draft.providers[default].push("default", true);
    }
    if rng.random_bool(0.5) {
        draft.providers.push(map([("model", "xai/*".into())]));
        known
            .models
            .extend(["xai/new", "xai/old"].map(str::to_owned));
    }
    for entry in &mut draft.providers {
        if rng.random_bool(0.6) {
            entry.push("access_key", *pick(rng, KEYS));
        }
        if rng.random_bool(0.15) {
            entry.push("passthrough_auth", true);
        }
        if rng.random_bool(0.2) {
            entry.push("base_url", "https://api.example.com");
        }
        if rng.random_bool(0.7) {
            let (input, output) = *pick(rng, PRICES);
            let pricing = map([("input", number(input)), ("output", number(output))]);
            entry.push("pricing", pricing);
        }
        if rng.random_bool(0.2) {
            let window = *pick(rng, &[2_000_i64, 8_000, 100_000]);
            entry.push("context_window", window);
        }
    }
}

fn alias(draft: &mut Draft, known: &Known, rng: &mut StdRng) -> Tree {
    let (mut alias, falls_back) = match rng.random_range(0..20) {
        0..3 => (step(draft, "target", known, rng), 0.0),
        3..9 => (step(draft, "target", known, rng), 1.0),
        9..14 => (split(draft, known, rng), 0.6),
        _ => (balancer(draft, known, rng), 0.6),
    };
    if rng.random_bool(falls_back) {
        let steps = fallbacks(draft, known, rng);
        alias.push("fallbacks", steps);
    }
    let guardrails = guardrails(rng);
    if !guardrails.fields().is_empty() {
        alias.push("guardrails", guardrails);
    }
    if rng.random_bool(0.25) {
        alias.push("max_attempts", rng.random_range(1_i64..7));
    }
    if rng.random_bool(0.2) {
        let word = *pick(rng, &["never", "always"]);
        alias.push("last_resort", word);
    }
    alias
}

/// Limits of time and cost; often none.
fn guardrails(rng: &mut StdRng) -> Tree {
    let mut guardrails = map([]);
    if rng.random_bool(0.3) {
        let limit = *pick(rng, &["100ms", "600ms", "2s", "5s", "10s", "10s", "1m30s"]);
        guardrails.push("max_latency", limit);
    }
    if rng.random_bool(0.3) {
        let limit = *pick(rng, LIMITS);
        guardrails.push("max_cost_per_request", number(limit));
    }
    if rng.random_bool(0.3) {
        let word = *pick(rng, &["allow", "allow", "refuse"]);
        guardrails.push("on_unverifiable", word);
    }
    guardrails
}

/// A plain number with this text.
fn number(text: &str) -> Tree {
    text.parse()
        .map_or_else(|_| decimal(text), |whole: i64| Tree::Int(whole))
}

/// A reference under `key`, with fields that are valid beside it.
fn step(draft: &mut Draft, key: &str, known: &Known, rng: &mut StdRng) -> Tree {
    let is_alias = !known.aliases.is_empty() && rng.random_bool(0.45);
    let names = if is_alias {
        &known.aliases
    } else {
        &known.models
    };
    let mut step = map([(key, (&**pick(rng, names)).into())]);
    if is_alias {
        return step;
    }
    if rng.random_bool(0.25) {
        step.push("timeout", *pick(rng, &["300ms", "1s", "3s", "20s"]));
    }
    if rng.random_bool(0.25) {
        let fields = ["max_tokens", "max_completion_tokens", "max_output_tokens"];
        let mut params = map([]);
        for field in fields {
            if rng.random_bool(0.5) {
                params.push(field, *pick(rng, &[1_i64, 500, 4_096]));
            }
        }
        if rng.random_bool(0.3) {
            params.push("n", rng.random_range(1_i64..4));
        }
        step.push("params", params);
    }
    match rng.random_range(0..10) {
        0 => step.push("endpoint", "https://eu.example.com"),
        1 => {
            let host = draft.fresh("https://eu");
            step.push("endpoint", format!("{host}.example.com"));
        }
        _ => {}
    }
    step
}

fn split(draft: &mut Draft, known: &Known, rng: &mut StdRng) -> Tree {
    let shares: [&[i64]; 5] = [
        &[95, 5],
        &[50, 50],
        &[90, 5, 5],
        &[60, 0, 40],
        &[25, 25, 25, 25],
    ];
    let weights = *pick(rng, &shares);
    let members: Vec<Tree> = weights
        .iter()
        .map(|&weight| {
            let mut member = step(draft, "model", known, rng);
            member.push("weight", weight);
            member
        })
        .collect();
    let mut alias = map([("targets", members.into())]);
    if rng.random_bool(0.4) {
        alias.push("redistribute", rng.random_bool(0.8));
    }
    alias
}

fn balancer(draft: &mut Draft, known: &Known, rng: &mut StdRng) -> Tree {
    let count = rng.random_range(2..5);
    let same = pick(rng, &known.models).clone();
    let endpoints = rng.random_bool(0.4);
    let weighted = rng.random_bool(0.3);
    let mut members = Vec::new();
    for at in 0..count {
        let mut member = if endpoints {
            let host = draft.fresh("https://api");
            map([
                ("model", (&*same).into()),
                ("endpoint", format!("{host}.example.com").into()),
            ])
        } else {
            step(draft, "model", known, rng)
        };
        if weighted {
            member.push("weight", rng.random_range(i64::from(at == 0)..5));
        }
        members.push(member);
    }
    let words = ["round_robin", "least_connections", "weighted", "sticky"];
    let balance = map([("algorithm", (*pick(rng, &words)).into())]);
    map([("load_balance", balance), ("targets", members.into())])
}

fn fallbacks(draft: &mut Draft, known: &Known, rng: &mut StdRng) -> Tree {
    let count = rng.random_range(2..6);
    let mut steps: Vec<Tree> = Vec::new();
    for index in 0..count {
        let mut step = step(draft, "target", known, rng);
        if rng.random_bool(0.4) {
            let words = conditions(index, rng);
            step.push("conditions", words);
        }
        steps.push(step);
    }
    steps.into()
}

fn conditions(step: usize, rng: &mut StdRng) -> Tree {
    let mut words: Vec<Tree> = Vec::new();
    for _ in 0..rng.random_range(1..4) {
        words.push(match rng.random_range(0..8) {
            0 => Tree::Int(*pick(rng, &[408, 429, 500, 503, 529])),
            1 if step > 0 => "primary_and_first_fallback_failed".into(),
            _ => (*pick(rng, WORDS)).into(),
        });
    }
    words.into()
}
