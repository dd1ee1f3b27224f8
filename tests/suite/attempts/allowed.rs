//! What a request or an operator rules out, and what the error says then: rules 10, 14 and 27.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use model_aliases::{
    Failure, FailureClass as Class, Request, ResolveError, StepState, TargetRef, UnknownNames,
};

use super::{End, Scene, document, fails, short};

fn not_a(target: TargetRef<'_>) -> bool {
    target.model() != "a"
}

fn none(_: TargetRef<'_>) -> bool {
    false
}

#[test]
fn what_is_refused_leaves_every_draw() {
    for aliases in [
        "  x: {targets: [{model: a, weight: 90}, {model: b, weight: 5}, {model: c, weight: 5}]}\n",
        "  x: {redistribute: true, targets: [{model: a, weight: 90}, {model: b, weight: 5}, {model: c, weight: 5}]}\n",
        "  x: {load_balance: {}, targets: [{model: a, weight: 8}, {model: b}, {model: c}]}\n",
        "  x: {load_balance: {algorithm: least_connections}, targets: [{model: a}, {model: b}, {model: c}]}\n",
        "  x: {load_balance: {algorithm: sticky}, targets: [{model: a}, {model: b}, {model: c}]}\n",
        "  x: {load_balance: {algorithm: first}, targets: [{model: a}, {model: b}, {model: c}]}\n",
    ] {
        let scene = Scene::of(&document(aliases), |builder| {
            builder.selector_fn("first", |_, candidates| {
                (!candidates.is_empty()).then_some(0)
            })
        });
        let mut all = Vec::new();
        for user in 0..60_u32 {
            let key = user.to_le_bytes();
            let asked = Request::new("x");
            for request in [asked, asked.sticky_key(&key)] {
                let request = request.allow(&not_a);
                let run = scene.run(request, &[]);
                let steps = format!("a-not_allowed {}+", run.tried);
                assert_eq!(run.steps, steps, "{aliases}");
                all.push(run.tried);
                assert_ne!(scene.resolver.resolve(request).unwrap().model(), "a");
            }
        }
        all.sort_unstable();
        all.dedup();
        let expected: &[&str] = if aliases.contains("first") {
            &["b"]
        } else {
            &["b", "c"]
        };
        assert_eq!(all, expected, "{aliases}");
    }
}

/// Rule 14: keys of the others stay where they are.
#[test]
fn refusing_one_moves_only_its_own_keys() {
    let scene = Scene::new(
        "  x: {targets: [{model: a, weight: 40}, {model: b, weight: 40}, {model: c, weight: 20}]}\n",
    );
    let mut moved = [0, 0];
    for user in 0..600_u32 {
        let key = user.to_le_bytes();
        let request = Request::new("x").sticky_key(&key);
        let before = scene.run(request, &[]).tried;
        let after = scene.run(request.allow(&not_a), &[]).tried;
        if before == "a" {
            moved[usize::from(after == "c")] += 1;
        } else {
            assert_eq!(before, after);
        }
    }
    // Two to one, by weight.
    assert!(
        moved[0] > 120 && moved[1] > 50 && moved[1] < moved[0] * 3 / 4,
        "{moved:?}"
    );
}

