//! Failure rules of the configuration: rule 45.

use model_aliases::{
    AliasResolver, AssumedFailure, Classifier, Config, Failure, FailureClass as Class, FailureRule,
    RoutingTests, TargetState,
};

const BASE: &str = "
model_providers:
  - {model: fireworks/qwen3, name: fw}
  - {model: openai/gpt-4o, access_key: $KEY}
  - {model: openai/gpt-4o-mini, access_key: $KEY}
  - {model: own/m, passthrough_auth: true}
model_aliases:
  chat: {target: fw, fallbacks: [{target: gpt-4o, conditions: [overloaded]}, gpt-4o-mini]}
model_failure_rules:
";

fn builder(rules: &str) -> model_aliases::ResolverBuilder {
    let config = Config::from_yaml("config.yaml", format!("{BASE}{rules}")).unwrap();
    AliasResolver::builder(config)
}

fn classify(resolver: &AliasResolver, name: &str, status: u16, body: &str) -> Failure {
    let headers = [("server", "x")];
    let call = resolver.attempts(name).unwrap();
    let failure = call.classify(status, headers, body);
    assert_eq!(
        resolver
            .resolve(name)
            .unwrap()
            .classify(status, headers, body),
        failure
    );
    assert_eq!(call.commit().classify(status, headers, body), failure);
    failure
}

fn class(resolver: &AliasResolver, name: &str, status: u16, body: &str) -> Class {
    classify(resolver, name, status, body).class()
}

