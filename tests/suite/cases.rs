//! Routing tests as data: what they check, what they ignore, and that each expectation can fail.

mod examples;

use std::fs;
use std::time::Duration;

use model_aliases::{
    AliasResolver, Config, Failure, FailureClass, FakeClock, RoutingTests, TestResult,
    assert_routes,
};
use serde_json::json;

use crate::program::root;

fn example(name: &str) -> String {
    fs::read_to_string(root().join("examples").join(name)).unwrap()
}

fn config() -> Config {
    Config::from_yaml("config.yaml", example("config.yaml")).unwrap()
}

fn resolver() -> AliasResolver {
    let builder = AliasResolver::builder(config()).seed(7);
    builder.clock(FakeClock::new()).build().unwrap()
}

#[track_caller]
fn tests(text: &str) -> RoutingTests {
    RoutingTests::from_yaml("tests.yaml", text).unwrap()
}

const CONFIG: &str = "\
model_providers: [{model: a/one}, {model: a/two}, {model: b/three}]
model_aliases:
  split: {targets: [{model: one, weight: 60}, {model: two, weight: 40}]}
  turns: {load_balance: {}, targets: [{model: one}, {model: two}, {model: three}]}
  chain: {target: one, fallbacks: [two]}
  half: {targets: [{model: chain, weight: 50}, {model: three, weight: 50}]}
  old: {target: one, deprecated: {}}
";

fn small() -> AliasResolver {
    let config = Config::from_yaml("config.yaml", CONFIG).unwrap();
    AliasResolver::builder(config).seed(7).build().unwrap()
}

/// Each row is a test and whether it passes.
#[test]
fn what_is_expected_is_expected_exactly() {
    let resolver = small();
    for (case, holds) in [
        ("resolve: chain, expect: a/one", true),
        ("resolve: chain, expect: one", false),
        ("resolve: split, expect: a/one", false),
        ("resolve: split, expect_split: {a/one: 60, a/two: 40}", true),
        (
            "resolve: split, expect_split: {a/two: 2/5, a/one: 3/5}",
            true,
        ),
        (
            "resolve: split, expect_split: {a/one: 60, a/two: 40, b/three: 0}",
            true,
        ),
        (
            "resolve: split, expect_split: {a/one: 60, a/two: 39, b/three: 1}",
            false,
        ),
        (
            "resolve: split, expect_split: {a/one: 40, a/two: 60}",
            false,
        ),
        ("resolve: split, expect_split: {a/one: 60, none: 40}", false),
        (
            "resolve: split, expect_split: {a/one: 59.9999999999, a/two: 40.0000000001}",
            false,
        ),
        (
            "resolve: turns, expect_split: {a/one: 1/3, a/two: 1/3, b/three: 1/3}",
            true,
        ),
        (
            "resolve: turns, expect_split: {a/one: 33.3, a/two: 33.3, b/three: 33.4}",
            false,
        ),
        ("resolve: chain, expect_split: {a/one: 100}", true),
        (
            "resolve: half, after: [timeout], expect_split: {a/two: 50, none: 50}",
            true,
        ),
        (
            "resolve: half, after: [timeout], expect_split: {a/two: 100}",
            false,
        ),
        ("resolve: half, after: [timeout], expect: a/two", false),
        (
            "resolve: half, after: [timeout], expect_error: exhausted",
            false,
        ),
        ("resolve: chain, after: [500], expect: a/two", true),
        (
            "resolve: chain, after: [500, 500], expect_error: exhausted",
            true,
        ),
        (
            "resolve: chain, after: [500], expect_error: exhausted",
            false,
        ),
        ("resolve: chain, expect_error: exhausted", false),
        ("resolve: nobody, expect_error: unknown-name", true),
        ("resolve: nobody, expect_error: exhausted", false),
        ("resolve: nobody, expect: nobody", false),
        ("resolve: nobody, expect_split: {none: 100}", false),
        ("resolve: old, expect_deprecated: true", true),
        ("resolve: old, expect_deprecated: false", false),
        ("resolve: old, expect_deprecated: chain", false),
        ("resolve: chain, expect_deprecated: false", true),
        ("resolve: chain, expect_deprecated: true", false),
        ("resolve: nobody, expect_deprecated: false", true),
        ("resolve: old, expect: a/one, expect_deprecated: true", true),
        (
            "resolve: old, expect: a/two, expect_deprecated: true",
            false,
        ),
        (
            "resolve: old, expect: a/one, expect_deprecated: false",
            false,
        ),
    ] {
        let report = tests(&format!("model_alias_tests: [{{{case}}}]")).run(&resolver);
        assert_eq!(report.is_ok(), holds, "{case}\n{report}");
    }
}

