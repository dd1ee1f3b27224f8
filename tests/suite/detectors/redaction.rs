//! The text that replaces a match.

use super::cases::positives;
use super::source::detect::{DataKind, Detection, find, redact};

#[track_caller]
fn redacted(text: &str, expected: &str) {
    assert_eq!(redact(text, &find(text)), expected);
}

#[test]
fn a_redacted_text_keeps_the_kind_and_everything_around() {
    redacted("nothing to see", "nothing to see");
    redacted("", "");
    redacted(
        "Ask jane@example.com or +1 415 555 0123.",
        "Ask [email] or [phone].",
    );
    redacted(
        "4111 1111 1111 1111, DE89 3704 0044 0532 0130 00, 123-45-6789, 192.0.2.7",
        "[card], [iban], [ssn], [ip]",
    );
    redacted("联系jane@example.com谢谢", "联系[email]谢谢");
    let key = ["sk", "-or-v1-", &"0f".repeat(32)].concat();
    redacted(&format!("key={key}"), "key=[api_key]");
    let block = |dashes: &str| {
        let body = "FakeFake".repeat(8);
        format!("{dashes}BEGIN PRIVATE KEY{dashes}\n{body}\n{dashes}END PRIVATE KEY{dashes}")
    };
    redacted(&format!("a\n{}\nb", block("-----")), "a\n[private_key]\nb");
}

#[test]
fn what_was_redacted_is_not_found_again() {
    for case in positives() {
        let redacted = redact(&case.text, &find(&case.text));
        assert_eq!(find(&redacted), [], "{redacted:?}");
    }
}

#[test]
fn finds_of_another_text_do_no_harm() {
    let kind = DataKind::Email;
    for (start, end) in [(0, 1), (1, 2), (3, 2), (2, 99), (99, 100)] {
        let range = start..end;
        let _ = redact("é€x", &[Detection { kind, range }]);
    }
}

#[test]
fn keys_are_sensitive_and_tell_of_no_person() {
    let personal: Vec<&str> = DataKind::ALL
        .into_iter()
        .filter(|kind| kind.is_personal())
        .map(DataKind::as_str)
        .collect();
    assert_eq!(personal, ["email", "phone", "iban", "card", "ssn", "ip"]);
}