/// Each target that is refused is listed under its own name.
#[test]
fn a_refused_step_is_passed_over_and_fallbacks_see_it() {
    let scene = Scene::new(
        "  x: {target: a, fallbacks: [{target: b, conditions: [timeout]}, {target: c, conditions: [not_allowed]}]}
  any: {target: a, fallbacks: [b]}
  primary: {target: a, fallbacks: [{target: b, conditions: [primary_failed]}]}
  transient: {target: a, fallbacks: [{target: b, conditions: [transient, 5xx, auth_failed]}]}
  nested: {target: in, fallbacks: [{target: d, conditions: [not_allowed]}]}
  in: {target: a, fallbacks: [{target: nick, conditions: [any]}]}
  nick: a
  inner-split: {targets: [{model: only-a, weight: 60}, {model: b, weight: 40}]}
  only-a: {target: a, fallbacks: [nick]}\n",
    );
    for (name, steps) in [
        ("x", "a-not_allowed b~ c+"),
        ("any", "a-not_allowed b+"),
        ("primary", "a-not_allowed b+"),
        ("transient", "a-not_allowed b~"),
        // An alias that leads to refused targets only is listed under its name, and leaves the draw.
        ("nested", "in-not_allowed d+"),
        ("inner-split", "only-a-not_allowed b+"),
    ] {
        for _ in 0..10 {
            let run = scene.run(Request::new(name).allow(&not_a), &[]);
            assert_eq!(run.steps, steps, "{name}");
        }
    }
    // Nothing is sent to it after a failure either.
    let run = scene.run(
        Request::new("any").allow(&|target: TargetRef<'_>| target.model() != "b"),
        &[fails(Class::Timeout)],
    );
    assert_eq!(run.steps, "a=timeout b-not_allowed");
    assert_eq!(run.class(), Some(Class::NotAllowed));
    assert!(!run.error.unwrap().is_not_allowed(), "something was tried");
}

#[test]
fn labels_hold_no_text_of_the_client() {
    let scene = Scene::of(
        "model_providers: [{model: wild/*}, {model: pd/d, default: true}]
model_aliases: {x: wild/old}\n",
        |builder| builder.unknown_names(UnknownNames::DefaultProvider),
    );
    let long = "l".repeat(100_000);
    for (asked, label) in [
        (&*format!("wild/{long}"), "wild/*"),
        (&*long, "pd/d"),
        ("x", "wild/old"),
        ("d", "pd/d"),
    ] {
        assert_eq!(scene.resolver.resolve(asked).unwrap().label(), label);
        let attempts = scene.resolver.attempts(asked).unwrap();
        assert_eq!(attempts.label(), label);
        assert_eq!(attempts.commit().label(), label);
    }
}

#[test]
fn wildcards_and_names_sent_on_are_asked_about_as_they_go_out() {
    let scene = Scene::of(
        "model_providers: [{model: wild/*}, {model: pd/d, default: true, base_url: 'https://d.example'}]
model_aliases: {x: {target: wild/old, fallbacks: [wild/new]}, e: {target: d, endpoint: 'https://e.example'}}\n",
        |builder| builder.unknown_names(UnknownNames::DefaultProvider),
    );
    let texts = |asked: &str| {
        let seen = std::sync::Mutex::new(Vec::new());
        let rule = |target: TargetRef<'_>| {
            let endpoint = target.endpoint().unwrap_or("-");
            let text = format!("{} {} {endpoint}", target.text(), target.model());
            seen.lock().unwrap().push(text);
            true
        };
        let request = Request::new(asked).allow(&rule);
        scene.resolver.attempts(request).unwrap().succeeded();
        let mut seen = seen.into_inner().unwrap();
        seen.sort_unstable();
        seen.join("; ")
    };
    assert_eq!(texts("wild/any"), "wild/any any -");
    assert_eq!(texts("x"), "wild/new new -; wild/old old -");
    assert_eq!(texts("nobody"), "pd/nobody nobody https://d.example");
    assert_eq!(texts("e"), "pd/d@https://e.example d https://e.example");
    let rule = |target: TargetRef<'_>| target.model() == "new";
    let run = scene.run(Request::new("x").allow(&rule), &[]);
    assert_eq!(run.steps, "old-not_allowed new+");
    for (name, served) in [
        ("wild/new", true),
        ("wild/other", false),
        ("new", true),
        ("other", false),
    ] {
        let request = Request::new(name).allow(&rule);
        assert_eq!(scene.run(request, &[]).error.is_none(), served, "{name}");
        assert_eq!(scene.resolver.resolve(request).is_ok(), served, "{name}");
    }
}

#[test]
fn the_rule_is_asked_once_for_each_target_of_a_request() {
    let scene = Scene::new(
        "  x: {target: in, fallbacks: [in2, a, b]}
  in: {load_balance: {}, targets: [{model: a}, {model: b}, {model: c}]}
  in2: {target: in, fallbacks: [d]}\n",
    );
    let asked = AtomicUsize::new(0);
    let rule = |_: TargetRef<'_>| {
        asked.fetch_add(1, Ordering::Relaxed);
        true
    };
    let run = scene.run(
        Request::new("x").allow(&rule),
        &vec![fails(Class::Timeout); 8],
    );
    assert_eq!(run.tried.split(' ').count(), 4);
    // Each entry that leads to a target, not each path.
    assert!(asked.load(Ordering::Relaxed) <= 6, "{asked:?}");
}

