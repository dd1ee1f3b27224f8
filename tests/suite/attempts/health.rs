//! What failures do to targets, on a clock that is moved by hand: rules 28 to 33.

use std::time::Duration;

use model_aliases::{
    AliasResolver, Clock, Failure, FailureClass as Class, FakeClock, Resolution, TargetState,
    TargetStatus,
};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{End, Scene, config, document, fails, short};
use crate::selection::full_or;

const CHAIN: &str = "  x: {target: a, fallbacks: [b]}\n";

const SLOWLY: [Class; 5] = [
    Class::Timeout,
    Class::Overloaded,
    Class::ServerError,
    Class::ConnectError,
    Class::NotFound,
];

const AT_ONCE: [Class; 3] = [Class::RateLimited, Class::QuotaExhausted, Class::AuthFailed];

const ALIVE: [Class; 3] = [
    Class::InvalidRequest,
    Class::ContextLengthExceeded,
    Class::ContentFiltered,
];

const SILENT: [Class; 3] = [
    Class::CostExceeded,
    Class::LatencyExceeded,
    Class::NotAllowed,
];

impl Scene {
    /// One request to a target, by itself.
    #[track_caller]
    pub(super) fn fail(&self, target: &str, times: usize, failure: impl Into<Failure>) {
        let failure = failure.into();
        for _ in 0..times {
            let route = self.resolver.resolve(target).unwrap();
            route.failed(failure.clone());
        }
    }

    #[track_caller]
    fn serve(&self, target: &str) {
        self.resolver.resolve(target).unwrap().succeeded();
    }

    /// The class that a target cools for, and how long.
    #[track_caller]
    fn cooldown(&self, target: &str) -> (Class, Duration) {
        match self.state(target) {
            TargetState::Cooling { class, returns_in } => (class, returns_in),
            other => panic!("{target} is {other:?}"),
        }
    }

    /// Waits until a cooldown is over, to the nanosecond.
    #[track_caller]
    fn wait_for(&self, target: &str) {
        let (class, time) = self.cooldown(target);
        self.clock
            .advance(time.saturating_sub(Duration::from_nanos(1)));
        assert!(matches!(self.state(target), TargetState::Cooling { .. }));
        self.clock.advance(Duration::from_nanos(1));
        let expected = match class {
            Class::RateLimited => TargetState::Healthy,
            class => TargetState::Probing { class },
        };
        assert_eq!(self.state(target), expected);
    }
}

#[test]
fn the_fifth_failure_in_a_row_cools() {
    for class in SLOWLY {
        let scene = Scene::new(CHAIN);
        scene.fail("a", 4, class);
        assert!(scene.is_healthy("a"), "{class}");
        scene.serve("a");
        scene.fail("a", 4, class);
        assert!(
            scene.is_healthy("a"),
            "{class}: a success did not reset the count"
        );
        scene.fail("a", 1, class);
        assert_eq!(scene.cooldown("pa/a").0, class);
        assert_eq!(scene.run("x", &[]).steps, format!("a-{class} b+"));
    }
}

#[test]
fn failures_of_several_classes_are_one_row() {
    let scene = Scene::new(CHAIN);
    for class in SLOWLY {
        assert!(scene.is_healthy("a"));
        scene.fail("a", 1, class);
    }
    assert_eq!(scene.cooldown("pa/a").0, Class::NotFound);
}

#[test]
fn a_rate_limit_a_spent_quota_and_a_refused_key_cool_at_once() {
    for class in AT_ONCE {
        let scene = Scene::new(CHAIN);
        scene.fail("a", 1, class);
        assert_eq!(scene.cooldown("pa/a").0, class);
    }
}

#[test]
fn who_refuses_a_request_is_alive() {
    for class in ALIVE {
        let scene = Scene::new(CHAIN);
        for _ in 0..3 {
            scene.fail("a", 4, Class::ServerError);
            scene.fail("a", 1, class);
        }
        assert!(scene.is_healthy("a"), "{class}");
        scene.fail("a", 20, class);
        assert!(scene.is_healthy("a"), "{class}");
        // It also ends the wait for a probe.
        scene.cool("a", Class::ServerError);
        scene.wait_for("pa/a");
        scene.fail("a", 1, class);
        assert!(scene.is_healthy("a"), "{class}");
    }
}