/// Routing tests check the configuration alone: they ignore live state and do not change it.
#[test]
fn live_state_neither_counts_nor_changes() {
    let (live, twin) = (resolver(), resolver());
    for resolver in [&live, &twin] {
        resolver.drain("ollama/llama3.1");
        let failure = Failure::new(FailureClass::RateLimited).retry_after(Duration::from_mins(9));
        resolver.resolve("gpt-4o").unwrap().failed(failure);
        resolver.resolve("high-throughput-chat").unwrap();
    }
    let before = format!("{:?}", live.status());
    tests(&example("routing-tests.yaml")).assert(&live);
    assert_eq!(format!("{:?}", live.status()), before);
    for _ in 0..50 {
        for name in ["high-throughput-chat", "arch.v1", "long-answers", "gpt-4o"] {
            let target = |resolver: &AliasResolver| {
                let route = resolver.resolve(name).unwrap();
                route.target().into_owned()
            };
            assert_eq!(target(&live), target(&twin));
        }
    }
}

#[test]
fn a_configuration_leaves_its_tests_alone() {
    for section in [
        "model_alias_tests: [{resolve: chain, expect: a/one}]\n",
        "model_alias_tests: {wrong: [all, of, it]}\n",
        "model_alias_tests:\n",
    ] {
        let with = Config::from_yaml("config.yaml", format!("{CONFIG}{section}"));
        let with = with.unwrap();
        assert_eq!(with, Config::from_yaml("config.yaml", CONFIG).unwrap());
        assert_eq!(with.check(), []);
    }
    let near = Config::from_yaml("config.yaml", format!("model_alias_test: []\n{CONFIG}"));
    let codes = near.unwrap().check();
    let codes: Vec<_> = codes
        .iter()
        .map(|problem| problem.code().as_str())
        .collect();
    assert_eq!(codes, ["misspelt-section"]);
}

/// A problem reports the right line and column although the reader skipped the rest of the file.
#[test]
fn a_test_beside_a_configuration_has_its_place() {
    let section = "model_alias_tests:\n  - {resolve: chain, expect: a/two}\n";
    for text in [format!("{CONFIG}{section}"), format!("{section}{CONFIG}")] {
        let report = tests(&text).run(&small());
        let at = text
            .lines()
            .position(|line| line.contains("- {resolve"))
            .unwrap();
        let place = report.results()[0].location();
        assert_eq!((place.line(), place.column()), (Some(at + 1), Some(5)));
    }
}

#[test]
fn a_test_of_an_overlay_replaces_what_asks_the_same() {
    let below = tests(
        "\
model_alias_tests:
  - {resolve: chain, expect: a/one}
  - {resolve: chain, after: [timeout], expect: a/two}
  - {resolve: split, key: u1, expect: a/one}
  - {resolve: split, expect_split: {a/one: 60, a/two: 40}}
",
    );
    let over = tests(
        "\
model_alias_tests:
  - {name: over, resolve: chain, expect: b/three}
  - {name: keyed, resolve: split, key: u1, expect: b/three}
  - {name: new, resolve: turns, expect: b/three}
",
    );
    let report = below.overlay(over).run(&small());
    let names: Vec<&str> = report.results().iter().map(TestResult::name).collect();
    assert_eq!(
        names,
        ["chain after timeout", "split", "over", "keyed", "new"]
    );
}

#[test]
fn tests_are_picked_by_what_they_are_called() {
    let all = tests(&example("routing-tests.yaml"));
    let report = all.clone().containing("after").run(&resolver());
    assert!(report.results().len() >= 10);
    for result in report.results() {
        assert!(result.name().contains("after"), "{}", result.name());
    }
    assert_eq!(all.clone().containing("two accounts").len(), 1);
    assert!(all.containing("no such test").is_empty());
}

