//! The cost of requests and its limits: rules 35 and 36, rows 19 and 22 of the examples.

use model_aliases::{Bill, Cost, FailureClass as Class, Pricing, Request, Usage};

use super::{Run, Scene};

/// Prices of a million tokens, in or out: `a` $1, `b` $1, `c` $10; `d` has no price.
pub(crate) const PROVIDERS: &str = "model_providers:
  - {model: pa/a, pricing: {input: 1, output: 1}, context_window: 100000}
  - {model: pb/b, pricing: {input: 1, output: 1}, context_window: 8000}
  - {model: pc/c, pricing: {input: 10, output: 10}, context_window: 200000}
  - {model: pd/d}
model_aliases:
";

#[track_caller]
fn scene(aliases: &str) -> Scene {
    Scene::of(&format!("{PROVIDERS}{aliases}"), |builder| builder)
}

/// Usage worth `cents` at the price of `a`, a third of it for the answer.
fn cents(cents: u64) -> Usage {
    let tokens = cents * 10_000;
    Usage::new(tokens - tokens / 3, tokens / 3)
}

fn dollars(cents: u128) -> Cost {
    Cost::from_picodollars(cents * 10_000_000_000)
}

#[track_caller]
fn run(scene: &Scene, estimate: Usage, ends: &[Class]) -> Run {
    let ends: Vec<_> = ends.iter().map(|&class| super::fails(class)).collect();
    scene.run(Request::new("x").estimate(estimate), &ends)
}

#[test]
fn row_19_the_price_decides_the_condition() {
    let scene = scene(
        "  x: {target: c, fallbacks: [{target: b, conditions: [timeout]}, {target: d, conditions: [cost_exceeded]}],
      guardrails: {max_cost_per_request: 0.10, on_unverifiable: allow}}\n",
    );
    let run = run(&scene, Usage::new(7_000, 4_000), &[]);
    assert_eq!(run.steps, "c-cost_exceeded b~ d+");
}

/// Six cents and six cents are more than ten, unless the first has cost nothing after all.
#[test]
fn row_22_a_timeout_counts_at_its_upper_bound() {
    let request = Request::new("x").estimate(Usage::new(3_000, 3_000));
    // At $10 a million six thousand tokens are six cents.
    let text = "  x: {target: a, fallbacks: [b], guardrails: {max_cost_per_request: 0.10}}\n";
    let scene = Scene::of(&format!("{PROVIDERS}{text}"), |builder| {
        builder.prices(|_| Some(Pricing::per_token(ten(), ten())))
    });
    let mut call = scene.resolver.attempts(request).unwrap();
    assert!(!call.failed(Class::Timeout));
    assert_eq!(call.bill().spent(), dollars(6));
    let error = call.into_error();
    assert_eq!(error.class(), Some(Class::CostExceeded));
    assert_eq!(error.bill().spent(), dollars(6));

    let mut call = scene.resolver.attempts(request).unwrap();
    call.used(Usage::new(0, 0));
    assert!(call.failed(Class::Timeout));
    assert_eq!(call.bill().spent(), Cost::ZERO);
    assert_eq!(call.model(), "b");
}

/// $10 for a million tokens.
fn ten() -> Cost {
    Cost::from_picodollars(10_000_000)
}

/// What was refused or never sent costs nothing; what broke off counts at worst.
#[test]
fn only_what_may_have_cost_counts() {
    for (class, counts) in [
        (Class::Timeout, true),
        (Class::ServerError, true),
        (Class::ConnectError, false),
        (Class::RateLimited, false),
        (Class::Overloaded, false),
        (Class::AuthFailed, false),
    ] {
        let scene =
            scene("  x: {target: a, fallbacks: [c], guardrails: {max_cost_per_request: 0.61}}\n");
        let run = run(&scene, cents(6), &[class]);
        let expected = if counts { "-cost_exceeded" } else { "+" };
        assert!(run.steps.ends_with(&format!("c{expected}")), "{run:?}");
    }
}

