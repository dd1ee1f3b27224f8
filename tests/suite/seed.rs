//! Every snippet of the document that this crate began with, and its four rules.
//!
//! The document's providers precede each snippet; other models that a snippet refers to are declared beside them.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model_aliases::{AliasResolver, Code, Config, ContentFilter, Problem, Request, Resolution};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// The provider section of the document, unchanged.
const PROVIDERS: &str = "\
llm_providers:
  - model: openai/gpt-4o-mini
    access_key: $OPENAI_API_KEY
  - model: openai/gpt-4o
    access_key: $OPENAI_API_KEY
  - model: anthropic/claude-3-5-sonnet-20241022
    access_key: $ANTHROPIC_API_KEY
  - model: ollama/llama3.1
    base_url: http://host.docker.internal:11434
";

/// Models that later snippets use and the document does not declare.
const FURTHER: &str = "  - model: together/gpt-oss-120b
  - model: anthropic/claude-3-haiku-20240307
  - model: openai/o1-preview
";

#[track_caller]
fn load(aliases: &str) -> AliasResolver {
    let text = format!("{PROVIDERS}{FURTHER}\n{aliases}");
    AliasResolver::new(Config::from_yaml("config.yaml", text).unwrap()).unwrap()
}

/// Checks that a name leads to this one target.
#[track_caller]
fn leads<'r>(resolver: &'r AliasResolver, name: &str, target: &str) -> Resolution<'r> {
    let route = resolver.resolve(name).unwrap();
    assert_eq!(route.target(), target, "{name}");
    let id = target.split_once('/').unwrap().1;
    assert_eq!(route.model(), id, "{name}");
    route
}

/// Checks that 10,000 requests for a name reach these targets with these percentages, within two points: at least
/// five standard deviations.
#[track_caller]
fn splits(resolver: &AliasResolver, name: &str, expected: &[(&str, usize)]) {
    let mut random = StdRng::seed_from_u64(25);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..10_000 {
        let request = Request::new(name).entropy(random.random());
        let target = resolver.resolve(request).unwrap().target().into_owned();
        *counts.entry(target).or_default() += 1;
    }
    assert_eq!(counts.len(), expected.len(), "{counts:?}");
    for (target, percent) in expected {
        let off = counts[*target].abs_diff(percent * 100);
        assert!(off <= 200, "{name}: {counts:?}");
    }
}

#[test]
fn simple_alias_mapping() {
    let aliases = "\
# Define aliases that map to the models above
model_aliases:
  # Semantic versioning approach
  arch.summarize.v1:
    target: gpt-4o-mini
  arch.reasoning.v1:
    target: gpt-4o
  arch.creative.v1:
    target: claude-3-5-sonnet-20241022

  # Functional aliases
  fast-model:
    target: gpt-4o-mini
  smart-model:
    target: gpt-4o
  creative-model:
    target: claude-3-5-sonnet-20241022

  # Local model alias
  local-chat:
    target: llama3.1
";
    let config = Config::from_yaml("config.yaml", format!("{PROVIDERS}{aliases}")).unwrap();
    assert_eq!(config.check(), []);
    let resolver = AliasResolver::new(config).unwrap();
    for (name, target) in [
        ("arch.summarize.v1", "openai/gpt-4o-mini"),
        ("arch.reasoning.v1", "openai/gpt-4o"),
        ("arch.creative.v1", "anthropic/claude-3-5-sonnet-20241022"),
        ("fast-model", "openai/gpt-4o-mini"),
        ("smart-model", "openai/gpt-4o"),
        ("creative-model", "anthropic/claude-3-5-sonnet-20241022"),
    ] {
        let route = leads(&resolver, name, target);
        assert_eq!(route.alias_path().collect::<Vec<_>>(), [name]);
        assert_eq!(route.endpoint(), None);
        let key = route.provider().access_key().unwrap();
        let variable = if target.starts_with("openai/") {
            "OPENAI_API_KEY"
        } else {
            "ANTHROPIC_API_KEY"
        };
        assert_eq!(key.variable(), Some(variable));
    }
    let local = leads(&resolver, "local-chat", "ollama/llama3.1");
    assert_eq!(local.endpoint(), Some("http://host.docker.internal:11434"));
    assert!(local.provider().access_key().is_none());
}

/// The names that the document's client code requests instead of a provider's model name.
#[test]
fn using_aliases() {
    let resolver = load("model_aliases:\n  arch.summarize.v1:\n    target: gpt-4o-mini\n");
    for asked in ["arch.summarize.v1", "gpt-4o-mini", "openai/gpt-4o-mini"] {
        let route = leads(&resolver, asked, "openai/gpt-4o-mini");
        assert_eq!(route.asked(), asked);
    }
}

