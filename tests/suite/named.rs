//! Public threads where users of other gateways met a bug, each as a test of ours.

#![cfg(test)]

use model_aliases::{
    AliasEntry, AliasResolver, Code, Config, ConfigError, Problem, ResolveError, TargetEntry,
};

const PROVIDERS: &str = "\
model_providers:
  - model: openai/gpt-4o
  - model: openai/gpt-4o-mini
  - model: ollama/llama3.1
  - model: groq/*
";

#[track_caller]
fn read(aliases: &str) -> Config {
    let text = format!("{PROVIDERS}model_aliases:\n{aliases}");
    Config::from_yaml("config.yaml", text).unwrap()
}

/// Checks that the aliases are rejected with exactly these problems. They begin at line 7.
#[track_caller]
fn is_refused(aliases: &str, expected: &[&str]) {
    let error: ConfigError = AliasResolver::new(read(aliases)).unwrap_err();
    let found: Vec<String> = error
        .problems()
        .iter()
        .map(|problem| {
            assert_eq!(problem.code(), Code::AliasCycle);
            let (line, message) = (problem.location().line(), problem.message());
            format!("{}: {message}", line.unwrap())
        })
        .collect();
    assert_eq!(found, expected, "{aliases}");
}

/// An alias could point at an alias that points back, and only requests for either found out. Here such a file does
/// not load, and the error prints the whole cycle.
#[test]
fn litellm_rs_214_a_cycle_of_aliases_is_refused_and_printed_whole() {
    // Two aliases, and a third that leads into the cycle but is not part of it.
    is_refused("  a: b\n  b: a\n", &["7: alias cycle: `a` → `b` → `a`"]);
    is_refused(
        "  in: a\n  a: b\n  b: a\n",
        &["8: alias cycle: `a` → `b` → `a`"],
    );
    // Three aliases, wherever the walk enters.
    is_refused(
        "  c: a\n  a: b\n  b: c\n",
        &["7: alias cycle: `c` → `a` → `b` → `c`"],
    );
    // One alias.
    is_refused("  a: a\n", &["7: alias cycle: `a` → `a`"]);
    is_refused(
        "  a: {target: a}\n  fine: gpt-4o\n",
        &["7: alias cycle: `a` → `a`"],
    );
}

/// A cycle that nothing refers to is still an error: a later change may refer to it.
#[test]
fn litellm_rs_214_a_cycle_that_nothing_refers_to_is_refused() {
    is_refused(
        "  chat: gpt-4o\n  x: y\n  fast: gpt-4o-mini\n  y: x\n",
        &["8: alias cycle: `x` → `y` → `x`"],
    );
    // Two cycles give two problems.
    is_refused(
        "  a: b\n  x: y\n  b: a\n  y: x\n",
        &[
            "7: alias cycle: `a` → `b` → `a`",
            "8: alias cycle: `x` → `y` → `x`",
        ],
    );
}

/// Fallbacks and splits close a cycle as plain targets do.
#[test]
fn litellm_rs_214_a_cycle_through_fallbacks_and_splits_is_refused() {
    is_refused(
        "  a: {target: gpt-4o, fallbacks: [b]}\n  b: {target: llama3.1, fallbacks: [{target: a}]}\n",
        &["7: alias cycle: `a` → `b` → `a`"],
    );
    is_refused(
        "  a: {target: gpt-4o, fallbacks: [a]}\n",
        &["7: alias cycle: `a` → `a`"],
    );
    is_refused(
        "  a: {targets: [{model: gpt-4o, weight: 99}, {model: b, weight: 1}]}\n  b: c\n  \
         c: {load_balance: {}, targets: [{model: llama3.1}, {model: a}]}\n",
        &["7: alias cycle: `a` → `b` → `c` → `a`"],
    );
    // A later change may raise a weight of 0.
    is_refused(
        "  a: {targets: [{model: gpt-4o, weight: 100}, {model: a, weight: 0}]}\n",
        &["7: alias cycle: `a` → `a`"],
    );
}

/// What only looks like a cycle is legal: declared models end a chain, and two paths to one alias are not a cycle.
#[test]
fn litellm_rs_214_a_swap_of_models_and_a_diamond_load() {
    let resolver = AliasResolver::new(read("  gpt-4o: llama3.1\n  llama3.1: gpt-4o\n")).unwrap();
    assert_eq!(
        resolver.resolve("gpt-4o").unwrap().target(),
        "ollama/llama3.1"
    );
    assert_eq!(
        resolver.resolve("llama3.1").unwrap().target(),
        "openai/gpt-4o"
    );
    let diamond = "  top: {target: left, fallbacks: [right]}\n  left: end\n  right: {target: llama3.1, \
                   fallbacks: [end]}\n  end: gpt-4o\n";
    assert_eq!(
        AliasResolver::new(read(diamond))
            .unwrap()
            .resolve("top")
            .unwrap()
            .target(),
        "openai/gpt-4o"
    );
}

/// Checks that the name is unknown, and that the error names it.
#[track_caller]
fn is_unknown(resolver: &AliasResolver, name: &str) {
    match resolver.resolve(name) {
        Err(ResolveError::UnknownName { asked, .. }) => assert_eq!(&*asked, name),
        Err(other) => panic!("{name}: {other}"),
        Ok(route) => panic!("{name} leads to {}", route.target()),
    }
}

#[track_caller]
fn gateway() -> AliasResolver {
    AliasResolver::new(read(
        "  fast: gpt-4o-mini\n  arch.chat.v1: {target: gpt-4o}\n",
    ))
    .unwrap()
}

/// A name that matched no alias went silently to the nearest guess, and the bill came from a model that nobody had
/// requested.
#[test]
fn gh_aw_firewall_6993_a_name_that_matches_nothing_is_not_guessed() {
    let resolver = gateway();
    for name in [
        "fsat",
        "fast ",
        " fast",
        "fas",
        "faster",
        "arch.chat",
        "arch.chat.v",
        "arch.chat.v2",
        "arch.chat.v1.1",
        "arch-chat-v1",
        "chat",
        "",
        "default",
        "*",
        "arch.*",
    ] {
        is_unknown(&resolver, name);
    }
}

/// A misspelt model was silently replaced by another one. Here an undeclared spelling, case or prefix is unknown, and
/// a wildcard serves only its own prefix.
#[test]
fn agentgateway_1361_a_misspelt_model_is_not_substituted() {
    let resolver = gateway();
    for name in [
        // A letter, a version, a date.
        "gpt-4o-mni",
        "gpt-4",
        "gpt-4o-2024-08-06",
        "gpt_4o",
        "llama3",
        "llama3.1:latest",
        // Case.
        "GPT-4o",
        "Gpt-4o",
        "OpenAI/gpt-4o",
        "openai/GPT-4o",
        "FAST",
        "Groq/llama",
        // An undeclared prefix, another provider's prefix, or two prefixes.
        "foo/gpt-4o",
        "azure_openai/gpt-4o",
        "ollama/gpt-4o",
        "openai/llama3.1",
        "/gpt-4o",
        "openai//gpt-4o",
        "openai/openai/gpt-4o",
        "gpt-4o/openai",
        "openai/",
        "openai",
        // A pattern is not a name.
        "groq/*",
        "groq/",
        "groq",
        "openai/*",
    ] {
        is_unknown(&resolver, name);
    }
    // Declared names are found, and only the wildcard accepts an undeclared id.
    for (name, target) in [
        ("gpt-4o", "openai/gpt-4o"),
        ("openai/gpt-4o", "openai/gpt-4o"),
        ("fast", "openai/gpt-4o-mini"),
        ("groq/anything:at-all", "groq/anything:at-all"),
    ] {
        assert_eq!(resolver.resolve(name).unwrap().target(), target);
    }
}

/// The same holds for a name in a file: an alias with an unknown target does not load.
#[test]
fn agentgateway_1361_a_misspelt_target_is_not_substituted() {
    for target in [
        "gpt-4o-mni",
        "GPT-4o",
        "foo/gpt-4o",
        "groq/*",
        "groq/",
        "openai",
    ] {
        let error = AliasResolver::new(read(&format!("  chat: {target}\n"))).unwrap_err();
        let codes: Vec<Code> = error.problems().iter().map(Problem::code).collect();
        assert_eq!(codes, [Code::UnknownTarget], "{target}");
    }
}

fn references<'c>(entries: impl Iterator<Item = &'c TargetEntry>) -> Vec<&'c str> {
    entries.map(|entry| entry.reference().unwrap()).collect()
}

fn alias<'c>(config: &'c Config, name: &str) -> &'c AliasEntry {
    config.aliases().find(|alias| alias.name() == name).unwrap()
}

/// LiteLLM reads only the first key of each mapping in its `fallbacks` list, so it silently drops the others. Here
/// every entry of the list counts: each is kept, in order, in any form.
#[test]
fn litellm_fallbacks_every_entry_is_kept() {
    let config = read(
        "  chat:
    target: gpt-4o
    fallbacks:
      - {target: gpt-4o-mini, conditions: [timeout]}
      - llama3.1
      - target: groq/llama
      - {conditions: [any], target: groq/mixtral, timeout: 2s}
  fast:
    target: gpt-4o-mini
    fallbacks: [chat, groq/gemma]
",
    );
    assert_eq!(config.check(), []);
    assert_eq!(
        references(alias(&config, "chat").fallbacks()),
        ["gpt-4o-mini", "llama3.1", "groq/llama", "groq/mixtral"]
    );
    assert_eq!(
        references(alias(&config, "fast").fallbacks()),
        ["chat", "groq/gemma"]
    );
    // Also in later aliases, and after writing and reading the file.
    let again = Config::from_yaml("again.yaml", config.to_yaml()).unwrap();
    assert_eq!(again, config);
}

/// Every entry is checked too: a mistake is found in any entry.
#[test]
fn litellm_fallbacks_every_entry_is_checked() {
    let good = ["gpt-4o-mini", "llama3.1", "groq/llama", "groq/mixtral"];
    for wrong in 0..good.len() {
        let mut entries = good;
        entries[wrong] = "nowhere";
        let lines: String = entries
            .map(|entry| format!("      - target: {entry}\n"))
            .concat();
        let config = read(&format!(
            "  chat:\n    target: gpt-4o\n    fallbacks:\n{lines}"
        ));
        assert_eq!(references(alias(&config, "chat").fallbacks()), entries);
        let found: Vec<_> = config
            .check()
            .iter()
            .map(|problem| (problem.code(), problem.location().line()))
            .collect();
        assert_eq!(found, [(Code::UnknownTarget, Some(10 + wrong))]);
    }
}

/// The shape that loses entries there, a mapping of several models, is an error here: each unknown key is a problem of
/// its own.
#[test]
fn litellm_fallbacks_a_mapping_of_models_is_refused_whole() {
    let config = read(
        "  chat:\n    target: gpt-4o\n    fallbacks:\n      - gpt-4o: [llama3.1]\n        gpt-4o-mini: [groq/llama]\n",
    );
    let problems = config.check();
    let unknown: Vec<_> = problems
        .iter()
        .filter(|problem| problem.code() == Code::UnknownField)
        .map(|problem| problem.location().line().unwrap())
        .collect();
    assert_eq!(unknown, [10, 11]);
    assert!(AliasResolver::new(config).is_err());
}