#[test]
fn without_a_price_it_is_refused_unless_allowed() {
    let alias = |more: &str| {
        scene(&format!(
            "  x: {{target: d, fallbacks: [a], guardrails: {{max_cost_per_request: 0.10{more}}}}}\n"
        ))
    };
    assert_eq!(run(&alias(""), cents(1), &[]).steps, "d-cost_exceeded a+");
    let scene = alias(", on_unverifiable: allow");
    let request = Request::new("x").estimate(cents(1));
    let call = scene.resolver.attempts(request).unwrap();
    assert!(call.commit().bill().is_unverified());
    // A hook knows prices, too; then there is nothing to warn of.
    let scene = Scene::of(
        &format!("{PROVIDERS}  x: {{target: d, guardrails: {{max_cost_per_request: 0.10}}}}\n"),
        |builder| {
            builder
                .prices(|target| (target.model() == "d").then(|| Pricing::per_token(ten(), ten())))
        },
    );
    assert_eq!(run(&scene, Usage::new(5_000, 5_000), &[]).steps, "d+");
    assert_eq!(
        run(&scene, Usage::new(5_000, 5_001), &[]).steps,
        "d-cost_exceeded"
    );
    assert_eq!(scene.resolver.warnings(), []);
}

/// Without an estimate nothing is refused beforehand, and the bill says so; afterwards it tells.
#[test]
fn without_an_estimate_it_is_unverified() {
    let scene = scene("  x: {target: c, guardrails: {max_cost_per_request: 0.10}}\n");
    let mut call = scene.resolver.attempts("x").unwrap();
    call.used(Usage::new(20_000, 0));
    let bill = call.commit().bill();
    assert_eq!(bill.spent(), dollars(20));
    assert!(bill.is_unverified() && bill.is_exceeded());
}

/// Each limit measures its own part, and every enclosing one holds as well.
#[test]
fn a_nested_limit_begins_where_it_is_entered() {
    let aliases = |outer: &str, inner: &str| {
        format!(
            "  x: {{target: a, fallbacks: [inner], guardrails: {{max_cost_per_request: {outer}}}}}
  inner: {{target: c, fallbacks: [a, b], guardrails: {{max_cost_per_request: {inner}}}}}\n"
        )
    };
    // `a` takes 1 cent, `c` takes 10 of its own part.
    for (outer, inner, steps) in [
        ("0.11", "0.10", "a=timeout c+"),
        ("0.10", "0.10", "a=timeout c-cost_exceeded a^timeout b+"),
        ("0.11", "0.09", "a=timeout c-cost_exceeded a^timeout b+"),
    ] {
        let scene = scene(&aliases(outer, inner));
        // `b` has room for a prompt of 8,000 tokens only.
        let run = run(&scene, Usage::new(9_000, 1_000), &[Class::Timeout]);
        let small = steps.replace(" b+", " b<");
        assert_eq!(run.steps, small, "{outer} {inner}");
    }
}

/// BerriAI/litellm 31557: a fallback whose window is too small is skipped up front.
#[test]
fn litellm_31557_a_fallback_with_a_smaller_window_is_left_out() {
    let scene = scene(
        "  x: {target: a, fallbacks: [b, small, c]}\n  small: {targets: [{model: b, weight: 100}], fallbacks: [b]}\n",
    );
    let timeout = &[Class::Timeout];
    assert_eq!(
        run(&scene, Usage::new(8_001, 0), timeout).steps,
        "a=timeout b< small< c+"
    );
    // The most that the reply may have is a bound for money, and no request has it all.
    assert_eq!(
        run(&scene, Usage::new(8_000, 4_000), timeout).steps,
        "a=timeout b+"
    );
    // A number of its own counts for the window, and the money goes by the estimate.
    for (context, steps) in [(8_001, "a=timeout b< small< c+"), (8_000, "a=timeout b+")] {
        scene.resolver.reset("pa/a");
        let request = Request::new("x").context(context);
        assert_eq!(
            scene.run(request, &[super::fails(Class::Timeout)]).steps,
            steps
        );
        let request = request.estimate(Usage::new(100_000, 1));
        assert_eq!(
            scene.run(request, &[super::fails(Class::Timeout)]).steps,
            steps
        );
    }
    // The primary is tried whatever its window: the embedder asked for it.
    assert_eq!(
        run(&scene, Usage::new(150_000, 1), timeout).steps,
        "a=timeout b< small< c+"
    );
    let unknown = scene.run("x", &[super::fails(Class::Timeout)]);
    assert_eq!(unknown.steps, "a=timeout b+");
}

