//! What a request gets while every target cools: rule 31.

use std::time::Duration;

use model_aliases::{Failure, FailureClass as Class, ResolveError};

use super::{Scene, document};

/// S8 and rule 31, worked by hand: with `last_resort: never` an outage sheds its load.
#[test]
fn without_a_last_resort_a_request_beside_cooling_targets_is_refused() {
    let scene = |aliases: &str, always: bool| {
        let scene = Scene::of(&document(aliases), |builder| builder.last_resort(always));
        for target in ["a", "b"] {
            let limited = Failure::new(Class::RateLimited).status(429);
            scene.fail(target, 1, limited.retry_after(Duration::from_secs(40)));
        }
        scene
    };
    for (aliases, always, steps) in [
        ("x: a", true, "a-rate_limited a+"),
        ("x: a", false, "a-rate_limited"),
        ("x: {target: a, last_resort: never}", true, "a-rate_limited"),
        // The alias's own word overrides the builder.
        (
            "x: {target: a, last_resort: always}",
            false,
            "a-rate_limited a+",
        ),
        // It covers members, fallbacks and aliases inside.
        (
            "x: {target: a, fallbacks: [b], last_resort: never}",
            true,
            "a-rate_limited b-rate_limited",
        ),
        (
            "x: {load_balance: {}, targets: [{model: a}, {model: b}], last_resort: never}",
            true,
            "a-rate_limited b-rate_limited",
        ),
        (
            "x: {target: in, last_resort: never}\n  in: {target: a, fallbacks: [b]}",
            true,
            "a-rate_limited b-rate_limited",
        ),
        // An alias that leads there changes nothing: what is inside `in` is covered, b is not.
        (
            "x: {target: in, fallbacks: [b], last_resort: always}\n  in: {target: a, last_resort: never}",
            true,
            "a-rate_limited b-rate_limited b+",
        ),
        (
            "x: {target: in, fallbacks: [b]}\n  in: {target: plain}\n  plain: {target: a, last_resort: never}",
            true,
            "a-rate_limited b-rate_limited b+",
        ),
        (
            "x: {target: in, last_resort: never}\n  in: {target: a, fallbacks: [b], last_resort: always}",
            true,
            "a-rate_limited b-rate_limited",
        ),
        // An attempt that fails ends as always.
        (
            "x: {target: a, fallbacks: [c], last_resort: never}",
            true,
            "a-rate_limited c+",
        ),
    ] {
        let scene = scene(&format!("  {aliases}\n"), always);
        let tried = steps.ends_with('+');
        for _ in 0..50 {
            assert_eq!(scene.run("x", &[]).steps, steps, "{aliases}");
            assert_eq!(scene.resolver.resolve("x").is_ok(), tried, "{aliases}");
        }
        if tried {
            continue;
        }
        let at_least = Duration::from_secs(40);
        let error = scene.run("x", &[]).error.unwrap();
        assert!(
            error.returns_in().is_some_and(|time| time >= at_least),
            "{error}"
        );
        assert_eq!(error.class(), Some(Class::RateLimited));
        assert!(!error.is_not_allowed() && error.resolve_error().is_none());
        let error = scene.resolver.resolve("x").unwrap_err();
        assert!(
            matches!(&error, ResolveError::Cooling { returns_in, .. } if *returns_in >= at_least),
            "{error}"
        );
        assert_eq!(error.code(), "cooling");
        assert!(
            error
                .to_string()
                .starts_with("every target of `x` cools down")
        );
        // Once the first is back it serves.
        scene.wait(50);
        assert!(scene.resolver.resolve("x").is_ok(), "{aliases}");
    }
    // A model asked for by its own name has no alias, so the builder decides.
    assert!(scene("  x: a\n", false).resolver.resolve("a").is_err());
    // While a probe is under way the others are refused.
    let scene = Scene::new("  x: {target: a, last_resort: never}\n");
    scene.cool("a", Class::ServerError);
    scene.wait(60);
    let probe = scene.resolver.attempts("x").unwrap();
    let error = scene.resolver.resolve("x").unwrap_err();
    let is_now = |time: &Duration| time.is_zero();
    assert!(matches!(&error, ResolveError::Cooling { returns_in, .. } if is_now(returns_in)));
    drop(probe.commit());
    assert!(scene.resolver.resolve("x").is_ok());
}
