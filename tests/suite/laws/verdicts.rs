//! Checks which configurations load, and the problems of those that do not.

use std::collections::{BTreeMap, BTreeSet};

use model_aliases::{AliasResolver, Code, Config, Problem, Severity, UnknownNames};

use super::reference::check::{self, Findings};
use super::{cases, codes, generated, read};

/// Codes that a single file cannot show. Each has its own test below.
const ELSEWHERE: [Code; 9] = [
    Code::UnsetVariable,
    Code::MissingDefault,
    // Only without the feature `system`.
    Code::MissingClock,
    // Only where checks are required.
    Code::MissingCheck,
    // A list of more than a thousand.
    Code::MoreProblems,
    Code::UnknownRemoval,
    // The generator writes no odd characters; `golden::mistakes` has a table of them.
    Code::SuspiciousText,
    Code::SuspiciousSecret,
    // It needs variables.
    Code::SameEndpoint,
];

/// Returns all problems. The resolver and `check` must agree.
fn problems(read: Result<Config, model_aliases::ConfigError>) -> Vec<Problem> {
    let config = match read {
        Ok(config) => config,
        Err(error) => return error.into_problems(),
    };
    let problems = config.check();
    let is_sound = problems
        .iter()
        .all(|one| one.severity() == Severity::Warning);
    match AliasResolver::new(config) {
        Ok(resolver) => assert_eq!((resolver.warnings(), is_sound), (&*problems, true)),
        Err(error) => assert_eq!((error.problems(), is_sound), (&*problems, false)),
    }
    problems
}

#[test]
fn the_crate_finds_what_the_reference_finds() {
    let mut mix = Mix::default();
    for one in generated(1, cases(10_000)) {
        let text = String::from_utf8_lossy(&one.text);
        let problems = problems(read(&one));
        let errors = codes(&problems, Severity::Error);
        let warnings = codes(&problems, Severity::Warning);
        mix.count(&errors, &warnings);
        let Some(tree) = &one.tree else {
            assert_eq!(errors, one.expected.into_iter().collect(), "{text}");
            continue;
        };
        let expected: Findings = check::check(tree);
        assert_eq!(errors, expected.errors, "{text}");
        if errors.is_empty() {
            assert_eq!(warnings, expected.warnings, "{text}");
        } else {
            // What is wrong is not judged further, so it may hide a warning but give none.
            let shown = warnings.is_subset(&expected.warnings);
            assert!(shown, "{warnings:?}: {text}");
        }
        if let Some(code) = one.expected {
            let is_error = !errors.is_empty();
            let found = if is_error { &errors } else { &warnings };
            assert!(found.contains(code), "{code}: {text}");
            assert!(!is_error || errors.len() == 1, "{errors:?}: {text}");
        }
    }
    mix.is_broad();
}

/// Statistics of the generated configurations.
#[derive(Default)]
struct Mix {
    all: usize,
    accepted: usize,
    counts: BTreeMap<&'static str, usize>,
}

impl Mix {
    fn count(&mut self, errors: &BTreeSet<&'static str>, warnings: &BTreeSet<&'static str>) {
        self.all += 1;
        self.accepted += usize::from(errors.is_empty());
        for &code in errors.iter().chain(warnings) {
            *self.counts.entry(code).or_default() += 1;
        }
    }

    fn is_broad(&self) {
        // Fewer say too little about how often a code comes.
        if self.all < 10_000 {
            return;
        }
        let share = self.accepted * 100 / self.all;
        assert!((30..=70).contains(&share), "{share}% load");
        let least = self.all * 50 / 10_000;
        for code in Code::ALL.iter().filter(|code| !ELSEWHERE.contains(code)) {
            let count = self.counts.get(code.as_str()).copied().unwrap_or_default();
            assert!(count >= least, "{code}: {count}, at least {least}");
        }
    }
}

