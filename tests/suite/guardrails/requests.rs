//! The effect of verdicts on a request: a verdict that blocks ends it.

use model_aliases::{
    AliasResolver, Config, FailureClass, Request, StepState, TargetState, Usage, Violation,
};

use super::{Phrase, Words, ask, builder, sent};

const CHAIN: &str = "  chat:
    target: a
    fallbacks: [b]
    guardrails: {block_categories: [names], content_filters: [{type: words}]}
  watched:
    target: a
    guardrails:
      mode: monitor
      block_categories: [names, nobody]
      content_filters: [{type: words}, {type: words, action: block}]
  mixed: {target: watched, guardrails: {block_categories: [NAMES]}}
  plain: {target: a, guardrails: {max_latency: 5s}}\n";

fn resolver() -> AliasResolver {
    builder(CHAIN)
        .category("names", Words::new(&["Ishmael"]))
        .filter("words", Words::new(&["whale", "white whale"]))
        .build()
        .unwrap()
}

#[test]
fn a_reply_that_is_blocked_ends_the_request_and_is_no_fault_of_the_target() {
    let resolver = resolver();
    for _ in 0..10 {
        let mut call = resolver.attempts("chat").unwrap();
        assert_eq!(
            call.check_request("who are you?").text(),
            Some("who are you?")
        );
        assert_eq!(call.check_reply("call me Ishmael").text(), None);
        assert!(!call.failed(FailureClass::Overloaded));
        assert!(matches!(call.steps()[0].state(), StepState::Blocked(_)));
    }
    for status in resolver.status() {
        assert_eq!((status.active(), status.state()), (0, TargetState::Healthy));
    }
}

/// A blocked reply counts as a success of the target: it answered, so earlier failures are forgotten.
#[test]
fn a_reply_that_is_blocked_shows_the_target_alive() {
    let resolver = resolver();
    for turn in 0..2 {
        for _ in 0..4 {
            resolver
                .resolve("a")
                .unwrap()
                .failed(FailureClass::ServerError);
        }
        let healthy = |state| matches!(state, TargetState::Healthy);
        let well = resolver.status().iter().all(|one| healthy(one.state()));
        assert!(well, "eight failures in a row, after {turn} replies");
        let mut call = resolver.attempts("chat").unwrap();
        assert_eq!(call.check_reply("call me Ishmael").text(), None);
    }
}

/// Reports after a block do not revive the request.
#[test]
fn whatever_is_reported_of_a_blocked_attempt_the_request_is_over() {
    let resolver = resolver();
    for end in 0..4 {
        let mut call = resolver.attempts("chat").unwrap();
        assert!(call.check_request("Ishmael").blocked().is_some());
        // The block releases its target at once.
        assert!(resolver.status().iter().all(|one| one.active() == 0));
        match end {
            0 => drop(call),
            1 => call.succeeded(),
            2 => {
                assert!(!call.failed(FailureClass::Overloaded));
                let error = call.into_error();
                let blocked = error.blocked().map(Violation::reason);
                assert_eq!(blocked, Some("Ishmael"));
                assert_eq!(error.failure(), None);
            }
            _ => {
                let serving = call.commit();
                let steps = serving.steps();
                assert!(matches!(steps[0].state(), StepState::Blocked(_)));
                serving.broken(FailureClass::AuthFailed);
            }
        }
        for status in resolver.status() {
            assert_eq!((status.active(), status.state()), (0, TargetState::Healthy));
        }
    }
}

#[test]
fn the_second_attempt_may_be_the_one_that_is_blocked() {
    let resolver = resolver();
    let mut call = resolver.attempts("chat").unwrap();
    assert_eq!(call.check_request("the whale").text(), Some("the [whale]"));
    assert!(call.failed(FailureClass::Timeout));
    assert_eq!(call.check_reply("Ishmael").text(), None);
    let error = call.into_error();
    assert_eq!(error.steps().len(), 2);
    assert_eq!(error.class(), None);
    assert_eq!(
        error.steps()[1].to_string(),
        "`p/b` was stopped: content blocked by category `names`: Ishmael"
    );
}

