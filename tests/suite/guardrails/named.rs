//! Public threads about guardrails, each as a test of ours.

use model_aliases::{FailureClass, StepState};

use super::{Words, builder};

/// A fallback must not bypass the rules on personal data: they hold for every attempt, on a fallback, behind a nested
/// alias, and on the reply.
#[test]
fn conductai_1562_guardrails_hold_on_the_fallback() {
    let resolver = builder(
        "  chat:
    target: a
    fallbacks: [b, strict]
    guardrails: {content_filters: [{type: sensitive_data}]}
  strict:
    load_balance: {}
    targets: [{model: c}, {model: d}]
    guardrails: {block_categories: [names]}\n",
    )
    .category("names", Words::new(&["Ishmael"]))
    .build()
    .unwrap();
    let mut call = resolver.attempts("chat").unwrap();
    for target in ["p/a", "p/b"] {
        assert_eq!(call.target(), target);
        let checked = call.check_request("I am Ishmael, ann@example.org");
        assert_eq!(checked.text(), Some("I am Ishmael, [email]"));
        let checked = call.check_reply("hello ann@example.org");
        assert_eq!(checked.text(), Some("hello [email]"));
        assert!(call.failed(FailureClass::Overloaded));
    }
    // Behind the nested alias its own guardrails hold too, and they end the request: it does not go on to another
    // member.
    let checked = call.check_request("I am Ishmael, ann@example.org");
    assert_eq!(checked.text(), None);
    assert!(!call.failed(FailureClass::Overloaded));
    let error = call.into_error();
    assert_eq!(
        error.to_string(),
        "request for `chat`: content blocked by category `names`: Ishmael"
    );
    let blocked = |state: &StepState| matches!(state, StepState::Blocked(_));
    let blocked: Vec<bool> = error
        .steps()
        .iter()
        .map(|step| blocked(step.state()))
        .collect();
    assert_eq!(blocked, [false, false, true]);
}
