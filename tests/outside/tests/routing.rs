//! The routing of a gateway, tested without a network and without sampling.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use model_aliases::{AliasResolver, Config, RoutingTests, assert_routes, assert_split};

const CONFIG: &str = include_str!("../../../examples/config.yaml");
const TESTS: &str = include_str!("../../../examples/routing-tests.yaml");

fn resolver() -> AliasResolver {
    AliasResolver::new(Config::from_yaml("config.yaml", CONFIG).unwrap()).unwrap()
}

#[test]
fn routing() {
    let resolver = resolver();
    assert_routes!(resolver, "arch.summarize.v1" => "openai/gpt-4o-mini");
    assert_routes!(resolver, "arch.summarize.v1", after: [timeout] => "ollama/llama3.1");
    assert_routes!(resolver, "arch.v1", key: "user-2" => "openai/gpt-4o-mini");
    assert_routes!(resolver, "arch.v1", after: [429] => error "exhausted");
    assert_routes!(resolver, "gpt-4.1" => error "ambiguous-name");
    assert_split!(resolver, "arch.v1" => {"ollama/llama3.1": 80, "openai/gpt-4o-mini": 20});
    assert_split!(resolver, "bulk-embeddings" => {"mistral/mistral-large-latest": 3/4, "deepseek/deepseek-chat": 1/4});
}

#[test]
fn routing_tests() {
    let tests = RoutingTests::from_yaml("routing-tests.yaml", TESTS).unwrap();
    tests.assert(&resolver());
}
