//! Nothing that prints shows a word of a request or a reply.

use std::fmt::Debug;

use model_aliases::Verdict;

use super::{Phrase, Words, builder};

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
            let mut attempts = resolver.attempts(name).unwrap();
            let mut attempt = attempts.next_attempt().unwrap();
            let checked = attempt.check_request(text);
            print(&checked);
            print(&checked.violations());
            print(&attempt.check_reply(text));
            print(&attempt);
            let serving = attempt.commit();
            let mut stream = serving.reply_stream();
            print(&stream.push(text));
            print(&stream);
            print(&stream.finish());
            print(&serving);
            print(&attempts);
            let error = attempts.into_error();
            print(&error);
            print(&error.to_string());
        }
    }
    for print in printed {
        assert!(!print.contains("CANARY"), "{print}");
    }
}
