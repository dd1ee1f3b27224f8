//! Rows of one alias or one provider entry each, with their expected codes.

use super::super::tree::{Tree, decimal, list, map};
use super::check;

/// The codes of a configuration with models `a/one`, `b/two`, `b/one` and these aliases.
fn codes_of(aliases: Tree) -> Vec<&'static str> {
    let tree = map([
        (
            "model_providers",
            list([
                map([("model", "a/one".into())]),
                map([("model", "b/two".into())]),
                map([("model", "b/one".into())]),
            ]),
        ),
        ("model_aliases", aliases),
    ]);
    all(&tree)
}

/// The codes of this alias `x` beside an alias `plain` of `two` and a group `group`.
fn codes_of_alias(alias: Tree) -> Vec<&'static str> {
    let group = list([member("two", Tree::Int(50)), member("a/one", Tree::Int(50))]);
    codes_of(map([
        ("x", alias),
        ("plain", "two".into()),
        ("group", map([("targets", group)])),
    ]))
}

fn all(tree: &Tree) -> Vec<&'static str> {
    let found = check(tree);
    found.errors.into_iter().chain(found.warnings).collect()
}

fn member(model: &str, weight: impl Into<Tree>) -> Tree {
    map([("model", model.into()), ("weight", weight.into())])
}

fn split(weights: Vec<Tree>) -> Tree {
    let models = ["two", "a/one", "b/one"];
    let members = models
        .iter()
        .zip(weights)
        .map(|(model, weight)| member(model, weight));
    map([("targets", Tree::List(members.collect()))])
}

fn balancer(weights: Vec<Tree>) -> Tree {
    let mut alias = split(weights);
    alias.push("load_balance", map([]));
    alias
}

fn with(field: &str, value: impl Into<Tree>) -> Tree {
    map([("target", "two".into()), (field, value.into())])
}

fn fallback(conditions: &[&str]) -> Tree {
    let conditions = conditions
        .iter()
        .map(|&word| word.into())
        .collect::<Vec<Tree>>();
    map([
        ("target", "a/one".into()),
        ("conditions", conditions.into()),
    ])
}

fn pair(first: &str, second: &str) -> Tree {
    map([(
        "targets",
        list([member(first, Tree::Int(50)), member(second, Tree::Int(50))]),
    )])
}

#[test]
fn weights() {
    let rows: Vec<(Tree, &[&str])> = vec![
        (split(vec![decimal("99.5"), decimal("0.50")]), &[]),
        (split(vec![100.into(), 0.into()]), &[]),
        (split(vec![100.into()]), &[]),
        (
            map([("targets", list([map([("model", "two".into())])]))]),
            &[],
        ),
        (split(vec![70.into(), 25.into()]), &["weight-sum"]),
        (split(vec![0.into(), 0.into()]), &["weight-sum"]),
        (
            split(vec![decimal("99.995"), decimal("0.005")]),
            &["invalid-weight"],
        ),
        (split(vec![(-5).into(), 105.into()]), &["invalid-weight"]),
        (split(vec!["50".into(), 50.into()]), &["invalid-weight"]),
        (balancer(vec![1.into(), 2.into()]), &[]),
        (balancer(vec![10_000.into(), 5_000.into()]), &[]),
        (balancer(vec![0.into(), 5_000.into()]), &[]),
        (balancer(vec![1.into(), 999.into()]), &[]),
        (balancer(vec![1.into(), 1_000.into()]), &["weight-period"]),
        (balancer(vec![0.into(), 0.into()]), &["zero-weights"]),
        (balancer(vec![10_001.into(), 1.into()]), &["invalid-weight"]),
        (
            balancer(vec![decimal("1.5"), 1.into()]),
            &["invalid-weight"],
        ),
    ];
    for (alias, expected) in rows {
        assert_eq!(codes_of_alias(alias.clone()), expected, "{alias:?}");
    }
}

