//! What one client brings never takes a target from the others: rule 29, simulated.

use std::time::Duration;

use model_aliases::{Failure, FailureClass as Class, Request, TargetState};

use super::{Scene, judged};
use crate::selection::full_or;

const TEXT: &str = "model_providers:
  - {model: pa/a, passthrough_auth: true}
  - {model: pb/b, access_key: $B}
  - {model: wild/*, access_key: $W}
  - {model: pc/c, access_key: $B}
model_aliases:
  own-key: {target: a, fallbacks: [{target: c, conditions: [any, auth_failed]}]}
  large: {target: b, fallbacks: [{target: c, conditions: [any, context_length_exceeded]}]}
  typed: {target: wild/known, fallbacks: [c]}
  pool: {load_balance: {}, targets: [{model: a}, {model: b}]}\n";

/// What is wrong with a client, and how its requests fail.
struct Client {
    asked: &'static [&'static str],
    failure: fn() -> Failure,
}

const NO_HEADERS: [(&str, &str); 0] = [];

const CLIENTS: [Client; 5] = [
    // A bad key of its own.
    Client {
        asked: &["own-key", "a", "pool"],
        failure: || {
            Failure::from_http(401, NO_HEADERS, r#"{"error": {"code": "invalid_api_key"}}"#)
        },
    },
    // A key of its own whose quota is spent, and one that is limited.
    Client {
        asked: &["own-key", "a"],
        failure: || {
            Failure::from_http(
                429,
                NO_HEADERS,
                r#"{"error": {"code": "insufficient_quota"}}"#,
            )
        },
    },
    Client {
        asked: &["own-key", "a"],
        failure: || Failure::from_http(429, [("retry-after", "600")], "slow down"),
    },
    // Requests larger than any limit, as a status and as a provider puts it into words.
    Client {
        asked: &["large", "b", "pool"],
        failure: || Failure::from_http(413, NO_HEADERS, ""),
    },
    Client {
        asked: &["large", "b"],
        failure: || {
            Failure::from_http(
                400,
                NO_HEADERS,
                r#"{"error": {"code": "context_length_exceeded", "message": "too long"}}"#,
            )
        },
    },
];

const TYPOS: [&str; 5] = [
    "wild/gtp",
    "wild/claud",
    "wild/lama",
    "wild/know",
    "wild/knownn",
];

/// The other clients: the name each asks for and the targets that must serve it.
const OTHERS: [(&str, &[&str]); 5] = [
    ("own-key", &["a"]),
    ("large", &["b"]),
    ("typed", &["known"]),
    ("wild/other", &["other"]),
    ("pool", &["a", "b"]),
];

#[test]
fn nobody_else_loses_a_target() {
    let scene = Scene::of(TEXT, |builder| builder);
    let (mut asked, mut lost) = (0_u32, 0_u32);
    for round in 0..full_or(600, 60_000) {
        for client in &CLIENTS {
            let name = client.asked[round % client.asked.len()];
            fails(&scene, name, &client.failure);
        }
        // In a row, as many as would make any other target cool.
        for typo in TYPOS {
            fails(&scene, typo, &|| {
                Failure::from_http(404, NO_HEADERS, r#"{"error": {"code": "model_not_found"}}"#)
            });
        }
        for (name, served_by) in OTHERS {
            asked += 1;
            let call = scene.resolver.attempts(name).unwrap();
            lost += u32::from(!served_by.contains(&call.model()) || call.is_last_resort());
            let serving = call.commit();
            lost += u32::from(serving.steps().len() > 1);
            serving.finished();
        }
        for status in scene.resolver.status() {
            assert_eq!(status.state(), TargetState::Healthy, "{}", status.target());
        }
        scene.clock.advance(Duration::from_millis(100));
    }
    println!("{asked} requests of others beside clients whose requests fail");
    judged(
        "requests of others that lost a target",
        f64::from(lost),
        0.0,
    );
}

/// A request whose every attempt fails by what the client brought. A target of our own key behind
/// it serves.
fn fails(scene: &Scene, asked: &str, failure: &dyn Fn() -> Failure) {
    let mut call = scene.resolver.attempts(Request::new(asked)).unwrap();
    loop {
        let is_own = call.provider().passes_auth() || call.asked().starts_with("wild/");
        let failure = failure();
        let is_large = matches!(
            failure.class(),
            Class::ContextLengthExceeded | Class::ContentFiltered
        );
        if !is_own && !is_large {
            return call.succeeded();
        }
        if !call.failed(failure) {
            return;
        }
    }
}