/// S31: in a deep and wide nest each alias is looked at once, not once for each entry that leads there.
#[test]
fn looking_below_an_alias_is_linear_in_what_is_there() {
    const LEVELS: usize = 8;
    const WIDTH: usize = 8;
    let mut aliases = String::new();
    for level in 0..LEVELS {
        for at in 0..WIDTH {
            let below = |to: usize| match level {
                0 => ["a", "b", "c", "d"][to % 4].to_owned(),
                _ => format!("l{}-{to}", level - 1),
            };
            let entries = if level == 0 { 4 } else { WIDTH };
            let members = (0..entries).map(|to| format!("{{model: {}}}", below(to)));
            let steps = (0..entries).map(|to| below((to + 1) % entries));
            let members: Vec<_> = members.collect();
            let steps: Vec<_> = steps.collect();
            writeln!(
                aliases,
                "  l{level}-{at}: {{load_balance: {{}}, targets: [{}], fallbacks: [{}]}}",
                members.join(", "),
                steps.join(", ")
            )
            .unwrap();
        }
    }
    let scene = Scene::new(&aliases);
    let entries = LEVELS * WIDTH * WIDTH * 2;
    let asked = AtomicUsize::new(0);
    let not_d = |target: TargetRef<'_>| {
        asked.fetch_add(1, Ordering::Relaxed);
        target.model() == "d"
    };
    let top = format!("l{}-0", LEVELS - 1);
    let request = Request::new(&top).allow(&not_d);
    assert_eq!(scene.resolver.resolve(request).unwrap().model(), "d");
    assert!(asked.load(Ordering::Relaxed) < entries, "{asked:?}");
    // The same for what an operator has drained, in the steps of a request whose targets are all refused.
    for target in ["pa/a", "pb/b", "pc/c"] {
        scene.resolver.drain(target);
    }
    assert_eq!(scene.resolver.resolve(&top).unwrap().model(), "d");
    let run = scene.run(&*top, &[fails(Class::Timeout)]);
    assert!(run.steps.split(' ').count() < entries, "{}", run.steps);
}

/// Rule 19: not to its successor, which would get twice its share.
#[test]
fn the_turns_of_a_refused_member_go_to_the_others_by_weight() {
    let scene = Scene::new(
        "  x: {load_balance: {}, targets: [{model: a, weight: 1}, {model: b, weight: 2}, {model: c, weight: 3}, {model: d, weight: 4}]}\n",
    );
    let not_c = |target: TargetRef<'_>| target.model() != "c";
    let mut counts = BTreeMap::new();
    for _ in 0..7_000 {
        let call = scene.resolver.attempts(Request::new("x").allow(&not_c));
        *counts
            .entry(call.unwrap().model().to_owned())
            .or_insert(0_u32) += 1;
    }
    // Sevenths; five standard deviations are 210.
    for (model, expected) in [("a", 1_000), ("b", 2_000), ("d", 4_000)] {
        assert!(counts[model].abs_diff(expected) < 210, "{counts:?}");
    }
}