/// S11: reported, bounded and unknown amounts are told apart, through every way to report.
#[test]
fn a_bill_tells_what_is_reported_bounded_and_unknown() {
    // `a` costs a dollar for a million tokens, `d` has no price.
    let scene = scene("  x: {target: a, fallbacks: [d, c]}\n");
    let amounts = |bill: Bill| {
        let micro = |cost: Cost| cost.as_picodollars() / 1_000_000;
        (
            micro(bill.reported()),
            micro(bill.bounded()),
            bill.unknown_attempts(),
        )
    };
    let estimate = Usage::new(100, 20);
    let mut call = scene
        .resolver
        .attempts(Request::new("x").estimate(estimate))
        .unwrap();
    assert_eq!(amounts(call.bill()), (0, 0, 0));
    assert!(call.failed(Class::Timeout));
    assert_eq!(amounts(call.bill()), (0, 120, 0));
    // Reported late, it takes the place of the bound.
    let mut reported = scene
        .resolver
        .attempts(Request::new("x").estimate(estimate))
        .unwrap();
    reported.used(Usage::new(7, 0));
    assert!(reported.failed(Class::RateLimited));
    assert_eq!(amounts(reported.bill()), (7, 0, 0));
    // The second target has no price.
    assert!(call.failed(Class::Timeout));
    assert_eq!(amounts(call.bill()), (0, 120, 1));
    let mut serving = call.commit();
    // Ten dollars for a million at `c`.
    assert_eq!(amounts(serving.bill()), (0, 1_320, 1));
    serving.used(Usage::new(1, 1));
    assert_eq!(amounts(serving.bill()), (20, 120, 1));
    assert_eq!(
        serving.bill().spent(),
        serving
            .bill()
            .reported()
            .saturating_add(serving.bill().bounded())
    );
    // Without an estimate nobody knows; what was refused or reported as nothing costs nothing.
    let mut call = scene.resolver.attempts("c").unwrap();
    assert_eq!(amounts(call.bill()), (0, 0, 0));
    call.used(Usage::default());
    assert_eq!(amounts(call.commit().bill()), (0, 0, 0));
    let call = scene.resolver.attempts("c").unwrap();
    assert_eq!(amounts(call.commit().bill()), (0, 0, 1));
    let mut call = scene.resolver.attempts("d").unwrap();
    call.used(Usage::new(1, 0));
    assert_eq!(amounts(call.commit().bill()), (0, 0, 1));
    let mut call = scene.resolver.attempts("d").unwrap();
    assert!(!call.failed(Class::Overloaded));
    assert_eq!(amounts(call.into_error().bill()), (0, 0, 0));
}

