//! Guardrails: verdicts on content, merging, streams, and the laws of cost.
//!
//! The counts are those of CI; with `MODEL_ALIASES_FULL` set they are the full ones. Every seed is fixed.
#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "clippy.toml allows these in tests, which clippy takes for the test functions alone"
)]

mod cost;
mod faults;
mod laws;
mod named;
mod requests;
mod required;
mod seed;
mod silence;
mod stream;

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use model_aliases::{
    AliasResolver, AttemptsError, Check, Checked, Config, ContentFilter, FailureClass,
    FilterAction, ResolverBuilder, Verdict, Violation,
};

/// Returns the count for CI, or the full count.
fn full_or<T>(ci: T, full: T) -> T {
    if std::env::var_os("MODEL_ALIASES_FULL").is_some() {
        full
    } else {
        ci
    }
}

/// A builder with the models `p/a` to `p/d` and these aliases.
#[track_caller]
fn builder(aliases: &str) -> ResolverBuilder {
    let models: String = ["a", "b", "c", "d"]
        .map(|name| format!("  - {{model: p/{name}}}\n"))
        .concat();
    let text = format!("model_providers:\n{models}model_aliases:\n{aliases}");
    AliasResolver::builder(Config::from_yaml("config.yaml", text).unwrap()).seed(1)
}

/// Checks a request with one attempt and serves it. Returns the error if the check blocks it.
#[track_caller]
fn ask<'t>(
    resolver: &AliasResolver,
    name: &str,
    text: &'t str,
) -> (Checked<'t>, Option<AttemptsError>) {
    let mut call = resolver.attempts(name).unwrap();
    let checked = call.check_request(text);
    if checked.blocked().is_none() {
        call.succeeded();
        return (checked, None);
    }
    let goes_on = call.failed(FailureClass::Timeout);
    assert!(!goes_on, "a block ends a request");
    (checked, Some(call.into_error()))
}

/// Returns the text that is sent, or the violation that blocks it.
#[track_caller]
fn sent(resolver: &AliasResolver, name: &str, text: &str) -> Result<String, String> {
    let (checked, error) = ask(resolver, name, text);
    assert_eq!(
        error.as_ref().and_then(AttemptsError::blocked),
        checked.blocked()
    );
    match checked.blocked() {
        Some(violation) => Err(violation.to_string()),
        None => Ok(checked.text().unwrap().to_owned()),
    }
}

/// Formats a violation on one line, to compare and to sort.
fn line(violation: &Violation) -> String {
    let place = violation
        .range()
        .map_or("all".to_owned(), |r| format!("{}-{}", r.start, r.end));
    let action = match violation.action() {
        FilterAction::Block => "block",
        FilterAction::Redact => "redact",
    };
    let mode = if violation.is_enforced() { "" } else { "?" };
    format!(
        "{place} {action}{mode} {} {}",
        violation.rule(),
        violation.reason()
    )
}

fn sorted(violations: &[Violation]) -> Vec<String> {
    let mut lines: Vec<String> = violations.iter().map(line).collect();
    lines.sort();
    lines
}

/// Matches whole words, so the adjacent characters matter.
struct Words {
    words: &'static [&'static str],
    /// How many bytes it was asked to check.
    read: Arc<AtomicUsize>,
}

impl Words {
    fn new(words: &'static [&'static str]) -> Self {
        Self {
            words,
            read: Arc::default(),
        }
    }
}

impl Check for Words {
    fn check(
        &self,
        text: &str,
        _: Option<&ContentFilter>,
    ) -> Result<Verdict, Box<dyn Error + Send + Sync>> {
        self.read.fetch_add(text.len(), Ordering::Relaxed);
        let beside = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        Ok(self.words.iter().fold(Verdict::allow(), |verdict, word| {
            let places = text.match_indices(word).filter(|(at, _)| {
                beside(text[..*at].chars().next_back())
                    && beside(text[at + word.len()..].chars().next())
            });
            verdict.and(Verdict::redact(
                *word,
                places.map(|(at, _)| at..at + word.len()),
            ))
        }))
    }

    fn context_bytes(&self) -> usize {
        // One character more, of at most four bytes.
        self.words.iter().map(|word| word.len()).max().unwrap_or(0) + 4
    }
}

/// Blocks a text that contains a phrase.
struct Phrase(&'static str);

impl Check for Phrase {
    fn check(
        &self,
        text: &str,
        _: Option<&ContentFilter>,
    ) -> Result<Verdict, Box<dyn Error + Send + Sync>> {
        Ok(if text.contains(self.0) {
            Verdict::block("phrase")
        } else {
            Verdict::allow()
        })
    }

    fn context_bytes(&self) -> usize {
        self.0.len()
    }
}
