//! What no provider's document shows: the order of the rules, cut and wrapped bodies, and rules of the
//! embedder.

use std::time::Duration;

use model_aliases::{Classifier, Failure, FailureClass, FailureRule, SendPhase, TransportError};

fn class(status: u16, body: impl AsRef<[u8]>) -> FailureClass {
    Failure::from_http(status, None::<(&str, &str)>, body).class()
}

#[test]
fn a_status_alone() {
    for (statuses, expected) in [
        (&[401, 403][..], FailureClass::AuthFailed),
        (&[402], FailureClass::QuotaExhausted),
        (&[404], FailureClass::NotFound),
        (&[408, 504, 524], FailureClass::Timeout),
        (&[413], FailureClass::ContextLengthExceeded),
        (&[429], FailureClass::RateLimited),
        (&[503, 529], FailureClass::Overloaded),
        (&[500, 501, 502, 520, 599], FailureClass::ServerError),
        // An answer that was not usable.
        (&[0, 200, 204, 302], FailureClass::ServerError),
        (
            &[400, 405, 409, 422, 451, 499, 600, 65_535],
            FailureClass::InvalidRequest,
        ),
    ] {
        for &status in statuses {
            assert_eq!(class(status, ""), expected, "{status}");
        }
    }
}

/// A client chooses names and words that a provider repeats, and must not take the target from everybody by
/// them: rule 29.
#[test]
fn what_a_client_makes_a_provider_repeat_is_not_read() {
    let harmful = [
        "insufficient_quota",
        "API key not valid",
        "Incorrect API key provided",
        "invalid_api_key",
        "experiencing high demand",
        "model identifier is invalid",
    ];
    for words in harmful {
        for (status, body) in [
            (
                400,
                format!(
                    r#"{{"error": {{"message": "Invalid value: '{words}'. Supported values are: 'user'.",
                    "type": "invalid_request_error", "param": "messages[0].role", "code": "invalid_value"}}}}"#
                ),
            ),
            (
                404,
                format!(
                    r#"{{"object": "error", "message": "The model `{words}` does not exist.",
                    "type": "NotFoundError", "code": 404}}"#
                ),
            ),
            (
                400,
                format!(
                    r#"{{"type": "error", "error": {{"type": "invalid_request_error",
                    "message": "tools.0.name: the tool's name \"{words}\" is not allowed"}}}}"#
                ),
            ),
            (
                400,
                format!(
                    "could not parse request body: {{\"error\":{{\"code\":\"{words}\",\"message\":\"{words}\"}}}}"
                ),
            ),
            (
                422,
                format!(
                    r#"{{"detail": [{{"msg": "Don’t know “{words}”", "type": "value_error"}}]}}"#
                ),
            ),
            (
                400,
                format!(
                    r#"{{"error": {{"message": "cannot read {{\"error\": {{\"code\": \"{words}\"}}}}", "code": 400}}}}"#
                ),
            ),
        ] {
            let expected = match status {
                404 => FailureClass::NotFound,
                _ => FailureClass::InvalidRequest,
            };
            assert_eq!(class(status, &body), expected, "{status} {body}");
        }
    }
}

/// The provider's own words stay: before a quote, with an apostrophe, in its own code, or with a status that
/// is about the key or a quota.
#[cfg(feature = "json")]
#[test]
fn what_a_provider_says_in_its_own_words_is_read() {
    for (status, body, expected) in [
        (
            400,
            r#"{"error": {"message": "Your organization's credit balance is too low: see 'Plans'."}}"#,
            FailureClass::QuotaExhausted,
        ),
        (
            400,
            r#"{"error": {"message": "Not for 'you'.", "code": "insufficient_quota"}}"#,
            FailureClass::QuotaExhausted,
        ),
        (
            429,
            r#"{"error": {"message": "Code 'insufficient_quota'."}}"#,
            FailureClass::QuotaExhausted,
        ),
        (
            400,
            r#"{"error": {"message": "The model `x`: prompt is too long"}}"#,
            FailureClass::ContextLengthExceeded,
        ),
    ] {
        assert_eq!(class(status, body), expected, "{body}");
    }
}