#[test]
fn what_was_not_sent_says_nothing() {
    for class in SILENT {
        let scene = Scene::new(CHAIN);
        scene.fail("a", 4, Class::ServerError);
        scene.fail("a", 10, class);
        assert!(scene.is_healthy("a"), "{class}");
        scene.fail("a", 1, Class::ServerError);
        assert!(!scene.is_healthy("a"), "{class} reset the count");
    }
    // Nor does a client that leaves.
    let scene = Scene::new(CHAIN);
    scene.fail("a", 4, Class::ServerError);
    for _ in 0..10 {
        assert_eq!(scene.run("x", &[End::Dropped]).steps, "a?");
        drop(scene.resolver.resolve("a"));
    }
    assert!(scene.is_healthy("a"));
    scene.fail("a", 1, Class::ServerError);
    assert!(!scene.is_healthy("a"));
}

#[test]
fn cooldowns_double_with_each_probe_that_fails_up_to_a_minute() {
    for seed in 0..full_or(20, 1_000) {
        let scene = Scene::of(&document(CHAIN), |builder| builder.seed(seed));
        scene.fail("a", 5, Class::Timeout);
        for base in [5, 10, 20, 40, 60, 60, 60] {
            let (_, time) = scene.cooldown("pa/a");
            let base = Duration::from_secs(base);
            assert!(
                time >= base * 4 / 5 && time < base * 6 / 5,
                "{base:?}: {time:?}"
            );
            scene.wait_for("pa/a");
            scene.fail("a", 1, Class::Timeout);
        }
        // A success forgets how often it was doubled.
        scene.wait_for("pa/a");
        scene.serve("a");
        assert!(scene.is_healthy("a"));
        scene.fail("a", 5, Class::Timeout);
        assert!(scene.cooldown("pa/a").1 < Duration::from_secs(6));
    }
}

#[test]
fn only_a_failed_probe_doubles() {
    let scene = Scene::new(CHAIN);
    scene.fail("a", 5, Class::Timeout);
    // Last resorts and late reports are no probes.
    scene.fail("a", 20, Class::Timeout);
    assert!(scene.cooldown("pa/a").1 < Duration::from_secs(6));
    // After a rate limit nobody is a probe, so nothing doubles.
    scene.resolver.reset("pa/a");
    for _ in 0..6 {
        scene.fail("a", 1, Class::RateLimited);
        assert!(scene.cooldown("pa/a").1 < Duration::from_secs(6));
        scene.wait_for("pa/a");
    }
}

#[test]
fn chance_spreads_cooldowns_over_a_fifth_either_way() {
    let seeds = full_or(400, 10_000);
    let mut tenths = [0_u64; 10];
    for seed in 0..seeds {
        let scene = Scene::of(&document("  x: a\n"), |builder| builder.seed(seed));
        scene.fail("x", 1, Class::RateLimited);
        let time = scene.cooldown("pa/a").1.as_millis();
        assert!((4_000..6_000).contains(&time), "{time}");
        tenths[usize::try_from((time - 4_000) / 200).unwrap()] += 1;
    }
    // Even, within five deviations of a count.
    let expected = seeds / 10;
    let slack = 5 * expected.isqrt();
    for count in tenths {
        assert!(count.abs_diff(expected) <= slack, "{tenths:?}");
    }
}