/// Rule 21, worked by hand: the outcome of a group holds every reason for which a member was passed over, in whatever order
/// they were looked at.
#[test]
fn a_group_that_was_passed_over_has_every_reason() {
    let group = "load_balance: {}, targets: [{model: a}, {model: b}]";
    let limited = || Failure::new(Class::RateLimited).status(429);
    for (aliases, condition) in [
        (
            format!("x: {{{group}, fallbacks: [{{target: c, conditions: [@]}}]}}"),
            "rate_limited",
        ),
        (
            format!("x: {{{group}, fallbacks: [{{target: c, conditions: [@]}}]}}"),
            "timeout",
        ),
        (
            format!("x: {{{group}, fallbacks: [{{target: c, conditions: [@]}}]}}"),
            "429",
        ),
        (
            "x: {redistribute: true, targets: [{model: a, weight: 50}, {model: b, weight: 50}], \
             fallbacks: [{target: c, conditions: [@]}]}"
                .to_owned(),
            "429",
        ),
        // Through a nested alias.
        (
            format!(
                "in: {{{group}}}\n  x: {{target: in, fallbacks: [{{target: c, conditions: [@]}}]}}"
            ),
            "4xx",
        ),
        (
            format!(
                "in: {{{group}}}\n  x: {{load_balance: {{}}, targets: [{{model: in}}, {{model: d}}], fallbacks: [{{target: c, conditions: [@]}}]}}"
            ),
            "rate_limited",
        ),
    ] {
        for _ in 0..8 {
            let scene = Scene::new(&format!("  {}\n", aliases.replace('@', condition)));
            scene.cool("a", limited());
            scene.cool("b", Class::Timeout);
            scene.cool("d", Class::Timeout);
            let run = scene.run("x", &[]);
            assert!(
                run.steps.ends_with("c+"),
                "{aliases} {condition}: {}",
                run.steps
            );
        }
    }
    // A split draws one member, whose reason alone counts.
    let split = "  x: {targets: [{model: a, weight: 100}, {model: b, weight: 0}], fallbacks: [{target: c, conditions: [timeout]}]}\n";
    let scene = Scene::new(split);
    scene.cool("a", limited());
    scene.cool("b", Class::Timeout);
    assert_eq!(scene.run("x", &[]).steps, "a-rate_limited c~ a+");
    // A failure stands, also if another member is passed over after it.
    let scene = Scene::new(&format!(
        "  x: {{{group}, fallbacks: [{{target: c, conditions: [server_error]}}]}}\n"
    ));
    scene.cool("b", limited());
    let run = scene.run("x", &[fails(Class::ServerError)]);
    assert!(run.steps.ends_with("c+"), "{}", run.steps);
    // What the request refuses is a reason too.
    let scene = Scene::new(&format!(
        "  x: {{{group}, fallbacks: [{{target: c, conditions: [not_allowed]}}]}}\n"
    ));
    scene.cool("b", Class::Timeout);
    let run = scene.run(Request::new("x").allow(&not_a), &[]);
    assert_eq!(run.steps, "a-not_allowed b-timeout c+");
    // A split with one member left has that one's reason beside the refusal.
    for (condition, steps) in [
        ("not_allowed", "a-not_allowed b-timeout c+"),
        ("timeout", "a-not_allowed b-timeout c+"),
        ("overloaded", "a-not_allowed b-timeout c~ b+"),
    ] {
        let scene = Scene::new(&format!(
            "  x: {{targets: [{{model: a, weight: 50}}, {{model: b, weight: 50}}], fallbacks: [{{target: c, conditions: [{condition}]}}]}}\n"
        ));
        scene.cool("b", Class::Timeout);
        let run = scene.run(Request::new("x").allow(&not_a), &[]);
        assert_eq!(run.steps, steps);
    }
    // One with two has the reason of the one that was drawn.
    let scene = Scene::new(
        "  x: {targets: [{model: a, weight: 50}, {model: b, weight: 25}, {model: d, weight: 25}], fallbacks: [{target: c, conditions: [not_allowed]}]}\n",
    );
    scene.cool("b", Class::Timeout);
    scene.cool("d", Class::Timeout);
    let run = scene.run(Request::new("x").allow(&not_a), &[]);
    assert!(run.steps.contains("c~"), "{}", run.steps);
}

/// S9: the same states give the same steps in every kind of group.
#[test]
fn each_member_that_is_passed_over_is_listed_once_in_every_kind_of_group() {
    let of_four = "targets: [{model: a}, {model: b}, {model: c}, {model: d}]";
    let percent = "targets: [{model: a, weight: 25}, {model: b, weight: 25}, {model: c, weight: 25}, {model: d, weight: 25}]";
    for aliases in [
        format!("x: {{load_balance: {{}}, {of_four}}}"),
        format!("x: {{load_balance: {{algorithm: weighted}}, {of_four}}}"),
        format!("x: {{load_balance: {{algorithm: least_connections}}, {of_four}}}"),
        format!("x: {{load_balance: {{algorithm: sticky}}, {of_four}}}"),
        format!("x: {{redistribute: true, {percent}}}"),
        // Through plain aliases, and as members that are aliases.
        format!("y: x\n  x: {{load_balance: {{}}, {of_four}}}"),
        "ia: a\n  ic: c\n  x: {load_balance: {}, targets: [{model: ia}, {model: b}, {model: ic}, {model: d}]}".to_owned(),
    ] {
        let scene = Scene::new(&format!("  {aliases}\n"));
        scene.resolver.drain("pa/a");
        scene.cool("b", Class::Timeout);
        let not_d = |target: TargetRef<'_>| target.model() != "d";
        for user in 0..20_u32 {
            let key = user.to_le_bytes();
            let asked = Request::new("x");
            for request in [asked, asked.sticky_key(&key)] {
                let steps = scene.run(request.allow(&not_d), &[]).steps;
                assert_eq!(steps, "a-drained b-timeout d-not_allowed c+", "{aliases}");
                let run = scene.run(request, &[]);
                assert_eq!(run.steps, format!("a-drained b-timeout {}+", run.tried));
                // After a failure nothing is listed a second time.
                let run = scene.run(request, &[fails(Class::Overloaded)]);
                let (first, second) = run.tried.split_once(' ').unwrap();
                let steps = format!("a-drained b-timeout {first}=overloaded {second}+");
                assert_eq!(run.steps, steps, "{aliases}");
                for target in ["c", "d"] {
                    scene.resolver.reset(&format!("p{target}/{target}"));
                }
            }
        }
    }
    // A split keeps the share of a member that cools: it is passed over if it is drawn.
    let split = format!("  x: {{{percent}}}\n");
    let scene = Scene::new(&split);
    scene.resolver.drain("pa/a");
    scene.cool("b", Class::Timeout);
    let steps = (0..60).map(|_| scene.run("x", &[]).steps);
    let mut steps: Vec<String> = steps.collect();
    steps.sort_unstable();
    steps.dedup();
    assert_eq!(
        steps,
        ["a-drained b-timeout b+", "a-drained c+", "a-drained d+"]
    );
}