#[test]
fn how_a_connection_failed() {
    use TransportError::{Closed, Connect, Timeout, Unreadable};
    for (error, connecting, sent) in [
        (
            Connect,
            FailureClass::ConnectError,
            FailureClass::ConnectError,
        ),
        (Timeout, FailureClass::Timeout, FailureClass::Timeout),
        (
            Closed,
            FailureClass::ConnectError,
            FailureClass::ServerError,
        ),
        (
            Unreadable,
            FailureClass::ServerError,
            FailureClass::ServerError,
        ),
    ] {
        let class = |phase| Failure::from_transport(error, phase).class();
        assert_eq!(
            (class(SendPhase::Connecting), class(SendPhase::Sent)),
            (connecting, sent)
        );
    }
}

/// With the feature, codes count before words; each line takes one piece of evidence away.
#[cfg(feature = "json")]
#[test]
fn evidence_counts_in_its_order() {
    let body = |code: &str, words: &str| {
        format!("{{\"error\": {{\"message\": \"{words}\", \"code\": \"{code}\"}}}}")
    };
    let words = "request too large";
    assert_eq!(
        class(401, body("content_filter", words)),
        FailureClass::ContentFiltered
    );
    assert_eq!(
        class(401, body("slow_down", words)),
        FailureClass::ContextLengthExceeded
    );
    assert_eq!(class(401, body("slow_down", "")), FailureClass::RateLimited);
    assert_eq!(class(401, body("api_error", "")), FailureClass::AuthFailed);
    assert_eq!(class(200, body("api_error", "")), FailureClass::ServerError);
    assert_eq!(
        class(200, body("INVALID_ARGUMENT", "")),
        FailureClass::InvalidRequest
    );
    // Of two that say as much, the code counts before the type.
    let two = "{\"type\": \"overloaded_error\", \"code\": \"content_filter\"}";
    assert_eq!(class(401, two), FailureClass::ContentFiltered);
    // A status inside says more than such a code, and nothing against the real one.
    assert_eq!(
        class(200, "{\"type\": \"api_error\", \"code\": 402}"),
        FailureClass::QuotaExhausted
    );
    assert_eq!(
        class(404, "{\"type\": \"api_error\", \"code\": 402}"),
        FailureClass::NotFound
    );
}

#[cfg(feature = "json")]
#[test]
fn a_body_that_breaks_off_says_what_it_said_before() {
    let whole = r#"{"error": {"type": "tokens", "code": "insufficient_quota", "message": "a \\ \ud83d\ude00 b"}}"#;
    let said = whole.find("quota\"").unwrap() + "quota".len();
    for end in 0..=whole.len() {
        let expected = if end >= said {
            FailureClass::QuotaExhausted
        } else {
            FailureClass::RateLimited
        };
        assert_eq!(class(429, &whole[..end]), expected, "{}", &whole[..end]);
    }
}

#[cfg(feature = "json")]
#[test]
fn a_message_that_is_cut_is_read_as_far_as_it_goes() {
    // An escape of any length may stand at the end, whole or in part. With a status of its own the
    // words would be found in the raw body, too.
    for end in [
        "",
        "\\",
        "\\\\",
        "\\\\\\",
        "\\u",
        "\\ud83d",
        "\\ud83d\\",
        "\\ud83d\\ude0",
        "\\\"",
        "é",
    ] {
        let body = format!("{{\"error\": {{\"message\": \"prompt is too long: x{end}");
        assert_eq!(
            class(200, &body),
            FailureClass::ContextLengthExceeded,
            "{end}"
        );
    }
}

#[test]
fn only_the_first_3_kib_of_messages_are_searched() {
    let padded = |bytes: usize| "x".repeat(bytes) + " currently overloaded";
    assert_eq!(class(400, padded(3_000)), FailureClass::Overloaded);
    assert_eq!(class(400, padded(3 * 1024)), FailureClass::InvalidRequest);
}

