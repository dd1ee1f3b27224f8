//! Classifies one hostile body. `scripts/classify` counts the instructions.
//!
//! `cargo bench --bench classify -- KIND BYTES` prints the class of the body. Without arguments it lists every
//! kind.
#![expect(clippy::print_stdout, reason = "a program")]

use std::hint::black_box;

use model_aliases::Failure;

/// Kinds of body: name, beginning, repeated part.
const KINDS: &[(&str, &[u8], &[u8])] = &[
    ("open brackets", b"", b"["),
    ("open braces", b"", b"{\"error\":"),
    ("skipped brackets", b"{\"x\":", b"["),
    ("skipped braces", b"{\"x\":", b"{\"a\":"),
    ("skipped numbers", b"{\"x\":[0", b",0"),
    ("skipped texts", b"{\"x\":[\"\"", b",\"\""),
    ("one message", b"{\"error\":{\"message\":\"", b"x"),
    (
        "words of a message",
        b"{\"error\":{\"message\":\"",
        b"it is. ",
    ),
    (
        "beginnings of phrases",
        b"{\"error\":{\"message\":\"",
        b"inv ",
    ),
    (
        "halves of phrases",
        b"{\"error\":{\"message\":\"",
        b"input is too lon ",
    ),
    ("short escapes", b"{\"error\":{\"message\":\"", b"\\n"),
    ("quotes", b"{\"error\":{\"message\":\"", b"\\\""),
    ("long escapes", b"{\"error\":{\"message\":\"", b"\\u00e9"),
    (
        "surrogates",
        b"{\"error\":{\"message\":\"",
        b"\\ud83d\\ude00",
    ),
    ("backslashes", b"{\"error\":{\"message\":\"", b"\\\\"),
    (
        "letters of two bytes",
        b"{\"error\":{\"message\":\"",
        "é".as_bytes(),
    ),
    ("no UTF-8", b"{\"error\":{\"message\":\"", b"\xff"),
    (
        "texts of texts",
        b"{\"message\":\"{\\\"message\\\":\\\"{\\\\\\\"message\\\\\\\":\\\\\\\"",
        b"inv ",
    ),
    (
        "letters of texts of texts",
        b"{\"message\":\"{\\\"message\\\":\\\"",
        "é i ".as_bytes(),
    ),
    ("small fields", b"{\"error\":[0", b",0"),
    ("small names", b"{\"\":0", b",\"\":0"),
    (
        "codes",
        b"{\"error\":[0",
        b",{\"code\":\"xxxxxxxxxxxxxxxxxx\"}",
    ),
    ("values in a row", b"", b"{}"),
    ("blanks", b"[", b" "),
    ("events without data", b"", b"data:\n"),
    ("events", b"", b"data:{}\n"),
    ("plain words", b"", b"it is. "),
    ("plain phrases", b"", b"inv "),
    ("plain braces", b"x", b"{"),
    ("bytes", b"", b"\xff"),
    ("a page", b"<", b"a>"),
];

/// Prefixes for some kinds. They combine JSON tokens with plain words, because separate limits bound the two.
const FRONTS: &[(&str, &str, usize)] = &[
    ("values", "{}", 450),
    ("codes", "{\"code\":\"xxxxxxxxxxxxxxxxxx\"}", 100),
    (
        "escapes",
        "{\"x\":\"\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\"}",
        65,
    ),
];
const BEHIND: &[&str] = &[
    "beginnings of phrases",
    "letters of two bytes",
    "texts of texts",
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut arguments = arguments
        .iter()
        .filter(|argument| !argument.starts_with("--"));
    let Some(wanted) = arguments.next() else {
        for (name, _, _) in KINDS {
            println!("kind {name}");
        }
        for (front, _, _) in FRONTS {
            for name in BEHIND {
                println!("kind {front}, then {name}");
            }
        }
        return;
    };
    let bytes = arguments.next().and_then(|bytes| bytes.parse().ok());
    let body = body(wanted, bytes.unwrap_or(64 * 1024));
    // The table is built with the first failure of a process.
    black_box(Failure::from_http(
        500,
        [("server", "x")],
        "an error occurred",
    ));
    let failure = classify_once(&body);
    println!("{} bytes: {}", body.len(), failure.class());
}

fn body(wanted: &str, bytes: usize) -> Vec<u8> {
    let (front, name) = wanted.split_once(", then ").unwrap_or(("", wanted));
    let fronts = FRONTS.iter().filter(|(name, _, _)| *name == front);
    let mut body: Vec<u8> = fronts
        .flat_map(|(_, piece, times)| piece.repeat(*times).into_bytes())
        .collect();
    for (_, start, piece) in KINDS.iter().filter(|(kind, _, _)| *kind == name) {
        body.extend_from_slice(start);
        while body.len() + piece.len() <= bytes {
            body.extend_from_slice(piece);
        }
    }
    body
}

#[inline(never)]
fn classify_once(body: &[u8]) -> Failure {
    Failure::from_http(429, [("retry-after", "1")], black_box(body))
}