#[test]
fn semantic_versioning() {
    let resolver = load(
        "\
model_aliases:
  # Current production version
  arch.summarize.v1:
    target: gpt-4o-mini
  # Beta version for testing
  arch.summarize.v2:
    target: gpt-4o
  # Stable alias that always points to latest
  arch.summarize.latest:
    target: gpt-4o-mini
",
    );
    leads(&resolver, "arch.summarize.v1", "openai/gpt-4o-mini");
    leads(&resolver, "arch.summarize.v2", "openai/gpt-4o");
    leads(&resolver, "arch.summarize.latest", "openai/gpt-4o-mini");
}

#[test]
fn purpose_based_naming() {
    let resolver = load(
        "\
model_aliases:
  # Task-specific
  code-reviewer:
    target: gpt-4o
  document-summarizer:
    target: gpt-4o-mini
  creative-writer:
    target: claude-3-5-sonnet-20241022
  data-analyst:
    target: gpt-4o
",
    );
    leads(&resolver, "code-reviewer", "openai/gpt-4o");
    leads(&resolver, "document-summarizer", "openai/gpt-4o-mini");
    leads(
        &resolver,
        "creative-writer",
        "anthropic/claude-3-5-sonnet-20241022",
    );
    leads(&resolver, "data-analyst", "openai/gpt-4o");
}

#[test]
fn environment_specific_aliases() {
    let resolver = load(
        "\
model_aliases:
  # Development environment - use faster/cheaper models
  dev.chat.v1:
    target: gpt-4o-mini
  # Production environment - use more capable models
  prod.chat.v1:
    target: gpt-4o
  # Staging environment - test new models
  staging.chat.v1:
    target: claude-3-5-sonnet-20241022
",
    );
    leads(&resolver, "dev.chat.v1", "openai/gpt-4o-mini");
    leads(&resolver, "prod.chat.v1", "openai/gpt-4o");
    leads(
        &resolver,
        "staging.chat.v1",
        "anthropic/claude-3-5-sonnet-20241022",
    );
}