/// S4: what a client asks for bounds nothing where `params` of the target ask for more.
#[test]
fn params_of_a_target_bound_its_reply() {
    // `a` takes a dollar for a million tokens.
    for (params, output, tokens) in [
        ("{}", 100, 100),
        ("{max_tokens: 4096}", 1, 4_096),
        ("{max_tokens: 10}", 4_096, 10),
        (
            "{max_tokens: 10, max_completion_tokens: 500, max_output_tokens: 20}",
            1,
            500,
        ),
        ("{max_tokens: 10, n: 3}", 1, 30),
        ("{n: 3}", 100, 300),
        ("{n: 0, max_tokens: many, stop: [a]}", 100, 100),
        ("{max_output_tokens: -1}", 100, 100),
    ] {
        let dollars = |tokens: u64| format!("0.{tokens:06}");
        let scene = |limit: u64| {
            scene(&format!(
                "  x: {{targets: [{{model: a, weight: 100, params: {params}}}], fallbacks: [c], guardrails: {{max_cost_per_request: {}}}}}\n",
                dollars(limit)
            ))
        };
        let estimate = Usage::new(7, output);
        let run_with = |limit: u64| run(&scene(limit), estimate, &[]).steps;
        assert_eq!(run_with(7 + tokens), "a+", "{params}");
        assert!(
            run_with(6 + tokens).starts_with("a-cost_exceeded"),
            "{params}"
        );
        // The bound is also what an attempt costs whose usage nobody reports, with a limit and without.
        for aliases in [
            format!("  x: {{targets: [{{model: a, weight: 100, params: {params}}}]}}\n"),
            format!(
                "  x: {{targets: [{{model: a, weight: 100, params: {params}}}], guardrails: {{max_cost_per_request: 1}}}}\n"
            ),
        ] {
            let scene = self::scene(&aliases);
            let call = scene
                .resolver
                .attempts(Request::new("x").estimate(estimate));
            let spent = call.unwrap().commit().bill().spent();
            let expected = u128::from(7 + tokens) * 1_000_000;
            assert_eq!(spent, Cost::from_picodollars(expected), "{params}");
        }
    }
}

/// The reply that `params` allow takes a part of the window; through aliases, the largest room counts.
#[test]
fn params_of_a_fallback_take_a_part_of_its_window() {
    for (fallback, room) in [
        ("{target: b, params: {max_tokens: 3000}}", 5_000),
        ("{target: b, params: {max_tokens: 3000, n: 2}}", 2_000),
        ("{target: b, params: {n: 2}}", 8_000),
        ("in", 7_000),
        ("outer", 7_000),
    ] {
        let scene = scene(&format!(
            "  x: {{target: a, fallbacks: [{fallback}]}}
  in: {{targets: [{{model: b, weight: 100, params: {{max_tokens: 9000}}}}], fallbacks: [{{target: b, params: {{max_tokens: 1000}}}}]}}
  outer: {{targets: [{{model: in, weight: 100}}, {{model: c, weight: 0}}]}}\n"
        ));
        let fits = |tokens: u64| {
            let request = Request::new("x").context(tokens);
            let run = scene.run(request, &[super::fails(Class::Timeout)]);
            !run.steps.contains('<')
        };
        assert!(fits(room) && !fits(room + 1), "{fallback}");
    }
    // Nothing fits where the reply alone is larger.
    let scene = scene("  x: {target: a, fallbacks: [{target: b, params: {max_tokens: 8001}}]}\n");
    let run = scene.run(
        Request::new("x").context(0),
        &[super::fails(Class::Timeout)],
    );
    assert_eq!(run.steps, "a=timeout b<");
}

/// The bill is the sum over all attempts, exact, whichever way it comes.
#[test]
fn a_bill_is_the_sum_over_attempts() {
    let scene = scene("  x: {target: a, fallbacks: [b, c, d]}\n");
    let mut call = scene
        .resolver
        .attempts(Request::new("x").estimate(Usage::new(3_000, 3_000)))
        .unwrap();
    let mut sum = 0;
    for (price, class) in [
        (1, Class::Timeout),
        (1, Class::RateLimited),
        (10, Class::ServerError),
    ] {
        let usage = Usage::new(1_234, 567);
        call.used(usage);
        assert!(call.failed(class));
        sum += 1_801 * price * 1_000_000;
        assert_eq!(call.bill().spent(), Cost::from_picodollars(sum));
    }
    let mut serving = call.commit();
    serving.used(Usage::new(1, 1));
    let bill = serving.bill();
    // Nobody knows what `d` costs.
    assert_eq!(bill.spent(), Cost::from_picodollars(sum));
    assert!(!bill.is_exceeded() && !bill.is_unverified());

    let mut serving = scene.resolver.attempts("x").unwrap().commit();
    // The last report counts.
    for (usage, spent) in [(Usage::new(3, 4), 7_000_000), (Usage::new(1, 1), 2_000_000)] {
        serving.used(usage);
        assert_eq!(serving.bill().spent(), Cost::from_picodollars(spent));
    }
}

