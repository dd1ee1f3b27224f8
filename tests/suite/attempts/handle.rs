//! The handle of a request: what its misuse means, and that it travels.

use std::mem::size_of;
use std::time::Duration;

use model_aliases::{
    AliasResolver, Attempts, AttemptsError, Clock, FailureClass as Class, Serving, StepState,
    TargetState, Usage,
};

use super::{Scene, judged, short};

const CHAIN: &str = "  x: {target: a, timeout: 3s, fallbacks: [b, c]}\n";

fn active(scene: &Scene) -> u32 {
    let status = scene.resolver.status();
    status.iter().map(model_aliases::TargetStatus::active).sum()
}

fn states(steps: &[model_aliases::StepReport]) -> String {
    let steps = steps.iter().map(ToString::to_string);
    steps.collect::<Vec<_>>().join(", ")
}

/// A request at whose end no target is left.
fn exhausted(scene: &Scene) -> Attempts {
    let mut call = scene.resolver.attempts("x").unwrap();
    assert!(call.failed(Class::Overloaded));
    assert!(call.failed(Class::Overloaded));
    assert!(!call.failed(Class::Overloaded));
    call
}

#[test]
fn a_failure_reported_after_the_end_changes_nothing() {
    let scene = Scene::new(CHAIN);
    let mut call = exhausted(&scene);
    let (steps, bill) = (states(&call.steps()), call.bill());
    for _ in 0..10 {
        assert!(!call.failed(Class::AuthFailed));
    }
    assert_eq!((states(&call.steps()), call.bill()), (steps, bill));
    assert_eq!(scene.state("pc/c"), TargetState::Healthy);
    assert_eq!(active(&scene), 0);
    assert_eq!(call.into_error().steps().len(), 3);
}

#[test]
fn a_commit_after_the_end_reports_nothing_and_holds_nothing() {
    let scene = Scene::new(CHAIN);
    // Four failures and one more: it cools, and a success would end that.
    for _ in 0..4 {
        scene.resolver.resolve("c").unwrap().failed(Class::Timeout);
    }
    let call = exhausted(&scene);
    assert!(!scene.is_healthy("c"), "the fifth");
    let serving = call.commit();
    assert_eq!(active(&scene), 0);
    assert!(!scene.is_healthy("c"));
    let last = serving.steps().pop().unwrap();
    assert!(matches!(last.state(), StepState::Failed(_)));
    serving.broken(Class::AuthFailed);
    let scene = Scene::new(CHAIN);
    exhausted(&scene).succeeded();
    assert_eq!(active(&scene), 0);
}

#[test]
fn a_drop_counts_only_once_it_was_begun_and_is_out_of_time() {
    let time = Duration::from_secs(3);
    for (begins, passed, is_timeout) in [
        (false, Duration::from_hours(1), false),
        (true, time.saturating_sub(Duration::from_nanos(1)), false),
        (true, time, true),
    ] {
        let scene = Scene::new(CHAIN);
        for _ in 0..5 {
            let mut call = scene.resolver.attempts("x").unwrap();
            if begins {
                call.begin();
            }
            scene.clock.advance(passed);
            assert_eq!(active(&scene), 1);
            drop(call);
            assert_eq!(active(&scene), 0);
        }
        assert_eq!(scene.is_healthy("a"), !is_timeout, "{begins} {passed:?}");
    }
}

#[test]
fn an_error_asked_for_too_early_ends_the_attempt_as_a_drop_does() {
    let scene = Scene::new(CHAIN);
    let error = scene.resolver.attempts("x").unwrap().into_error();
    assert_eq!(states(error.steps()), "`pa/a` was not reported");
    assert_eq!((error.class(), active(&scene)), (None, 0));
    let mut call = scene.resolver.attempts("x").unwrap();
    call.begin();
    scene.wait(3);
    let error = call.into_error();
    assert_eq!(states(error.steps()), "`pa/a` failed with timeout");
    assert_eq!((error.class(), active(&scene)), (Some(Class::Timeout), 0));
}

