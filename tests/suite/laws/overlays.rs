//! Tests overlays.

use model_aliases::{AliasResolver, Code, Config, Request, Severity};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::reference::generate::names;
use super::reference::tree::{Tree, map};
use super::{accepted, answer, codes, load, read};

#[test]
fn an_empty_configuration_changes_nothing() {
    for (one, _) in accepted(9) {
        let config = read(&one).unwrap();
        for empty in [
            Config::new(),
            Config::from_yaml("empty.yaml", "model_aliases:\nmodel_providers: []").unwrap(),
        ] {
            let over = config.clone().overlay(empty.clone());
            assert_eq!((&over, over.check()), (&config, config.check()));
            let under = empty.overlay(config.clone());
            assert_eq!((&under, under.check()), (&config, config.check()));
        }
    }
}

#[test]
fn an_empty_document_only_adds_its_warning() {
    let config = Config::from_yaml("config.yaml", "model_providers: [{model: a/b}]").unwrap();
    let empty = Config::from_yaml("empty.yaml", "{}").unwrap();
    for both in [
        config.clone().overlay(empty.clone()),
        empty.overlay(config.clone()),
    ] {
        assert_eq!(both, config);
        let warnings = codes(&both.check(), Severity::Warning);
        assert_eq!(Vec::from_iter(warnings), ["nothing-found"]);
    }
}

#[test]
fn a_configuration_over_itself_changes_nothing() {
    for (one, _) in accepted(9) {
        let config = read(&one).unwrap();
        let problems = config.check();
        // Of equal wildcards the first replaces all, and the others come after the rest.
        if problems.iter().any(|p| p.code() == Code::DuplicateWildcard) {
            continue;
        }
        let twice = config.clone().overlay(config.clone());
        assert_eq!(twice, config);
        let warnings = |config: &Config| codes(&config.check(), Severity::Warning);
        assert_eq!(warnings(&twice), warnings(&config));
    }
}

/// Splits the document in two, each entry in one half.
fn halves(tree: &Tree, rng: &mut StdRng) -> [Tree; 2] {
    let mut halves = [map([]), map([])];
    for (name, section) in tree.fields() {
        let mut parts = [Vec::new(), Vec::new()];
        let mut entries = [Vec::new(), Vec::new()];
        match (name.as_str(), section) {
            ("model_providers" | "llm_providers", Tree::List(items)) => {
                for item in items {
                    parts[rng.random_range(0..2)].push(item.clone());
                }
                for (half, part) in halves.iter_mut().zip(parts) {
                    // Each document may use either spelling.
                    let spelling = ["model_providers", "llm_providers"][rng.random_range(0..2)];
                    half.push(spelling, Tree::List(part));
                }
            }
            ("model_aliases", Tree::Map(aliases)) => {
                for alias in aliases {
                    entries[rng.random_range(0..2)].push(alias.clone());
                }
                for (half, entries) in halves.iter_mut().zip(entries) {
                    half.push(name, Tree::Map(entries));
                }
            }
            _ => halves[0].push(name, section.clone()),
        }
    }
    halves
}

#[test]
fn two_documents_say_what_one_says() {
    let mut rng = StdRng::seed_from_u64(10);
    for (_, tree) in accepted(10) {
        let (text, whole) = load(&tree, &mut rng);
        if whole
            .check()
            .iter()
            .any(|p| p.code() == Code::DuplicateWildcard)
        {
            continue;
        }
        let [base, over] = halves(&tree, &mut rng).map(|half| load(&half, &mut rng).1);
        let both = base.overlay(over);
        let warnings = |config: &Config| codes(&config.check(), Severity::Warning);
        assert_eq!(warnings(&both), warnings(&whole), "{text}");
        let [both, whole] = [both, whole].map(|config| AliasResolver::new(config).unwrap());
        for name in names(&tree, &mut rng) {
            let request = Request::new(&name).entropy(rng.random());
            if !super::order::is_balanced(&tree, &name) {
                let (left, right) = (answer(&both, request), answer(&whole, request));
                assert_eq!(left, right, "{name}: {text}");
            }
        }
    }
}

