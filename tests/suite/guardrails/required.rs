//! `require_checks`, and which words count as checked.

use model_aliases::{Code, Problem, Severity, Verdict, Vocabulary};

use super::{ask, builder};

const TEXT: &str = "  chat:
    target: a
    guardrails:
      block_categories: [jailbreak, pii]
      content_filters: [{type: sensitive_data}, {type: tone}]\n";

/// The codes and messages of the problems.
fn told(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn what_nothing_checks_is_an_error_where_checks_are_required() {
    let error = builder(TEXT).require_checks(true).build().unwrap_err();
    assert_eq!(
        told(error.problems()),
        [
            "config.yaml:10:26: nothing checks the category `jailbreak` of alias `chat`\n  \
             help: register a check for it with the resolver's builder, or remove it",
            "config.yaml:11:56: nothing checks the content filter `tone` of alias `chat`\n  \
             help: register a check for it with the resolver's builder, or remove it",
        ]
    );
    for problem in error.problems() {
        assert_eq!(problem.code(), Code::MissingCheck);
        assert_eq!(problem.severity(), Severity::Error);
        assert_eq!(problem.code().as_str(), "missing-check");
    }
}

#[test]
fn otherwise_it_is_a_warning_and_the_answer_says_unchecked() {
    let resolver = builder(TEXT).build().unwrap();
    let codes: Vec<Code> = resolver.warnings().iter().map(Problem::code).collect();
    assert_eq!(codes, [Code::UncheckedContent, Code::UncheckedContent]);
    let (checked, _) = ask(&resolver, "chat", "hello");
    assert!(checked.unchecked().eq(["jailbreak", "tone"]));
    assert_eq!(checked.text(), Some("hello"));
    let serving = resolver.attempts("chat").unwrap().commit();
    let mut stream = serving.reply_stream();
    for checked in [stream.push("hello"), stream.finish()] {
        assert!(checked.unchecked().eq(["jailbreak", "tone"]));
    }
}

/// Categories compare without case, filters with case; the order of the builder's calls does not matter.
#[test]
fn registered_words_are_checked() {
    let allow = |_: &str| Verdict::allow();
    let all = builder(TEXT)
        .require_checks(true)
        .category_fn("JailBreak", allow)
        .filter_fn("tone", allow)
        .vocabulary(Vocabulary::new())
        .build()
        .unwrap();
    assert!(all.warnings().is_empty());
    let (checked, _) = ask(&all, "chat", "hello");
    assert_eq!(checked.unchecked().len(), 0);

    let other = builder(TEXT)
        .require_checks(true)
        .category_fn("jailbreak", allow)
        .filter_fn("Tone", allow);
    assert_eq!(other.build().unwrap_err().problems().len(), 1);
}

/// A word in the vocabulary claims that the embedder checks it. That is not enough with `require_checks`.
#[test]
fn a_word_that_only_the_vocabulary_has_is_not_checked_by_the_crate() {
    let words = || Vocabulary::new().category("jailbreak").filter("tone");
    let resolver = builder(TEXT).vocabulary(words()).build().unwrap();
    assert!(resolver.warnings().is_empty());
    let (checked, _) = ask(&resolver, "chat", "hello");
    assert!(checked.unchecked().eq(["jailbreak", "tone"]));
    let required = builder(TEXT).vocabulary(words()).require_checks(true);
    assert_eq!(required.build().unwrap_err().problems().len(), 2);
}