#[test]
fn getters_speak_of_the_last_target_after_the_end() {
    let aliases = "  x:
    target: a
    fallbacks: [{target: b, endpoint: 'https://eu.example', timeout: 2s, params: {temperature: 1}}]
    guardrails: {mode: monitor}\n";
    let scene = Scene::new(aliases);
    let mut call = scene.resolver.attempts("x").unwrap();
    assert_eq!(
        (call.model(), call.endpoint(), call.timeout()),
        ("a", None, None)
    );
    assert_eq!(states(&call.steps()), "`pa/a` is being tried");
    assert!(call.failed(Class::Timeout));
    assert!(!call.failed(Class::Timeout));
    assert_eq!((call.asked(), call.model()), ("x", "b"));
    assert_eq!(call.provider().provider(), "pb");
    assert_eq!(call.endpoint(), Some("https://eu.example"));
    assert_eq!(call.target(), "pb/b@https://eu.example");
    assert_eq!(call.timeout(), Some(Duration::from_secs(2)));
    assert_eq!(call.params().unwrap().len(), 1);
    assert!(call.alias_path().eq(["x"]));
    assert_eq!(call.guardrails().count(), 1);
    assert_eq!((call.deprecation(), call.is_last_resort()), (None, false));
    assert_eq!(call.bill().spent(), model_aliases::Cost::ZERO);
    assert_eq!(call.steps().len(), 2);
    assert_eq!(call.check_request("text").text(), Some("text"));
    assert_eq!(call.check_reply("text").text(), Some("text"));
}

/// The target was not contacted while the client's upload was on its way.
#[test]
fn a_slow_upload_takes_no_time_from_the_target() {
    let scene = Scene::new(CHAIN);
    let mut call = scene.resolver.attempts("x").unwrap();
    scene.wait(60);
    assert_eq!(call.timeout(), Some(Duration::from_secs(3)));
    assert_eq!(call.begin(), Some(Duration::from_secs(3)));
    scene.wait(1);
    assert_eq!(call.timeout(), Some(Duration::from_secs(2)));
    // Sent once more: its time begins again.
    assert_eq!(call.begin(), Some(Duration::from_secs(3)));
    assert!(call.failed(Class::Timeout));
    // The next one was not begun.
    scene.wait(60);
    drop(call);
    for _ in 0..4 {
        scene.resolver.resolve("b").unwrap().failed(Class::Timeout);
    }
    assert!(scene.is_healthy("b"));
}

/// The upload took all of the request's time, and the target was never contacted.
#[test]
fn an_attempt_that_begins_too_late_says_nothing_about_its_target() {
    let scene = Scene::new("  x: {target: a, fallbacks: [b], guardrails: {max_latency: 8s}}\n");
    for number in 0..10 {
        let mut call = scene.resolver.attempts("x").unwrap();
        scene.wait(8);
        assert_eq!(call.begin(), Some(Duration::ZERO));
        if number % 2 == 0 {
            assert!(!call.failed(Class::Timeout));
            assert_eq!(
                states(&call.steps()),
                "`pa/a` failed with latency_exceeded, `pb/b` was passed over for latency_exceeded"
            );
        }
    }
    assert!(scene.is_healthy("a"));
}

/// A host that decides in one function and sends in another, much later.
struct Stream {
    call: Option<Attempts>,
    body: Option<Serving>,
}

fn decide(resolver: &AliasResolver) -> Result<Stream, AttemptsError> {
    let call = resolver.attempts("x")?;
    let (call, body) = (Some(call), None);
    Ok(Stream { call, body })
}

fn send(mut call: Attempts, failures: usize) -> Result<Serving, AttemptsError> {
    for _ in 0..failures {
        call.begin();
        if !call.failed(Class::ConnectError) {
            return Err(call.into_error());
        }
    }
    Ok(call.commit())
}

#[test]
fn a_handle_is_kept_in_a_struct_and_passed_on() {
    let scene = Scene::new(CHAIN);
    let mut stream = decide(&scene.resolver).unwrap();
    let call = stream.call.take().unwrap();
    stream.body = Some(send(call, 1).unwrap());
    let body = stream.body.as_mut().unwrap();
    body.used(Usage::new(1, 1));
    assert_eq!((body.asked(), short(&body.target())), ("x", "b".to_owned()));
    assert_eq!(
        states(&body.steps()),
        "`pa/a` failed with connect_error, `pb/b` served"
    );
    assert_eq!(active(&scene), 1);
    drop(stream);
    assert_eq!(active(&scene), 0);
    let call = decide(&scene.resolver).unwrap().call.unwrap();
    let error = send(call, 3).unwrap_err();
    assert_eq!(error.class(), Some(Class::ConnectError));
    assert!(scene.clock.now().is_zero());
}

