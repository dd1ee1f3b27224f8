//! One deadline for the whole chain: rule 34.

use std::time::Duration;

use model_aliases::{Clock, FailureClass as Class, Request, TargetRef};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{End, Scene, document, fails};
use crate::selection::full_or;

/// How many milliseconds each attempt may take; each takes all of them, or one without a limit.
#[track_caller]
fn times<'r>(scene: &Scene, asked: impl Into<Request<'r>>) -> Vec<Option<u128>> {
    let mut call = scene.resolver.attempts(asked).unwrap();
    let mut times = Vec::new();
    loop {
        let timeout = call.timeout();
        assert_eq!(call.begin(), timeout);
        times.push(timeout.map(|time| time.as_millis()));
        scene.clock.advance(timeout.unwrap_or_default());
        if !call.failed(Class::Timeout) {
            return times;
        }
    }
}

#[track_caller]
fn takes(aliases: &str, expected: &[u128]) {
    let scene = Scene::new(aliases);
    let expected: Vec<Option<u128>> = expected.iter().map(|&time| Some(time)).collect();
    assert_eq!(times(&scene, "x"), expected, "{aliases}");
}

#[test]
fn each_attempt_gets_its_own_timeout_or_half_of_what_is_left() {
    takes(
        "  x: {target: a, fallbacks: [b, c], guardrails: {max_latency: 8s}}\n",
        &[4_000, 2_000, 2_000],
    );
    takes(
        "  x: {target: a, guardrails: {max_latency: 8s}}\n",
        &[8_000],
    );
    takes(
        "  x: {target: a, timeout: 3s, fallbacks: [{target: b, timeout: 1s}]}\n",
        &[3_000, 1_000],
    );
    takes(
        "  x: {target: a, timeout: 3s, fallbacks: [b, c], guardrails: {max_latency: 5s}}\n",
        &[3_000, 1_000, 1_000],
    );
    // Never more than is left.
    takes(
        "  x: {target: a, timeout: 4s, fallbacks: [{target: b, timeout: 4s}], guardrails: {max_latency: 5s}}\n",
        &[4_000, 1_000],
    );
    takes(
        "  x: {target: a, timeout: 9s, guardrails: {max_latency: 5s}}\n",
        &[5_000],
    );
    // No fallback looks at a timeout: nothing is kept for it.
    takes(
        "  x: {target: a, fallbacks: [{target: b, conditions: [rate_limited]}], guardrails: {max_latency: 8s}}\n",
        &[8_000],
    );
    takes(
        "  x: {load_balance: {}, targets: [{model: a}, {model: b}, {model: c}], guardrails: {max_latency: 8s}}\n",
        &[4_000, 2_000, 2_000],
    );
    // A split does not try another, nor does it keep time for one.
    takes(
        "  x: {targets: [{model: a, weight: 50}, {model: b, weight: 50}], guardrails: {max_latency: 8s}}\n",
        &[8_000],
    );
    let scene = Scene::new("  x: {target: a, fallbacks: [b]}\n");
    assert_eq!(times(&scene, "x"), [None, None]);
    assert_eq!(times(&scene, "c"), [None]);
}

#[test]
fn nothing_is_kept_for_what_cannot_follow() {
    let aliases = "  x: {target: a, fallbacks: [b], guardrails: {max_latency: 8s}}\n";
    let scene = Scene::new(aliases);
    scene.cool("b", Class::ServerError);
    assert_eq!(times(&scene, "x"), [Some(8_000)]);
    let scene = Scene::new(aliases);
    scene.resolver.drain("pb/b");
    assert_eq!(times(&scene, "x"), [Some(8_000)]);
    takes(
        "  x: {target: a, fallbacks: [b], max_attempts: 1, guardrails: {max_latency: 8s}}\n",
        &[8_000],
    );
    takes(
        "  x: {target: a, fallbacks: [{target: a, conditions: [any]}], guardrails: {max_latency: 8s}}\n",
        &[8_000],
    );
}

