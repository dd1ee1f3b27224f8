//! Public threads where users of other gateways got hurt by what follows a failure, each as a test
//! of ours.

use std::time::Duration;

use model_aliases::{
    AliasResolver, Clock, Code, Failure, FailureClass as Class, Problem, Request, TargetState,
};

use super::{End, Scene, config, document, fails, short};

fn fails_all(class: Class, times: usize) -> Vec<End> {
    vec![fails(class); times]
}

/// The fallbacks of a model were lost when it was asked for by its alias.
#[test]
fn litellm_10317_an_alias_keeps_the_fallbacks_of_what_it_stands_for() {
    let scene = Scene::new(
        "  real: {target: a, fallbacks: [b]}\n  nick: real\n  formal: {target: real, hidden: true}\n",
    );
    for name in ["real", "nick", "formal"] {
        let run = scene.run(name, &[fails(Class::ServerError)]);
        assert_eq!(run.steps, "a=server_error b+", "{name}");
    }
}

/// The same one alias further: also over several hops, as a member and as a fallback.
#[test]
fn litellm_38832_fallbacks_are_kept_wherever_the_alias_stands() {
    let scene = Scene::new(
        "  real: {target: a, fallbacks: [b]}
  one: real
  two: one
  three: two
  member: {targets: [{model: three, weight: 100}], fallbacks: [c]}
  last: {target: c, fallbacks: [three]}\n",
    );
    let mut call = scene.resolver.attempts("three").unwrap();
    assert!(call.failed(Class::Overloaded));
    assert!(call.alias_path().eq(["three", "two", "one", "real"]));
    assert_eq!((call.asked(), &*call.target()), ("three", "pb/b"));
    call.succeeded();
    for (name, steps) in [
        ("member", "a=overloaded b=overloaded c+"),
        ("last", "c=overloaded a=overloaded b+"),
    ] {
        let run = scene.run(name, &fails_all(Class::Overloaded, 2));
        assert_eq!(run.steps, steps, "{name}");
    }
}

/// An alias of a virtual model lost the legs below it.
#[test]
fn gomodel_1013_every_leg_of_the_subtree_is_tried() {
    let aliases = "  virtual: {target: a, fallbacks: [b, inner], max_attempts: 8}
  inner: {load_balance: {}, targets: [{model: c}, {model: d}], fallbacks: [e]}
  alias: virtual
  wrapped: {targets: [{model: virtual, weight: 100}], fallbacks: [f], max_attempts: 8}\n";
    for (name, last) in [("virtual", ""), ("alias", ""), ("wrapped", " f")] {
        let scene = Scene::new(aliases);
        let run = scene.run(name, &fails_all(Class::Timeout, 8));
        // The balancer inside begins anywhere.
        let tried = run.tried.replace("d c", "c d");
        assert_eq!(tried, format!("a b c d e{last}"), "{name}");
        assert_eq!(run.class(), Some(Class::Timeout));
    }
}

/// A cyclic graph of fallbacks and one bad request took a replica down.
#[test]
fn litellm_35303_cycles_do_not_load_and_a_bad_request_is_sent_once() {
    for aliases in [
        "  x: {target: a, fallbacks: [y]}\n  y: {target: b, fallbacks: [x]}\n",
        "  x: {target: a, fallbacks: [x]}\n",
        "  x: {targets: [{model: y, weight: 50}, {model: a, weight: 50}]}\n  y: {target: b, fallbacks: [x]}\n",
    ] {
        let config = config(&document(aliases));
        let codes: Vec<Code> = config.check().iter().map(Problem::code).collect();
        assert_eq!(codes, [Code::AliasCycle], "{aliases}");
        assert!(AliasResolver::builder(config).build().is_err());
    }
    let scene = Scene::new("  x: {target: a, fallbacks: [b, c, d]}\n");
    let run = scene.run("x", &[fails(Class::InvalidRequest)]);
    assert_eq!(run.steps, "a=invalid_request");
    assert_eq!(run.class(), Some(Class::InvalidRequest));
    // 32,768 ways lead through these; each alias is walked once.
    let mut twice = String::from("  l15: {target: a, fallbacks: [b]}\n");
    for level in 0..15 {
        let next = level + 1;
        twice += &format!("  l{level}: {{target: l{next}, fallbacks: [l{next}]}}\n");
    }
    let scene = Scene::new(&twice);
    let run = scene.run("l0", &fails_all(Class::ServerError, 20));
    assert_eq!(run.tried, "a b");
    assert!(run.steps.split(' ').count() <= 2 + 15, "{}", run.steps);
}