#[cfg(feature = "json")]
#[test]
fn only_the_first_64_kib_count() {
    let padded = |bytes: usize| {
        let padding = "x".repeat(bytes);
        format!(r#"{{"id": "{padding}", "error": {{"code": "server_is_overloaded"}}}}"#)
    };
    assert_eq!(class(400, padded(64_000)), FailureClass::Overloaded);
    assert_eq!(class(400, padded(64 * 1024)), FailureClass::InvalidRequest);
}

#[cfg(feature = "json")]
#[test]
fn a_long_message_in_front_does_not_hide_the_code_behind() {
    let body = |bytes| {
        let message = "x".repeat(bytes);
        format!(
            "{{\"error\": {{\"message\": \"currently overloaded {message}\", \"code\": \"invalid_api_key\"}}}}"
        )
    };
    assert_eq!(class(400, body(60_000)), FailureClass::AuthFailed);
    // Cut off before the code, the words are left.
    assert_eq!(class(400, body(70_000)), FailureClass::Overloaded);
}

#[cfg(feature = "json")]
#[test]
fn what_is_no_json_is_read_as_far_as_it_is() {
    for (body, expected) in [
        // A byte that is no UTF-8, half a surrogate, a comma too many, a BOM.
        (
            &b"{\"error\": {\"message\": \"\xff\", \"code\": \"content_filter\"}}"[..],
            FailureClass::ContentFiltered,
        ),
        (
            br#"{"error": {"code": "content_filter", "message": "\ud83d"}}"#,
            FailureClass::ContentFiltered,
        ),
        (
            br#"{"error": {"message": "\ud83d prompt is too long"}}"#,
            FailureClass::ContextLengthExceeded,
        ),
        (
            br#"{"error": {"code": "content_filter",}}"#,
            FailureClass::ContentFiltered,
        ),
        (
            b"\xef\xbb\xbf{\"code\": \"content_filter\"}",
            FailureClass::ContentFiltered,
        ),
        (
            br#""{\"code\": \"content_filter\"}""#,
            FailureClass::ContentFiltered,
        ),
        (b"<html>content_filter</html>", FailureClass::InvalidRequest),
    ] {
        assert_eq!(
            class(400, body),
            expected,
            "{}",
            String::from_utf8_lossy(body)
        );
    }
}

#[cfg(feature = "json")]
#[test]
fn what_a_client_sent_is_no_error() {
    // Names under which providers repeat a request, and the text of an answer.
    for (status, body) in [
        (
            400,
            r#"{"detail": [{"type": "missing", "input": {"code": "content_filter"}}]}"#,
        ),
        (
            400,
            r#"{"error": {"failed_generation": "content_filter", "param": "content_filter"}}"#,
        ),
        (
            200,
            r#"{"choices": [{"message": {"content": "content_filter"}, "finish_reason": "stop"}]}"#,
        ),
        (
            200,
            r#"{"candidates": [{"content": {"parts": [{"text": "SAFETY"}]}, "finishReason": "STOP"}]}"#,
        ),
        (200, "content_filter"),
    ] {
        assert_ne!(class(status, body), FailureClass::ContentFiltered, "{body}");
    }
}

#[cfg(feature = "json")]
#[test]
fn depth_and_number_are_bounded() {
    let found = FailureClass::ContentFiltered;
    let code = "{\"code\":\"SAFETY\"}";
    let nested = |depth| "{\"error\":".repeat(depth) + code + &"}".repeat(depth);
    assert_eq!(class(400, nested(10)), found);
    assert_ne!(class(400, nested(20)), found);
    assert_ne!(class(400, nested(5_000)), found);

    let after = |piece: &str, count| format!("[{}{code}]", piece.repeat(count));
    assert_eq!(class(400, after("0,", 900)), found);
    assert_ne!(class(400, after("0,", 1_100)), found);
    assert_eq!(class(400, after("{\"type\":\"x\"},", 15)), found);
    assert_ne!(class(400, after("{\"type\":\"x\"},", 16)), found);

    let escaped = "{\"x\":\"\\u00e9\\u00e9\"}";
    let words = "{\"message\":\"prompt is too long\"}";
    let found = FailureClass::ContextLengthExceeded;
    assert_eq!(class(400, escaped.repeat(100) + words), found);

    let found = FailureClass::ContentFiltered;
    let wrap = |body: String, _| serde_json::json!({ "message": body }).to_string();
    let wrapped = |times| (0..times).fold(code.to_owned(), wrap);
    assert_eq!(class(400, wrapped(2)), found);
    assert_ne!(class(400, wrapped(3)), found);

    let behind = |words| "a ".repeat(words) + "prompt is too long";
    let found = FailureClass::ContextLengthExceeded;
    assert_eq!(class(400, behind(1_500)), found);
    assert_eq!(class(400, behind(1_600)), FailureClass::InvalidRequest);
}

#[test]
fn without_a_shape_words_count() {
    assert_eq!(
        class(400, "prompt is too long"),
        FailureClass::ContextLengthExceeded
    );
    let headers = [("X-Amzn-ErrorType", "ModelNotReadyException:http://x/")];
    let failure = Failure::from_http(429, headers, [0xff; 9]);
    assert_eq!(failure.class(), FailureClass::Overloaded);
    assert_eq!(failure.provider_code(), Some("ModelNotReadyException"));
}

#[test]
fn a_cap_has_no_retry_after_and_comes_from_anthropic_itself() {
    let class = |status, headers: &[(&str, &str)]| {
        let body = "{\"type\": \"error\", \"error\": {\"type\": \"rate_limit_error\"}}";
        Failure::from_http(status, headers.iter().copied(), body).class()
    };
    let (own, after) = (("request-id", "req"), ("retry-after", "1"));
    if cfg!(feature = "json") {
        assert_eq!(class(429, &[own]), FailureClass::QuotaExhausted);
    }
    assert_eq!(class(429, &[own, after]), FailureClass::RateLimited);
    // A date without a `Date` gives no time, but is there.
    let date = ("retry-after", "Wed, 25 Nov 2026 00:00:30 GMT");
    assert_eq!(class(429, &[own, date]), FailureClass::RateLimited);
    assert_eq!(class(429, &[after]), FailureClass::RateLimited);
    assert_eq!(class(429, &[]), FailureClass::RateLimited);
}

fn ruled(rules: &[FailureRule], status: u16, body: &str) -> Failure {
    let classifier = rules
        .iter()
        .cloned()
        .fold(Classifier::new(), Classifier::rule);
    classifier.http(status, [("retry-after", "7")], body)
}

#[test]
fn rules_come_first_and_all_that_fit_add_their_conditions() {
    let rule = FailureRule::new;
    let rules = [
        rule().status(500).condition("five"),
        rule().message("Slow").condition("slow"),
        rule()
            .status(500)
            .message("SLOW")
            .class(FailureClass::Timeout)
            .condition("slow"),
        rule().status(500).class(FailureClass::NotFound),
        rule()
            .status(400)
            .class(FailureClass::AuthFailed)
            .condition("four"),
    ];
    let failure = ruled(&rules, 500, "currently overloaded, sloooow, slow");
    assert_eq!(failure.class(), FailureClass::Timeout);
    assert!(failure.conditions().eq(["five", "slow"]));
    assert_eq!(failure.retry_delay(), Some(Duration::from_secs(7)));
    assert_eq!(failure.http_status(), Some(500));

    // Nothing fits but the second: the built-in rules give the class.
    let failure = ruled(&rules, 503, "<html>slow</html>");
    assert_eq!(failure.class(), FailureClass::Overloaded);
    assert!(failure.conditions().eq(["slow"]));
    assert!(
        ruled(&[rule().condition("all")], 404, "")
            .conditions()
            .eq(["all"])
    );
}

#[cfg(feature = "json")]
#[test]
fn a_rule_finds_a_code_wherever_it_stands() {
    let rule = FailureRule::new()
        .code("e_tired")
        .class(FailureClass::Overloaded);
    for (body, expected) in [
        (
            r#"{"error": {"code": "E_TIRED"}}"#,
            FailureClass::Overloaded,
        ),
        (
            r#"{"error": {"type": "content_filter", "details": [{"reason": "E_TIRED"}]}}"#,
            FailureClass::Overloaded,
        ),
        (
            r#"[{"message": "{\"status\": \"E_TIRED\"}"}]"#,
            FailureClass::Overloaded,
        ),
        (
            r#"{"error": {"code": "E_TIRED_NOT"}}"#,
            FailureClass::InvalidRequest,
        ),
        (
            r#"{"error": {"message": "E_TIRED"}}"#,
            FailureClass::InvalidRequest,
        ),
    ] {
        assert_eq!(
            ruled(std::slice::from_ref(&rule), 400, body).class(),
            expected,
            "{body}"
        );
    }
}