/// A group without a member to draw ends as `not_allowed`, also if a member of weight 0 was walked before.
#[test]
fn nothing_is_kept_for_what_a_member_of_weight_0_leads_to() {
    let scene = Scene::new(
        "  x: {target: a, fallbacks: [walked, split, {target: d, conditions: [server_error]}], guardrails: {max_latency: 8s}}
  walked: {target: b, fallbacks: [{target: d, conditions: [rate_limited]}]}
  split: {targets: [{model: c, weight: 100}, {model: walked, weight: 0}]}\n",
    );
    scene.cool("b", Class::ServerError);
    let not_c = |target: TargetRef<'_>| target.model() != "c";
    let request = Request::new("x").allow(&not_c);
    assert_eq!(times(&scene, request), [Some(8_000)]);
    // Drained, the group has no outcome of its own, so that of the step before it stands.
    scene.resolver.drain("pc/c");
    assert_eq!(times(&scene, "x"), [Some(4_000), Some(4_000)]);
}

/// A balanced alias in which too many targets cool tries them all the same.
#[test]
fn a_balanced_fallback_that_ignores_cooldowns_counts_as_another_attempt() {
    let aliases = document(
        "  x: {target: a, fallbacks: [pair], guardrails: {max_latency: 10s}}
  pair: {load_balance: {}, targets: [{model: b}, {model: c}]}\n",
    );
    for (threshold, expected) in [(None, 10), (Some(50), 5)] {
        let scene = Scene::of(&aliases, |builder| match threshold {
            Some(percent) => builder.panic_threshold(percent),
            None => builder,
        });
        scene.cool("b", Class::Timeout);
        scene.cool("c", Class::Timeout);
        let call = scene.resolver.attempts("x").unwrap();
        assert_eq!(call.timeout(), Some(Duration::from_secs(expected)));
    }
}

#[test]
fn every_limit_round_an_attempt_holds() {
    // The inner clock runs from where the inner alias is entered.
    takes(
        "  x: {target: in, fallbacks: [c], guardrails: {max_latency: 16s}}
  in: {target: a, fallbacks: [b], guardrails: {max_latency: 4s}}\n",
        &[2_000, 2_000, 12_000],
    );
    takes(
        "  x: {target: a, fallbacks: [in], guardrails: {max_latency: 8s}}
  in: {target: b, fallbacks: [c], guardrails: {max_latency: 30s}}\n",
        &[4_000, 2_000, 2_000],
    );
    // Also that of a plain alias on the way, for the part that it leads to.
    takes(
        "  x: {target: plain, fallbacks: [b], guardrails: {max_latency: 8s}}
  plain: {target: a, guardrails: {max_latency: 1s}}\n",
        &[1_000, 7_000],
    );
    takes(
        "  x: {target: in, guardrails: {max_latency: 2s}}
  in: {target: a, fallbacks: [b], guardrails: {max_latency: 30s}}\n",
        &[1_000, 1_000],
    );
}

#[test]
fn with_too_little_left_a_target_is_passed_over() {
    let scene = Scene::new(
        "  x: {target: a, timeout: 900ms, fallbacks: [b, c], guardrails: {max_latency: 1s}}
  outer: {target: x, fallbacks: [{target: d, conditions: [latency_exceeded]}]}\n",
    );
    let run = scene.run("x", &[End::Hangs]);
    assert_eq!(run.steps, "a=timeout b-latency_exceeded c-latency_exceeded");
    assert_eq!(run.class(), Some(Class::LatencyExceeded));
    let run = scene.run("outer", &[End::Hangs]);
    assert_eq!(
        run.steps,
        "a=timeout b-latency_exceeded c-latency_exceeded d+"
    );
    // What was passed over for want of time does not cool, nor is it a last resort.
    assert!(scene.is_healthy("b") && scene.is_healthy("c"));
    // 250 ms are enough, a moment less is not.
    for (millis, steps) in [
        (750, "a=server_error b+"),
        (751, "a=server_error b-latency_exceeded"),
    ] {
        let scene = Scene::new("  x: {target: a, fallbacks: [b], guardrails: {max_latency: 1s}}\n");
        let mut call = scene.resolver.attempts("x").unwrap();
        scene.clock.advance(Duration::from_millis(millis));
        let found = if call.failed(Class::ServerError) {
            call.commit().steps()
        } else {
            call.steps()
        };
        assert_eq!(super::Run::new(&found, None, &[]).steps, steps, "{millis}");
    }
}

