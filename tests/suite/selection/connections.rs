//! Least connections and its counts: rules 17 and 18.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use model_aliases::{AliasResolver, Failure, FailureClass, FakeClock, Resolution};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{balancer, builder, full_or, load, member, serves};

fn eight(seed: u64) -> AliasResolver {
    let aliases = balancer("a", "least_connections", &[1; 8]);
    builder(&aliases).seed(seed).build().unwrap()
}

/// Counts how often each member is chosen while `under_way` requests are active; the oldest ends first.
fn counts(resolver: &AliasResolver, members: usize, under_way: usize, picks: usize) -> Vec<usize> {
    let mut counts = vec![0; members];
    let mut held = VecDeque::new();
    for _ in 0..picks {
        if held.len() == under_way {
            held.pop_front();
        }
        let route = resolver.resolve("a").unwrap();
        counts[member(&route)] += 1;
        held.push_back(route);
    }
    counts
}

#[test]
fn idle_endpoints_take_turns() {
    let resolver = eight(1);
    let mut counts = [0_u32; 8];
    for _ in 0..1_000 {
        counts[serves(&resolver, "a")] += 1;
        let (most, least) = (counts.iter().max().unwrap(), counts.iter().min().unwrap());
        assert!(most - least <= 1, "{counts:?}");
    }
    // Without active requests it is round robin, also by weight.
    let resolver = load(&balancer("a", "least_connections", &[4, 3, 2, 1]));
    let picks: Vec<usize> = (0..100).map(|_| serves(&resolver, "a")).collect();
    for window in picks.windows(10) {
        let count = |at| window.iter().filter(|&&pick| pick == at).count();
        assert_eq!([count(0), count(1), count(2), count(3)], [4, 3, 2, 1]);
    }
}

#[test]
fn picks_are_even_with_any_number_under_way() {
    for under_way in [1, 2, 3, 8, 13, 64, 100] {
        for seed in 0..full_or(5, 200) {
            for count in counts(&eight(seed), 8, under_way, 8_000) {
                assert!(
                    count.abs_diff(1_000) <= 20,
                    "{under_way} under way: {count}"
                );
            }
        }
    }
}

#[test]
fn requests_under_way_are_spread_by_weight() {
    let resolver = load(&balancer("a", "least_connections", &[3, 2, 0, 1]));
    let held: Vec<_> = (0..600).map(|_| resolver.resolve("a").unwrap()).collect();
    let count = |at| held.iter().filter(|route| member(route) == at).count();
    for (at, expected) in [300_usize, 200, 0, 100].into_iter().enumerate() {
        assert!(count(at).abs_diff(expected) <= 1, "{at}: {}", count(at));
    }
    drop(held);
    let found = counts(&resolver, 4, 12, 6_000);
    for (count, expected) in found.into_iter().zip([3_000_usize, 2_000, 0, 1_000]) {
        assert!(
            count.abs_diff(expected) <= expected / 50,
            "{count} of {expected}"
        );
    }
}

/// The endpoint with the fewest requests gets the next one, whichever name those requests used.
#[test]
fn requests_through_other_names_count() {
    let aliases = balancer("a", "least_connections", &[1, 1]) + "  other: m0\n";
    let resolver = load(&aliases);
    let held = [
        resolver.resolve("other").unwrap(),
        resolver.resolve("m0").unwrap(),
    ];
    assert_eq!(counts(&resolver, 2, 3, 2), [0, 2]);
    drop(held);
}

/// Keeps 100 requests active for `span` and counts the requests per endpoint. The first of eight endpoints fails
/// after 1 ms, except for every `spared`-th request; the others answer after 100 ms.
fn beside_a_failing_one(penalty: Duration, spared: u32, span: Duration) -> Vec<u32> {
    let clock = FakeClock::new();
    let resolver = builder(&balancer("a", "least_connections", &[1; 8]))
        .clock(clock.clone())
        .failure_penalty(penalty)
        .build()
        .unwrap();
    let mut counts = vec![0; 8];
    let mut failing = 0;
    let mut now = Duration::ZERO;
    let mut ends = BinaryHeap::new();
    let mut routes: Vec<Option<Resolution<'_>>> = Vec::new();
    let mut begin = |now: Duration, ends: &mut BinaryHeap<_>, routes: &mut Vec<_>| {
        let route = resolver.resolve("a").unwrap();
        let at = member(&route);
        counts[at] += 1;
        let takes = Duration::from_millis(if at == 0 { 1 } else { 100 });
        ends.push(Reverse((now + takes, routes.len())));
        routes.push(Some(route));
    };
    for _ in 0..100 {
        begin(now, &mut ends, &mut routes);
        // They begin spread over a tenth of a second, as real requests do.
        now += Duration::from_millis(1);
        clock.advance(Duration::from_millis(1));
    }
    while let Some(Reverse((end, at))) = ends.pop() {
        if end > span {
            break;
        }
        clock.advance(end.saturating_sub(now));
        now = now.max(end);
        let route = routes[at].take().unwrap();
        if member(&route) == 0 {
            failing += 1;
        }
        if member(&route) == 0 && failing % spared != 0 {
            route.failed(FailureClass::ServerError);
        } else {
            route.succeeded();
        }
        begin(now, &mut ends, &mut routes);
    }
    counts
}