#[test]
fn a_retry_after_counts_up_to_ten_minutes() {
    for seed in 0..full_or(30, 1_000) {
        for (class, asked, least, most) in [
            (Class::RateLimited, Duration::ZERO, 4_000, 6_000),
            // The own time of a rate limit counts, also a short one; elsewhere it is a minimum.
            (Class::RateLimited, Duration::from_secs(2), 2_000, 2_400),
            (Class::QuotaExhausted, Duration::from_secs(2), 4_000, 6_000),
            (Class::RateLimited, Duration::from_secs(30), 30_000, 36_000),
            (
                Class::RateLimited,
                Duration::from_mins(10),
                600_000,
                720_000,
            ),
            (
                Class::RateLimited,
                Duration::from_hours(24),
                600_000,
                720_000,
            ),
            (Class::QuotaExhausted, Duration::MAX, 600_000, 720_000),
        ] {
            let scene = Scene::of(&document("  x: a\n"), |builder| builder.seed(seed));
            scene.fail("x", 1, Failure::new(class).retry_after(asked));
            let time = scene.cooldown("pa/a").1.as_millis();
            assert!((least..most).contains(&time), "{asked:?}: {time}");
        }
    }
    // As it comes from a provider, in each of its three forms.
    let at = "Wed, 25 Nov 2026 10:00:40 GMT";
    for (headers, least) in [
        (vec![("retry-after", "40")], 40),
        (vec![("retry-after-ms", "40500")], 40),
        (
            vec![
                ("retry-after", at),
                ("date", "Wed, 25 Nov 2026 10:00:00 GMT"),
            ],
            40,
        ),
    ] {
        let scene = Scene::new(CHAIN);
        let failure = Failure::from_http(429, headers, "");
        scene.fail("a", 1, failure.clone());
        let time = scene.cooldown("pa/a").1.as_secs();
        assert!(
            (least..least * 5 / 4).contains(&time),
            "{failure:?}: {time}"
        );
    }
}

#[test]
fn after_a_retry_after_that_was_cut_one_request_probes() {
    for (asked, is_probed) in [(7_999, true), (600, false)] {
        let scene = Scene::new(CHAIN);
        let limited = Failure::new(Class::RateLimited).retry_after(Duration::from_secs(asked));
        scene.fail("a", 1, limited);
        scene.wait(12 * 60);
        assert_eq!(
            scene.is_healthy("a"),
            !is_probed,
            "status tells that a probe is awaited"
        );
        let first = scene.resolver.attempts("a").unwrap();
        let second = scene.resolver.attempts("a").unwrap();
        assert!(!first.is_last_resort());
        // With nothing else to try, the second one is a last resort.
        assert_eq!(second.is_last_resort(), is_probed, "{asked}");
        first.succeeded();
        second.succeeded();
        assert!(scene.is_healthy("a"));
    }
}

#[test]
fn the_later_end_wins_with_its_reason() {
    let asks = |class, seconds| Failure::new(class).retry_after(Duration::from_secs(seconds));
    let scene = Scene::new(CHAIN);
    let held: Vec<Resolution<'_>> = (0..4)
        .map(|_| scene.resolver.resolve("a").unwrap())
        .collect();
    let reports = [
        (asks(Class::RateLimited, 20), Class::RateLimited, 20),
        (asks(Class::QuotaExhausted, 90), Class::QuotaExhausted, 90),
        (asks(Class::RateLimited, 40), Class::QuotaExhausted, 90),
        (asks(Class::AuthFailed, 200), Class::AuthFailed, 200),
    ];
    for (route, (failure, class, least)) in held.into_iter().zip(reports) {
        route.failed(failure);
        let (found, time) = scene.cooldown("pa/a");
        assert_eq!(found, class);
        assert!(
            (least..=least * 6 / 5).contains(&time.as_secs()),
            "{class} {time:?}"
        );
    }
    // A success of a request from before ends no cooldown.
    let scene = Scene::new(CHAIN);
    let before = scene.resolver.resolve("a").unwrap();
    scene.fail("a", 5, Class::ServerError);
    before.succeeded();
    assert!(!scene.is_healthy("a"));
}

#[test]
fn one_probe_at_a_time_over_at_its_report_drop_or_ten_seconds() {
    let scene = Scene::new(CHAIN);
    scene.fail("a", 5, Class::ServerError);
    scene.wait_for("pa/a");
    let ask = || scene.resolver.resolve("x").unwrap();
    let probe = ask();
    assert_eq!(probe.model(), "a");
    assert_eq!(ask().model(), "b");
    assert_eq!(scene.run("x", &[]).steps, "a-server_error b+");
    drop(probe);
    // Dropped it says nothing, and the next has the turn.
    assert!(matches!(scene.state("pa/a"), TargetState::Probing { .. }));
    let slow = ask();
    assert_eq!((slow.model(), ask().model()), ("a", "b"));
    scene.clock.advance(Duration::from_millis(9_999));
    assert_eq!(ask().model(), "b");
    scene.clock.advance(Duration::from_millis(1));
    let next = ask();
    assert_eq!((next.model(), ask().model()), ("a", "b"));
    // Whose turn is over gives back nobody else's.
    drop(slow);
    assert_eq!(ask().model(), "b");
    next.succeeded();
    assert!(scene.is_healthy("a"));
    let both = [ask(), ask()];
    assert!(both.iter().all(|route| route.model() == "a"));
}