/// With a timeout of 20 seconds the fallback began after a minute.
#[test]
fn litellm_7303_the_fallback_begins_when_the_time_is_over() {
    let scene = Scene::new(
        "  x: {target: a, timeout: 20s, fallbacks: [{target: b, timeout: 15s}]}
  y: {target: a, timeout: 20s, fallbacks: [b], guardrails: {max_latency: 30s}}\n",
    );
    for (name, second) in [("x", 15), ("y", 10)] {
        let began = scene.clock.now();
        let mut call = scene.resolver.attempts(name).unwrap();
        assert_eq!(call.begin(), Some(Duration::from_secs(20)));
        // The embedder's timer goes off.
        scene.wait(20);
        assert!(call.failed(Class::Timeout));
        assert_eq!(
            (call.model(), scene.clock.now().saturating_sub(began)),
            ("b", Duration::from_secs(20))
        );
        assert_eq!(call.timeout(), Some(Duration::from_secs(second)));
        call.succeeded();
    }
}

/// A fallback was not taken because the provider's words were on no list.
#[test]
fn litellm_10793_no_words_are_needed_to_fall_back() {
    for status in [
        401, 403, 404, 408, 429, 500, 502, 503, 504, 520, 524, 529, 599,
    ] {
        for body in [
            "",
            "ups, das ging schief",
            "<html><h1>Bad Gateway</h1></html>",
            "{\"message\": \"try me later\"}",
            "{\"error\": {\"nested\": [1, {}]}}",
            "\u{fffd}\0{",
        ] {
            let scene = Scene::new("  x: {target: a, fallbacks: [b]}\n");
            let failure = Failure::from_http(status, [("content-type", "text/plain")], body);
            let run = scene.run("x", &[End::Fails(failure)]);
            assert_eq!(run.tried, "a b", "{status} {body:?}");
        }
    }
}

/// A safety refusal was gone round in silence.
#[test]
fn litellm_40406_a_refusal_is_gone_round_only_when_named() {
    let azure = Failure::from_http(
        400,
        [("content-type", "application/json")],
        r#"{"error": {"code": "content_filter", "message": "The prompt was filtered."}}"#,
    );
    assert_eq!(azure.class(), Class::ContentFiltered);
    let words = "any, transient, 400, 4xx, primary_failed, all_previous_failed";
    for failure in [azure, Failure::new(Class::ContentFiltered).status(400)] {
        for fallback in [
            "b".to_owned(),
            format!("{{target: b, conditions: [{words}]}}"),
        ] {
            let scene = Scene::new(&format!("  x: {{target: a, fallbacks: [{fallback}, c]}}\n"));
            let run = scene.run("x", &[End::Fails(failure.clone())]);
            assert_eq!(run.tried, "a", "{fallback}");
            assert_eq!(run.error.unwrap().failure(), Some(&failure));
        }
        let scene = Scene::new(
            "  x: {target: a, fallbacks: [{target: b, conditions: [content_filtered]}]}\n",
        );
        for _ in 0..10 {
            assert_eq!(scene.run("x", &[End::Fails(failure.clone())]).tried, "a b");
        }
        // Who refuses is well.
        assert!(scene.is_healthy("a"));
    }
}

/// Who was tied to a deployment stayed with it when it was down.
#[test]
fn litellm_32308_a_key_gives_way_to_failover_and_comes_back() {
    for aliases in [
        "  x: {load_balance: {algorithm: sticky}, targets: [{model: a}, {model: b}, {model: c}]}\n",
        "  x: {redistribute: true, targets: [{model: a, weight: 50}, {model: b, weight: 30}, {model: c, weight: 20}]}\n",
        "  x: {targets: [{model: a, weight: 50}, {model: b, weight: 50}], fallbacks: [c]}\n",
    ] {
        for user in 0..12_u32 {
            let scene = Scene::new(aliases);
            let key = user.to_le_bytes();
            let request = Request::new("x").sticky_key(&key);
            let home = scene.run(request, &[]).tried;
            let run = scene.run(request, &[fails(Class::ConnectError)]);
            let (first, other) = run.tried.split_once(' ').unwrap();
            assert!(first == home && other != home, "{run:?}");
            scene.cool(&home, Class::ConnectError);
            for _ in 0..5 {
                assert_eq!(scene.run(request, &[]).tried, other, "{home}");
            }
            assert!(scene.resolver.reset(&format!("p{home}/{home}")));
            assert_eq!(scene.run(request, &[]).tried, home);
        }
    }
}

