//! The tests for `examples/config.yaml`: all pass, and each fails after a small change.

use model_aliases::TestReport;
use serde_yaml::{Mapping, Value};

use super::{config, example, resolver, tests};

/// The tests of `examples/routing-tests.yaml` as YAML mappings.
fn written() -> Vec<Mapping> {
    let whole: Mapping = serde_yaml::from_str(&example("routing-tests.yaml")).unwrap();
    let cases = whole["model_alias_tests"].as_sequence().unwrap();
    let case = |case: &Value| case.as_mapping().unwrap().clone();
    cases.iter().map(case).collect()
}

fn run(case: &Mapping) -> TestReport {
    let mut whole = Mapping::new();
    whole.insert(
        "model_alias_tests".into(),
        Value::Sequence(vec![Value::Mapping(case.clone())]),
    );
    tests(&serde_yaml::to_string(&whole).unwrap()).run(&resolver())
}

#[test]
fn the_examples_hold() {
    let tests = tests(&example("routing-tests.yaml"));
    assert!(tests.len() >= 40, "{}", tests.len());
    tests.assert(&resolver());
}

#[test]
fn the_examples_cover_every_alias_and_every_field() {
    let cases = written();
    for alias in config().aliases() {
        let asks = |case: &Mapping| case["resolve"].as_str() == Some(alias.name());
        assert!(cases.iter().any(asks), "{} has no test", alias.name());
    }
    for field in [
        "name",
        "resolve",
        "key",
        "after",
        "expect",
        "expect_split",
        "expect_error",
        "expect_deprecated",
    ] {
        assert!(cases.iter().any(|case| case.contains_key(field)), "{field}");
    }
}

/// A test with small changes that must make it fail.
fn spoiled(case: &Mapping) -> Vec<(&'static str, Mapping)> {
    let with = |field: &str, value: Value| {
        let mut spoiled = case.clone();
        spoiled.insert(field.into(), value);
        spoiled
    };
    let mut spoils = Vec::new();
    for field in ["key", "after"] {
        let mut without = case.clone();
        if without.remove(field).is_some() {
            spoils.push((field, without));
        }
    }
    if let Some(target) = case.get("expect") {
        let other = format!("{}x", target.as_str().unwrap());
        spoils.push(("expect", with("expect", other.into())));
    }
    if let Some(code) = case.get("expect_error") {
        for other in ["unknown-name", "ambiguous-name", "not-allowed", "exhausted"] {
            if code.as_str() != Some(other) {
                spoils.push(("expect_error", with("expect_error", other.into())));
            }
        }
    }
    if let Some(notice) = case.get("expect_deprecated") {
        let other: Value = match notice.as_bool() {
            Some(is_so) => (!is_so).into(),
            None => "arch.v9".into(),
        };
        for other in [other, "nobody".into()] {
            spoils.push(("expect_deprecated", with("expect_deprecated", other)));
        }
    }
    if let Some(shares) = case.get("expect_split") {
        let shares = shares.as_mapping().unwrap();
        let targets: Vec<&Value> = shares.keys().collect();
        // Expect each target alone: no target of a split is certain.
        for target in &targets {
            let mut sole = case.clone();
            sole.remove("expect_split");
            sole.insert("expect".into(), (*target).clone());
            spoils.push(("not certain", sole));
        }
        let halves = |one: &Value, other: Value| {
            let mut halves = Mapping::new();
            halves.insert(one.clone(), 25.into());
            halves.insert(other, 75.into());
            with("expect_split", halves.into())
        };
        spoils.push(("other shares", halves(targets[0], "x/y".into())));
        let mut renamed = Mapping::new();
        for (at, (target, share)) in shares.iter().enumerate() {
            let name = if at == 0 {
                "x/y".into()
            } else {
                target.clone()
            };
            renamed.insert(name, share.clone());
        }
        spoils.push(("other target", with("expect_split", renamed.into())));
    }
    spoils
}

#[test]
fn a_test_that_is_a_little_wrong_fails() {
    let mut seen = 0;
    for case in written() {
        assert!(run(&case).is_ok(), "{case:?}");
        for (what, spoiled) in spoiled(&case) {
            let report = run(&spoiled);
            assert!(!report.is_ok(), "{what}: {spoiled:?}");
            seen += 1;
        }
    }
    assert!(seen > 80, "{seen}");
}
