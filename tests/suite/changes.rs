//! Tests the report of configuration changes: every field, with full texts.

use model_aliases::{AliasResolver, Config, UnknownNames};

fn resolver(text: &str) -> AliasResolver {
    let config = Config::from_yaml("config.yaml", text).unwrap();
    let builder = AliasResolver::builder(config).selector_fn("cheapest", |_, candidates| {
        (!candidates.is_empty()).then_some(0)
    });
    builder.seed(1).build().unwrap()
}

const MODELS: &str = "model_providers: [{model: p/a}, {model: p/b}, {model: p/c}, {model: q/*}]\n";

/// Returns the changed fields of the alias `x`, or of the provider entry `p/a`, one per line.
#[track_caller]
fn said(before: &str, after: &str, expected: &str) {
    let text = resolver(after).changes_since(&resolver(before)).to_string();
    let mut lines = text.lines().skip_while(|line| !line.starts_with("  ~ "));
    assert!(matches!(lines.next(), Some("  ~ x" | "  ~ p/a")), "{text}");
    let fields = lines.map_while(|line| line.strip_prefix("      "));
    let fields: Vec<&str> = fields.collect();
    assert_eq!(fields.join("\n"), expected, "{text}");
}

#[track_caller]
fn alias(before: &str, after: &str, expected: &str) {
    let config = |alias: &str| format!("{MODELS}model_aliases: {{y: p/c, x: {alias}}}\n");
    said(&config(before), &config(after), expected);
}

#[test]
fn targets_and_their_weights() {
    alias("p/a", "p/b", "target: p/a → p/b");
    alias("p/a", "y", "target: p/a → y");
    alias(
        "{targets: [{model: p/a, weight: 99.5}, {model: p/b, weight: 0.5}]}",
        "{targets: [{model: p/b, weight: 1}, {model: p/a, weight: 90}, {model: q/z, weight: 9}]}",
        "weight of p/b: 0.5% → 1%\nweight of p/a: 99.5% → 90%\n+ target q/z: 9%",
    );
    alias(
        "p/a",
        "{targets: [{model: p/a, weight: 50}, {model: y, weight: 50}]}",
        "weight of p/a: 100% → 50%\n+ target y: 50%",
    );
    alias(
        "{load_balance: {algorithm: cheapest}, targets: [{model: p/a, weight: 1}, {model: p/b, weight: 2}]}",
        "{load_balance: {algorithm: sticky}, targets: [{model: p/a, weight: 3}, {model: p/b, weight: 2}]}",
        "algorithm: cheapest → sticky\nweight of p/a: 1 → 3",
    );
    alias(
        "{load_balance: {}, targets: [{model: p/a}, {model: p/b}]}",
        "{targets: [{model: p/a, weight: 50}, {model: p/b, weight: 50}]}",
        "- algorithm: round_robin\nweight of p/a: 1 → 50%\nweight of p/b: 1 → 50%",
    );
}

#[test]
fn what_stands_beside_a_target() {
    alias(
        "{target: p/a, timeout: 3s}",
        "{target: p/a, timeout: 1m30s, params: {secret: 1}}",
        "timeout of p/a: 3s → 1m30s\n+ params of p/a",
    );
    alias(
        "{target: p/a, params: {k: hush}}",
        "{target: p/a, params: {k: other}}",
        "params of p/a changed",
    );
    alias(
        "{target: p/a, endpoint: 'https://u:hush@h/x'}",
        "{target: p/a, endpoint: 'https://u:other@h/x?k=hush'}",
        "endpoint of p/a@https://h/x changed",
    );
    alias(
        "{target: p/a, endpoint: 'https://u:hush@h/x'}",
        "p/a",
        "target: p/a@https://h/x → p/a",
    );
}

#[test]
fn fallbacks_and_their_conditions() {
    alias(
        "{target: p/a, fallbacks: [p/b]}",
        "{target: p/a, fallbacks: [{target: p/b, conditions: [429, 5xx, timeout]}, y]}",
        "conditions of p/b: any → 429, 5xx, timeout\n+ fallback y: any",
    );
    alias(
        "{target: p/a, fallbacks: [p/b, q/z, y]}",
        "{target: p/a, fallbacks: [q/z, p/b]}",
        "- fallback y: any\norder of fallbacks: p/b, q/z → q/z, p/b",
    );
    alias(
        "{target: p/a, fallbacks: [{target: p/b, conditions: [timeout]}]}",
        "{target: p/a, fallbacks: [{target: p/b, conditions: [timeout], timeout: 1s}, p/b]}",
        "+ fallback p/b (2): any\n+ timeout of p/b: 1s",
    );
}

#[test]
fn guardrails() {
    alias(
        "{target: p/a, guardrails: {max_latency: 5s, max_cost_per_request: 0.1, block_categories: [PII]}}",
        "{target: p/a, guardrails: {max_latency: 4s, max_cost_per_request: 0.25, block_categories: [PII, x]}}",
        "max_latency: 5s → 4s\nmax_cost_per_request: $0.10 → $0.25\nblock_categories: PII → PII, x",
    );
    alias(
        "{target: p/a, guardrails: {on_unverifiable: allow, content_filters: [{type: f}]}}",
        "{target: p/a, guardrails: {mode: monitor, content_filters: [{type: f, action: block}]}}",
        "- on_unverifiable: allow\n+ mode: monitor\ncontent_filters: f → f (block)",
    );
    alias(
        "{target: p/a, guardrails: {content_filters: [{type: f, token: hush}]}}",
        "{target: p/a, guardrails: {content_filters: [{type: f, token: other}]}}",
        "options of content_filters changed",
    );
}

