//! Resolves an alias without guardrails in a loop, while the other aliases have none or all of them.
//! `scripts/silence` counts the instructions.
//!
//! `cargo bench --bench silence -- WHAT OTHERS TIMES` prints the target; WHAT is `resolve` or
//! `attempts`, OTHERS `bare` or `guarded`.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a program")]

use std::hint::black_box;

use model_aliases::{AliasResolver, Config, ResolverBuilder, Verdict};

/// The requested alias. It is longer than a vector, because comparing a shorter name takes more instructions at
/// the end of a page.
const ASKED: &str = "asked.by-a-name-that-is-longer-than-one-vector.v1";

const PROVIDERS: &str = "model_providers:
  - {model: openai/gpt-4o, pricing: {input: 2.5, output: 10}}
  - {model: ollama/llama3.1, pricing: {input: 0, output: 0}}
  - {model: anthropic/haiku, context_window: 200000}
";

const GUARDRAILS: &str = ", guardrails: {max_latency: 5s, max_cost_per_request: 0.10,
    block_categories: [jailbreak, PII], content_filters: [{type: words}, {type: sensitive_data}]}";

/// Both configurations have the same names in the same order, so that their tables have the same layout.
fn text(guardrails: &str) -> String {
    let chain = "target: gpt-4o, fallbacks: [llama3.1, haiku]";
    let others = ["b", "c", "d"].map(|name| format!("  {name}: {{{chain}{guardrails}}}\n"));
    let others = others.concat();
    format!("{PROVIDERS}model_aliases:\n  {ASKED}: {{{chain}}}\n{others}")
}

fn resolver(is_guarded: bool) -> AliasResolver {
    let text = text(if is_guarded { GUARDRAILS } else { "" });
    let config = Config::from_yaml("silence.yaml", text).expect("the text is YAML");
    let builder = AliasResolver::builder(config).seed(1);
    let builder = if is_guarded {
        checked(builder)
    } else {
        builder
    };
    builder.build().expect("the text is right")
}

/// Registers every kind of hook that guardrails support.
fn checked(builder: ResolverBuilder) -> ResolverBuilder {
    builder
        .category_fn("jailbreak", |_| Verdict::block("always"))
        .filter_fn("words", |_| Verdict::block("always"))
        .prices(|_| None)
        .require_checks(true)
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let says = |word: &str| arguments.iter().any(|argument| argument == word);
    let mut numbers = arguments.iter().filter_map(|word| word.parse::<u32>().ok());
    let times = numbers.next().unwrap_or(1_000);
    let resolver = resolver(says("guarded"));
    if says("attempts") {
        attempt_over_and_over(&resolver, ASKED, times);
    } else {
        resolve_over_and_over(&resolver, ASKED, times);
    }
    let guarded = resolver.resolve("b").expect("the alias is there");
    assert_eq!(guarded.guardrails().count() > 0, says("guarded"));
    let route = resolver.resolve(ASKED).expect("the alias is there");
    println!("to {}", route.target());
}

#[inline(never)]
fn resolve_over_and_over(resolver: &AliasResolver, name: &str, times: u32) {
    for _ in 0..times {
        let route = resolver
            .resolve(black_box(name))
            .expect("the alias is there");
        black_box((route.provider(), route.model(), route.endpoint()));
    }
}

#[inline(never)]
fn attempt_over_and_over(resolver: &AliasResolver, name: &str, times: u32) {
    for _ in 0..times {
        let mut call = resolver
            .attempts(black_box(name))
            .expect("the alias is there");
        black_box(call.begin());
        black_box((call.provider(), call.model()));
        call.succeeded();
    }
}