/// Rule 33, worked by hand: what is drained counts as if it were deleted.
#[test]
fn a_drained_step_is_skipped_and_has_no_outcome() {
    let pair = "targets: [{model: a, weight: 50}, {model: b, weight: 50}]";
    for (aliases, drained, failures, steps) in [
        // The next step runs in its place, whatever failure it names.
        (
            "x: {target: a, fallbacks: [{target: b, conditions: [timeout]}]}",
            "a",
            &[][..],
            "a-drained b+",
        ),
        (
            "x: {target: a, fallbacks: [{target: b, conditions: [429]}]}",
            "a",
            &[],
            "a-drained b+",
        ),
        // Not one that is for refusals only, and then nothing else: nobody asked for that.
        (
            "x: {target: a, fallbacks: [{target: b, conditions: [content_filtered]}]}",
            "a",
            &[],
            "a-drained b~",
        ),
        (
            "x: {target: a, fallbacks: [{target: b, conditions: [content_filtered]}, {target: c, conditions: [timeout]}]}",
            "a",
            &[],
            "a-drained b~ c+",
        ),
        // Positional words count it as passed over.
        (
            "x: {target: a, fallbacks: [{target: b, conditions: [timeout]}, {target: c, conditions: [primary_and_first_fallback_failed]}]}",
            "a",
            &[Class::Timeout],
            "a-drained b=timeout c+",
        ),
        // After a failure the last outcome stands.
        (
            "x: {target: a, fallbacks: [{target: b, conditions: [timeout]}, {target: c, conditions: [timeout]}]}",
            "b",
            &[Class::Timeout],
            "a=timeout b-drained c+",
        ),
        (
            "x: {target: a, fallbacks: [b, {target: c, conditions: [overloaded]}]}",
            "b",
            &[Class::Timeout],
            "a=timeout b-drained c~",
        ),
        // A group all of whose members are drained is skipped, each member under its own name.
        (
            &format!("x: {{{pair}, fallbacks: [{{target: c, conditions: [timeout]}}]}}"),
            "ab",
            &[],
            "a-drained b-drained c+",
        ),
        // So is an alias, under its name.
        (
            &format!(
                "in: {{{pair}}}\n  x: {{target: in, fallbacks: [{{target: c, conditions: [429]}}]}}"
            ),
            "ab",
            &[],
            "in-drained c+",
        ),
        (
            &format!("in: {{{pair}}}\n  x: {{target: c, fallbacks: [in, d]}}"),
            "ab",
            &[Class::Timeout],
            "c=timeout in-drained d+",
        ),
        (
            "x: {target: a, fallbacks: [b]}",
            "ab",
            &[],
            "a-drained b-drained",
        ),
    ] {
        let scene = Scene::new(&format!("  {aliases}\n"));
        for target in drained.chars() {
            assert!(scene.resolver.drain(&format!("p{target}/{target}")));
        }
        let failures: Vec<End> = failures.iter().map(|&class| fails(class)).collect();
        let run = scene.run("x", &failures);
        assert_eq!(run.steps, steps, "{aliases}");
        if let Some(error) = run.error {
            let is_first = failures.is_empty();
            assert_eq!(error.is_not_allowed(), is_first, "{aliases}");
            assert!(error.to_string().contains("is drained"), "{error}");
        }
    }
    // A rule about who may use what is not gone round.
    let scene = Scene::new("  x: {target: a, fallbacks: [{target: b, conditions: [timeout]}]}\n");
    let request = Request::new("x").allow(&not_a);
    assert_eq!(scene.run(request, &[]).steps, "a-not_allowed b~");
    // `resolve` goes the same way.
    scene.resolver.drain("pa/a");
    assert_eq!(scene.resolver.resolve("x").unwrap().target(), "pb/b");
}