/// With everything cooling the answer was an error, not the one that returns first.
#[test]
fn litellm_3646_the_first_to_return_is_asked_when_all_cool() {
    let scene = Scene::new(
        "  x: {target: a, fallbacks: [b, c]}
  y: {load_balance: {}, targets: [{model: a}, {model: b}, {model: c}]}\n",
    );
    for (target, seconds) in [("a", 30), ("b", 10), ("c", 50)] {
        let failure = Failure::new(Class::RateLimited).retry_after(Duration::from_secs(seconds));
        scene.cool(target, failure);
    }
    for name in ["x", "y"] {
        assert_eq!(scene.run(name, &[]).tried, "b!", "{name}");
        let run = scene.run(name, &[fails(Class::Overloaded)]);
        assert_eq!(
            (run.tried.as_str(), run.class()),
            ("b!", Some(Class::Overloaded))
        );
        let returns = run.error.unwrap().returns_in().unwrap();
        assert!((10..12).contains(&returns.as_secs()), "{returns:?}");
    }
    assert_eq!(
        scene.run("x", &[]).steps,
        "a-rate_limited b-rate_limited c-rate_limited b+"
    );
}

/// A single deployment never cooled, so that each request paid three dead attempts.
#[test]
fn litellm_40405_a_single_target_cools_like_any_other() {
    let scene = Scene::new("  x: {target: a, fallbacks: [b]}\n  lone: a\n");
    let (mut dead, mut requests) = (0, 0);
    while scene.clock.now() < Duration::from_mins(1) {
        let run = scene.run(
            "x",
            &fails_all(Class::ConnectError, 1)[..usize::from(!cools(&scene))],
        );
        dead += u32::from(run.tried.starts_with('a'));
        requests += 1;
        assert!(run.tried.ends_with('b'));
        scene.clock.advance(Duration::from_millis(100));
    }
    assert_eq!(requests, 600);
    assert!((5..=12).contains(&dead), "{dead}");
    // Asked by itself it gets one attempt for each request, never three.
    let run = scene.run("lone", &fails_all(Class::ConnectError, 5));
    assert_eq!(run.tried.split(' ').count(), 1, "{run:?}");
}

/// Whether `a` is passed over.
fn cools(scene: &Scene) -> bool {
    matches!(scene.state("pa/a"), TargetState::Cooling { .. })
}

/// A longer cooldown was overwritten by a shorter one.
#[test]
fn litellm_40130_of_two_cooldowns_the_later_end_wins() {
    let long = Failure::new(Class::RateLimited).retry_after(Duration::from_mins(2));
    let short = Failure::new(Class::AuthFailed).status(403);
    for order in [[&long, &short], [&short, &long]] {
        let scene = Scene::new("  x: a\n");
        // Both are under way when the first of them fails.
        let held = [(); 2].map(|()| scene.resolver.resolve("x").unwrap());
        for (route, failure) in held.into_iter().zip(order) {
            route.failed(failure.clone());
        }
        let TargetState::Cooling { class, returns_in } = scene.state("pa/a") else {
            panic!("it does not cool");
        };
        assert_eq!(class, Class::RateLimited);
        assert!((120..144).contains(&returns_in.as_secs()), "{returns_in:?}");
        scene.wait(119);
        assert!(!scene.is_healthy("a"));
    }
}

