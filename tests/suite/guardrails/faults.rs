//! Checks that fail, return invalid ranges, or panic.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};

use model_aliases::{Check, ContentFilter, Value, Verdict};

use super::{ask, builder, sent};

const TEXT: &str = "  chat: {target: a, guardrails: {content_filters: [{type: strange}]}}
  cat: {target: a, guardrails: {block_categories: [strange]}}
  watched: {target: a, guardrails: {mode: monitor, content_filters: [{type: strange}]}}\n";

struct Fails;

impl Check for Fails {
    fn check(
        &self,
        text: &str,
        _: Option<&ContentFilter>,
    ) -> Result<Verdict, Box<dyn Error + Send + Sync>> {
        Err(format!("cannot tell about {text}").into())
    }
}

#[test]
fn a_check_that_fails_blocks_unless_it_may_fail_open() {
    let closed = builder(TEXT)
        .filter("strange", Fails)
        .category("Strange", Fails)
        .build()
        .unwrap();
    for (name, rule) in [("chat", "filter"), ("cat", "category")] {
        assert_eq!(
            sent(&closed, name, "hello"),
            Err(format!(
                "content blocked by {rule} `strange`: the check failed"
            ))
        );
    }
    let (checked, _) = ask(&closed, "watched", "hello");
    assert_eq!(checked.text(), Some("hello"));
    assert_eq!(checked.violations().len(), 1);

    let open = builder(TEXT)
        .filter_fail_open("strange", Fails)
        .category_fail_open("strange", Fails)
        .build()
        .unwrap();
    for name in ["chat", "cat", "watched"] {
        let (checked, _) = ask(&open, name, "hello");
        assert_eq!(checked.text(), Some("hello"), "{name}");
        assert!(checked.unchecked().eq(["strange"]), "{name}");
        assert!(checked.violations().is_empty());
    }
}

/// If two checks share a word and one fails open, the other still applies.
#[test]
fn all_checks_of_one_word_judge() {
    let resolver = builder(TEXT)
        .filter_fail_open("strange", Fails)
        .filter_fn("strange", |text| match text.find('x') {
            Some(at) => Verdict::redact("x", Some(at..at + 1)),
            None => Verdict::allow(),
        })
        .build()
        .unwrap();
    let (checked, _) = ask(&resolver, "chat", "axb");
    assert_eq!(checked.text(), Some("a[x]b"));
    assert!(checked.unchecked().eq(["strange"]));
}

#[test]
#[expect(clippy::reversed_empty_ranges, reason = "that is the nonsense")]
fn a_place_that_is_none_is_a_fault() {
    for (range, expected) in [
        (0..5, Ok("[x]")),
        (1..3, Ok("h[x]lo")),
        (2..2, Err(())),
        (3..1, Err(())),
        (4..6, Err(())),
        (5..6, Err(())),
        (0..usize::MAX, Err(())),
    ] {
        let resolver = builder(TEXT)
            .filter_fn("strange", {
                let range = range.clone();
                move |_| Verdict::redact("x", Some(range.clone()))
            })
            .build()
            .unwrap();
        let sent = sent(&resolver, "chat", "hello");
        assert_eq!(sent.as_deref().map_err(|_| ()), expected, "{range:?}");
    }
    // A range inside a character covers the whole character.
    let resolver = builder(TEXT)
        .filter_fn("strange", |_| Verdict::redact("x", Some(2..3)))
        .build()
        .unwrap();
    assert_eq!(sent(&resolver, "chat", "aéb"), Ok("a[x]b".to_owned()));
    assert_eq!(sent(&resolver, "chat", "a→b"), Ok("a[x]b".to_owned()));
}

/// A reason is the embedder's text; its printed form is short and on one line.
#[test]
fn reasons_are_cut_and_escaped() {
    let resolver = builder(TEXT)
        .filter_fn("strange", |_| Verdict::block("two\nlines ".repeat(20)))
        .build()
        .unwrap();
    let error = sent(&resolver, "chat", "hello").unwrap_err();
    assert!(error.len() < 120 && !error.contains('\n'), "{error}");
    let whole = builder(TEXT)
        .filter_fn("strange", |_| Verdict::block("no"))
        .build()
        .unwrap();
    assert_eq!(
        sent(&whole, "chat", "hello"),
        Err("content blocked by filter `strange`: no".to_owned())
    );
}

#[test]
fn a_panic_passes_through_and_everything_is_given_back() {
    let resolver = builder(TEXT)
        .filter_fn("strange", |_| panic!("on purpose"))
        .build()
        .unwrap();
    let mut call = resolver.attempts("chat").unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(move || {
        let _ = call.check_request("hello");
    }));
    assert!(panicked.is_err());
    for status in resolver.status() {
        assert_eq!(status.active(), 0);
    }
    // A handle that outlives the panic is still at its target, and ends unreported.
    let mut call = resolver.attempts("chat").unwrap();
    let target = call.target().into_owned();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _ = call.check_request("hello");
    }));
    assert!(panicked.is_err());
    assert_eq!(call.target(), target);
    let error = call.into_error();
    assert!(error.failure().is_none());
    assert_eq!(error.steps().len(), 1);
    for status in resolver.status() {
        assert_eq!(status.active(), 0);
    }
    let serving = resolver.attempts("chat").unwrap().commit();
    let mut stream = serving.reply_stream();
    assert_eq!(stream.push("hello").text(), Some(""));
    let panicked = catch_unwind(AssertUnwindSafe(|| stream.finish()));
    assert!(panicked.is_err());
    drop(serving);
    for status in resolver.status() {
        assert_eq!(status.active(), 0);
    }
}

/// Reads the options of the filter that it is called for.
struct Options;

impl Check for Options {
    fn check(
        &self,
        text: &str,
        filter: Option<&ContentFilter>,
    ) -> Result<Verdict, Box<dyn Error + Send + Sync>> {
        let filter = filter.ok_or("no filter")?;
        let word = filter.options().get("word").and_then(Value::as_str);
        let word = word.ok_or("no `word`")?;
        let places = text.match_indices(word);
        Ok(Verdict::redact(
            "word",
            places.map(|(at, _)| at..at + word.len()),
        ))
    }
}

#[test]
fn options_are_handed_to_the_check() {
    let resolver = builder(
        "  chat:
    target: a
    guardrails: {content_filters: [{type: o, word: red}, {type: o, word: green, action: block}]}
  bare: {target: a, guardrails: {content_filters: [{type: o}]}}
  cat: {target: a, guardrails: {block_categories: [o]}}\n",
    )
    .filter("o", Options)
    .category("o", Options)
    .build()
    .unwrap();
    assert_eq!(
        sent(&resolver, "chat", "a red one"),
        Ok("a [word] one".to_owned())
    );
    for (name, text) in [("chat", "green"), ("bare", "red"), ("cat", "red")] {
        assert!(sent(&resolver, name, text).is_err(), "{name}");
    }
}