#[test]
fn halves_stop_at_the_least_time() {
    // Half would be 200 ms, which is too little for anybody: all of it is given.
    takes(
        "  x: {target: a, fallbacks: [b], guardrails: {max_latency: 400ms}}\n",
        &[400],
    );
    takes(
        "  x: {target: a, fallbacks: [b, c], guardrails: {max_latency: 1s}}\n",
        &[500, 250, 250],
    );
    let aliases =
        document("  x: {target: a, fallbacks: [b, c, d], guardrails: {max_latency: 1600ms}}\n");
    for (least, expected) in [
        (0, &[800, 400, 200, 200][..]),
        (200, &[800, 400, 200, 200]),
        (201, &[800, 400, 400]),
        (500, &[800, 800]),
        (801, &[1_600]),
        (5_000, &[1_600]),
    ] {
        let scene = Scene::of(&aliases, |builder| {
            builder.least_time(Duration::from_millis(least))
        });
        let expected: Vec<Option<u128>> = expected.iter().map(|&time| Some(time)).collect();
        assert_eq!(times(&scene, "x"), expected, "{least}");
    }
}

/// A target that hangs is reported, so that its fallback serves and it cools down in the end.
#[test]
fn a_default_timeout_holds_where_the_file_writes_none() {
    let aliases = document(
        "  x: {target: a, fallbacks: [{target: b, timeout: 7s}, c]}
  limited: {target: a, fallbacks: [b], guardrails: {max_latency: 8s}}
  short: {target: a, fallbacks: [b], guardrails: {max_latency: 80s}}\n",
    );
    let scene = Scene::of(&aliases, |builder| {
        builder.default_timeout(Duration::from_secs(30))
    });
    assert_eq!(
        times(&scene, "x"),
        [Some(30_000), Some(7_000), Some(30_000)]
    );
    // The shortest limit counts, and half of a deadline is still kept.
    assert_eq!(times(&scene, "limited"), [Some(4_000), Some(4_000)]);
    assert_eq!(times(&scene, "short"), [Some(30_000), Some(30_000)]);
    let route = scene.resolver.resolve("a").unwrap();
    assert_eq!(route.timeout(), Some(Duration::from_secs(30)));
    drop(route);
    for _ in 0..2 {
        times(&scene, "a");
    }
    assert!(!scene.is_healthy("a"), "five timeouts");
    // Dropped out of time it is a timeout as well.
    let mut call = scene.resolver.attempts("b").unwrap();
    assert_eq!(call.begin(), Some(Duration::from_secs(30)));
}

/// The half of the inner limit would be too little, so its first target gets all of it. Then its fallback has no time,
/// and the outer fallback does not follow a timeout: nothing is kept for either.
#[test]
fn nothing_is_kept_for_what_has_no_time_after_the_timeout() {
    let inner = "  in: {target: a, fallbacks: [b], guardrails: {max_latency: 490ms}}\n";
    let outer = |condition: &str| {
        format!(
            "{inner}  x: {{target: in, fallbacks: [{{target: c, conditions: [{condition}]}}], guardrails: {{max_latency: 500ms}}}}\n"
        )
    };
    takes(&outer("overloaded"), &[490]);
    // A fallback for want of time would follow, so half of the outer limit is kept, and `b` gets some of it.
    takes(&outer("latency_exceeded"), &[250, 240]);
    // With time for both halves the inner fallback counts.
    takes(
        "  in: {target: a, fallbacks: [b], guardrails: {max_latency: 500ms}}
  x: {target: in, fallbacks: [{target: c, conditions: [overloaded]}], guardrails: {max_latency: 600ms}}\n",
        &[250, 250],
    );
}

#[test]
fn a_limit_below_the_least_time_needs_a_quarter_of_itself() {
    takes(
        "  x: {target: a, fallbacks: [b], guardrails: {max_latency: 100ms}}\n",
        &[100],
    );
    let scene = Scene::new("  x: {target: a, fallbacks: [b], guardrails: {max_latency: 100ms}}\n");
    let run = scene.run("x", &[End::After(0, Class::ServerError.into())]);
    assert_eq!(run.steps, "a=server_error b+", "no time has passed");
    let mut call = scene.resolver.attempts("x").unwrap();
    scene.clock.advance(Duration::from_millis(75));
    assert!(call.failed(Class::ServerError));
    let mut call = scene.resolver.attempts("x").unwrap();
    scene.clock.advance(Duration::from_millis(76));
    assert!(!call.failed(Class::ServerError));
}