#[track_caller]
fn finds(text: &str, expected: &[&str]) {
    let problems = problems(Config::from_yaml("config.yaml", text));
    let found: Vec<_> = problems.iter().map(|one| one.code().as_str()).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn a_document_of_nothing_loads_with_a_warning() {
    for text in [
        "",
        "\n",
        "# nothing yet\n",
        "---\n",
        "--- ~\n...\n",
        "\u{feff}",
        "{}",
    ] {
        finds(text, &["nothing-found"]);
        let config = Config::from_yaml("config.yaml", text).unwrap();
        assert_eq!(config, Config::new());
    }
    finds("model_aliases:\nmodel_providers: ~\n", &[]);
}

#[test]
fn entries_under_both_spellings_are_all_read() {
    finds(
        "
model_providers: [{model: openai/gpt-4o}]
llm_providers: [{model: openai/o3}]
model_aliases: {a: gpt-4o, b: o3}
",
        &["both-provider-sections"],
    );
}

#[test]
fn the_same_entries_under_both_spellings_are_one_mistake() {
    finds(
        "
model_providers: [{model: openai/gpt-4o, default: true}, {model: openai/o3, name: x}]
llm_providers: [{model: openai/gpt-4o, default: true}, {model: openai/o3, name: x}]
model_aliases: {a: gpt-4o, b: x}
",
        &["both-provider-sections"],
    );
}

#[test]
fn a_reference_to_a_repeated_model_is_no_second_problem() {
    for reference in ["gpt-4o", "openai/gpt-4o"] {
        let aliases = format!("model_aliases: {{a: {reference}}}");
        finds(
            &format!(
                "model_providers: [{{model: openai/gpt-4o}}, {{model: openai/gpt-4o}}]\n{aliases}"
            ),
            &["duplicate-model"],
        );
        let named = "{model: openai/gpt-4o, name: x}";
        finds(
            &format!("model_providers: [{named}, {named}]\n{aliases}"),
            &["duplicate-name"],
        );
    }
    finds(
        "
model_providers: [{model: openai/gpt-4o, name: x}, {model: openai/o3, name: x}]
model_aliases: {a: x, b: o3}
",
        &["duplicate-name"],
    );
}

#[test]
fn a_reference_to_a_broken_entry_is_no_second_problem() {
    for (entry, reference, expected) in [
        ("{model: gpt-4o}", "gpt-4o", "missing-provider"),
        ("{model: gpt-4o, name: x}", "x", "missing-provider"),
        ("{model: openai/gpt-*}", "openai/gpt-*", "invalid-model"),
        ("{name: x}", "x", "missing-model"),
    ] {
        finds(
            &format!("model_providers: [{entry}]\nmodel_aliases: {{a: {reference}}}"),
            &[expected],
        );
    }
}

#[test]
fn a_broken_model_declares_nothing() {
    finds(
        "model_providers: [{model: a/b}, {model: '*/x'}]\nmodel_aliases: {x: a/b}",
        &["invalid-model"],
    );
}

#[test]
fn a_rendered_wildcard_that_stands_twice_is_a_warning() {
    let entry = "{name: openai/*, model: '*', provider_interface: openai}";
    finds(
        &format!("model_providers: [{entry}, {entry}]"),
        &["duplicate-wildcard"],
    );
    finds(
        "model_providers: [{name: a, model: openai/*}, {name: a, model: xai/*}]",
        &["duplicate-name"],
    );
}

const MODELS: &str = "
model_providers:
  - {model: a/large, context_window: 128000}
  - {model: a/small, context_window: 8192}
  - {model: a/other}
";

#[test]
fn a_timeout_may_stand_where_the_nested_alias_names_its_model() {
    let outer = "{target: inner, fallbacks: [other], guardrails: {max_latency: 5s}}";
    finds(
        &format!(
            "{MODELS}model_aliases: {{inner: {{target: large, timeout: 2s}}, outer: {outer}}}"
        ),
        &[],
    );
    finds(
        &format!("{MODELS}model_aliases: {{inner: large, outer: {outer}}}"),
        &["untimed-chain"],
    );
    // What follows nothing that takes time leaves all of it to the primary.
    let outer = "{target: large, fallbacks: [{target: other, conditions: [429]}], guardrails: {max_latency: 5s}}";
    finds(&format!("{MODELS}model_aliases: {{outer: {outer}}}"), &[]);
}

#[test]
fn a_smaller_context_window_is_seen_through_a_nested_split() {
    let split = "{targets: [{model: large, weight: 50}, {model: other, weight: 50}]}";
    finds(
        &format!(
            "{MODELS}model_aliases: {{split: {split}, outer: {{target: split, fallbacks: [small]}}}}"
        ),
        &["smaller-context-window"],
    );
    finds(
        &format!(
            "{MODELS}model_aliases: {{split: {split}, outer: {{target: small, fallbacks: [split]}}}}"
        ),
        &[],
    );
}

#[test]
fn a_written_max_attempts_is_held_against_a_nested_chain() {
    let inner = "{target: large, fallbacks: [other, small]}";
    finds(
        &format!(
            "{MODELS}model_aliases: {{inner: {inner}, outer: {{target: inner, max_attempts: 2}}}}"
        ),
        &["smaller-context-window", "chain-too-long"],
    );
    finds(
        &format!("{MODELS}model_aliases: {{inner: {inner}, outer: inner}}"),
        &["smaller-context-window"],
    );
}

#[test]
fn a_variable_without_a_value_is_a_problem() {
    let text = "
model_providers:
  - {model: a/b, access_key: $KEY, base_url: $URL/v1, headers: {X: '${HEADER}', Y: literal}}
  - {model: a/c, access_key: $KEY}
";
    let config = Config::from_yaml("config.yaml", text).unwrap();
    let unset = |known: &[&str]| {
        let config = config.clone().variables(|name| {
            known
                .contains(&name)
                .then(|| "https://x.example".to_owned())
        });
        let problems = problems(Ok(config));
        assert!(problems.iter().all(|one| one.code() == Code::UnsetVariable));
        problems.len()
    };
    assert_eq!(unset(&["KEY", "URL", "HEADER"]), 0);
    assert_eq!(unset(&["KEY", "HEADER"]), 1);
    assert_eq!(unset(&["URL"]), 3);
    assert_eq!(unset(&[]), 4);
    assert_eq!(problems(Ok(config)), []);
}

#[test]
fn a_policy_for_unknown_names_needs_a_default() {
    for policy in [UnknownNames::DefaultProvider, UnknownNames::DefaultModel] {
        for (entry, expected) in [
            ("{model: a/b}", vec![Code::MissingDefault]),
            ("{model: a/b, default: false}", vec![Code::MissingDefault]),
            ("{model: a/b, default: true}", vec![]),
        ] {
            let text = format!("model_providers: [{entry}]");
            let config = Config::from_yaml("config.yaml", &text).unwrap();
            let built = AliasResolver::builder(config).unknown_names(policy).build();
            let found: Vec<Code> = match &built {
                Ok(resolver) => resolver.warnings().iter().map(Problem::code).collect(),
                Err(error) => error.problems().iter().map(Problem::code).collect(),
            };
            assert_eq!(found, expected, "{policy:?} {text}");
        }
    }
}

#[test]
fn an_overlay_removes_only_what_is_there() {
    let base = || Config::from_yaml("base.yaml", "model_aliases: {old: ~}").unwrap();
    finds("model_aliases: {old: ~}", &["null-alias"]);
    let over = Config::from_yaml("over.yaml", "model_aliases: {other: ~}").unwrap();
    let problems = problems(Ok(base().overlay(over)));
    let found: Vec<_> = problems.iter().map(Problem::code).collect();
    assert_eq!(found, [Code::NullAlias, Code::UnknownRemoval]);
}