#[test]
fn a_name_that_does_not_resolve_is_told_from_targets_that_fail() {
    let scene = Scene::new(CHAIN);
    let error = scene.resolver.attempts("y").unwrap_err();
    let expected = scene.resolver.resolve("y").unwrap_err();
    assert_eq!(error.resolve_error(), Some(&expected));
    assert_eq!(error.to_string(), "unknown model `y`");
    assert_eq!((error.steps().len(), error.class()), (0, None));
    let error = exhausted(&scene).into_error();
    assert_eq!(error.resolve_error(), None);
}

#[test]
fn a_handle_is_small_and_crosses_threads() {
    fn travels<T: Send + Sync + 'static>() {}
    travels::<Attempts>();
    travels::<Serving>();
    travels::<AttemptsError>();
    judged("bytes of a handle", size_of::<Attempts>() as f64, 304.0);
    assert_eq!(size_of::<Attempts>(), size_of::<Serving>());
}

/// Whatever ended the request.
#[test]
fn what_is_called_after_the_end_changes_nothing() {
    let aliases = "  x:
    {target: a, timeout: 3s, fallbacks: [b, c], guardrails: {block_categories: [PII]}}\n";
    let card = "My card is 4111 1111 1111 1111.";
    for is_blocked in [false, true] {
        let scene = Scene::new(aliases);
        let mut call = if is_blocked {
            let mut call = scene.resolver.attempts("x").unwrap();
            assert_eq!(call.check_request(card).text(), None);
            call
        } else {
            exhausted(&scene)
        };
        let status = scene.resolver.status();
        let (steps, bill, target) = (
            states(&call.steps()),
            call.bill(),
            call.target().into_owned(),
        );
        // Begun once more, and out of time.
        call.begin();
        scene.wait(3);
        assert_eq!(call.check_request(card).text(), None);
        assert_eq!(call.check_reply(card).text(), None);
        assert!(!call.failed(Class::AuthFailed));
        assert_eq!((states(&call.steps()), call.bill()), (steps.clone(), bill));
        assert_eq!(*call.target(), target);
        let serving = call.commit();
        assert_eq!((states(&serving.steps()), active(&scene)), (steps, 0));
        drop(serving.reply_stream());
        serving.broken(Class::AuthFailed);
        assert_eq!(
            format!("{:?}", scene.resolver.status()),
            format!("{status:?}")
        );
        assert!(scene.is_healthy("a") && scene.is_healthy("c"));
    }
}

/// Also where the request is planned from its first step on.
#[test]
fn a_drop_at_a_fallback_counts_for_the_fallback() {
    for limit in ["", ", guardrails: {max_latency: 1m}"] {
        let scene = Scene::new(&format!(
            "  x: {{target: a, fallbacks: [{{target: b, timeout: 3s}}, c]{limit}}}\n"
        ));
        for number in 0..5 {
            assert!(scene.is_healthy("b"), "{number}{limit}");
            let mut call = scene.resolver.attempts("x").unwrap();
            call.begin();
            assert!(call.failed(Class::Timeout));
            assert_eq!(call.begin(), Some(Duration::from_secs(3)));
            scene.wait(3);
            drop(call);
            assert_eq!(active(&scene), 0);
        }
        assert!(!scene.is_healthy("b"), "{limit}");
        assert!(scene.is_healthy("c"));
    }
}

/// Once committed, the body may take as long as it likes.
#[test]
fn an_answer_that_is_dropped_says_nothing() {
    let scene = Scene::new(CHAIN);
    for _ in 0..10 {
        let mut call = scene.resolver.attempts("x").unwrap();
        call.begin();
        let serving = call.commit();
        scene.wait(3_600);
        assert_eq!(states(&serving.steps()), "`pa/a` served");
        drop(serving);
        assert_eq!(active(&scene), 0);
    }
    assert!(scene.is_healthy("a"));
}
