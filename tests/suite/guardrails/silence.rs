//! Printed output shows no word of a request or a reply, and an alias without guardrails never calls the hooks of
//! others.

use std::fmt::Debug;
use std::time::Duration;

use model_aliases::{Clock, Request, Usage, Verdict};

use super::{Phrase, Words, builder};
use crate::counting::{Allocated, counted};

#[test]
fn no_text_is_printed() {
    let resolver = builder(
        "  chat:
    target: a
    guardrails:
      block_categories: [broken]
      content_filters: [{type: words}, {type: sensitive_data}, {type: all}]
  shown: {target: a, guardrails: {block_categories: [broken], content_filters: [{type: words}]}}\n",
    )
    .filter("words", Words::new(&["whale"]))
    .filter_fn("all", |text| {
        Verdict::redact("all", Some(0..text.len().max(1)))
    })
    .category("broken", Phrase("stop CANARY"))
    .build()
    .unwrap();
    let mut printed: Vec<String> = Vec::new();
    let mut print = |value: &dyn Debug| printed.push(format!("{value:?} {value:#?}"));
    for text in [
        "CANARY whale CANARY@example.org",
        "stop CANARY",
        "CANARY 4111 1111 1111 1111",
    ] {
        for name in ["chat", "shown"] {
            let mut call = resolver.attempts(name).unwrap();
            let checked = call.check_request(text);
            print(&checked);
            print(&checked.violations());
            print(&call.check_reply(text));
            print(&call);
            let serving = call.commit();
            let mut stream = serving.reply_stream();
            print(&stream.push(text));
            print(&stream);
            print(&stream.finish());
            print(&serving);
            print(&serving.steps());
            let mut call = resolver.attempts(name).unwrap();
            let _ = call.check_request(text);
            let error = call.into_error();
            print(&error);
            print(&error.to_string());
        }
    }
    for print in printed {
        assert!(!print.contains("CANARY"), "{print}");
    }
}

/// A clock that panics when it is read.
#[derive(Debug)]
struct Unasked;

impl Clock for Unasked {
    fn now(&self) -> Duration {
        panic!("there is no limit of time on the way")
    }
}

/// Each hook panics, so the test fails if one is called. `scripts/silence` counts instructions.
#[test]
fn an_alias_without_guardrails_hears_nothing_of_those_of_others() {
    let resolver = builder(
        "  plain: {target: a, fallbacks: [b, c]}
  guarded:
    target: a
    fallbacks: [b, c]
    guardrails:
      max_latency: 5s
      max_cost_per_request: 0.10
      block_categories: [jailbreak, PII]
      content_filters: [{type: words}, {type: sensitive_data}]\n",
    )
    .category_fn("jailbreak", |_| panic!("there is no category on the way"))
    .filter_fn("words", |_| panic!("there is no filter on the way"))
    .prices(|_| panic!("there is no limit of cost on the way"))
    .clock(Unasked)
    .require_checks(true)
    .build()
    .unwrap();
    let text = "ann@example.org, 4111 1111 1111 1111";
    let request = Request::new("plain").estimate(Usage::new(9_000_000, 9_000_000));
    let ((), allocated) = counted(|| {
        let route = resolver.resolve(request).unwrap();
        assert_eq!(route.guardrails().count(), 0);
        drop(route);
        let mut call = resolver.attempts(request).unwrap();
        assert_eq!((call.timeout(), call.begin()), (None, None));
        assert_eq!(call.model(), "a");
        let checked = call.check_request(text);
        assert_eq!(
            (checked.text(), checked.violations()),
            (Some(text), &[][..])
        );
        assert_eq!(call.check_reply(text).text(), Some(text));
        call.succeeded();
    });
    let nothing = Allocated {
        calls: 0,
        bytes: 0,
        peak: 0,
    };
    assert_eq!(allocated, nothing);
}