#[test]
fn an_endpoint_that_fails_fast_attracts_no_more_than_its_share() {
    let span = Duration::from_secs(full_or(20, 200));
    let share = |counts: &[u32]| f64::from(counts[0] * 8) / f64::from(counts.iter().sum::<u32>());
    // An endpoint that always fails also cools; one that serves every fourth request never does.
    for spared in [u32::MAX, 4] {
        let found = beside_a_failing_one(Duration::from_secs(5), spared, span);
        assert!(found.iter().sum::<u32>() > 10_000);
        assert!(share(&found) <= 1.1, "{found:?}");
    }
    // Without the penalty it attracts far more.
    let found = beside_a_failing_one(Duration::ZERO, 4, span);
    assert!(share(&found) > 4.0, "{found:?}");
}

#[test]
fn a_penalty_runs_out() {
    for (penalty, written) in [(5_000, None), (700, Some(700)), (60_000, Some(60_000))] {
        let clock = FakeClock::new();
        let aliases = balancer("a", "least_connections", &[1, 1]);
        let mut builder = builder(&aliases).clock(clock.clone());
        if let Some(time) = written {
            builder = builder.failure_penalty(Duration::from_millis(time));
        }
        let resolver = builder.build().unwrap();
        for begins in [0, 123, 4_567] {
            clock.advance(Duration::from_millis(begins));
            let route = resolver.resolve("a").unwrap();
            let failed = member(&route);
            route.failed(FailureClass::Timeout);
            let others = || (0..10).all(|_| serves(&resolver, "a") != failed);
            assert!(others());
            clock.advance(Duration::from_millis(penalty - 1));
            assert!(others(), "{penalty} ms are not over");
            clock.advance(Duration::from_millis(penalty / 4 + 2));
            let picks: Vec<usize> = (0..10).map(|_| serves(&resolver, "a")).collect();
            let count = picks.iter().filter(|&&at| at == failed).count();
            assert_eq!(count, 5, "{penalty} ms are over");
        }
    }
}

/// Failures that are not the target's fault leave no penalty.
#[test]
fn a_client_s_mistake_is_no_penalty() {
    let resolver = load(&balancer("a", "least_connections", &[1, 1]));
    for class in [
        FailureClass::InvalidRequest,
        FailureClass::ContentFiltered,
        FailureClass::ContextLengthExceeded,
    ] {
        let route = resolver.resolve("a").unwrap();
        let before = member(&route);
        route.failed(class);
        assert_ne!(serves(&resolver, "a"), before);
        assert_eq!(serves(&resolver, "a"), before);
    }
}

const WATCHED: [&str; 8] = ["m0", "m1", "m2", "m3", "m4", "m5", "inner", "deep"];

const ALIASES: &str = "  watch: {load_balance: {algorithm: watch}, targets: [{model: m0}, {model: m1}, \
{model: m2}, {model: m3}, {model: m4}, {model: m5}, {model: inner}, {model: deep}]}
  least: {load_balance: {algorithm: least_connections}, targets: [{model: m0}, {model: m1, weight: 2}, {model: deep}]}
  picky: {load_balance: {algorithm: picky}, targets: [{model: m0}, {model: inner}, {model: m5}]}
  inner: {targets: [{model: m2, weight: 50}, {model: m3, weight: 50}]}
  deep: {load_balance: {}, targets: [{model: inner}, {model: m4}], fallbacks: [m5]}
  falls: {target: picky, fallbacks: [least, m1]}
  plain: m3
