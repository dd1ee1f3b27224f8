//! The golden vectors of the sticky law: `tests/vectors.json`, made by `tests/vectors.py`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use model_aliases::{AliasResolver, Config, Request, Resolution};
use serde_json::Value;

fn file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}

fn vectors() -> Value {
    let text = std::fs::read_to_string(file("vectors.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Splits a member's text into the part without the endpoint, and the endpoint.
fn parts(text: &str) -> (&str, Option<&str>) {
    match text.split_once('@') {
        Some((entry, endpoint)) => (entry, Some(endpoint)),
        None => (text, None),
    }
}

/// The configuration of one choice: the alias `a`, with its members in file order.
fn config(choice: &Value) -> Config {
    let members: Vec<(&str, u64)> = choice["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| {
            let text = member["text"].as_str().unwrap();
            (text, member["weight"].as_u64().unwrap())
        })
        .collect();
    let mut text = String::from("model_providers:\n");
    let entries: BTreeSet<&str> = members.iter().map(|(text, _)| parts(text).0).collect();
    for entry in entries {
        if entry.contains('/') {
            writeln!(text, "  - model: '{entry}'").unwrap();
        } else {
            writeln!(text, "  - {{name: {entry}, model: custom/{entry}-behind}}").unwrap();
        }
    }
    let salt = choice["salt"].as_str().unwrap();
    writeln!(text, "model_aliases:\n  a:\n    sticky: {{salt: '{salt}'}}").unwrap();
    let is_split = choice["kind"] == "split";
    if !is_split {
        text += "    load_balance: {algorithm: sticky}\n";
    }
    text += "    targets:\n";
    for (member, weight) in members {
        let weight = if is_split {
            format!("{}.{:02}", weight / 100, weight % 100)
        } else {
            weight.to_string()
        };
        let (entry, endpoint) = parts(member);
        let endpoint = endpoint.map(|url| format!(", endpoint: '{url}'"));
        let endpoint = endpoint.unwrap_or_default();
        writeln!(
            text,
            "      - {{model: '{entry}', weight: {weight}{endpoint}}}"
        )
        .unwrap();
    }
    Config::from_yaml("config.yaml", text).unwrap()
}

/// The text that is hashed for the target: its endpoint as written, not as printed.
fn hashed(route: &Resolution<'_>) -> String {
    let target = route.target();
    match route.endpoint() {
        Some(endpoint) => format!("{}@{endpoint}", parts(&target).0),
        None => target.into_owned(),
    }
}

#[test]
fn every_vector_holds() {
    let vectors = vectors();
    let choices = vectors["choices"].as_array().unwrap();
    assert!(choices.len() >= 50);
    for choice in choices {
        let resolver = AliasResolver::new(config(choice)).unwrap();
        for pair in choice["chosen"].as_array().unwrap() {
            let (key, expected) = (pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
            let route = resolver.resolve(Request::new("a").sticky_key(key)).unwrap();
            assert_eq!(hashed(&route), expected, "{key:?} in {choice}");
        }
    }
}

/// The file equals the program's output, byte for byte.
#[test]
fn the_program_writes_the_file() {
    let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vectors.json");
    let run = Command::new("python3")
        .arg(file("vectors.py"))
        .arg(&written)
        .status();
    match run {
        Ok(status) => assert!(status.success()),
        Err(error) if std::env::var_os("CI").is_none() => {
            println!("skipped: python3 does not run here: {error}");
            return;
        }
        Err(error) => panic!("python3 does not run: {error}"),
    }
    let (written, committed) = (std::fs::read(written), std::fs::read(file("vectors.json")));
    assert!(
        written.unwrap() == committed.unwrap(),
        "tests/vectors.json is not what tests/vectors.py writes"
    );
}