const BASE: &str = "
model_providers:
  - {model: openai/gpt-4o, default: true, base_url: https://one.example}
  - {model: openai/o3, name: first}
  - {model: openai/o3, name: second}
  - {model: xai/*}
model_aliases:
  chat: {target: gpt-4o, description: the base, fallbacks: [first]}
  old: gpt-4o
  kept: second
";

/// Applies a document as an overlay.
fn over(text: &str) -> Config {
    let base = Config::from_yaml("base.yaml", BASE).unwrap();
    base.overlay(Config::from_yaml("over.yaml", text).unwrap())
}

#[track_caller]
fn gives(text: &str, expected: &str) {
    let found = over(text);
    assert_eq!(found.check(), []);
    assert_eq!(
        found,
        Config::from_yaml("expected.yaml", expected).unwrap(),
        "{}",
        found.to_yaml()
    );
}

#[test]
fn entries_are_replaced_removed_and_appended() {
    gives(
        "
llm_providers:
  - {model: gpt-4o, provider: openai, base_url: https://two.example}
  - {model: mistral/8x7b}
  - {model: openai/o3, name: second, http_host: inner.example}
model_aliases:
  new: mistral/8x7b
  old: ~
  chat: {target: first}
",
        "
model_providers:
  - {model: gpt-4o, provider: openai, base_url: https://two.example}
  - {model: openai/o3, name: first}
  - {model: openai/o3, name: second, http_host: inner.example}
  - {model: xai/*}
  - {model: mistral/8x7b}
model_aliases:
  chat: {target: first}
  kept: second
  new: mistral/8x7b
",
    );
}

#[test]
fn a_default_is_taken_from_the_base() {
    for (text, expected) in [
        (
            "model_providers: [{model: mistral/8x7b, default: true}]",
            "mistral/8x7b",
        ),
        ("model_providers: [{model: mistral/8x7b}]", "openai/gpt-4o"),
        (
            "model_providers: [{model: mistral/8x7b, default: false}]",
            "openai/gpt-4o",
        ),
        (
            "model_providers: [{model: openai/o3, name: first, default: true}]",
            "openai/o3",
        ),
    ] {
        let resolver = AliasResolver::new(over(text)).unwrap();
        let defaults = resolver.providers().filter(|entry| entry.is_default());
        let defaults: Vec<_> = defaults.map(model_aliases::Provider::model).collect();
        assert_eq!(defaults, [expected], "{text}");
    }
}

#[test]
fn a_wildcard_of_the_overlay_takes_the_place_of_the_base() {
    let text = "model_providers: [{model: '*', name: xai/*, base_url: https://two.example}]";
    let config = over(text);
    assert_eq!(config.check(), []);
    let resolver = AliasResolver::new(config).unwrap();
    let found = resolver.resolve("xai/grok").unwrap();
    assert_eq!(found.endpoint(), Some("https://two.example"));
}

#[track_caller]
fn finds(config: &Config, expected: &[&str]) {
    let found = config.check();
    let found: Vec<String> = found
        .iter()
        .map(|one| format!("{}: {}", one.location(), one.message()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_problem_names_the_document_that_it_came_from() {
    finds(
        &over("model_aliases: {\n  chat: first,\n  mine: nothing,\n  gone: ~}"),
        &[
            "over.yaml:3:9: unknown target `nothing` in alias `mine`",
            "over.yaml:4:3: the overlay removes alias `gone`, which does not exist",
        ],
    );
    // What was replaced is checked no more; what the overlay breaks shows where it stands.
    let base = "model_providers: [{model: a/b}]\nmodel_aliases: {x: nothing, y: z, z: b}";
    let base = || Config::from_yaml("base.yaml", base).unwrap();
    let over = |text: &str| base().overlay(Config::from_yaml("over.yaml", text).unwrap());
    finds(
        &over("model_aliases: {x: b, z: ~}"),
        &["base.yaml:2:32: unknown target `z` in alias `y`"],
    );
    finds(
        &over("model_aliases: {x: b, z: y}"),
        &["base.yaml:2:29: alias cycle: `y` → `z` → `y`"],
    );
    finds(
        &over("model_aliases: {x: b}\nmodel_providers: [{model: a/b, name: n}]"),
        &["over.yaml:2:27: duplicate model `a/b`, first defined at base.yaml:1:27"],
    );
}

#[test]
fn three_documents_are_laid_over_each_other_in_turn() {
    let config = |name: &str, text: &str| Config::from_yaml(name, text).unwrap();
    let all = over("model_aliases: {old: ~, chat: first}").overlay(config(
        "third.yaml",
        "model_aliases: {old: second, wrong: nothing}",
    ));
    finds(
        &all,
        &["third.yaml:1:37: unknown target `nothing` in alias `wrong`"],
    );
}