#[test]
fn names_in_a_report_are_unique() {
    let report = tests(&example("routing-tests.yaml")).run(&resolver());
    let mut names: Vec<&str> = report.results().iter().map(TestResult::name).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

/// Returns the message of the panic.
fn panic(test: impl FnOnce()) -> String {
    let test = std::panic::AssertUnwindSafe(test);
    let panic = std::panic::catch_unwind(test).unwrap_err();
    *panic.downcast::<String>().unwrap()
}

#[test]
fn a_routing_test_that_fails_panics_with_the_report() {
    let resolver = small();
    let wrong = tests("model_alias_tests: [{resolve: chain, expect: a/two}]");
    let report = wrong.run(&resolver).to_string();
    assert_eq!(panic(|| wrong.assert(&resolver)), report);
    // The report holds the same message as the macro, after the location.
    let message = panic(|| assert_routes!(resolver, "chain" => "a/two"));
    assert!(
        report.contains(&format!("tests.yaml:1:21: {message}\n")),
        "{report}"
    );
    // A file without tests fails.
    for text in ["", "model_alias_tests:\n", "other: 1\n"] {
        let none = tests(text);
        assert!(none.is_empty() && !none.run(&resolver).is_ok());
        assert_eq!(
            panic(|| none.assert(&resolver)),
            "FAILED: there is no routing test"
        );
    }
}

#[test]
fn a_report_is_data() {
    let text = "\
model_alias_tests:
  - {resolve: chain, expect: a/one}
  - {resolve: nobody, expect: a/one}
  - {resolve: chain, expect: a/two}
";
    let report = serde_json::to_value(tests(text).run(&small())).unwrap();
    let head = json!({"ok": report["ok"], "passed": report["passed"], "failed": report["failed"]});
    assert_eq!(head, json!({"ok": false, "passed": 1, "failed": 2}));
    let [right, nobody, wrong] = report["results"].as_array().unwrap().as_slice() else {
        panic!("{report}");
    };
    assert_eq!(
        *right,
        json!({
            "name": "chain at 2:5", "source": "tests.yaml", "line": 2, "column": 5, "ok": true,
            "message": null,
        })
    );
    assert_eq!(
        nobody["message"],
        "`nobody` does not go where it should\nexpected: `a/one`\nfound: unknown model `nobody`"
    );
    assert_eq!(wrong["explanation"]["next"][0]["target"], "a/one");
}

#[test]
fn a_sticky_key_and_a_password_in_a_url_are_not_shown() {
    let text = "\
model_alias_tests:
  - {resolve: split, key: CANARY, expect: 'a/one@https://u:CANARY@h/?k=CANARY'}
  - {resolve: split, key: CANARY, expect_split: {'b/three@https://u:CANARY@h': 100}}
";
    let tests = tests(text);
    let report = tests.run(&small());
    assert_eq!(report.failed().count(), 2);
    let shown = format!("{tests:?}{report:?}{report}");
    let shown = shown + &serde_json::to_string(&report).unwrap();
    assert!(!shown.contains("CANARY"), "{shown}");
    let wrong = "model_alias_tests: [{resolve: a, key: [CANARY], expect: {CANARY: 1}, after: 5}]";
    let error = RoutingTests::from_yaml("tests.yaml", wrong).unwrap_err();
    assert_eq!(error.problems().len(), 3);
    assert!(!format!("{error}{error:?}").contains("CANARY"), "{error}");
}

/// The reader accepts or rejects any prefix of the file, and the file with any three bytes removed, without a panic.
#[test]
fn no_text_is_too_broken_to_be_read_or_refused() {
    let text = example("routing-tests.yaml");
    let resolver = resolver();
    let mut refused = 0;
    for at in (0..text.len()).step_by(7) {
        let less = format!("{}{}", &text[..at], text.get(at + 3..).unwrap_or_default());
        for text in [&text[..at], &less] {
            match RoutingTests::from_yaml("tests.yaml", text) {
                Ok(tests) => drop(tests.run(&resolver).to_string()),
                Err(error) => refused += usize::from(!error.to_string().is_empty()),
            }
        }
    }
    assert!(refused > 100, "{refused}");
    let most = u128::MAX;
    for shares in [
        format!("{{a: {most}/{most}}}"),
        format!("{{a: 1/{most}, b: 2/3, c: 1/7}}"),
        format!("{{a: {}/{most}, b: 1/{}, c: 1/3}}", most - 1, most - 2),
        format!("{{a: {most}0/3}}"),
        format!("{{a: {most}, b: 1e300, c: 1e-300, d: .nan, e: .inf, f: -0.0}}"),
        "{a: 0.00000000000000000000000000000000000000001, b: 100}".to_owned(),
    ] {
        let text = format!("model_alias_tests: [{{resolve: x, expect_split: {shares}}}]");
        match RoutingTests::from_yaml("tests.yaml", &text) {
            Ok(tests) => assert!(!tests.run(&resolver).is_ok(), "{text}"),
            Err(error) => assert!(error.to_string().len() < 2_000, "{error}"),
        }
    }
}
