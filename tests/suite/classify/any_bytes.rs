//! Arbitrary bytes and headers: no panic, always a result, and memory in proportion to the size.

use model_aliases::{Classifier, Failure, FailureClass, FailureRule};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::counting::counted;

use super::{PROVIDERS, fixtures};

/// Fragments that the reader recognises, so that random input reaches deep.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "\\",
    "\\u",
    "\\ud83d",
    "0",
    "429",
    "null",
    "true",
    "-1e9",
    "\"error\":",
    "\"message\":\"",
    "\"code\":",
    "\"type\":",
    "\"details\":[",
    "\"quotaId\":",
    "\"retryDelay\":\"1s\"",
    "data:",
    "event: error\n",
    "\n",
    "\r\n",
    " ",
    "<",
    "\u{feff}",
    "é",
    "request too large",
    "insufficient_quota",
    "ThrottlingException",
    "PerDay",
    "flagged_input",
];

fn body(rng: &mut StdRng, samples: &[Vec<u8>]) -> Vec<u8> {
    let mut body = match rng.random_range(0..4) {
        0 => (0..rng.random_range(0..400))
            .map(|_| rng.random())
            .collect(),
        1 => {
            let pieces =
                (0..rng.random_range(0..80)).map(|_| PIECES[rng.random_range(0..PIECES.len())]);
            pieces.collect::<String>().into_bytes()
        }
        _ => samples[rng.random_range(0..samples.len())].clone(),
    };
    for _ in 0..rng.random_range(0..6) {
        let at = rng.random_range(0..=body.len());
        match rng.random_range(0..4) {
            0 => body.truncate(at),
            1 => body.insert(at, rng.random()),
            2 => {
                let piece = PIECES[rng.random_range(0..PIECES.len())];
                body.splice(at..at, piece.bytes());
            }
            _ => {
                let end = rng.random_range(at..=body.len());
                body.drain(at..end);
            }
        }
    }
    body
}

#[test]
fn no_bytes_panic() {
    let samples: Vec<Vec<u8>> = PROVIDERS
        .iter()
        .flat_map(|provider| fixtures(provider))
        .map(|fixture| fixture.body().into_bytes())
        .collect();
    let ruled = Classifier::new()
        .rule(FailureRule::new().code("x").condition("a"))
        .rule(FailureRule::new().message("o").class(FailureClass::Timeout));
    let rounds = if std::env::var_os("MODEL_ALIASES_FULL").is_some() {
        3_000_000
    } else {
        30_000
    };
    let mut rng = StdRng::seed_from_u64(29);
    for _ in 0..rounds {
        let body = body(&mut rng, &samples);
        let status = rng.random_range(0..700);
        let name =
            ["retry-after", "retry-after-ms", "date", "x-amzn-errortype"][rng.random_range(0..4)];
        let value: Vec<u8> = (0..rng.random_range(0..40)).map(|_| rng.random()).collect();
        let failure = Failure::from_http(status, [(name, &value)], &body);
        if let Some(code) = failure.provider_code() {
            assert!(code.len() <= 64 && code.is_ascii(), "{code}");
        }
        let again = Failure::from_http(status, [(name, &value)], &body);
        assert_eq!(failure, again);
        ruled.http(status, [(name, &value)], &body);
    }
}

/// The inputs of `benches/classify.rs`, which counts their instructions.
#[test]
fn hostile_bodies_take_no_more_memory_than_they_are_long() {
    let kib = 64 * 1024;
    // The table of known answers is built with the first failure of a process.
    let _ = Failure::from_http(500, [("a", "b")], "x");
    for (name, piece) in [
        ("brackets", "["),
        ("braces", "{\"error\":"),
        ("escapes", "\\n"),
        ("bytes", "\u{fffd}"),
        ("wrapped", "{\"message\":\"{\\\"message\\\":\\\""),
    ] {
        let body = piece.repeat(kib / piece.len());
        let (_, allocated) = counted(|| Failure::from_http(429, [("a", "b")], &body));
        assert!(allocated.bytes <= 8 * kib, "{name}: {}", allocated.bytes);
    }
}
