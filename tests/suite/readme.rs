//! The statements of README outside its code blocks, which `book` runs.

use std::collections::BTreeSet;
use std::fs;

use crate::book::blocks::blocks;
use crate::program::{files_below, root};

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
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
    let blocks = blocks(&readme);
    let shell: Vec<_> = blocks.iter().filter(|block| block.info == "sh").collect();
    assert_eq!(shell.len(), 1);
    assert_eq!(
        shell[0].text,
        "cargo run --example aliases -- resolve examples/config.yaml arch.summarize.v1\ncargo test\n"
    );
    assert!(readme.find("```sh").unwrap() < 500, "near the top");
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

/// Words that make a reader read a sentence twice.
const RIDDLES: &[&str] = &[
    "whoever", "whom", "so many", "come to", "comes to", "of which", "amiss",
];

/// Counts these words in a text, as whole words and across line ends.
fn riddles(text: &str) -> usize {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let text = format!(" {} ", words.join(" "));
    let count = |riddle: &&str| text.matches(&format!(" {riddle} ")).count();
    RIDDLES.iter().map(count).sum()
}

#[test]
fn no_sentence_is_a_riddle() {
    assert_eq!(
        riddles("Whoever comes\n/// to it, of which so many are whom."),
        5
    );
    let mut found = 0;
    for place in ["src", "docs", "tests", "benches", "examples", "scripts"] {
        for file in files_below(&root().join(place)) {
            if file.ends_with(file!()) {
                continue; // It holds the words.
            }
            let text = fs::read_to_string(&file).unwrap_or_default();
            let count = riddles(&text);
            if count > 0 {
                println!("{}: {count}", file.display());
            }
            found += count;
        }
    }
    for file in ["README.md", "CHANGELOG.md"] {
        found += riddles(&fs::read_to_string(root().join(file)).unwrap());
    }
    println!("riddles in the sources, tests and pages: {found} (limit 0)");
    assert_eq!(found, 0);
}
