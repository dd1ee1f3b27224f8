//! Any bytes as the body and the headers of a failure: classified, twice alike, nothing leaked.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model_aliases::{Classifier, Failure, FailureClass, FailureRule};

/// The headers that are read.
const NAMES: &[&str] = &[
    "retry-after",
    "retry-after-ms",
    "date",
    "x-amzn-errortype",
    "request-id",
];

fuzz_target!(|input: (u16, Vec<(u8, Vec<u8>)>, &[u8])| {
    let (status, headers, body) = input;
    let headers = || {
        headers
            .iter()
            .map(|(name, value)| (NAMES[usize::from(*name) % NAMES.len()], value))
    };
    let failure = Failure::from_http(status, headers(), body);
    assert_eq!(failure, Failure::from_http(status, headers(), body));
    if let Some(code) = failure.provider_code() {
        assert!(code.len() <= 64 && code.is_ascii());
    }

    // A rule that asks for nothing fits everything, and gives the class.
    let classifier = Classifier::new()
        .rule(FailureRule::new().code("x").message("y").condition("both"))
        .rule(FailureRule::new().class(FailureClass::Timeout));
    let ruled = classifier.http(status, headers(), body);
    assert_eq!(ruled.class(), FailureClass::Timeout);
    assert_eq!(ruled.http_status(), failure.http_status());
    assert_eq!(ruled.retry_delay(), failure.retry_delay());
});
