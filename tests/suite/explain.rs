//! Tests explanations: probabilities equal shares, simulations and attempts; full texts; routing tests.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::float_cmp,
    clippy::format_push_string,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "counts are small, and clippy.toml leaves out what tests call"
)]

mod asserted;
mod laws;
mod passed;

use std::time::Duration;

use model_aliases::{
    AliasResolver, Config, Explanation, Failure, FailureClass, FakeClock, Request, ResolverBuilder,
};

const PROVIDERS: &str = "\
model_providers:
  - {model: openai/gpt-4o, access_key: $OPENAI}
  - {model: openai/gpt-4o-mini, access_key: $OPENAI}
  - {model: ollama/llama3.1}
  - {model: groq/qwen}
  - {model: anthropic/*}
model_aliases:
";

#[track_caller]
fn load(aliases: &str) -> (AliasResolver, FakeClock) {
    load_with(&format!("{PROVIDERS}{aliases}"), |builder| builder)
}

/// Builds a resolver from a whole document, with custom settings.
#[track_caller]
fn load_with(
    text: &str,
    settings: impl FnOnce(ResolverBuilder) -> ResolverBuilder,
) -> (AliasResolver, FakeClock) {
    let config = Config::from_yaml("config.yaml", text).unwrap();
    let clock = FakeClock::new();
    let builder = AliasResolver::builder(config).seed(7).clock(clock.clone());
    (settings(builder).build().unwrap(), clock)
}

#[track_caller]
fn explains<'q>(
    resolver: &AliasResolver,
    request: impl Into<Request<'q>>,
    after: &[FailureClass],
    expected: &str,
) -> Explanation {
    let after = after.iter().copied();
    let why = resolver.explain_after(request, after).unwrap();
    assert_eq!(why.to_string(), expected.trim_end());
    why
}

const CHAIN: &str = "  split: {targets: [{model: llama3.1, weight: 80}, {model: gpt-4o-mini, weight: 20}, {model: qwen, weight: 0}]}
  chain:
    target: gpt-4o
    fallbacks:
      - {target: qwen, conditions: [429, 5xx]}
      - {target: split, conditions: [timeout]}
";

/// Returns the explanation of the split, directly or as a fallback.
const SPLIT: &str = "  split
    -  ollama/llama3.1      80.00%  drawn by weight
    -  openai/gpt-4o-mini   20.00%  drawn by weight
    -  groq/qwen             0.00%  weight 0
  next: ollama/llama3.1 80.00%, openai/gpt-4o-mini 20.00%
";

#[test]
fn an_explanation_says_who_is_next_and_why() {
    let (resolver, _) = load(CHAIN);
    explains(&resolver, "split", &[], &format!("`split`\n{SPLIT}"));
    explains(
        &resolver,
        "chain",
        &[FailureClass::Timeout],
        &format!(
            "\
`chain` after timeout
  chain
    -  openai/gpt-4o       100.00%  failed: timeout
    1. groq/qwen           100.00%  left out: [429, 5xx] does not hold after timeout
    2. split               100.00%  [timeout] holds after timeout
{SPLIT}"
        ),
    );
    explains(
        &resolver,
        "chain",
        &[FailureClass::NotFound],
        "\
`chain` after not_found
  chain
    -  openai/gpt-4o  100.00%  failed: not_found
    1. groq/qwen      100.00%  left out: [429, 5xx] does not hold after not_found
    2. split          100.00%  left out: [timeout] does not hold after not_found
  next: none 100.00%
",
    );
    explains(
        &resolver,
        "anthropic/new",
        &[],
        "\
`anthropic/new`
    -  anthropic/new  100.00%  the only target
  next: anthropic/new 100.00%
",
    );
}

#[test]
fn an_explanation_says_what_cools_or_is_drained() {
    let (resolver, clock) = load(CHAIN);
    let asks = Failure::new(FailureClass::RateLimited).retry_after(Duration::from_mins(10));
    resolver.resolve("gpt-4o").unwrap().failed(asks.status(429));
    clock.advance(Duration::from_secs(590));
    resolver.drain("groq/qwen");
    let why = resolver.explain("chain").unwrap();
    let [first, second, ..] = why.candidates() else {
        panic!("{why}");
    };
    assert_eq!(
        (first.code(), first.class()),
        ("last-resort", Some(FailureClass::RateLimited))
    );
    assert!((10..=130).contains(&first.returns_in().unwrap().as_secs()));
    assert_eq!(
        first.to_string(),
        "last resort: cooling down after rate_limited, but its cooldown ends first"
    );
    assert_eq!(second.to_string(), "passed over: drained by an operator");
    // The other fallback requires a timeout, so only the last resort is left: the shortest cooldown.
    assert_eq!(why.next()[0].target(), "openai/gpt-4o");
    resolver.undrain("groq/qwen");
    let why = resolver.explain("chain").unwrap();
    let cools = why.candidates()[0].to_string();
    assert!(
        cools.starts_with("passed over: cooling down after rate_limited, for another "),
        "{cools}"
    );
    assert_eq!(why.next()[0].target(), "groq/qwen");
}

/// After an authentication failure, targets with the same access key are skipped.
#[test]
fn a_refused_key_is_seen_to_pass_over_its_other_targets() {
    let (resolver, _) = load("  x: {target: gpt-4o, fallbacks: [gpt-4o-mini, llama3.1]}\n");
    explains(
        &resolver,
        "x",
        &[FailureClass::AuthFailed],
        "\
`x` after auth_failed
  x
    -  openai/gpt-4o       100.00%  failed: auth_failed
    1. openai/gpt-4o-mini  100.00%  passed over: cooling down after auth_failed, like every target with its access key
    2. ollama/llama3.1     100.00%  [any] holds after auth_failed
  next: ollama/llama3.1 100.00%
",
    );
}

#[test]
fn an_explanation_is_data_too() {
    let (resolver, _) = load(CHAIN);
    let why = resolver
        .explain_after("chain", [FailureClass::Timeout])
        .unwrap();
    let json = serde_json::to_value(&why).unwrap();
    assert_eq!(
        json["next"],
        serde_json::json!([
            {"target": "ollama/llama3.1", "probability": "0.8"},
            {"target": "openai/gpt-4o-mini", "probability": "0.2"},
        ])
    );
    assert_eq!(
        json["candidates"][1],
        serde_json::json!({
            "alias": "chain", "target": "groq/qwen", "step": 1, "probability": "1", "code": "left-out",
            "reason": "left out: [429, 5xx] does not hold after timeout", "class": "timeout",
        })
    );
    let direct = resolver.explain("gpt-4o").unwrap();
    assert_eq!(direct.candidates()[0].alias(), None);
    assert!(direct.candidates()[0].is_next());
    assert!(resolver.explain("nobody").is_err());
}

/// ferro-labs/ai-gateway 238: nothing shows why a request was routed to its target. Here CI asserts it.
#[test]
fn ferro_ai_gateway_238_why_a_request_went_there_is_asserted() {
    let (resolver, _) = load(CHAIN);
    let why = resolver
        .explain_after("chain", [FailureClass::Timeout])
        .unwrap();
    let reasons: Vec<(&str, &str)> = why
        .candidates()
        .iter()
        .map(|one| (one.target(), one.code()))
        .collect();
    assert_eq!(
        reasons[..3],
        [
            ("openai/gpt-4o", "failed"),
            ("groq/qwen", "left-out"),
            ("split", "next"),
        ]
    );
}

/// BerriAI/litellm 25503 and 0xPlaygrounds/rig 1866: after a fallback it is unknown which model
/// served. Here the steps of the request say so, and they match the earlier explanation.
#[test]
fn litellm_25503_and_rig_1866_which_model_served_is_known() {
    let (resolver, _) = load("  x: {target: gpt-4o, fallbacks: [llama3.1]}\n");
    let why = resolver
        .explain_after("x", [FailureClass::Timeout])
        .unwrap();
    let mut call = resolver.attempts("x").unwrap();
    assert!(call.failed(FailureClass::Timeout));
    assert_eq!((call.asked(), call.model()), ("x", "llama3.1"));
    assert_eq!(why.next()[0].target(), call.target());
    let steps = call.commit().steps();
    assert_eq!(steps.last().unwrap().target(), "ollama/llama3.1");
    assert_eq!(
        *steps.last().unwrap().state(),
        model_aliases::StepState::Served
    );
}
