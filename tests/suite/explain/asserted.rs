//! Routing tests as an external crate writes them.

use model_aliases::{assert_routes, assert_split};

use super::{CHAIN, SPLIT, load};

const ALIASES: &str = "  thirds: {load_balance: {algorithm: round_robin}, targets: [{model: gpt-4o}, {model: llama3.1}, {model: qwen}]}
  canary: {targets: [{model: gpt-4o, weight: 99.5}, {model: qwen, weight: 0.5}]}
";

#[test]
fn ten_lines_test_a_routing_table() {
    let (resolver, _) = load(&format!("{CHAIN}{ALIASES}"));
    assert_routes!(resolver, "chain" => "openai/gpt-4o");
    assert_routes!(resolver, "chain", after: [429] => "groq/qwen");
    assert_routes!(resolver, "chain", after: [rate_limited, server_error] => error "exhausted");
    assert_routes!(resolver, "nobody" => error "unknown-name");
    assert_routes!(resolver, String::from("split"), key: "user-2" => "openai/gpt-4o-mini");
    assert_split!(resolver, "split" => {"ollama/llama3.1": 80, "openai/gpt-4o-mini": 20});
    assert_split!(resolver, "chain", after: [timeout] => {"openai/gpt-4o-mini": 20, "ollama/llama3.1": 80,});
    assert_split!(resolver, "thirds" => {"openai/gpt-4o": 1/3, "ollama/llama3.1": 1/3, "groq/qwen": 1/3});
    assert_split!(resolver, "thirds", after: [timeout] => {"openai/gpt-4o": 1/3, "ollama/llama3.1": 1/3, "groq/qwen": 1/3});
    assert_split!(resolver, "canary" => {"openai/gpt-4o": 99.5, "groq/qwen": 0.5});
}

#[track_caller]
fn fails(test: impl FnOnce(), expected: &str) {
    let test = std::panic::AssertUnwindSafe(test);
    let panic = std::panic::catch_unwind(test).unwrap_err();
    let message = panic.downcast::<String>().unwrap();
    assert_eq!(*message, expected.trim_end());
}

#[test]
fn a_split_is_asserted_completely() {
    let (resolver, _) = load(
        "  split: {targets: [{model: llama3.1, weight: 50}, {model: qwen, weight: 50}]}
  half: {targets: [{model: chain, weight: 50}, {model: qwen, weight: 50}]}
  chain: {target: gpt-4o, fallbacks: [llama3.1]}
",
    );
    let wrong = |test: &dyn Fn()| {
        let test = std::panic::AssertUnwindSafe(test);
        assert!(std::panic::catch_unwind(test).is_err());
    };
    wrong(&|| assert_split!(resolver, "split" => {"ollama/llama3.1": 50}));
    wrong(&|| assert_split!(resolver, "split" => {"ollama/llama3.1": 50, "ollama/llama3.1": 50}));
    wrong(&|| assert_split!(resolver, "split" => {"ollama/llama3.1": 50, "none": 50}));
    wrong(
        &|| assert_split!(resolver, "split" => {"ollama/llama3.1": 50, "groq/qwen": 50, "x": 10}),
    );
    assert_split!(resolver, "split" => {"ollama/llama3.1": 50, "groq/qwen": 50, "none": 0});
    wrong(&|| assert_split!(resolver, "half", after: [timeout] => {"ollama/llama3.1": 50}));
    assert_split!(resolver, "half", after: [timeout] => {"ollama/llama3.1": 50, "none": 50});
}

#[test]
fn a_routing_test_that_fails_explains_itself() {
    let (resolver, _) = load(CHAIN);
    fails(
        || assert_routes!(resolver, "split" => "ollama/llama3.1"),
        &format!(
            "\
`split` does not go where it should
expected: `ollama/llama3.1`
found: `split`
{SPLIT}"
        ),
    );
    fails(
        || assert_split!(resolver, "chain", after: [429] => {"groq/qwen": 1/2}),
        "\
`chain` does not go where it should
expected: `groq/qwen` 1/2
found: `chain` after rate_limited
  chain
    -  openai/gpt-4o  100.00%  failed: rate_limited
    1. groq/qwen      100.00%  [429, 5xx] holds after rate_limited
    2. split            0.00%  not needed: a fallback for [timeout]
  next: groq/qwen 100.00%
",
    );
    fails(
        || assert_routes!(resolver, "nobody" => "x"),
        "\
`nobody` does not go where it should
expected: `x`
found: unknown model `nobody`
",
    );
    fails(
        || assert_routes!(resolver, "chain", after: [tired] => "x"),
        "`tired` is no failure\n",
    );
    fails(
        || assert_split!(resolver, "split" => {"x": 1e3}),
        "`1e3` is no share\n",
    );
}