#[test]
fn a_refused_target_is_no_last_resort() {
    let scene = Scene::new("  x: {target: a, fallbacks: [b, c]}\n");
    for target in ["a", "b", "c"] {
        scene.cool(target, Class::ServerError);
    }
    scene.resolver.drain("pc/c");
    let request = Request::new("x").allow(&not_a);
    assert_eq!(
        scene.run(request, &[]).steps,
        "a-not_allowed b-server_error c-drained b+"
    );
    let neither = |target: TargetRef<'_>| not_a(target) && target.model() != "b";
    let run = scene.run(Request::new("x").allow(&neither), &[]);
    assert_eq!(run.tried, "");
    let error = run.error.unwrap();
    assert!(error.is_not_allowed());
    // A client that waits for one of them would wait in vain.
    assert_eq!(error.returns_in(), None);
}

#[test]
fn with_nothing_allowed_the_error_says_so() {
    let scene = Scene::new(
        "  x: {target: a, fallbacks: [b]}
  split: {targets: [{model: a, weight: 50}, {model: b, weight: 50}], fallbacks: [{target: c, conditions: [timeout]}]}
  outer: {load_balance: {}, targets: [{model: x}, {model: split}]}\n",
    );
    for name in ["x", "split", "outer", "a", "wild/one"] {
        let request = Request::new(name).allow(&none);
        let run = scene.run(request, &[]);
        let error = run.error.unwrap();
        assert!(error.is_not_allowed(), "{name}: {error:?}");
        assert_eq!(
            error.to_string(),
            format!("every target of `{name}` is ruled out")
        );
        assert_eq!(
            (error.failure(), error.class()),
            (None, Some(Class::NotAllowed))
        );
        let error = scene.resolver.resolve(request).unwrap_err();
        assert!(matches!(error, ResolveError::NotAllowed { .. }), "{name}");
        assert_eq!(
            error.to_string(),
            format!("every target of `{name}` is ruled out")
        );
    }
}

/// The whole text of the error that a request ends with.
#[track_caller]
fn text(scene: &Scene, name: &str, ends: &[End]) -> String {
    let run = scene.run(name, ends);
    let error = run.error.unwrap();
    let debug = format!("{error:?}");
    assert!(!debug.contains("$KEY"), "{debug}");
    error.to_string()
}

