//! What requests bring and how their attempts end, by chance.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;

use crate::laws::reference::plan::cost::{Price, Tokens};
use crate::laws::reference::plan::{Failure, Outcome};

/// Words of the embedder's own; configurations use them as conditions.
pub(super) const OWN_WORDS: [&str; 2] = ["busy_hour", "flaky"];

/// Failures after which most steps go on, and the statuses that they come with.
const USUAL: &[(&str, &[u16])] = &[
    ("timeout", &[0, 408, 504]),
    ("rate_limited", &[429]),
    ("quota_exhausted", &[429, 402]),
    ("overloaded", &[503, 529]),
    ("server_error", &[500, 502, 0]),
    ("connect_error", &[0]),
    ("auth_failed", &[401, 403, 0]),
    ("not_found", &[404]),
];

const RARE: &[(&str, &[u16])] = &[
    ("context_length_exceeded", &[400, 413, 429]),
    ("content_filtered", &[400, 0]),
    ("invalid_request", &[400, 422, 503]),
    ("cost_exceeded", &[0]),
    ("latency_exceeded", &[0]),
    ("not_allowed", &[0, 403]),
];

/// One of these, which must be some.
pub(super) fn pick<'t, T>(rng: &mut StdRng, items: &'t [T]) -> &'t T {
    &items[rng.random_range(0..items.len())]
}

/// What attempts of a case fail with: mostly the same, or nothing would fail five times in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mood(Option<(&'static str, &'static [u16])>);

impl Mood {
    pub(super) fn new(rng: &mut StdRng) -> Self {
        Self(rng.random_bool(0.5).then(|| *pick(rng, USUAL)))
    }
}

/// How an attempt ends: four in five fail so that a later step may run.
pub(super) fn outcome(rng: &mut StdRng, mood: Mood) -> Outcome {
    match (rng.random_range(0..25), mood.0) {
        (0..2, _) => Outcome::Served,
        (2, _) => Outcome::Dropped,
        (3..5, _) => Outcome::Failed(failure(rng, RARE)),
        (5..18, Some(usual)) => Outcome::Failed(failure(rng, &[usual])),
        _ => Outcome::Failed(failure(rng, USUAL)),
    }
}

/// A failure of a body that was already being sent, or of any attempt.
pub(super) fn any_failure(rng: &mut StdRng) -> Failure {
    let classes = if rng.random_bool(0.8) { USUAL } else { RARE };
    failure(rng, classes)
}

/// A failure that makes no target cool by itself, and five in a row do.
pub(super) fn slow_failure(rng: &mut StdRng) -> Failure {
    let slow: Vec<(&str, &[u16])> = USUAL
        .iter()
        .filter(|(class, _)| !["rate_limited", "quota_exhausted", "auth_failed"].contains(class))
        .copied()
        .collect();
    failure(rng, &slow)
}

fn failure(rng: &mut StdRng, classes: &[(&'static str, &[u16])]) -> Failure {
    let (class, statuses) = *pick(rng, classes);
    let status = *pick(rng, statuses);
    let retry_after = rng.random_bool(0.15).then(|| {
        let seconds = *pick(rng, &[0, 1, 7, 20, 700]);
        Duration::from_secs(seconds)
    });
    let words = OWN_WORDS.into_iter().filter(|_| rng.random_bool(0.15));
    let words = words.collect();
    Failure {
        class,
        status: Some(status).filter(|&status| status != 0),
        retry_after,
        words,
    }
}

/// Token counts of a request or an attempt. The limits and prices of the configurations are chosen
/// so that some of these counts hit a limit exactly.
pub(super) fn tokens(rng: &mut StdRng) -> Tokens {
    let usual = [
        (3_000, 3_000),
        (3_000, 3_000),
        (1_500, 1_500),
        (3_000, 0),
        (1, 0),
        (0, 0),
        (20_000, 4_000),
    ];
    let (input, output) = match rng.random_range(0..12) {
        0 => (rng.random_range(0..10_000), rng.random_range(0..10_000)),
        1 if rng.random_bool(0.1) => (u64::MAX, u64::MAX),
        _ => *pick(rng, &usual),
    };
    Tokens { input, output }
}

/// What an attempt took, where its provider says so.
pub(super) fn usage(rng: &mut StdRng) -> Option<Tokens> {
    rng.random_bool(0.3).then(|| tokens(rng))
}

/// A price of the embedder's, for one token.
pub(super) fn price(rng: &mut StdRng) -> Price {
    let part = |rng: &mut StdRng| *pick(rng, &[0, 1, 333_333, 1_000_000, 1_000_000, 10_000_000]);
    Price {
        input: part(rng),
        output: part(rng),
    }
}

/// A step of the clock.
pub(super) fn pause(rng: &mut StdRng) -> Duration {
    let millis = match rng.random_range(0..60) {
        0..36 => *pick(rng, &[1_u64, 10, 50, 100, 250]),
        36..48 => *pick(rng, &[400, 700, 1_000, 1_250]),
        48..57 => *pick(rng, &[2_500, 5_500, 9_999, 10_000]),
        57..59 => *pick(rng, &[30_000, 75_000]),
        _ => 900_000,
    };
    Duration::from_millis(millis)
}
