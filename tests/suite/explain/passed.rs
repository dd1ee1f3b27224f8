//! Reasons to skip an entry: price, context window, request filter, operator, cooldown, selector. Checks that
//! `attempts` follows the explanation.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use model_aliases::{
    AliasResolver, Candidates, Considered, Explanation, Failure, FailureClass as Class, FakeClock,
    Request, TargetRef, TargetState, Usage,
};

use super::laws::attempt_after;
use super::{explains, load_with};
use crate::attempts::PRICED;

#[track_caller]
fn load(aliases: &str) -> (AliasResolver, FakeClock) {
    load_with(&format!("{PRICED}{aliases}"), |builder| builder)
}

/// Explains a request with a certain result and checks that `attempts` returns the same target.
#[track_caller]
fn goes(resolver: &AliasResolver, request: Request<'_>, after: &[Class], expected: &str) {
    let why = explains(resolver, request, after, expected);
    let next = why.next().first().map(|share| share.target().to_owned());
    assert!(why.next().len() <= 1, "{why}");
    assert_eq!(attempt_after(resolver, request, after), next, "{why}");
}

/// Returns each entry with its reason code.
fn codes(why: &Explanation) -> String {
    let codes = why.candidates().iter();
    let codes: Vec<String> = codes
        .map(|one| format!("{} {}", one.target(), one.code()))
        .collect();
    codes.join(", ")
}

#[test]
fn a_target_is_passed_over_for_its_price() {
    let (resolver, _) = load(
        "  x:
    target: c
    fallbacks: [{target: d, conditions: [timeout]}, {target: a, conditions: [cost_exceeded]}]
    guardrails: {max_cost_per_request: 0.05, on_unverifiable: allow}
  twice: {target: a, fallbacks: [b], guardrails: {max_cost_per_request: 0.01}}
  unknown: {target: d, fallbacks: [a], guardrails: {max_cost_per_request: 0.01}}
",
    );
    // At $10 a million six thousand tokens are six cents.
    let asks = |name| Request::new(name).estimate(Usage::new(3_000, 3_000));
    goes(
        &resolver,
        asks("x"),
        &[],
        "\
`x`
  x
    -  pc/c  100.00%  passed over: it may cost more than the limit
    1. pd/d  100.00%  left out: [timeout] does not hold after cost_exceeded
    2. pa/a  100.00%  [cost_exceeded] holds after cost_exceeded
  next: pa/a 100.00%
",
    );
    // What timed out counts at its upper bound, what was refused costs nothing.
    goes(
        &resolver,
        asks("twice"),
        &[Class::Timeout],
        "\
`twice` after timeout
  twice
    -  pa/a  100.00%  failed: timeout
    1. pb/b  100.00%  passed over: it may cost more than the limit
  next: none 100.00%
",
    );
    goes(
        &resolver,
        asks("twice"),
        &[Class::Overloaded],
        "\
`twice` after overloaded
  twice
    -  pa/a  100.00%  failed: overloaded
    1. pb/b  100.00%  [any] holds after overloaded
  next: pb/b 100.00%
",
    );
    let why = resolver.explain(asks("unknown")).unwrap();
    assert_eq!(codes(&why), "pd/d cost, pa/a next");
    // Without an estimate nothing is known beforehand.
    let why = resolver.explain("x").unwrap();
    assert_eq!(codes(&why), "pc/c next, pd/d waiting, pa/a waiting");
}

/// The conditions hold, so they are not the reason.
#[test]
fn a_fallback_is_left_out_for_its_window() {
    let (resolver, _) = load(
        "  x: {target: b, fallbacks: [small, b, c]}
  small: {targets: [{model: b, weight: 100}], fallbacks: [b]}
",
    );
    let asks = Request::new("x").estimate(Usage::new(8_001, 1));
    // The primary is tried whatever its window.
    goes(
        &resolver,
        asks,
        &[],
        "\
`x`
  x
    -  pb/b   100.00%  the only target
    1. small    0.00%  left out: its context window is too small
    2. pb/b     0.00%  left out: its context window is too small
    3. pc/c     0.00%  not needed: a fallback for [any]
  next: pb/b 100.00%
",
    );
    goes(
        &resolver,
        asks,
        &[Class::Timeout],
        "\
`x` after timeout
  x
    -  pb/b   100.00%  failed: timeout
    1. small  100.00%  left out: its context window is too small
    2. pb/b   100.00%  left out: its context window is too small
    3. pc/c   100.00%  [any] holds after timeout
  next: pc/c 100.00%
",
    );
    let fits = Request::new("x").estimate(Usage::new(8_000, 0));
    let why = resolver.explain_after(fits, [Class::Timeout]).unwrap();
    // There is room, but `b` had its turn, and `small` leads nowhere else.
    let found = codes(&why);
    let expected = "pb/b failed, small failed, pb/b repeated, pc/c next, ";
    assert!(found.starts_with(expected), "{found}");
}