/// An exhausted chain was tried again and again: 75 calls in 14 seconds.
#[test]
fn mnfst_1119_an_exhausted_chain_is_not_begun_again() {
    let scene = Scene::new("  x: {target: a, fallbacks: [b, c]}\n");
    let mut call = scene.resolver.attempts("x").unwrap();
    let mut calls = vec![short(&call.target())];
    for _ in 0..75 {
        if call.failed(Class::QuotaExhausted) {
            calls.push(short(&call.target()));
        }
        scene.clock.advance(Duration::from_millis(187));
    }
    assert_eq!(calls, ["a", "b", "c"]);
    drop(call);
    // Later requests try nobody twice either, and one of them while all three cool.
    for _ in 0..100 {
        let run = scene.run("x", &fails_all(Class::QuotaExhausted, 75));
        let tried: Vec<&str> = run.tried.split(' ').collect();
        assert!(tried.len() <= 3);
        if run.tried.contains('!') {
            assert_eq!(tried.len(), 1);
        }
        scene.clock.advance(Duration::from_millis(187));
    }
}

/// When everything was used up, the last real error was not to be seen.
#[cfg(feature = "json")]
#[test]
fn hermes_agent_70496_the_last_real_failure_is_kept() {
    use model_aliases::{StepReport, StepState};

    let scene = Scene::new("  x: {target: a, fallbacks: [b, c]}\n");
    scene.cool("b", Class::ServerError);
    assert!(scene.resolver.drain("pc/c"));
    let failure = Failure::from_http(
        429,
        [("content-type", "application/json")],
        r#"{"error": {"code": "insufficient_quota", "message": "You exceeded your current quota."}}"#,
    );
    let run = scene.run("x", &[End::Fails(failure.clone())]);
    let error = run.error.unwrap();
    assert_eq!(error.failure(), Some(&failure));
    assert_eq!(
        error.failure().unwrap().provider_code(),
        Some("insufficient_quota")
    );
    // What is drained counts as deleted.
    assert_eq!(error.class(), Some(Class::ServerError));
    let states: Vec<&StepState> = error.steps().iter().map(StepReport::state).collect();
    assert_eq!(
        states,
        [
            &StepState::Failed(failure),
            &StepState::PassedOver(Class::ServerError),
            &StepState::Drained,
        ]
    );
    let text = error.to_string();
    assert!(
        text.contains("`pa/a` failed with quota_exhausted (429 insufficient_quota)"),
        "{text}"
    );
    // Of several it is the last one.
    let scene =
        Scene::new("  x: {target: a, fallbacks: [b, {target: c, conditions: [timeout]}]}\n");
    let last = Failure::new(Class::Overloaded).status(529);
    let run = scene.run("x", &[fails(Class::Timeout), End::Fails(last.clone())]);
    assert_eq!(run.error.unwrap().failure(), Some(&last));
}

/// A list of allowed models was got round by asking for an alias of another one.
#[test]
fn langwatch_431_no_alias_leads_round_what_is_allowed() {
    let scene = Scene::new(
        "  nick: a
  hop: nick
  chain: {target: a, fallbacks: [b, c]}
  canary: {targets: [{model: a, weight: 99}, {model: b, weight: 1}], fallbacks: [c]}
  balanced: {load_balance: {}, targets: [{model: hop}, {model: b}, {model: chain}]}
  open: {target: wild/other, fallbacks: [b]}\n",
    );
    let rule = |target: model_aliases::TargetRef<'_>| target.model() == "b";
    for name in [
        "nick", "hop", "chain", "canary", "balanced", "open", "a", "wild/new",
    ] {
        let asked = Request::new(name);
        for user in 0..30_u32 {
            let key = user.to_le_bytes();
            for request in [asked, asked.sticky_key(&key)] {
                let request = request.allow(&rule);
                let run = scene.run(request, &fails_all(Class::NotAllowed, 8));
                assert!(run.tried.is_empty() || run.tried == "b", "{name}: {run:?}");
                if let Ok(route) = scene.resolver.resolve(request) {
                    assert_eq!(route.model(), "b");
                }
            }
        }
    }
    // Nor as a last resort, when what is allowed cools too.
    for target in ["a", "b", "c"] {
        scene.cool(target, Class::ServerError);
    }
    assert_eq!(
        scene.run(Request::new("chain").allow(&rule), &[]).tried,
        "b!"
    );
    let none = |_: model_aliases::TargetRef<'_>| false;
    let run = scene.run(Request::new("chain").allow(&none), &[]);
    assert_eq!(run.tried, "");
    assert!(run.error.unwrap().is_not_allowed());
}
