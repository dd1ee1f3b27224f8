//! Checks that a configuration built in code equals the same one in YAML.

use std::time::Duration;

use model_aliases::{Config, NewAlias, NewProvider, NewTarget, Value};

#[track_caller]
fn equals(built: &Config, text: &str) {
    let read = Config::from_yaml("config.yaml", text).unwrap();
    assert_eq!(*built, read, "{}", built.to_yaml());
    let codes = |config: &Config| -> Vec<_> {
        config
            .check()
            .iter()
            .map(model_aliases::Problem::code)
            .collect()
    };
    assert_eq!(codes(built), codes(&read));
}

#[test]
fn every_setter_writes_its_field() {
    let provider = NewProvider::new("openai/gpt-4o")
        .name("main")
        .provider_interface("openai")
        .access_key("$KEY")
        .base_url("https://api.example.com/v1")
        .http_host("api.example.com")
        .default(true)
        .passthrough_auth(true)
        .internal(false)
        .context_window(128_000)
        .pricing(0.15, 0.6)
        .field("headers", Value::from_iter([("X-Team", "search")]))
        .field("rate_limits", Value::from_iter([("tokens", 100)]));
    let alias = NewAlias::of([
        NewTarget::new("main")
            .weight(99.5)
            .timeout(Duration::from_millis(1500)),
        NewTarget::new("o3")
            .weight(0.5)
            .endpoint("https://eu.example.com")
            .field("params", Value::from_iter([("temperature", 0.2)])),
    ])
    .fallback(NewTarget::new("inner").conditions(["timeout", "429", "5xx"]))
    .fallback(NewTarget::new("o3"))
    .redistribute(true)
    .max_attempts(4)
    .description("checkout assistant")
    .hidden(true)
    .sticky_salt("checkout-25");
    let built = Config::new()
        .provider(provider)
        .provider(NewProvider::new("openai/o3"))
        .provider(NewProvider::new("xai/*"))
        .alias("arch.v1", alias)
        .alias("inner", NewAlias::to("xai/grok").field("timeout", "2s"))
        .alias("split", NewAlias::split([("main", 80), ("o3", 20)]))
        .alias(
            "pool",
            NewAlias::of([
                NewTarget::new("main").weight(2),
                NewTarget::new("o3").weight(1),
            ])
            .load_balance("least_connections"),
        );
    equals(
        &built,
        "
model_providers:
  - model: openai/gpt-4o
    name: main
    provider_interface: openai
    access_key: $KEY
    base_url: https://api.example.com/v1
    http_host: api.example.com
    default: true
    passthrough_auth: true
    internal: false
    context_window: 128000
    pricing: {input: 0.15, output: 0.60}
    headers: {X-Team: search}
    rate_limits: {tokens: 100}
  - model: openai/o3
  - model: xai/*
model_aliases:
  arch.v1:
    targets:
      - {model: main, weight: 99.5, timeout: 1500ms}
      - {model: o3, weight: 0.5, endpoint: 'https://eu.example.com', params: {temperature: 0.2}}
    fallbacks:
      - {target: inner, conditions: [timeout, 429, 5xx]}
      - o3
    redistribute: true
    max_attempts: 4
    description: checkout assistant
    hidden: true
    sticky: {salt: checkout-25}
  inner: {target: xai/grok, timeout: 2s}
  split:
    targets: [{model: main, weight: 80}, {model: o3, weight: 20}]
  pool:
    load_balance: {algorithm: least_connections}
    targets: [{model: main, weight: 2}, {model: o3, weight: 1}]
",
    );
}

/// Returns the problems with their locations, without help texts.
#[track_caller]
fn finds(config: &Config, expected: &[&str]) {
    let found: Vec<String> = config
        .check()
        .iter()
        .map(|one| format!("{}: {}", one.location(), one.message()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_problem_of_what_is_built_has_a_path() {
    let models = || {
        Config::new()
            .provider(NewProvider::new("openai/gpt-4o"))
            .provider(NewProvider::new("openai/o3"))
    };
    let weights = |a: Value, b: Value| {
        let members = [
            NewTarget::new("gpt-4o").weight(a),
            NewTarget::new("o3").weight(b),
        ];
        models().alias("arch.v1", NewAlias::of(members))
    };
    finds(
        &weights(80.into(), "20".into()),
        &["model_aliases.arch.v1.targets[1].weight: a weight in alias `arch.v1` is no number"],
    );
    finds(
        &weights(80.into(), (-20).into()),
        &["model_aliases.arch.v1.targets[1].weight: a weight in alias `arch.v1` is negative"],
    );
    finds(
        &weights(80.into(), 15.into()),
        &["model_aliases.arch.v1.targets: weights of alias `arch.v1` sum to 95, expected 100"],
    );
    finds(
        &models()
            .alias("a", NewAlias::to("b"))
            .alias("b", NewAlias::to("a")),
        &["model_aliases.a: alias cycle: `a` → `b` → `a`"],
    );
    finds(
        &models().alias(
            "a",
            NewAlias::to("o3").fallback(NewTarget::new("gpt-4").conditions(["sometimes"])),
        ),
        &[
            "model_aliases.a.fallbacks[0].target: unknown target `gpt-4` in alias `a`",
            "model_aliases.a.fallbacks[0].conditions[0]: unknown condition `sometimes` in alias `a`",
        ],
    );
    finds(
        &models()
            .alias("a", NewAlias::to("o3"))
            .alias("a", NewAlias::to("gpt-4o")),
        &["model_aliases.a: duplicate alias `a`, first defined at model_aliases.a"],
    );
    finds(
        &models().provider(NewProvider::new("openai/o3").base_url("example.com")),
        &[
            "model_providers[2].model: duplicate model `openai/o3`, first defined at \
             model_providers[1].model",
            "model_providers[2].base_url: invalid `base_url` of a provider: it has no scheme",
        ],
    );
}

#[test]
fn what_is_added_in_code_keeps_its_paths_beside_a_document() {
    let text = "model_providers: [{model: openai/o3}]\nmodel_aliases: {a: gone}";
    let config = Config::from_yaml("config.yaml", text)
        .unwrap()
        .provider(NewProvider::new("openai/"))
        .alias("b", NewAlias::to("lost"))
        .alias("a", NewAlias::to("o3"));
    finds(
        &config,
        &[
            "config.yaml:2:20: unknown target `gone` in alias `a`",
            "model_providers[1].model: invalid model `openai/`: the model id is empty",
            "model_aliases.b.target: unknown target `lost` in alias `b`",
            "model_aliases.a: duplicate alias `a`, first defined at config.yaml:2:17",
        ],
    );
}