/// The assumed failures take no time, so no deadline passes. `attempts` agrees if its failures take none either.
#[test]
fn no_time_passes_in_an_explanation() {
    let (resolver, clock) = load(
        "  x: {target: a, timeout: 900ms, fallbacks: [b], guardrails: {max_latency: 1s}}
  tight: {target: a, fallbacks: [b], guardrails: {max_latency: 10ms}}
",
    );
    for name in ["x", "tight"] {
        let why = resolver.explain_after(name, [Class::Timeout]).unwrap();
        assert_eq!(codes(&why), "pa/a failed, pb/b next");
        let found = attempt_after(&resolver, name, &[Class::Timeout]);
        assert_eq!(found.as_deref(), Some("pb/b"));
    }
    let mut call = resolver.attempts("x").unwrap();
    clock.advance(Duration::from_millis(900));
    assert!(!call.failed(Class::Timeout));
    assert_eq!(call.into_error().class(), Some(Class::LatencyExceeded));
}

/// An explanation does not call the selector. It uses weights, says so, and marks the fractions as inexact.
#[test]
fn what_a_selector_has_a_say_in_is_marked() {
    let asked = Arc::new(AtomicUsize::new(0));
    let select = |asked: &Arc<AtomicUsize>| {
        let asked = Arc::clone(asked);
        move |_: &Request<'_>, candidates: Candidates<'_>| {
            asked.fetch_add(1, Ordering::Relaxed);
            (!candidates.is_empty()).then_some(0)
        }
    };
    let aliases = "  half: {load_balance: {}, targets: [{model: mine}, {model: c}]}
  mine: {load_balance: {algorithm: first}, targets: [{model: a, weight: 3}, {model: b, weight: 1}]}
  chain: {target: d, fallbacks: [half]}
";
    let (resolver, _) = load_with(&format!("{PRICED}{aliases}"), |builder| {
        builder.selector_fn("first", select(&asked))
    });
    explains(
        &resolver,
        "half",
        &[],
        "\
`half`
  half
    -  mine   50.00%  balanced by round_robin
    -  pc/c   50.00%  balanced by round_robin
  mine
    -  pa/a   37.50%  balanced by first; weights are shown instead
    -  pb/b   12.50%  balanced by first; weights are shown instead
  next: pa/a 37.50%, pb/b 12.50%, pc/c 50.00%
",
    );
    // At once, and along each way.
    for why in [
        resolver.explain("half").unwrap(),
        resolver.explain_after("chain", [Class::Timeout]).unwrap(),
    ] {
        for share in why.next() {
            let is_exact = share.target() == "pc/c";
            assert_eq!(share.probability().is_exact(), is_exact, "{why}");
        }
        let of_mine = why.candidates().iter();
        let mut of_mine = of_mine.filter(|one| one.alias() == Some("mine"));
        assert!(of_mine.all(|one| !one.probability().is_exact()), "{why}");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 0, "it was asked");

    let aliases = "  x: {targets: [{model: a, weight: 60}, {model: b, weight: 40}]}\n";
    let (resolver, _) = load_with(&format!("{PRICED}{aliases}"), |builder| {
        builder.draw(First(Arc::clone(&asked)))
    });
    let why = explains(
        &resolver,
        "x",
        &[],
        "\
`x`
  x
    -  pa/a   60.00%  drawn by a selector; weights are shown instead
    -  pb/b   40.00%  drawn by a selector; weights are shown instead
  next: pa/a 60.00%, pb/b 40.00%
",
    );
    assert!(why.next().iter().all(|one| !one.probability().is_exact()));
    // A key decides without it.
    let keyed = Request::new("x").sticky_key("user-1");
    let why = resolver.explain(keyed).unwrap();
    assert!(why.next()[0].probability().is_exact());
    assert_eq!(
        why.candidates().iter().filter(|one| one.is_next()).count(),
        1
    );
    assert!(
        why.to_string().contains("chosen by the sticky key"),
        "{why}"
    );
    assert_eq!(asked.load(Ordering::Relaxed), 0, "it was asked");
}

struct First(Arc<AtomicUsize>);

impl model_aliases::Selector for First {
    fn select(&self, _: &Request<'_>, _: Candidates<'_>) -> Option<usize> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Some(0)
    }
}

const RULED: &str = "  x: {target: split, fallbacks: [in, d]}
  split: {targets: [{model: a, weight: 50}, {model: b, weight: 25}, {model: in, weight: 25}]}
  in: {target: a, fallbacks: [c]}
";