#[test]
fn guardrails_integration() {
    let resolver = load(
        "\
model_aliases:
  arch.reasoning.v1:
    target: gpt-oss-120b
    guardrails:
      max_latency: 5s
      max_cost_per_request: 0.10
      block_categories: [\"jailbreak\", \"PII\"]
      content_filters:
        - type: \"profanity\"
        - type: \"sensitive_data\"
",
    );
    let route = leads(&resolver, "arch.reasoning.v1", "together/gpt-oss-120b");
    let [limits] = route.guardrails().collect::<Vec<_>>()[..] else {
        panic!("one alias is on the way");
    };
    assert_eq!(limits.max_latency(), Some(Duration::from_secs(5)));
    let cost = limits.max_cost_per_request().unwrap();
    assert_eq!(cost.to_string(), "$0.10");
    assert_eq!(cost.as_picodollars(), 100_000_000_000);
    assert_eq!(
        limits.block_categories().collect::<Vec<_>>(),
        ["jailbreak", "PII"]
    );
    let filters: Vec<&str> = limits
        .content_filters()
        .iter()
        .map(ContentFilter::kind)
        .collect();
    assert_eq!(filters, ["profanity", "sensitive_data"]);
    // The price is not declared, and the embedder must check two of the words.
    let warnings: Vec<Code> = resolver.warnings().iter().map(Problem::code).collect();
    assert_eq!(
        warnings,
        [
            Code::UnpricedTarget,
            Code::UncheckedContent,
            Code::UncheckedContent
        ]
    );
}

#[test]
fn fallback_chains() {
    let aliases = "\
model_aliases:
  arch.summarize.v1:
    target: gpt-4o-mini
    fallbacks:
      - target: llama3.1
        conditions: [\"quota_exceeded\", \"timeout\"]
      - target: claude-3-haiku-20240307
        conditions: [\"primary_and_first_fallback_failed\"]
";
    let config = format!("{PROVIDERS}{FURTHER}{aliases}");
    let config = Config::from_yaml("config.yaml", config).unwrap();
    assert_eq!(config.check(), []);
    let alias = config.aliases().next().unwrap();
    let steps: Vec<_> = alias
        .fallbacks()
        .map(|step| step.reference().unwrap())
        .collect();
    assert_eq!(steps, ["llama3.1", "claude-3-haiku-20240307"]);
    let resolver = AliasResolver::new(config).unwrap();
    leads(&resolver, "arch.summarize.v1", "openai/gpt-4o-mini");
}

#[test]
fn traffic_splitting_and_canary_deployments() {
    let resolver = load(
        "\
model_aliases:
  arch.v1:
    targets:
      - model: llama3.1
        weight: 80
      - model: gpt-4o-mini
        weight: 20

  # Canary deployment
  arch.experimental.v1:
    targets:
      - model: gpt-4o # Current stable
        weight: 95
      - model: o1-preview # New model being tested
        weight: 5
",
    );
    splits(
        &resolver,
        "arch.v1",
        &[("ollama/llama3.1", 80), ("openai/gpt-4o-mini", 20)],
    );
    splits(
        &resolver,
        "arch.experimental.v1",
        &[("openai/gpt-4o", 95), ("openai/o1-preview", 5)],
    );
}

#[test]
fn load_balancing() {
    for algorithm in ["\"round_robin\"", "\"least_connections\"", "\"weighted\""] {
        let resolver = load(&format!(
            "\
model_aliases:
  high-throughput-chat:
    load_balance:
      algorithm: {algorithm} # or \"least_connections\", \"weighted\"
    targets:
      - model: gpt-4o-mini
        endpoint: \"https://api-1.example.com\"
      - model: gpt-4o-mini
        endpoint: \"https://api-2.example.com\"
      - model: gpt-4o-mini
        endpoint: \"https://api-3.example.com\"
"
        ));
        assert_eq!(resolver.warnings(), []);
        let endpoints: BTreeSet<String> = (0..300)
            .map(|_| resolver.resolve("high-throughput-chat").unwrap())
            .map(|route| {
                assert_eq!(route.model(), "gpt-4o-mini");
                route.endpoint().unwrap().to_owned()
            })
            .collect();
        let expected = [1, 2, 3].map(|at| format!("https://api-{at}.example.com"));
        assert_eq!(endpoints, BTreeSet::from(expected), "{algorithm}");
    }
}

/// Checks that a file that breaks one rule is rejected with one problem: its code and its line.
#[track_caller]
fn breaks(rule: Code, line: usize, aliases: &str) {
    // The provider section has ten lines, so the aliases begin at line 11.
    let text = format!("{PROVIDERS}\n{aliases}");
    let config = Config::from_yaml("config.yaml", text).unwrap();
    let error = AliasResolver::new(config).unwrap_err();
    let problems = error.problems().iter();
    let found: Vec<_> = problems
        .map(|problem| (problem.code(), problem.location().line()))
        .collect();
    assert_eq!(found, [(rule, Some(line))], "{error}");
}

#[test]
fn rule_1_alias_names_must_be_valid_identifiers() {
    for (line, aliases) in [
        (12, "model_aliases:\n  fast model:\n    target: gpt-4o\n"),
        (
            13,
            "model_aliases:\n  fast: gpt-4o\n  fast/model: {target: gpt-4o}\n",
        ),
        (12, "model_aliases:\n  schnellstes-größtes: gpt-4o\n"),
        (12, "model_aliases:\n  \"\": gpt-4o\n"),
    ] {
        breaks(Code::InvalidAliasName, line, aliases);
    }
}

#[test]
fn rule_2_target_models_must_be_defined() {
    for (line, aliases) in [
        (13, "model_aliases:\n  fast:\n    target: gpt-4o-turbo\n"),
        (
            14,
            "model_aliases:\n  fast:\n    targets:\n      - model: gpt-5\n",
        ),
        (
            15,
            "model_aliases:\n  fast:\n    target: gpt-4o\n    fallbacks:\n      - target: gpt-5\n",
        ),
    ] {
        breaks(Code::UnknownTarget, line, aliases);
    }
}

#[test]
fn rule_3_circular_references_are_not_allowed() {
    for (line, aliases) in [
        (12, "model_aliases:\n  fast:\n    target: fast\n"),
        (
            13,
            "model_aliases:\n  ok: gpt-4o\n  fast:\n    target: smart\n  smart:\n    target: fast\n",
        ),
    ] {
        breaks(Code::AliasCycle, line, aliases);
    }
}

#[test]
fn rule_4_weights_must_sum_to_100() {
    for (second, is_right) in [("19", false), ("20", true), ("20.01", false), ("21", false)] {
        let aliases = format!(
            "model_aliases:\n  arch.v1:\n    targets:\n      - {{model: llama3.1, weight: 80}}\n      \
             - {{model: gpt-4o-mini, weight: {second}}}\n"
        );
        if is_right {
            load(&aliases);
        } else {
            breaks(Code::WeightSum, 13, &aliases);
        }
    }
}