#[test]
fn what_the_error_says_whole() {
    let aliases = "  x: {target: a, fallbacks: [b, {target: c, conditions: [timeout]}]}
  one: {target: a}
  twice: {target: x, fallbacks: [{target: x}, {target: b}]}
  e: {target: a, endpoint: 'https://user:secret@eu.example/v1?key=secret', fallbacks: [b]}
  long: {target: a, fallbacks: [b], max_attempts: 1}\n";
    let limited = Failure::new(Class::RateLimited)
        .status(429)
        .retry_after(Duration::from_secs(30));
    let coded = |class: Class| Failure::new(class).code("some_code");
    let scene = Scene::new(aliases);
    assert_eq!(
        text(
            &scene,
            "one",
            &[End::Fails(coded(Class::ServerError).status(500))]
        ),
        "no target of `one` served: `pa/a` failed with server_error (500 some_code)"
    );
    assert_eq!(
        text(&scene, "one", &[End::Fails(coded(Class::ServerError))]),
        "no target of `one` served: `pa/a` failed with server_error (some_code)"
    );
    assert_eq!(
        text(
            &scene,
            "x",
            &[fails(Class::Overloaded), fails(Class::ConnectError)]
        ),
        "no target of `x` served: `pa/a` failed with overloaded, `pb/b` failed with connect_error, `pc/c` was left out"
    );
    assert_eq!(
        text(&scene, "one", &[End::Dropped]),
        "no target of `one` served: `pa/a` was not reported"
    );
    assert_eq!(
        text(
            &scene,
            "e",
            &[fails(Class::Timeout), fails(Class::InvalidRequest)]
        ),
        "no target of `e` served: `pa/a@https://eu.example/v1` failed with timeout, `pb/b` failed with invalid_request"
    );
    assert_eq!(
        text(
            &scene,
            "twice",
            &[
                fails(Class::Overloaded),
                fails(Class::ContextLengthExceeded)
            ]
        ),
        "no target of `twice` served: `pa/a` failed with overloaded, `pb/b` failed with context_length_exceeded, \
`pc/c` was left out, `x` was left out, `pb/b` was left out"
    );
    let scene = Scene::new(aliases);
    assert_eq!(
        text(
            &scene,
            "twice",
            &[fails(Class::Overloaded), fails(Class::Overloaded)]
        ),
        "no target of `twice` served: `pa/a` failed with overloaded, `pb/b` failed with overloaded, \
`pc/c` was left out, `x` had failed with overloaded before, `pb/b` had failed with overloaded before"
    );
    let scene = Scene::new(aliases);
    let run = scene.run("x", &[End::Fails(limited), fails(Class::Overloaded)]);
    let error = run.error.unwrap();
    let seconds = error.returns_in().unwrap().as_millis().div_ceil(1_000);
    assert!((30..=36).contains(&seconds));
    assert_eq!(
        error.to_string(),
        format!(
            "no target of `x` served: `pa/a` failed with rate_limited (429), `pb/b` failed with overloaded, \
`pc/c` was left out; the first target returns in {seconds} s"
        )
    );
    scene.resolver.drain("pb/b");
    assert_eq!(
        text(&scene, "x", &[fails(Class::Timeout)]),
        format!(
            "no target of `x` served: `pa/a` was passed over for rate_limited, `pb/b` is drained, \
`pc/c` was left out, `pa/a` failed with timeout; the first target returns in {seconds} s"
        )
    );
}

#[test]
fn a_selector_that_is_wrong_is_what_the_error_says() {
    let aliases = "  x: {load_balance: {algorithm: bad}, targets: [{model: a}, {model: b}]}\n";
    let scene = Scene::of(&document(aliases), |builder| {
        builder.selector_fn("bad", |_, candidates| Some(candidates.len() + 5))
    });
    let error = scene.resolver.attempts("x").unwrap_err();
    assert_eq!(error.steps(), []);
    let expected = scene.resolver.resolve("x").unwrap_err();
    assert_eq!(error.to_string(), expected.to_string());
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), expected.to_string());
    assert!(!error.is_not_allowed());
    assert_eq!(error.resolve_error(), Some(&expected));
}

#[test]
fn a_selector_that_was_wrong_is_not_asked_again() {
    let aliases = "  x: {load_balance: {algorithm: odd}, targets: [{model: a}, {model: b}]}\n";
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let scene = Scene::of(&document(aliases), |builder| {
        builder.selector_fn("odd", move |_, candidates| {
            let wrong = counter.fetch_add(1, Ordering::Relaxed) == 1;
            Some(if wrong { candidates.len() } else { 0 })
        })
    });
    let mut call = scene.resolver.attempts("x").unwrap();
    assert!(!call.failed(Class::Timeout));
    assert!(!call.failed(Class::Timeout), "its next choice would do");
    assert_eq!(call.model(), "a");
    assert!(call.into_error().to_string().contains("selector"));
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[test]
fn steps_name_the_alias_that_writes_them() {
    let scene = Scene::new(
        "  x: {target: in, fallbacks: [c]}
  in: {target: nick, fallbacks: [{target: b, conditions: [timeout]}]}
  nick: a\n",
    );
    let mut call = scene.resolver.attempts("x").unwrap();
    assert!(call.failed(Class::ServerError));
    let steps = call.commit().steps();
    let lines: Vec<(Option<&str>, String, &StepState)> = steps
        .iter()
        .map(|step| (step.alias(), short(step.target()), step.state()))
        .collect();
    assert_eq!(
        lines,
        [
            (
                Some("in"),
                "a".to_owned(),
                &StepState::Failed(Class::ServerError.into())
            ),
            (Some("in"), "b".to_owned(), &StepState::LeftOut),
            (Some("x"), "c".to_owned(), &StepState::Served),
        ]
    );
    let serving = scene.resolver.attempts("a").unwrap().commit();
    assert_eq!(serving.steps()[0].alias(), None);
}