#[test]
fn monitoring_reports_and_lets_pass() {
    let resolver = resolver();
    let text = "Ishmael saw the white whale";
    let (checked, error) = ask(&resolver, "watched", text);
    assert!(error.is_none());
    assert_eq!(checked.text(), Some(text));
    let told: Vec<String> = checked
        .violations()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        told,
        [
            "content would be blocked by category `names`: Ishmael",
            "content would be redacted by filter `words`: whale",
            "content would be redacted by filter `words`: white whale",
            "content would be blocked by filter `words`: whale",
            "content would be blocked by filter `words`: white whale",
        ]
    );
    assert!(checked.unchecked().eq(["nobody"]));
}

/// A request that was not sent costs nothing; a blocked reply was made, and costs its usage.
#[test]
fn a_block_before_the_call_costs_nothing() {
    let text = "\
model_providers:
  - {model: p/a, pricing: {input: 1, output: 1}}
model_aliases:
  chat:
    target: a
    guardrails: {max_cost_per_request: 1, block_categories: [pii]}
  free: {target: a, guardrails: {block_categories: [pii]}}\n";
    let config = Config::from_yaml("config.yaml", text).unwrap();
    let resolver = AliasResolver::new(config).unwrap();
    for name in ["chat", "free"] {
        for (reply, expected) in [(false, "$0.00"), (true, "$0.10")] {
            let request = Request::new(name).estimate(Usage::new(60_000, 40_000));
            let mut call = resolver.attempts(request).unwrap();
            let checked = if reply {
                call.check_reply("ann@example.org")
            } else {
                call.check_request("ann@example.org")
            };
            assert!(checked.blocked().is_some());
            assert_eq!(call.bill().spent().to_string(), expected, "{name}");
        }
    }
}

/// An alias that only monitors does not weaken what another alias on the path enforces, whether outer or inner.
#[test]
fn what_one_alias_enforces_no_other_turns_to_monitoring() {
    let resolver = resolver();
    assert_eq!(
        sent(&resolver, "mixed", "Ishmael"),
        Err("content blocked by category `NAMES`: Ishmael".to_owned())
    );
    assert_eq!(
        sent(&resolver, "mixed", "a whale"),
        Ok("a whale".to_owned())
    );
}

#[test]
fn finds_that_overlap_are_redacted_as_one() {
    assert_eq!(
        sent(&resolver(), "chat", "a white whale, a whale"),
        Ok("a [white whale], a [whale]".to_owned())
    );
}

/// Every rule checks the original text, so no rule hides content from another.
#[test]
fn a_filter_hides_nothing_from_a_category() {
    let resolver = builder(
        "  outer: {target: inner, guardrails: {content_filters: [{type: words}]}}
  inner: {target: a, guardrails: {block_categories: [hunt]}}\n",
    )
    .filter("words", Words::new(&["whale"]))
    .category("hunt", Phrase("hunt the whale"))
    .build()
    .unwrap();
    assert_eq!(
        sent(&resolver, "outer", "hunt the whale"),
        Err("content blocked by category `hunt`: phrase".to_owned())
    );
}

#[test]
fn without_content_guardrails_a_text_is_handed_back_as_it_is() {
    let resolver = resolver();
    let text = "Ishmael, 4111 1111 1111 1111";
    for name in ["plain", "a", "p/b"] {
        let mut call = resolver.attempts(name).unwrap();
        let (same, allocated) = crate::counting::counted(|| {
            let checked = call.check_request(text);
            checked.text().is_some_and(|sent| std::ptr::eq(sent, text))
        });
        assert_eq!((same, allocated.calls), (true, 0), "{name}");
        let serving = call.commit();
        let mut stream = serving.reply_stream();
        let (same, allocated) = crate::counting::counted(|| {
            let checked = stream.push(text);
            checked.text().is_some_and(|sent| std::ptr::eq(sent, text))
        });
        assert_eq!((same, allocated.calls), (true, 0), "{name}");
        assert_eq!(stream.finish().text(), Some(""));
    }
}
