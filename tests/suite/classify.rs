//! The failure class of provider responses.
//!
//! `tests/fixtures/failures/<provider>.json` holds a list of responses. Each names the document that defines its
//! codes and shapes, and a date: `dated` is the date of the document or report, `read` is the day when an undated
//! document was read, and `recalled` marks a document that could not be read. A change of a rule then shows which
//! sources to check first. The sentences are ours, except for words that a rule looks for.
//! `tests/fixtures/failures/answers.jsonl` holds at least one answer for each row of
//! `src/failure/classify/answers.txt`, one a line: provider, status, headers, the shape of the body with only the words
//! that matter, class and source.
//! A `body` that is not a string is sent as JSON. `code`, `delay_ms` and `says_status` are the other fields of the
//! failure; `says_status` is there only where the status in the body counts.

mod answers;
mod any_bytes;
mod directed;
mod rules;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use model_aliases::{Failure, FailureClass};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    not(feature = "json"),
    expect(dead_code, reason = "codes in bodies are read with `json` only")
)]
struct Fixture {
    name: String,
    document: String,
    dated: Option<String>,
    read: Option<String>,
    recalled: Option<String>,
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Value,
    class: String,
    code: Option<String>,
    delay_ms: Option<u128>,
    says_status: Option<u16>,
}

impl Fixture {
    fn body(&self) -> String {
        match &self.body {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        }
    }

    fn failure(&self) -> Failure {
        Failure::from_http(self.status, &self.headers, self.body())
    }

    /// The date. Exactly one of the three fields must hold it.
    fn day(&self) -> &str {
        let days = [&self.dated, &self.read, &self.recalled];
        let mut days = days.into_iter().flatten();
        let day = days.next().unwrap();
        assert_eq!(days.next(), None, "{}", self.name);
        day
    }
}

const PROVIDERS: [&str; 9] = [
    "anthropic",
    "azure",
    "bedrock",
    "compatible",
    "gemini",
    "groq",
    "mistral",
    "openai",
    "together",
];

fn fixtures(provider: &str) -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/failures");
    let text = fs::read_to_string(folder.join(format!("{provider}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[cfg(feature = "json")]
#[test]
fn each_answer_is_taken_for_what_its_document_says() {
    let mut wrong = Vec::new();
    for provider in PROVIDERS {
        for fixture in fixtures(provider) {
            let failure = fixture.failure();
            let found = (
                failure.class().as_str(),
                failure.provider_code(),
                failure.retry_delay().map(|delay| delay.as_millis()),
                failure.http_status(),
            );
            let status = Some(fixture.status).filter(|status| *status >= 400);
            let expected = (
                &*fixture.class,
                fixture.code.as_deref(),
                fixture.delay_ms,
                status.or(fixture.says_status),
            );
            if found != expected {
                let name = &fixture.name;
                wrong.push(format!("{provider}: {name}: {found:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_are_eight_answers_a_provider_and_two_a_class() {
    for provider in PROVIDERS {
        let fixtures = fixtures(provider);
        assert!(fixtures.len() >= 8, "{provider}");
        let mut classes = BTreeMap::new();
        for fixture in &fixtures {
            *classes.entry(&fixture.class).or_insert(0) += 1;
            assert!(fixture.document.starts_with("https://"), "{}", fixture.name);
            assert_eq!(fixture.day().len(), "2026-11-24".len(), "{}", fixture.name);
            let mut known = FailureClass::ALL.iter();
            assert!(known.any(|class| class.as_str() == fixture.class));
        }
        for (class, count) in classes {
            assert!(count >= 2, "{provider}: {class}");
        }
    }
}

/// Failures may be logged, so they print no text of a provider or a client.
#[test]
fn no_failure_prints_a_message() {
    for provider in PROVIDERS {
        for fixture in fixtures(provider) {
            let printed = format!("{:?}", fixture.failure());
            assert!(!printed.contains(". "), "{printed}");
            assert!(!printed.contains("token"), "{printed}");
        }
    }
}