#[test]
fn a_commit_ends_a_probe_while_the_body_goes_on() {
    let scene = Scene::new(CHAIN);
    scene.fail("a", 5, Class::ServerError);
    scene.wait_for("pa/a");
    let probe = scene.resolver.attempts("x").unwrap();
    assert_eq!((probe.model(), scene.run_quietly("x").as_str()), ("a", "b"));
    let serving = probe.commit();
    assert!(scene.is_healthy("a"));
    assert_eq!(scene.run_quietly("x"), "a");
    // A body that breaks off is one failure of five.
    serving.broken(Class::ServerError);
    assert!(scene.is_healthy("a"));
    scene.fail("a", 3, Class::ServerError);
    assert!(scene.is_healthy("a"));
    scene.fail("a", 1, Class::ServerError);
    assert!(!scene.is_healthy("a"));
}

impl Scene {
    /// Who serves, while others are under way.
    fn run_quietly(&self, asked: &str) -> String {
        let call = self.resolver.attempts(asked).unwrap();
        let target = short(&call.target());
        call.succeeded();
        target
    }
}

#[test]
fn after_a_rate_limit_everybody_comes_back() {
    let scene = Scene::new(CHAIN);
    scene.fail("a", 1, Class::RateLimited);
    scene.wait_for("pa/a");
    let all: Vec<Resolution<'_>> = (0..10)
        .map(|_| scene.resolver.resolve("x").unwrap())
        .collect();
    assert!(all.iter().all(|route| route.model() == "a"));
}

