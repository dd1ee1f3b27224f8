//! The example chain of the first description, through every sequence of three failures, and aliases of
//! every kind with each provider drained in turn.
//!
//! `tests/golden/attempts/drained.txt` has a row for each provider and alias whose steps the drain changes.
//!
//! `tests/golden/attempts/seed-chain.txt` has a row for each sequence: the failure classes of the first, second and
//! third attempt; then the models tried, and the class that the request fails with. `-` marks an attempt that is
//! never made, so one row covers all sequences with that beginning.

use std::fmt::Write;

use model_aliases::{AliasResolver, Config, FailureClass, FakeClock};

use super::{Comparison, folder};

const SEED: &str = "
model_providers:
  - {model: openai/gpt-4o-mini, access_key: $OPENAI_API_KEY}
  - {model: ollama/llama3.1, base_url: 'http://host.docker.internal:11434'}
  - {model: anthropic/claude-3-haiku-20240307, access_key: $ANTHROPIC_API_KEY}
model_aliases:
  arch.summarize.v1:
    target: gpt-4o-mini
    fallbacks:
      - target: llama3.1
        conditions: [quota_exceeded, timeout]
      - target: claude-3-haiku-20240307
        conditions: [primary_and_first_fallback_failed]
";

/// Runs a request whose attempts fail with these classes, and returns its row.
fn row(classes: [FailureClass; 3]) -> String {
    let config = Config::from_yaml("config.yaml", SEED).unwrap();
    let resolver = AliasResolver::builder(config)
        .clock(FakeClock::new())
        .seed(0)
        .build()
        .unwrap();
    let mut call = resolver.attempts("arch.summarize.v1").unwrap();
    let mut tried = vec![call.model().to_owned()];
    while call.failed(classes[tried.len() - 1]) {
        tried.push(call.model().to_owned());
    }
    let words = classes.iter().enumerate().map(|(at, class)| {
        if at < tried.len() {
            class.as_str()
        } else {
            "-"
        }
    });
    let words: Vec<&str> = words.collect();
    let class = call.into_error().class().unwrap();
    format!("{} → {} | {class}", words.join(" "), tried.join(", "))
}

#[test]
fn the_seeds_chain_goes_through_every_sequence_of_failures() {
    let mut rows: Vec<String> = Vec::new();
    for &first in FailureClass::ALL {
        for &second in FailureClass::ALL {
            for &third in FailureClass::ALL {
                rows.push(row([first, second, third]));
            }
        }
    }
    assert_eq!(rows.len(), 14 * 14 * 14);
    // Sequences that differ only after the end give the same row.
    rows.dedup();
    let mut text = String::new();
    for row in rows {
        writeln!(text, "{row}").unwrap();
    }
    let mut comparison = Comparison::default();
    comparison.compare(&folder("attempts").join("seed-chain.txt"), &text);
    comparison.done();
}

#[test]
fn each_provider_drained_in_turn() {
    let mut table = String::new();
    for file in ["seed", "fallbacks", "splits", "balancers"] {
        let text =
            std::fs::read_to_string(folder("good").join(file).with_extension("yaml")).unwrap();
        let config = Config::from_yaml(file, &text).unwrap();
        let resolver = || {
            let builder = AliasResolver::builder(config.clone());
            builder.clock(FakeClock::new()).seed(0).build().unwrap()
        };
        let steps = |resolver: AliasResolver, name: &str| {
            let steps = match resolver.attempts(name) {
                Ok(call) => call.commit().steps(),
                Err(error) => error.steps().to_vec(),
            };
            let steps: Vec<String> = steps.iter().map(ToString::to_string).collect();
            steps.join(", ")
        };
        for status in resolver().status() {
            writeln!(table, "{file}: {} drained", status.target()).unwrap();
            for alias in config.aliases() {
                let drained = resolver();
                assert!(drained.drain(status.target()));
                let (before, after) = (
                    steps(resolver(), alias.name()),
                    steps(drained, alias.name()),
                );
                if before != after {
                    writeln!(table, "  {}: {after}", alias.name()).unwrap();
                }
            }
        }
    }
    let mut comparison = Comparison::default();
    comparison.compare(&folder("attempts").join("drained.txt"), &table);
    comparison.done();
}
