//! What README says is what happens.

use std::collections::BTreeSet;
use std::fs;

use model_aliases::{AliasResolver, Config, RoutingTests};

use crate::program::{root, run_in};

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// The contents of the fenced blocks in one language, in their order.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    text.split(&fence)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

/// The part of a document under a heading.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let start = text.find(&format!("\n## {heading}")).unwrap();
    let part = &text[start + 1..];
    part[3..].find("\n## ").map_or(part, |end| &part[..end + 3])
}

/// The first column of a table, without backticks.
fn first_column(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .map(str::to_owned)
        .collect()
}

/// The keys of a table of Cargo.toml.
fn keys(manifest: &str, table: &str) -> BTreeSet<String> {
    manifest
        .split(&format!("\n[{table}]\n"))
        .nth(1)
        .unwrap()
        .lines()
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, _)| key.to_owned())
        .collect()
}

fn manifest() -> String {
    fs::read_to_string(root().join("Cargo.toml")).unwrap()
}

#[test]
fn a_newcomer_needs_two_commands() {
    let readme = readme();
    let shell = blocks(&readme, "sh");
    assert_eq!(shell.len(), 1);
    let commands: Vec<&str> = shell[0].lines().collect();
    let [first, "cargo test"] = *commands else {
        panic!("{commands:?}");
    };
    assert!(readme.find("```sh").unwrap() < 500, "near the top");

    let arguments = first.strip_prefix("cargo run --example aliases -- ");
    let arguments: Vec<&str> = arguments.unwrap().split(' ').collect();
    assert_eq!(
        arguments,
        ["resolve", "examples/config.yaml", "arch.summarize.v1"]
    );
    let outcome = run_in(root(), &arguments, b"");
    assert_eq!(outcome.code, Some(0));
    assert_eq!(outcome.out, blocks(&readme, "text")[0]);
}

#[test]
fn the_bad_configuration_says_what_readme_says() {
    let readme = readme();
    let part = section(&readme, "A bad configuration");
    let config = Config::from_yaml("config.yaml", &blocks(part, "yaml")[0]).unwrap();
    let error = AliasResolver::new(config).unwrap_err();
    assert_eq!(format!("{error}\n"), blocks(part, "text")[0]);
}

#[test]
fn the_change_reads_as_readme_shows() {
    let version = |canary: u32| {
        let text = format!(
            "model_providers: [{{model: openai/gpt-4o}}, {{model: openai/o1}}]\n\
             model_aliases: {{chat: {{targets: [{{model: gpt-4o, weight: {}}}, {{model: o1, weight: {canary}}}]}}}}",
            100 - canary
        );
        AliasResolver::new(Config::from_yaml("config.yaml", text).unwrap()).unwrap()
    };
    let changes = version(10).changes_since(&version(5)).to_string();
    assert!(blocks(&readme(), "text").contains(&changes), "{changes}");
}

#[test]
fn the_routing_tests_hold() {
    let part = readme();
    let part = section(&part, "In a gateway");
    let config = fs::read(root().join("examples/config.yaml")).unwrap();
    let resolver = AliasResolver::new(Config::from_yaml("config.yaml", config).unwrap()).unwrap();
    let tests = RoutingTests::from_yaml("README.md", &blocks(part, "yaml")[0]).unwrap();
    assert_eq!(tests.len(), 6);
    tests.assert(&resolver);
}

#[test]
fn features_and_dependencies_are_those_of_the_manifest() {
    let (readme, manifest) = (readme(), manifest());
    let listed = first_column(section(&readme, "Dependencies"));
    assert_eq!(listed, keys(&manifest, "dependencies"));
    let mut features = keys(&manifest, "features");
    features.remove("default");
    assert_eq!(first_column(section(&readme, "Features")), features);
}

#[test]
fn the_minimum_version_is_that_of_the_manifest() {
    let manifest = manifest();
    let declared = manifest.split("\nrust-version = \"").nth(1).unwrap();
    let declared = declared.split('"').next().unwrap();
    assert!(section(&readme(), "Minimum Rust").contains(&format!("\n{declared}, ")));
    let docs = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    assert!(docs.contains(&format!("Rust {declared}")));
}

#[test]
fn the_files_that_readme_links_to_are_there() {
    let readme = readme();
    let links: Vec<&str> = readme
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .collect();
    assert!(links.len() >= 5);
    for link in links {
        assert!(root().join(link).exists(), "{link}");
    }
}