#[test]
fn shapes_of_an_alias() {
    let rows: Vec<(Tree, &[&str])> = vec![
        ("two".into(), &[]),
        (Tree::Null, &["null-alias"]),
        (4.into(), &["unquoted-text"]),
        (list([]), &["wrong-type"]),
        (map([]), &["missing-target"]),
        (map([("targets", list([]))]), &["empty-list"]),
        (
            with("targets", list([map([("model", "a/one".into())])])),
            &["target-and-targets"],
        ),
        (with("load_balance", map([])), &["balance-without-targets"]),
        (with("load_balance", "sticky"), &["wrong-type"]),
        (with("wieght", 4), &["unknown-field"]),
        (with("timeout", "5s"), &[]),
        (with("timeout", "5"), &["invalid-duration"]),
        (with("endpoint", "api"), &["invalid-url"]),
        (with("max_attempts", 9), &["out-of-range"]),
        (with("hidden", "yes"), &["wrong-type"]),
        (with("description", decimal("1.10")), &["unquoted-text"]),
        (
            with("sticky", map([("salt", 25.into())])),
            &["unquoted-text"],
        ),
        (
            with("deprecated", map([("sunset", "2027-02-30".into())])),
            &["invalid-value"],
        ),
        (
            with("deprecated", map([("replacement", "plain".into())])),
            &[],
        ),
        (
            with("deprecated", map([("replacement", "plan".into())])),
            &["unknown-replacement"],
        ),
        (
            with("guardrails", map([("mode", "watch".into())])),
            &["invalid-value"],
        ),
        (
            with("guardrails", map([("max_latency", "0s".into())])),
            &["invalid-duration"],
        ),
        (
            with(
                "guardrails",
                map([("max_cost_per_request", decimal("-0.1"))]),
            ),
            &["invalid-amount", "unpriced-target"],
        ),
        (
            with("guardrails", map([("content_filters", list([map([])]))])),
            &["missing-field"],
        ),
        (
            with(
                "guardrails",
                map([("block_categories", list(["Pii".into()]))]),
            ),
            &[],
        ),
        (
            with(
                "guardrails",
                map([("block_categories", list(["weapons".into()]))]),
            ),
            &["unchecked-content"],
        ),
    ];
    for (alias, expected) in rows {
        assert_eq!(codes_of_alias(alias.clone()), expected, "{alias:?}");
    }
}

#[test]
fn references_and_groups() {
    let misplaced = map([("target", "group".into()), ("timeout", "5s".into())]);
    let mut stray = pair("two", "a/one");
    stray.push("params", map([]));
    let rows: Vec<(Tree, &[&str])> = vec![
        ("three".into(), &["unknown-target"]),
        ("zzz/two".into(), &["unknown-target"]),
        ("one".into(), &["ambiguous-target"]),
        ("x".into(), &["alias-cycle"]),
        (misplaced, &["misplaced-field"]),
        (stray, &["misplaced-field"]),
        (pair("two", "b/two"), &["duplicate-member"]),
        (pair("two", "plain"), &["duplicate-member"]),
        (pair("group", "group"), &["duplicate-member"]),
        (pair("group", "two"), &[]),
        (pair("nothing", "nothing"), &["unknown-target"]),
    ];
    for (alias, expected) in rows {
        assert_eq!(codes_of_alias(alias.clone()), expected, "{alias:?}");
    }
}

#[test]
fn fallbacks() {
    let rows: Vec<(Tree, &[&str])> = vec![
        (list([fallback(&["any"])]), &[]),
        (list(["a/one".into(), "plain".into()]), &["repeated-step"]),
        (list(["two".into()]), &["repeated-step"]),
        (
            list([map([("conditions", list(["any".into()]))])]),
            &["missing-field"],
        ),
        (list([fallback(&["sometimes"])]), &["unknown-condition"]),
        (
            list([map([
                ("target", "a/one".into()),
                ("conditions", list([429.into()])),
            ])]),
            &[],
        ),
        (list([fallback(&[])]), &["empty-list"]),
        (
            list([fallback(&["primary_and_first_fallback_failed"])]),
            &["impossible-condition"],
        ),
        (
            list([fallback(&["cost_exceeded"])]),
            &["unreachable-fallback"],
        ),
        (list([fallback(&["cost_exceeded", "timeout"])]), &[]),
        (list([7.into()]), &["unquoted-text"]),
        (
            Tree::List(vec!["a/one".into(); 17]),
            &["too-many-entries", "chain-too-long", "repeated-step"],
        ),
    ];
    for (steps, expected) in rows {
        assert_eq!(
            codes_of_alias(with("fallbacks", steps.clone())),
            expected,
            "{steps:?}"
        );
    }
}

#[test]
fn a_path_holds_sixteen_aliases() {
    let chain = |length: i64| {
        let mut aliases = map([("x1", "two".into())]);
        for index in 2..=length {
            aliases.push(&format!("x{index}"), format!("x{}", index - 1));
        }
        codes_of(aliases)
    };
    assert_eq!(chain(16), [""; 0]);
    assert_eq!(chain(17), ["path-too-long"]);
}