#[test]
fn the_other_fields_of_an_alias() {
    alias(
        "{target: p/a, description: one, hidden: true}",
        "{target: p/a, description: two, deprecated: {replacement: y, sunset: 2027-01-31, message: bye}}",
        "description: one → two\n- hidden: true\n+ replacement: y\n+ sunset: 2027-01-31\n+ message of deprecated: bye",
    );
    alias("p/a", "{target: p/a, deprecated: {}}", "+ deprecated: true");
    let split = |more: &str| {
        format!("{{targets: [{{model: p/a, weight: 50}}, {{model: p/b, weight: 50}}]{more}}}")
    };
    alias(
        &split(", max_attempts: 4, last_resort: always"),
        &split(", max_attempts: 2, redistribute: true, sticky: {salt: hush}, last_resort: never"),
        "+ redistribute: true\nsalt of sticky changed\nmax_attempts: 4 → 2\nlast_resort: always → never",
    );
}

#[test]
fn the_fields_of_a_provider() {
    let provider = |before: &str, after: &str, expected: &str| {
        let config = |fields: &str| format!("model_providers: [{{model: p/a, {fields}}}]");
        said(&config(before), &config(after), expected);
    };
    provider(
        "access_key: hush, base_url: 'https://u:hush@one', http_host: h, pricing: {input: 1, output: 2}",
        "access_key: other, base_url: 'https://u:hush@two?k=hush', context_window: 9, default: true",
        "access_key changed\nbase_url: https://one → https://two\n- http_host: h\n+ default: true\n\
         - pricing: $1.00 in, $2.00 out per million tokens\n+ context_window: 9",
    );
    provider(
        "base_url: 'https://u:hush@one', headers: {A: hush, B: hush, C: hush}, extra: 1, token:hush: 1",
        "base_url: 'https://u:other@one', headers: {D: hush, B: hush, A: other}, more: [hush]",
        "base_url changed\n+ header `D`\nheader `A` changed\n- header `C`\n+ `more`\n- `extra`\n- `token…`",
    );
    provider(
        "access_key: $A",
        "provider_interface: x, passthrough_auth: true, internal: true",
        "+ provider_interface: x\n- access_key\n+ passthrough_auth: true\n+ internal: true",
    );
}

/// Checks a full report.
#[track_caller]
fn all(before: &str, after: &str, expected: &str) {
    let text = resolver(after).changes_since(&resolver(before)).to_string();
    assert_eq!(text, expected);
}

#[test]
fn names_that_lead_elsewhere() {
    // A model is taken away: an alias that only passed through it, and its own names.
    all(
        "model_providers: [{model: p/a}, {model: q/b}, {model: r/*}]\nmodel_aliases: {x: y, y: p/a}",
        "model_providers: [{model: q/b}, {model: s/b}]\nmodel_aliases: {x: y, y: q/b}",
        "\
providers
  + s/b
  - p/a
  - r/*
aliases
  ~ y
      target: p/a → q/b
names that lead elsewhere
  x: p/a → q/b
  y: p/a → q/b
  a: p/a → nothing
  b: q/b → ambiguous
  p/a: p/a → nothing
  r/*: r/* → nothing
sticky keys that move
  x: 100.00%
    p/a → q/b: 100.00%
  y: 100.00%
    p/a → q/b: 100.00%
",
    );
    // New names are no change of what clients get.
    all(
        "model_providers: [{model: p/*}]",
        "model_providers: [{model: p/*}, {model: p/a}]\nmodel_aliases: {x: p/a}",
        "providers\n  + p/a\naliases\n  + x\n      + target: p/a\n",
    );
}

#[test]
fn a_renamed_alias_is_gone_and_new() {
    let config = |name: &str| {
        format!(
            "{MODELS}model_aliases: {{{name}: {{targets: [{{model: p/a, weight: 50}}, {{model: p/b, weight: 50}}], sticky: {{salt: one}}}}}}"
        )
    };
    all(
        &config("old"),
        &config("new"),
        "\
aliases
  + new
      + target p/a: 50%
      + target p/b: 50%
  - old
names that lead elsewhere
  old: p/a 50.00%, p/b 50.00% → nothing
",
    );
}

#[test]
fn names_that_nothing_has_follow_the_default() {
    let resolver = |text: &str, policy| {
        let config = Config::from_yaml("config.yaml", text).unwrap();
        let builder = AliasResolver::builder(config).unknown_names(policy);
        builder.build().unwrap()
    };
    let one = "model_providers: [{model: p/a, default: true}, {model: q/b}]";
    let two = "model_providers: [{model: p/a}, {model: q/b, default: true}]";
    let before = resolver(one, UnknownNames::DefaultProvider);
    for (policy, after) in [
        (UnknownNames::DefaultProvider, "q/*"),
        (UnknownNames::DefaultModel, "q/b"),
        (UnknownNames::Refuse, "nothing"),
    ] {
        let text = resolver(two, policy).changes_since(&before).to_string();
        let line = format!("names that lead elsewhere\n  *: p/* → {after}\n");
        assert!(text.ends_with(&line), "{text}");
    }
}