";

/// The hook's next behaviour: return nothing, return an invalid index, panic, or choose.
struct Mood(AtomicUsize);

/// A resolver whose counts the test reads through the candidates of `watch`.
struct Watched {
    resolver: AliasResolver,
    clock: FakeClock,
    mood: Arc<Mood>,
    seen: Arc<Mutex<Vec<u32>>>,
}

impl Watched {
    fn new(penalty: Duration) -> Self {
        let clock = FakeClock::new();
        let mood = Arc::new(Mood(AtomicUsize::new(9)));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (notes, feels) = (Arc::clone(&seen), Arc::clone(&mood));
        let resolver = builder(ALIASES)
            .clock(clock.clone())
            .failure_penalty(penalty)
            .selector_fn("watch", move |_, candidates| {
                *notes.lock().unwrap() = candidates.iter().map(|one| one.active()).collect();
                None
            })
            .selector_fn("picky", move |_, candidates| {
                match feels.0.load(Ordering::Relaxed) {
                    0 => None,
                    1 => Some(candidates.len()),
                    2 => panic!("the hook panics"),
                    n => Some(n % candidates.len()),
                }
            })
            .build()
            .unwrap();
        Self {
            resolver,
            clock,
            mood,
            seen,
        }
    }

    /// The active counts of the watched targets, in order.
    fn active(&self) -> Vec<u32> {
        assert!(self.resolver.resolve("watch").is_err());
        self.seen.lock().unwrap().clone()
    }

    /// Runs this many random steps; `check` gets the open resolutions after each step.
    fn run(&self, rng: &mut StdRng, steps: usize, check: impl Fn(&[Resolution<'_>])) {
        let names = [
            "least", "picky", "inner", "deep", "falls", "plain", "m0", "p/m5", "nobody",
        ];
        let mut held = Vec::new();
        for _ in 0..steps {
            let name = names[rng.random_range(0..names.len())];
            self.mood.0.store(rng.random_range(0..9), Ordering::Relaxed);
            let resolve = || self.resolver.resolve(name);
            match rng.random_range(0..9) {
                0..=3 => held.extend(
                    catch_unwind(AssertUnwindSafe(resolve))
                        .into_iter()
                        .flatten(),
                ),
                4 => {
                    let _ = catch_unwind(AssertUnwindSafe(|| {
                        let _route = resolve();
                        panic!("the embedder panics");
                    }));
                }
                5 => self
                    .clock
                    .advance(Duration::from_millis(rng.random_range(0..3_000))),
                end if !held.is_empty() => {
                    let route = held.swap_remove(rng.random_range(0..held.len()));
                    let class = FailureClass::ALL[rng.random_range(0..FailureClass::ALL.len())];
                    match end {
                        6 => drop(route),
                        7 => route.succeeded(),
                        _ => {
                            let pause = Duration::from_millis(rng.random_range(0..2_000));
                            let failure = Failure::new(class);
                            route.failed(if rng.random() {
                                failure.retry_after(pause)
                            } else {
                                failure
                            });
                        }
                    }
                }
                _ => {}
            }
            check(&held);
        }
    }
}

/// Without penalties, every count equals the number of open resolutions after every step.
#[test]
fn counts_are_what_is_held_whatever_happens() {
    for seed in 0..full_or(20, 500) {
        let watched = Watched::new(Duration::ZERO);
        watched.run(&mut StdRng::seed_from_u64(seed), 400, |held| {
            let expected = WATCHED.map(|name| {
                let is_there = |route: &&Resolution<'_>| {
                    route.model() == name || route.alias_path().any(|alias| alias == name)
                };
                held.iter().filter(is_there).count() as u32
            });
            assert_eq!(watched.active(), expected, "{held:?}");
        });
        assert_eq!(watched.active(), [0; 8]);
    }
}

#[test]
fn everything_is_back_at_0_in_the_end_also_among_threads() {
    for seed in 0..full_or(5, 100) {
        let watched = Watched::new(Duration::from_secs(5));
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let watched = &watched;
                scope.spawn(move || {
                    let mut rng = StdRng::seed_from_u64(seed * 4 + thread);
                    watched.run(&mut rng, 500, |_| {});
                });
            }
        });
        // The remaining counts are penalties, which expire.
        watched.clock.advance(Duration::from_mins(1));
        assert_eq!(watched.active(), [0; 8]);
    }
}