/// Time between `attempts` and `begin` counts as well: half of what is left then is kept for the fallback.
#[test]
fn half_is_kept_of_what_is_left_when_an_attempt_begins() {
    let scene = Scene::new("  x: {target: a, fallbacks: [b], guardrails: {max_latency: 8s}}\n");
    let mut call = scene.resolver.attempts("x").unwrap();
    scene.wait(4);
    assert_eq!(call.begin(), Some(Duration::from_secs(2)));
}

/// Time between `attempts` and the first attempt counts as well.
#[test]
fn the_clock_runs_from_the_request_on() {
    let scene = Scene::new("  x: {target: a, fallbacks: [b], guardrails: {max_latency: 8s}}\n");
    let mut call = scene.resolver.attempts("x").unwrap();
    scene.wait(8);
    assert_eq!(call.timeout(), Some(Duration::ZERO));
    assert!(!call.failed(Class::Timeout));
    let error = call.into_error();
    assert_eq!(error.class(), Some(Class::LatencyExceeded));
    assert!(!error.is_not_allowed());
    let run = scene.run("x", &[fails(Class::InvalidRequest)]);
    assert_eq!(run.steps, "a=invalid_request");
}

/// Random aliases; each leads only to later ones.
fn random_aliases(rng: &mut StdRng) -> (String, Duration) {
    let models = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut text = String::new();
    let limit = rng.random_range(300..20_000);
    let aliases = rng.random_range(1..5);
    for alias in 0..aliases {
        let entry = |rng: &mut StdRng, word: &str| {
            if alias + 1 < aliases && rng.random_bool(0.4) {
                return format!("{{{word}: x{}}}", rng.random_range(alias + 1..aliases));
            }
            let model = models[rng.random_range(0..models.len())];
            if rng.random_bool(0.3) {
                let time = rng.random_range(100..9_000);
                return format!("{{{word}: {model}, timeout: {time}ms}}");
            }
            format!("{{{word}: {model}}}")
        };
        let fallbacks: Vec<String> = (0..rng.random_range(0..5))
            .map(|_| entry(rng, "target"))
            .collect();
        let own = if alias == 0 {
            format!("    guardrails: {{max_latency: {limit}ms}}\n")
        } else if rng.random() {
            let limit = rng.random_range(100..20_000);
            format!("    guardrails: {{max_latency: {limit}ms}}\n")
        } else {
            String::new()
        };
        let attempts = match rng.random_range(0..4) {
            0 => format!("    max_attempts: {}\n", rng.random_range(1..9)),
            _ => String::new(),
        };
        let target = entry(rng, "model");
        text += &format!("  x{alias}:\n    targets: [{target}]\n{own}{attempts}");
        if !fallbacks.is_empty() {
            text += &format!("    fallbacks: [{}]\n", fallbacks.join(", "));
        }
    }
    (text, Duration::from_millis(limit))
}

#[test]
fn the_timeouts_of_a_request_never_exceed_its_limit() {
    let mut tried = 0;
    for seed in 0..full_or(400, 50_000) {
        let mut rng = StdRng::seed_from_u64(seed);
        let (aliases, limit) = random_aliases(&mut rng);
        let scene = Scene::new(&aliases);
        for _ in 0..3 {
            let began = scene.clock.now();
            let mut call = scene.resolver.attempts("x0");
            while let Ok(mut at) = call {
                let timeout = at.begin().unwrap();
                assert!(!timeout.is_zero(), "{aliases}");
                tried += 1;
                let (part, class) = if rng.random_bool(0.8) {
                    (1.0, Class::Timeout)
                } else {
                    (rng.random_range(0.0..1.0), Class::ServerError)
                };
                scene.clock.advance(timeout.mul_f64(part).min(timeout));
                call = if at.failed(class) {
                    Ok(at)
                } else {
                    Err(at.into_error())
                };
            }
            let took = scene.clock.now().saturating_sub(began);
            assert!(
                took <= limit,
                "seed {seed}: {took:?} of {limit:?}\n{aliases}"
            );
            scene.wait(120);
        }
    }
    assert!(tried > 1_000, "{tried}");
}