/// Requests that begin, end and wait in any order, against a turn kept by hand.
#[test]
fn there_is_never_a_second_probe_in_any_order() {
    for seed in 0..full_or(100, 10_000) {
        let mut rng = StdRng::seed_from_u64(seed);
        let scene = Scene::new(CHAIN);
        scene.fail("a", 5, Class::ServerError);
        scene.wait_for("pa/a");
        let mut held: Vec<(usize, Resolution<'_>)> = Vec::new();
        let mut turn: Option<(usize, Duration)> = None;
        for number in 0..40 {
            match rng.random_range(0..4) {
                0 | 1 => {
                    let now = scene.clock.now();
                    let is_taken = turn.is_some_and(|(_, until)| now < until);
                    let route = scene.resolver.resolve("x").unwrap();
                    assert_eq!(route.model(), if is_taken { "b" } else { "a" }, "{seed}");
                    if !is_taken {
                        turn = Some((number, now + Duration::from_secs(10)));
                    }
                    held.push((number, route));
                }
                2 if !held.is_empty() => {
                    let (number, _) = held.swap_remove(rng.random_range(0..held.len()));
                    turn = turn.filter(|(owner, _)| *owner != number);
                }
                _ => scene.wait(rng.random_range(1..5)),
            }
        }
    }
}

/// `a` and `b` share a key by reference, `c` and `d` by its text, `e` and `f` have none, `g` brings
/// the client's own beside the shared one.
const KEYS: &str = "model_providers:
  - {model: pa/a, access_key: $SHARED}
  - {model: pb/b, access_key: $SHARED}
  - {model: pc/c, access_key: sk-literal}
  - {model: pd/d, access_key: sk-literal}
  - {model: pe/e}
  - {model: pf/f}
  - {model: pg/g, access_key: $SHARED, passthrough_auth: true}
  - {model: ph/h, access_key: $OTHER}
model_aliases: {eu: {target: a, endpoint: 'https://eu.example'}}\n";

#[test]
fn a_refused_key_and_a_spent_quota_cool_all_that_share_the_key() {
    let quota = Failure::new(Class::QuotaExhausted).status(429);
    let refused = Failure::new(Class::AuthFailed).status(401);
    for failure in [quota, refused, Class::AuthFailed.into()] {
        for (fails, cool) in [
            ("a", "pa/a pb/b pa/a@https://eu.example"),
            ("eu", "pa/a pb/b pa/a@https://eu.example"),
            ("d", "pc/c pd/d"),
            ("e", "pe/e"),
            ("h", "ph/h"),
        ] {
            let scene = Scene::of(KEYS, |builder| builder);
            scene.fail(fails, 1, failure.clone());
            assert_eq!(cooling(&scene), cool, "{fails} {failure:?}");
        }
    }
}

/// The targets that are not well.
fn cooling(scene: &Scene) -> String {
    let status = scene.resolver.status();
    let cool = status
        .iter()
        .filter(|one| one.state() != TargetState::Healthy);
    let names: Vec<&str> = cool.map(TargetStatus::target).collect();
    names.join(" ")
}

#[test]
fn a_403_and_a_rate_limit_cool_their_own_target_only() {
    let limited = Failure::new(Class::RateLimited).status(429);
    let forbidden = Failure::new(Class::AuthFailed).status(403);
    for failure in [limited, forbidden, Class::ServerError.into()] {
        let scene = Scene::of(KEYS, |builder| builder);
        scene.fail("a", 5, failure.clone());
        assert_eq!(cooling(&scene), "pa/a", "{failure:?}");
    }
}

#[test]
fn nothing_that_the_client_brought_cools() {
    let text = "model_providers:
  - {model: pa/a, passthrough_auth: true, access_key: $K}
  - {model: pb/b, access_key: $K}
  - {model: wild/*}
  - {model: pd/d, default: true}
model_aliases:
  x: {target: a, fallbacks: [b]}
  named: {target: a, fallbacks: [{target: b, conditions: [auth_failed]}]}
  old: {target: wild/old, fallbacks: [b]}\n";
    let scene = Scene::of(text, |builder| {
        builder.unknown_names(model_aliases::UnknownNames::DefaultProvider)
    });
    for class in AT_ONCE {
        scene.fail(
            "a",
            20,
            Failure::new(class).retry_after(Duration::from_mins(5)),
        );
        assert_eq!(cooling(&scene), "", "{class}");
    }
    for name in [
        "wild/typo",
        "wild/old",
        "old",
        "nobody-has-this",
        "pd/other",
    ] {
        scene.fail(name, 20, Failure::new(Class::NotFound).status(404));
        assert_eq!(cooling(&scene), "", "{name}");
    }
    // Between failures that count they say nothing either way.
    scene.fail("a", 4, Class::ServerError);
    scene.fail("a", 3, Class::AuthFailed);
    assert_eq!(cooling(&scene), "");
    scene.fail("a", 1, Class::ServerError);
    assert_eq!(cooling(&scene), "pa/a");
    scene.resolver.reset("pa/a");
    // Its key is ours, but the failing one was the client's.
    scene.fail("b", 1, Class::AuthFailed);
    assert_eq!(cooling(&scene), "pb/b");
    scene.resolver.reset("pb/b");
    // Going round it is a decision, too.
    assert_eq!(scene.run("x", &[fails(Class::AuthFailed)]).tried, "a");
    assert_eq!(scene.run("named", &[fails(Class::AuthFailed)]).tried, "a b");
    assert_eq!(scene.run("x", &[fails(Class::RateLimited)]).tried, "a b");
    assert_eq!(scene.run("old", &[fails(Class::NotFound)]).tried, "old");
    // Nor does it count once the answer had begun.
    let serving = scene.resolver.attempts("nobody-has-this").unwrap().commit();
    serving.broken(Class::NotFound);
    // What is declared is ours: there a 404 counts.
    scene.fail("d", 4, Class::NotFound);
    assert_eq!(cooling(&scene), "");
    scene.fail("d", 1, Class::NotFound);
    assert_eq!(cooling(&scene), "pd/d");
}

/// Another version of a document, which goes on from the one before.
fn reload(scene: &Scene, text: &str) -> AliasResolver {
    AliasResolver::builder(config(text))
        .seed(2)
        .clock(scene.clock.clone())
        .state_from(&scene.resolver)
        .build()
        .unwrap()
}

fn reloaded(scene: Scene, text: &str) -> Scene {
    let resolver = reload(&scene, text);
    let clock: FakeClock = scene.clock;
    Scene { clock, resolver }
}

#[test]
fn a_reload_keeps_cooldowns_counts_and_levels() {
    let text = document(CHAIN);
    let scene = Scene::new(CHAIN);
    scene.fail("a", 5, Class::ServerError);
    scene.fail("b", 4, Class::ServerError);
    scene.wait_for("pa/a");
    scene.fail("a", 1, Class::ServerError);
    let before = scene.cooldown("pa/a");
    let serving = scene.resolver.attempts("b").unwrap().commit();
    // Other weights, other aliases, another order: the same identities.
    let scene = reloaded(
        scene,
        &format!("{text}  y: {{target: b, fallbacks: [a]}}\n"),
    );
    assert_eq!(scene.cooldown("pa/a"), before);
    let active = |scene: &Scene| {
        let status = scene.resolver.status();
        status.iter().map(TargetStatus::active).sum::<u32>()
    };
    assert_eq!(active(&scene), 1);
    drop(serving);
    assert_eq!(active(&scene), 0);
    scene.wait_for("pa/a");
    scene.fail("a", 1, Class::ServerError);
    assert!(
        scene.cooldown("pa/a").1 >= Duration::from_secs(16),
        "the level was lost"
    );
    // The commit above was a success: five more are needed.
    scene.fail("b", 4, Class::ServerError);
    assert!(scene.is_healthy("b"));
    scene.fail("b", 1, Class::ServerError);
    assert!(!scene.is_healthy("b"));
}

#[test]
fn a_changed_key_or_url_begins_afresh_but_stays_drained() {
    let text = document(CHAIN);
    for (old, new) in [
        ("access_key: $KEY_a", "access_key: $NEW"),
        (
            "access_key: $KEY_a",
            "access_key: $KEY_a, base_url: 'https://new.example'",
        ),
    ] {
        let scene = Scene::new(CHAIN);
        scene.fail("a", 1, Class::AuthFailed);
        scene.fail("b", 1, Class::AuthFailed);
        let mut late = scene.resolver.attempts("a").unwrap();
        let scene = reloaded(scene, &text.replace(old, new));
        assert!(scene.is_healthy("a"));
        assert!(!scene.is_healthy("b"));
        // What is still under way under the old key speaks of the old key.
        assert!(!late.failed(Class::AuthFailed));
        assert!(scene.is_healthy("a"));
        assert!(scene.resolver.drain("pa/a"));
        let scene = reloaded(scene, &text);
        assert_eq!(scene.state("pa/a"), TargetState::Drained);
        assert_eq!(scene.run("x", &[]).steps, "a-drained b-auth_failed b+");
    }
}

#[test]
fn a_late_report_about_a_target_that_is_gone_changes_nothing() {
    let scene = Scene::new("  x: {target: a, endpoint: 'https://one.example', fallbacks: [b]}\n");
    let mut call = scene.resolver.attempts("x").unwrap();
    let serving = scene.resolver.attempts("x").unwrap().commit();
    let next = reload(&scene, &document("  x: {target: b}\n"));
    scene.wait(3_600);
    assert!(call.failed(Class::AuthFailed));
    serving.broken(Class::ServerError);
    // The request goes on by the version that it began with.
    assert_eq!(call.model(), "b");
    drop(call);
    let status = next.status();
    // Their key is shared with what the new version has: that is as the rule says.
    for one in status.iter().filter(|one| one.target() != "pa/a") {
        assert_eq!(
            (one.state(), one.active()),
            (TargetState::Healthy, 0),
            "{}",
            one.target()
        );
    }
    assert_eq!(next.resolve("x").unwrap().model(), "b");
    assert_eq!(
        status
            .iter()
            .filter(|one| one.target().contains('@'))
            .count(),
        0
    );
}

#[test]
fn a_report_an_hour_late_is_taken() {
    let scene = Scene::new(CHAIN);
    let held: Vec<_> = (0..5)
        .map(|_| scene.resolver.attempts("x").unwrap().commit())
        .collect();
    scene.wait(3_600);
    for (number, serving) in held.into_iter().enumerate() {
        assert!(scene.is_healthy("a"), "{number}");
        serving.broken(Class::Timeout);
    }
    assert!(!scene.is_healthy("a"));
}

#[test]
fn an_operator_drains_undrains_and_resets() {
    let scene = Scene::new(
        "  x: {target: a, fallbacks: [b]}
  y: {target: a, fallbacks: [{target: c, conditions: [not_allowed]}]}
  split: {targets: [{model: a, weight: 50}, {model: b, weight: 50}]}\n",
    );
    let resolver = &scene.resolver;
    for name in ["a", "pa", "nobody", "", "x", "pa/a@https://e1"] {
        assert!(
            !resolver.drain(name) && !resolver.undrain(name) && !resolver.reset(name),
            "{name}"
        );
    }
    let serving = resolver.attempts("a").unwrap().commit();
    assert!(resolver.drain("pa/a") && resolver.drain("pa/a"));
    assert_eq!(scene.state("pa/a"), TargetState::Drained);
    let first = &resolver.status()[0];
    assert_eq!((first.target(), first.active()), ("pa/a", 1));
    serving.finished();
    assert_eq!(scene.run("x", &[]).steps, "a-drained b+");
    assert_eq!(scene.run("y", &[]).steps, "a-drained c+");
    for _ in 0..50 {
        assert_eq!(scene.run("split", &[]).steps, "a-drained b+");
    }
    let run = scene.run("a", &[]);
    assert_eq!(run.tried, "");
    assert!(run.error.unwrap().is_not_allowed());
    assert!(resolver.resolve("a").is_err());
    // Drained it is no last resort, whatever else cools.
    scene.fail("b", 1, Class::RateLimited);
    assert_eq!(scene.run("x", &[]).steps, "a-drained b-rate_limited b+");
    assert!(resolver.undrain("pa/a") && resolver.undrain("pa/a"));
    assert_eq!(scene.run("x", &[]).steps, "a+");
    scene.fail("a", 5, Class::ServerError);
    assert!(resolver.reset("pa/a") && resolver.reset("pb/b"));
    assert_eq!(cooling(&scene), "");
    scene.fail("a", 4, Class::ServerError);
    assert!(scene.is_healthy("a"), "the count was not forgotten");
    // A drained target that cools goes on cooling.
    scene.fail("a", 1, Class::ServerError);
    resolver.drain("pa/a");
    resolver.undrain("pa/a");
    assert_eq!(scene.cooldown("pa/a").0, Class::ServerError);
}

#[test]
fn a_panic_threshold_is_for_balanced_groups_whose_network_is_down() {
    let aliases = "  bal: {load_balance: {}, targets: [{model: a}, {model: b}, {model: c}, {model: d}]}
  split: {redistribute: true, targets: [{model: a, weight: 25}, {model: b, weight: 25}, {model: c, weight: 25}, {model: d, weight: 25}]}\n";
    let picks = |scene: &Scene, name: &str| {
        let mut picks: Vec<String> = (0..40).map(|_| scene.run(name, &[]).tried).collect();
        picks.sort_unstable();
        picks.dedup();
        picks.join("")
    };
    let cooled = |threshold: Option<u8>, cool: &[&str], class: Class| {
        let scene = Scene::of(&document(aliases), |builder| match threshold {
            Some(percent) => builder.panic_threshold(percent),
            None => builder,
        });
        for target in cool {
            scene.cool(target, class);
        }
        scene
    };
    for class in [
        Class::ServerError,
        Class::Timeout,
        Class::ConnectError,
        Class::Overloaded,
    ] {
        let scene = cooled(Some(50), &["a", "b", "c"], class);
        assert_eq!(picks(&scene, "bal"), "abcd", "{class}");
    }
    let scene = cooled(Some(50), &["a", "b", "c"], Class::ServerError);
    assert_eq!(picks(&scene, "split"), "d");
    // Who limits its rate is left alone also when the network is down.
    scene.cool("d", Class::RateLimited);
    assert_eq!(picks(&scene, "bal"), "abc");
    // Half is not more than half.
    let scene = cooled(Some(50), &["a", "b"], Class::ServerError);
    assert_eq!(picks(&scene, "bal"), "cd");
    for class in [
        Class::RateLimited,
        Class::QuotaExhausted,
        Class::AuthFailed,
        Class::NotFound,
    ] {
        let scene = cooled(Some(50), &["a", "b", "c"], class);
        assert_eq!(picks(&scene, "bal"), "d", "{class}");
    }
    let scene = cooled(None, &["a", "b", "c"], Class::ServerError);
    assert_eq!(picks(&scene, "bal"), "d");
}