#[test]
fn rules_of_the_file_come_first_in_their_order() {
    let rules = "
  - {provider: fireworks, status: 412, says: Spending LIMIT, class: quota_exhausted}
  - {provider: openai, status: [412, 429], class: overloaded}
  - {code: 1302, class: rate_limited}
  - {provider: fw, status: 412, class: timeout}
";
    let own = FailureRule::new().status(412).class(Class::ServerError);
    let quiet = FailureRule::new().message("limit").condition("limited");
    let classifier = Classifier::new().rule(own).rule(quiet);
    let resolver = builder(rules).classifier(classifier).build().unwrap();
    for (name, status, body, expected) in [
        (
            "fw",
            412,
            "The spending limit is reached.",
            Class::QuotaExhausted,
        ),
        // Rules of a provider are for its answers only, by the prefix or the name of the entry.
        ("fw", 412, "", Class::Timeout),
        ("gpt-4o", 412, "spending limit", Class::Overloaded),
        ("gpt-4o", 429, "", Class::Overloaded),
        ("fw", 429, "", Class::RateLimited),
        // The embedder's rules come after them, and before the crate's knowledge.
        ("m", 412, "spending limit", Class::ServerError),
        (
            "m",
            429,
            r#"{"error": {"code": "insufficient_quota"}}"#,
            Class::QuotaExhausted,
        ),
    ] {
        assert_eq!(
            class(&resolver, name, status, body),
            expected,
            "{name} {status} {body}"
        );
    }
    #[cfg(feature = "json")]
    assert_eq!(
        class(&resolver, "m", 500, r#"{"error": {"code": "1302"}}"#),
        Class::RateLimited
    );
    // Every rule of the embedder that matches still adds its conditions.
    let failure = classify(&resolver, "fw", 412, "spending limit");
    assert!(failure.conditions().eq(["limited"]));
    assert_eq!(
        failure.decided_by(),
        Some(r#"rule {provider: fireworks, status: 412, says: "spending limit"}"#)
    );
    // Without a target nobody knows the rules.
    let failure = Failure::from_http(412, [("server", "x")], "spending limit");
    assert_eq!(
        (failure.class(), failure.decided_by()),
        (Class::InvalidRequest, None)
    );
}

#[test]
fn an_overlay_puts_its_rules_first() {
    let base = Config::from_yaml(
        "base.yaml",
        format!("{BASE}  - {{status: 498, class: timeout}}\n"),
    );
    // It hides the rule below, which is what an overlay is for.
    let over = "model_failure_rules: [{status: [498, 499], class: overloaded}]";
    let over = Config::from_yaml("over.yaml", over).unwrap();
    let config = base.unwrap().overlay(over);
    assert_eq!(config.check(), []);
    let rules = config.to_yaml().matches("class:").count();
    assert_eq!(rules, 2);
    let again = Config::from_yaml("again.yaml", config.to_yaml_with_secrets()).unwrap();
    assert_eq!(again, config);
    let resolver = AliasResolver::new(config).unwrap();
    assert_eq!(class(&resolver, "m", 498, ""), Class::Overloaded);
    // A rule with the same requirements replaces the one below.
    let rule = |class: &str| format!("model_failure_rules: [{{status: 498, class: {class}}}]");
    let [one, two] =
        ["timeout", "overloaded"].map(|class| Config::from_yaml("a.yaml", rule(class)));
    assert_eq!(one.unwrap().overlay(two.clone().unwrap()), two.unwrap());
}

/// Whether an answer cools the target that a name leads to, and one with the same key.
fn cools(rules: &str, name: &str, status: u16, body: &str) -> bool {
    let resolver = builder(rules).build().unwrap();
    let mut call = resolver.attempts(name).unwrap();
    let failure = call.classify(status, [("server", "x")], body);
    let _ = call.failed(failure);
    let status = resolver.status();
    status
        .iter()
        .any(|one| matches!(one.state(), TargetState::Cooling { .. }))
}

/// A client may make a provider repeat its words, and must not take the target from everybody by them.
#[test]
fn words_that_may_be_a_quotation_never_cool() {
    for status in [400, 404, 413, 422] {
        let says = format!("  - {{status: {status}, says: no seats, class: quota_exhausted}}\n");
        assert!(!cools(&says, "gpt-4o", status, "no seats"), "{status}");
        // Without words it is the provider's own status that speaks.
        let rule = format!("  - {{status: {status}, class: quota_exhausted}}\n");
        assert!(cools(&rule, "gpt-4o", status, "no seats"), "{status}");
    }
    for status in [412, 429, 503] {
        let says = format!("  - {{status: {status}, says: no seats, class: quota_exhausted}}\n");
        assert!(cools(&says, "gpt-4o", status, "no seats"), "{status}");
    }
}

#[test]
fn a_client_with_its_own_key_never_cools_a_target() {
    for status in [401, 402, 403, 429] {
        let rule = format!("  - {{status: {status}, class: quota_exhausted}}\n");
        assert!(!cools(&rule, "m", status, ""), "{status}");
        assert!(cools(&rule, "gpt-4o", status, ""), "{status}");
        let rule = format!("  - {{status: {status}, class: overloaded}}\n");
        let resolver = builder(&rule).build().unwrap();
        for _ in 0..6 {
            let route = resolver.resolve("m").unwrap();
            let failure = route.classify(status, [("server", "x")], "");
            route.failed(failure);
        }
        assert!(
            resolver
                .status()
                .iter()
                .all(|one| one.state() == TargetState::Healthy)
        );
    }
}

/// `says` reads what the provider says, not an HTML page and not the output of a model.
#[test]
fn words_are_read_in_messages_only() {
    let rules = "  - {status: [200, 429], says: no seats, class: overloaded}\n";
    let resolver = builder(rules).build().unwrap();
    for (status, body, is_read) in [
        (429, "no seats", true),
        (429, r#"{"error": {"message": "Sorry, no seats."}}"#, true),
        (429, "<html>no seats</html>", false),
        (200, "no seats", false),
        (200, r#"data: {"error": {"message": "no seats"}}"#, true),
    ] {
        if !cfg!(feature = "json") && body.contains("error") {
            continue;
        }
        let found = class(&resolver, "m", status, body);
        assert_eq!(found == Class::Overloaded, is_read, "{status} {body}");
    }
}

#[test]
fn routing_tests_classify_answers_where_they_would_come_from() {
    let rules = "  - {provider: fireworks, status: 412, says: spending limit, class: overloaded}
  - {status: 498, class: overloaded}
model_alias_tests:
  - {resolve: chat, after: [{status: 412, body: Spending limit reached.}], expect: openai/gpt-4o}
  - {resolve: chat, after: [{status: 412, headers: {server: x, age: 4}}], expect_error: exhausted}
  - {resolve: chat, after: [498], expect: openai/gpt-4o}
  - {resolve: chat, after: [timeout], expect: openai/gpt-4o-mini}
  # The second answer comes from another provider, for which there is no rule.
  - {resolve: chat, after: [498, {status: 412, body: Spending limit reached.}], expect_error: exhausted}
";
    let resolver = builder(rules).build().unwrap();
    let tests = RoutingTests::from_yaml("config.yaml", format!("{BASE}{rules}")).unwrap();
    assert_eq!(tests.len(), 5);
    tests.assert(&resolver);
    let answer = AssumedFailure::answer(412, [("server", "x")], "Spending limit reached.");
    let why = resolver.explain_after("chat", [answer]).unwrap();
    let answers: Vec<_> = why.answers().collect();
    assert_eq!(answers.len(), 1);
    assert_eq!(
        (answers[0].0, answers[0].1.class()),
        ("fw", Class::Overloaded)
    );
}

#[test]
fn a_wrong_answer_in_a_test_is_one_problem() {
    for (answer, message) in [
        (
            "{body: x}",
            "an answer in the test of `chat` has no `status`",
        ),
        (
            "{status: 4xx}",
            "`status` of an answer in the test of `chat` must be a whole number, found text",
        ),
        (
            "{status: 412, bdoy: x}",
            "unknown field `bdoy` in an answer in the test of `chat`",
        ),
        (
            "{status: 412, body: {error: x}}",
            "`body` of an answer in the test of `chat` must be text, found a mapping",
        ),
    ] {
        let text =
            format!("model_alias_tests: [{{resolve: chat, after: [{answer}], expect: a/b}}]");
        let error = RoutingTests::from_yaml("tests.yaml", text).unwrap_err();
        let found: Vec<&str> = error
            .problems()
            .iter()
            .map(model_aliases::Problem::message)
            .collect();
        assert_eq!(found, [message]);
    }
}

#[test]
fn a_diff_names_rules_that_differ() {
    let version = |rules: &str| builder(rules).build().unwrap();
    let before = version(
        "  - {status: 498, class: timeout}\n  - {status: 499, class: timeout}\n  - {code: old, class: timeout}\n",
    );
    let after = version(
        "  - {status: 499, class: overloaded}\n  - {status: 498, class: timeout}\n  - {code: new, says: late, class: timeout}\n",
    );
    assert_eq!(
        after.changes_since(&before).to_string(),
        "failure rules
  ~ {status: 499}
      class: timeout → overloaded
      place: 2 → 1
  ~ {status: 498}
      place: 1 → 2
  + {code: new, says: \"late\"}
      + class: timeout
  - {code: old}
"
    );
    assert!(after.changes_since(&after).is_empty());
}