/// candelahq/candela 277: a prompt of a million tokens costs ten dollars in one call, and no setting
/// stops it before it is sent; nobody knows beforehand what the answer will cost, nor what a model does
/// that has no price.
#[test]
fn candela_277_a_request_over_the_cap_is_refused_before_the_call() {
    let capped = |target: &str, more: &str| {
        scene(&format!(
            "  x: {{target: {target}, guardrails: {{max_cost_per_request: 5.00{more}}}}}\n"
        ))
    };
    let scene = capped("c", "");
    let request = Request::new("x").estimate(Usage::new(1_000_000, 0));
    let error = scene.resolver.attempts(request).unwrap_err();
    assert_eq!(error.bill().spent(), Cost::ZERO);
    assert_eq!(error.class(), Some(Class::CostExceeded));
    assert_eq!(
        error.steps()[0].to_string(),
        "`pc/c` was passed over for cost_exceeded"
    );
    // The answer counts with all that it may take, and the cap itself is within the cap.
    for (answer, steps) in [(100_000, "c+"), (100_001, "c-cost_exceeded")] {
        let run = run(&scene, Usage::new(400_000, answer), &[]);
        assert_eq!(run.steps, steps);
    }
    // A model without a price is no way round the cap, unless the alias says that it may be; then the
    // bill says that nobody knew.
    let tiny = Usage::new(1, 1);
    assert_eq!(run(&capped("d", ""), tiny, &[]).steps, "d-cost_exceeded");
    let scene = capped("d", ", on_unverifiable: allow");
    let request = Request::new("x").estimate(tiny);
    let call = scene.resolver.attempts(request).unwrap();
    assert!(call.commit().bill().is_unverified());
}

/// Half of the time is kept for a fallback only where a timeout leaves money for it: a timeout counts at
/// its upper bound, and each alias counts its own part.
#[test]
fn time_is_kept_only_for_what_can_be_paid() {
    let times = |aliases: &str, estimate: Usage| {
        let scene = scene(aliases);
        let request = Request::new("x").estimate(estimate);
        let call = scene.resolver.attempts(request).unwrap();
        call.timeout().unwrap().as_millis()
    };
    let both = |cost: &str| {
        format!(
            "  x: {{target: a, fallbacks: [c], guardrails: {{max_latency: 4s, max_cost_per_request: {cost}}}}}\n"
        )
    };
    // `a` costs a cent and `c` ten.
    assert_eq!(times(&both("0.11"), cents(1)), 2_000);
    assert_eq!(times(&both("0.1099"), cents(1)), 4_000);
    let nested = |inner: &str| {
        format!(
            "  x: {{target: a, fallbacks: [inner], guardrails: {{max_latency: 4s}}}}
  inner: {{target: c, fallbacks: [d], guardrails: {{max_cost_per_request: {inner}}}}}\n"
        )
    };
    assert_eq!(times(&nested("0.10"), cents(1)), 2_000);
    assert_eq!(times(&nested("0.0999"), cents(1)), 4_000);
    // What limits an inner alias says nothing of the fallbacks outside it.
    let outside = "  x: {target: inner, fallbacks: [c], guardrails: {max_latency: 4s}}
  inner: {target: a, fallbacks: [d], guardrails: {max_cost_per_request: 0.01}}\n";
    assert_eq!(times(outside, cents(1)), 2_000);
}