#[test]
fn names_and_keys() {
    let rows: Vec<(Tree, &[&str])> = vec![
        (map([("4", "two".into()), ("true", "two".into())]), &[]),
        (map([("fast llm", "two".into())]), &["invalid-alias-name"]),
        (map([("", "two".into())]), &["invalid-alias-name"]),
        (
            map([(&*"x".repeat(129), "two".into())]),
            &["invalid-alias-name"],
        ),
        (
            map([("x", "two".into()), ("x", "two".into())]),
            &["duplicate-alias"],
        ),
        (map([("two", "a/one".into())]), &["shadowed-model"]),
        (map([("one", "two".into())]), &["shadowed-model"]),
        (
            map([("fast llm", "two".into()), ("y", "fast llm".into())]),
            &["invalid-alias-name"],
        ),
        (map([("y", "z".into()), ("z", Tree::Null)]), &["null-alias"]),
        (list([]), &["wrong-type"]),
        (Tree::Null, &[]),
    ];
    for (aliases, expected) in rows {
        assert_eq!(codes_of(aliases.clone()), expected, "{aliases:?}");
    }
}

#[test]
fn providers() {
    let entry = |field: &str, value: Tree| map([("model", "a/one".into()), (field, value)]);
    let named = |name: &str, model: &str| map([("model", model.into()), ("name", name.into())]);
    let prices = |input, output| entry("pricing", map([("input", input), ("output", output)]));
    let rows: Vec<(Vec<Tree>, &[&str])> = vec![
        (vec![entry("base_url", "ftp://a".into())], &["invalid-url"]),
        (
            vec![entry("base_ur", "ftp://a".into())],
            &["misspelt-field"],
        ),
        (vec![entry("routing_preferences", list([]))], &[]),
        (vec![entry("default", "yes".into())], &["wrong-type"]),
        (vec![entry("name", 4.into())], &["unquoted-text"]),
        (vec![entry("context_window", 0.into())], &["out-of-range"]),
        (vec![entry("context_window", "9".into())], &["wrong-type"]),
        (
            vec![prices(decimal("0.000001"), 1.into())],
            &["price-per-token"],
        ),
        (vec![prices(decimal("0.001"), 0.into())], &[]),
        (
            vec![prices(decimal("0.0000001"), 1.into())],
            &["invalid-amount"],
        ),
        (
            vec![prices(decimal("1234567890.123456"), 1.into())],
            &["invalid-amount"],
        ),
        (vec![named("p", "a/one"), named("q", "a/one")], &[]),
        (
            vec![named("p", "a/one"), named("p", "a/one")],
            &["duplicate-name"],
        ),
        (
            vec![named("p", "a/one"), map([("model", "a/one".into())])],
            &["duplicate-model"],
        ),
        (
            vec![named("p", "a/*"), named("q", "a/*")],
            &["duplicate-wildcard"],
        ),
        (
            vec![named("a/*", "*"), named("a/*", "*")],
            &["duplicate-wildcard"],
        ),
        (
            vec![
                entry("default", true.into()),
                map([("model", "a/*".into()), ("default", true.into())]),
            ],
            &["multiple-defaults", "wildcard-default"],
        ),
        (vec!["a/one".into()], &["wrong-type"]),
        (vec![map([])], &["missing-model"]),
        (vec![map([("model", 4.into())])], &["unquoted-text"]),
    ];
    for (entries, expected) in rows {
        let tree = map([("llm_providers", entries.clone().into())]);
        assert_eq!(all(&tree), expected, "{entries:?}");
    }
}

#[test]
fn a_duplicate_model_makes_no_reference_ambiguous() {
    let tree = map([
        (
            "llm_providers",
            list([
                map([("model", "a/one".into())]),
                map([("model", "a/one".into())]),
            ]),
        ),
        (
            "model_aliases",
            map([("x", "one".into()), ("y", "a/one".into())]),
        ),
    ]);
    assert_eq!(all(&tree), ["duplicate-model"]);
}

#[test]
fn the_top_level() {
    let providers = || list([map([("model", "a/one".into())])]);
    let rows: Vec<(Tree, &[&str])> = vec![
        (Tree::Null, &["nothing-found"]),
        (list([]), &["wrong-type"]),
        (
            map([("listeners", Tree::Null), ("listeners", Tree::Null)]),
            &["duplicate-key", "nothing-found"],
        ),
        (map([("model_alias", map([]))]), &["misspelt-section"]),
        (
            map([
                ("llm_providers", providers()),
                ("model_providers", Tree::Null),
            ]),
            &["both-provider-sections"],
        ),
        (
            map([("x", map([("model_aliases", map([("a b", Tree::Null)]))]))]),
            &["nothing-found"],
        ),
    ];
    for (tree, expected) in rows {
        assert_eq!(all(&tree), expected, "{tree:?}");
    }
}
