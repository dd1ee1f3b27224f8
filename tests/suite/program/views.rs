//! The commands that show a configuration, or a change to one, before it serves.

use std::fs;

use model_aliases::Config;
use serde_json::json;

use super::{AFTER, BAD, BEFORE, expect, folder, lines, root, run_in};

#[test]
fn graph_draws_a_configuration_or_one_name() {
    let folder = folder("graph", &[("config.yaml", BEFORE)]);
    expect(
        &run_in(&folder, &["graph", "config.yaml", "plain"], b""),
        0,
        "\
---
config:
  layout: elk
  flowchart:
    wrappingWidth: 400
---
flowchart LR
  n0(\"plain\")
  n1[\"openai/o1\"]
  n2[(\"openai\")]
  n0 --> n1
  n1 --- n2
  linkStyle 1 stroke:#bdc1c6
",
        "",
    );
    let dot = run_in(&folder, &["graph", "config.yaml", "--format", "dot"], b"");
    assert_eq!((dot.code, &*dot.err), (Some(0), ""));
    assert!(dot.out.starts_with("digraph aliases {\n"));
    assert!(dot.out.contains("  n0 -> n1 [label=\"90%\"]\n"));
    expect(
        &run_in(&folder, &["graph", "config.yaml", "nobody"], b""),
        1,
        "",
        "error: unknown model `nobody`\n",
    );
}

#[test]
fn diff_says_what_a_reviewer_wants_to_read() {
    let old = fs::read_to_string(root().join("examples/config.yaml")).unwrap();
    let over = fs::read_to_string(root().join("examples/staging.yaml")).unwrap();
    let staging = Config::from_yaml("config.yaml", &old).unwrap();
    let staging = staging.overlay(Config::from_yaml("staging.yaml", &over).unwrap());
    let folder = folder(
        "diff",
        &[
            ("old.yaml", &old),
            ("new.yaml", &staging.to_yaml_with_secrets()),
        ],
    );
    expect(
        &run_in(&folder, &["diff", "old.yaml", "new.yaml"], b""),
        0,
        "\
providers
  ~ openai/gpt-4o-mini
      - access_key
      + base_url: http://mock.internal:8080/v1
      pricing: $0.15 in, $0.60 out per million tokens → $0.00 in, $0.00 out per million tokens
  ~ openai/gpt-4o
      - default: true
  ~ azure-eu
      - access_key
      base_url: https://eu.example.com/openai → http://mock.internal:8080/openai
      - header `X-Region`
      - header `X-Team`
  + ollama/qwen3
      + base_url: http://host.docker.internal:11434
      + default: true
      + pricing: $0.00 in, $0.00 out per million tokens
      + context_window: 40960
aliases
  ~ arch.reasoning.v1
      target: groq/gpt-oss-120b → ollama/qwen3
      max_latency: 5s → 20s
      max_cost_per_request: $0.10 → $0.01
      - block_categories: jailbreak, PII
      - content_filters: profanity, sensitive_data
  + staging-only
      + target: ollama/qwen3
  - arch.experimental.v1
names that lead elsewhere
  arch.reasoning.v1: groq/gpt-oss-120b → ollama/qwen3
  arch.experimental.v1: openai/gpt-4o 95.00%, openai/o1-preview 5.00% → nothing
sticky keys that move
  arch.reasoning.v1: 100.00%
    groq/gpt-oss-120b → ollama/qwen3: 100.00%
",
        "",
    );
    expect(
        &run_in(&folder, &["diff", "old.yaml", "old.yaml"], b""),
        0,
        "no changes\n",
        "",
    );
}

#[test]
fn diff_writes_one_object_for_each_change() {
    let folder = folder(
        "diff-json",
        &[("old.yaml", BEFORE), ("new.yaml", AFTER), ("bad.yaml", BAD)],
    );
    let found = run_in(&folder, &["diff", "--json", "old.yaml", "new.yaml"], b"");
    assert_eq!((found.code, &*found.err), (Some(0), ""));
    let found = lines(&found.out);
    assert_eq!(
        found[..3],
        [
            json!({"alias": "chat", "change": "changed", "fields": [
                {"field": "weight of openai/o1", "before": "5%", "after": "10%"},
                {"field": "weight of openai/gpt-4o", "before": "90%", "after": "80%"},
                {"field": "weight of ollama/llama3.1", "before": "5%", "after": "10%"},
            ]}),
            json!({"alias": "plain", "change": "changed", "fields": [
                {"field": "target", "before": "openai/o1", "after": "openai/gpt-4o"},
            ]}),
            json!({
                "name": "plain",
                "before": [{"target": "openai/o1", "share": "1"}],
                "after": [{"target": "openai/gpt-4o", "share": "1"}],
            }),
        ]
    );
    assert_eq!(found.len(), 6);
    assert_eq!(found[3]["moved"], "0.1");
    let refused = run_in(&folder, &["diff", "old.yaml", "bad.yaml"], b"");
    assert_eq!((refused.code, &*refused.out), (Some(1), ""));
    assert!(refused.err.contains("error[unknown-target]"));
}

#[test]
fn explain_says_why_a_name_goes_where_it_goes() {
    let folder = folder("explain", &[("config.yaml", BEFORE)]);
    let arguments = ["explain", "config.yaml", "plain", "--fail", "timeout"];
    expect(
        &run_in(&folder, &arguments, b""),
        0,
        "\
`plain` after timeout
  plain
    -  openai/o1  100.00%  failed: timeout
  next: none 100.00%
",
        "",
    );
    let arguments = ["explain", "config.yaml", "plain", "--json", "--key", "hush"];
    let found = run_in(&folder, &arguments, b"");
    assert_eq!((found.code, &*found.err), (Some(0), ""));
    let found = lines(&found.out);
    let next = json!([{"target": "openai/o1", "probability": "1"}]);
    assert_eq!((&found[0]["next"], &found[0]["ends"]), (&next, &json!("0")));
    expect(
        &run_in(&folder, &["explain", "config.yaml", "nobody"], b""),
        1,
        "",
        "error: unknown model `nobody`\n",
    );
    let wrong = run_in(
        &folder,
        &["explain", "config.yaml", "plain", "--fail", "tired"],
        b"",
    );
    assert_eq!((wrong.code, &*wrong.out), (Some(2), ""));
}

/// The answer of a provider: its class, the verdicts and what decided, from both kinds of file.
#[test]
fn explain_says_what_an_answer_means() {
    let config = "\
model_providers: [{model: fireworks/qwen3}, {model: openai/gpt-4o}]
model_aliases:
  chat: {target: qwen3, fallbacks: [{target: gpt-4o, conditions: [quota_exhausted]}]}
model_failure_rules:
  - {provider: fireworks, status: 412, says: spending limit, class: quota_exhausted}
";
    let response = "HTTP/2 412 \r\ncontent-type: application/json\r\n\r\n{\"error\": {\"message\": \"Monthly spending limit reached.\"}}";
    let object = r#"{"provider": "x", "status": 429, "headers": {"retry-after": 7}, "body": {"error": {"code": "insufficient_quota"}}}"#;
    let files = [
        ("config.yaml", config),
        ("response", response),
        ("object.json", object),
        ("none", "late"),
    ];
    let folder = folder("answer", &files);
    let explain = |more: &[&str]| {
        let arguments = [&["explain", "config.yaml", "chat"], more].concat();
        run_in(&folder, &arguments, b"")
    };
    expect(
        &explain(&["--answer", "response"]),
        0,
        "\
`chat` after quota_exhausted
  answer of fireworks/qwen3: quota_exhausted
    decided by  rule {provider: fireworks, status: 412, says: \"spending limit\"}
    retry       useless
    fallbacks   those whose conditions hold
    health      a cooldown of the target starts
  chat
    -  fireworks/qwen3  100.00%  failed: quota_exhausted
    1. openai/gpt-4o    100.00%  [quota_exhausted] holds after quota_exhausted
  next: openai/gpt-4o 100.00%
",
        "",
    );
    let found = explain(&["--answer", "object.json", "--fail", "503", "--json"]);
    assert_eq!((found.code, &*found.err), (Some(0), ""));
    let found = lines(&found.out);
    let row = found[0]["answers"][0]["decided_by"].as_str().unwrap();
    assert!(row.starts_with("openai | * | insufficient_quota | quota_exhausted | https://"));
    let mut answer = found[0]["answers"][0].clone();
    answer["decided_by"] = json!("row");
    assert_eq!(
        answer,
        json!({
            "target": "fireworks/qwen3",
            "status": 429,
            "code": "insufficient_quota",
            "class": "quota_exhausted",
            "decided_by": "row",
            "retry": false,
            "fallbacks": "any",
            "health": "cools",
        })
    );
    assert_eq!(found[0]["after"], json!(["quota_exhausted", "overloaded"]));
    for (file, message) in [
        ("none", "neither an HTTP response nor an object in JSON"),
        ("missing", "cannot read missing"),
    ] {
        let wrong = explain(&["--answer", file]);
        assert_eq!((wrong.code, &*wrong.out), (Some(2), ""), "{file}");
        assert!(wrong.err.contains(message), "{}", wrong.err);
    }
}

#[test]
fn explain_takes_the_tokens_of_a_request() {
    let config = "\
model_providers:
  - {model: pa/a, pricing: {input: 10, output: 10}}
  - {model: pb/b, context_window: 8000}
  - {model: pc/c, pricing: {input: 1, output: 1}}
model_aliases:
  x: {target: a, fallbacks: [b, c], guardrails: {max_cost_per_request: 0.05}}
";
    let folder = folder("explain-tokens", &[("config.yaml", config)]);
    let explain = |tokens: &str| {
        let arguments = ["explain", "config.yaml", "x", "--tokens", tokens];
        run_in(&folder, &arguments, b"")
    };
    expect(
        &explain("8001,1000"),
        0,
        "\
`x`
  x
    -  pa/a  100.00%  passed over: it may cost more than the limit
    1. pb/b  100.00%  left out: its context window is too small
    2. pc/c  100.00%  [any] holds after cost_exceeded
  next: pc/c 100.00%
",
        "",
    );
    for wrong in ["6000", "6000,many", "-1,2"] {
        let found = explain(wrong);
        assert_eq!((found.code, &*found.out), (Some(2), ""), "{wrong}");
    }
}