/// Excluded targets leave the draw, and so does an alias if all its targets are excluded.
#[test]
fn what_the_request_rules_out_is_said() {
    let (resolver, _) = load(RULED);
    let only = |models: &'static str| move |target: TargetRef<'_>| models.contains(target.model());
    let b_and_d = only("bd");
    goes(
        &resolver,
        Request::new("x").allow(&b_and_d),
        &[Class::Timeout],
        "\
`x` after timeout
  x
    -  split  100.00%  failed: timeout
    1. in     100.00%  failed: not_allowed
    2. pd/d   100.00%  [any] holds after not_allowed
  split
    -  pa/a     0.00%  passed over: the request rules it out
    -  pb/b   100.00%  failed: timeout
    -  in       0.00%  passed over: the request rules it out
  in
    -  pa/a     0.00%  passed over: the request rules it out
    1. pc/c   100.00%  passed over: the request rules it out
  next: pd/d 100.00%
",
    );
    let a_and_b = only("ab");
    let why = resolver
        .explain(Request::new("split").allow(&a_and_b))
        .unwrap();
    let shares: Vec<String> = why
        .next()
        .iter()
        .map(|one| one.probability().to_string())
        .collect();
    assert_eq!(shares, ["75.00%", "25.00%"], "{why}");
    // Nothing may be chosen: nor as a last resort.
    let nobody = only("");
    let request = Request::new("x").allow(&nobody);
    let why = resolver.explain(request).unwrap();
    assert_eq!(why.ends().to_string(), "100.00%", "{why}");
    assert!(!why.candidates().iter().any(Considered::is_next), "{why}");
    assert_eq!(attempt_after(&resolver, request, &[]), None);
}

#[test]
fn what_an_operator_drained_is_said() {
    let (resolver, _) = load(RULED);
    for target in ["pa/a", "pc/c"] {
        assert!(resolver.drain(target));
    }
    let request = Request::new("x");
    goes(
        &resolver,
        request,
        &[],
        "\
`x`
  x
    -  split  100.00%  the only target
    1. in       0.00%  passed over: drained by an operator
    2. pd/d     0.00%  not needed: a fallback for [any]
  split
    -  pa/a     0.00%  passed over: drained by an operator
    -  pb/b   100.00%  drawn by weight
    -  in       0.00%  passed over: drained by an operator
  next: pb/b 100.00%
",
    );
    // Both have their say: neither alone speaks against all of `in`.
    resolver.undrain("pc/c");
    let not_c = |target: TargetRef<'_>| target.model() != "c";
    let why = resolver.explain(request.allow(&not_c)).unwrap();
    assert!(
        codes(&why).ends_with("pa/a drained, pb/b next, in not-allowed"),
        "{why}"
    );
}

/// The remaining cooldown equals `status` to the millisecond, is rounded up in words, and shrinks over time.
#[test]
fn how_long_a_target_cools_is_said() {
    let (resolver, clock) = load("  x: {target: a, fallbacks: [b, c]}\n");
    let limited = Failure::new(Class::RateLimited).retry_after(Duration::from_secs(30));
    resolver.resolve("a").unwrap().failed(limited.status(429));
    for _ in 0..5 {
        resolver.resolve("b").unwrap().failed(Class::ServerError);
    }
    for passed in [0, 1_500, 1_501] {
        clock.advance(Duration::from_millis(passed));
        let why = resolver.explain("x").unwrap();
        assert_eq!(codes(&why), "pa/a cooling, pb/b cooling, pc/c next");
        let status = resolver.status();
        for (one, status) in why.candidates().iter().zip(&status).take(2) {
            let TargetState::Cooling { class, returns_in } = status.state() else {
                panic!("{status:?}");
            };
            assert_eq!(
                (one.class(), one.returns_in()),
                (Some(class), Some(returns_in))
            );
            let seconds = returns_in.as_secs_f64().ceil();
            assert_eq!(
                one.to_string(),
                format!("passed over: cooling down after {class}, for another {seconds} s")
            );
            let json = serde_json::to_value(one).unwrap();
            assert_eq!(json["returns_in"], returns_in.as_secs_f64());
        }
        assert_eq!(attempt_after(&resolver, "x", &[]).as_deref(), Some("pc/c"));
    }
    // `b` is back first: one request at a time finds out whether it is well.
    clock.advance(Duration::from_secs(10));
    let why = resolver.explain("x").unwrap();
    assert_eq!(codes(&why), "pa/a cooling, pb/b next, pc/c waiting");
    let probe = resolver.attempts("x").unwrap();
    assert_eq!(probe.target(), "pb/b");
    let why = resolver.explain("x").unwrap();
    let under_way = &why.candidates()[1];
    assert_eq!(
        (under_way.code(), under_way.returns_in()),
        ("cooling", None)
    );
    assert_eq!(
        under_way.to_string(),
        "passed over: a probe is under way after server_error"
    );
    drop(probe);
}
