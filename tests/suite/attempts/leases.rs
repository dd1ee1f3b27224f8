//! What is under way is counted exactly once and for exactly as long as it is: rules 18 and 25.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use model_aliases::{
    AliasResolver, Attempts, AttemptsError, Failure, FailureClass as Class, Serving, StepState,
    TargetState, TargetStatus,
};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{Scene, document, fails};
use crate::selection::full_or;

const CLASSES: [Class; 8] = [
    Class::Timeout,
    Class::RateLimited,
    Class::ServerError,
    Class::ConnectError,
    Class::AuthFailed,
    Class::ContentFiltered,
    Class::ContextLengthExceeded,
    Class::InvalidRequest,
];

/// Aliases through balancers, splits and chains; `outer` counts the aliases inside it.
const ALIASES: &str = "  outer: {load_balance: {algorithm: least_connections}, targets: [{model: one}, {model: two}, {model: d}], fallbacks: [e]}
  one: {load_balance: {}, targets: [{model: a}, {model: b}], fallbacks: [c]}
  two: {targets: [{model: b, weight: 50}, {model: c, weight: 50}], redistribute: true, fallbacks: [one], max_attempts: 4}
  timed: {target: outer, fallbacks: [f], guardrails: {max_latency: 30s}}
  spied: {load_balance: {algorithm: spy}, targets: [{model: one}, {model: two}, {model: d}, {model: a}]}\n";

/// Resolves `spied` and says what its selector sees under way at `one`, `two`, `d` and `a`.
struct Spied {
    scene: Scene,
    loads: Arc<Mutex<Vec<u32>>>,
}

impl Spied {
    fn new(seed: u64) -> Self {
        let loads = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&loads);
        let scene = Scene::of(&document(ALIASES), |builder| {
            builder
                .seed(seed)
                .failure_penalty(Duration::ZERO)
                .selector_fn("spy", move |_, candidates| {
                    let active = candidates.iter().map(|one| one.active());
                    *notes.lock().unwrap() = active.collect();
                    None
                })
        });
        Self { scene, loads }
    }

    fn aliases(&self) -> Vec<u32> {
        // Penalties of no time are over a moment later.
        self.scene.clock.advance(Duration::from_nanos(100));
        assert!(self.scene.resolver.resolve("spied").is_err());
        self.loads.lock().unwrap().clone()
    }

    fn targets(&self) -> Vec<(String, u32)> {
        let status = self.scene.resolver.status();
        let active = status.iter().filter(|one| one.active() > 0);
        active
            .map(|one| (one.target().to_owned(), one.active()))
            .collect()
    }
}

/// A body on its way, with what it counts as.
struct Body {
    serving: Serving,
    target: String,
    path: Vec<String>,
}

/// One request with ends by chance; others run while an attempt is under way.
fn request(spied: &Spied, rng: &mut StdRng, depth: usize, bodies: &mut Vec<Body>) {
    let name = ["outer", "one", "two", "timed", "d"][rng.random_range(0..5)];
    let Ok(mut call) = spied.scene.resolver.attempts(name) else {
        return;
    };
    loop {
        if depth > 0 && rng.random_bool(0.3) {
            request(spied, rng, depth - 1, bodies);
        }
        let class = CLASSES[rng.random_range(0..CLASSES.len())];
        match rng.random_range(0..8) {
            0 => return call.succeeded(),
            1 | 2 => {
                let target = call.target().into_owned();
                let path = call.alias_path().map(str::to_owned).collect();
                let serving = call.commit();
                return bodies.push(Body {
                    serving,
                    target,
                    path,
                });
            }
            3 => return,
            4 => {
                let time = call.begin().unwrap_or(Duration::from_secs(1));
                spied.scene.clock.advance(time);
                return;
            }
            _ => {
                if !call.failed(class) {
                    break;
                }
            }
        }
    }
    if rng.random() {
        let _ = call.into_error();
    }
}

fn end(body: Body, rng: &mut StdRng) {
    match rng.random_range(0..3) {
        0 => body.serving.finished(),
        1 => body.serving.broken(CLASSES[rng.random_range(0..5)]),
        _ => drop(body.serving),
    }
}

#[test]
fn counts_are_the_bodies_on_their_way_whatever_happened() {
    for seed in 0..full_or(30, 2_000) {
        let spied = Spied::new(seed);
        let mut rng = StdRng::seed_from_u64(seed);
        let mut bodies = Vec::new();
        for round in 0..60 {
            request(&spied, &mut rng, 2, &mut bodies);
            while !bodies.is_empty() && rng.random() {
                end(
                    bodies.swap_remove(rng.random_range(0..bodies.len())),
                    &mut rng,
                );
            }
            let mut expected = std::collections::BTreeMap::new();
            for body in &bodies {
                *expected.entry(body.target.clone()).or_insert(0) += 1;
            }
            let expected: Vec<(String, u32)> = expected.into_iter().collect();
            assert_eq!(spied.targets(), expected, "seed {seed} round {round}");
            let through = |alias: &str| {
                let bodies = bodies.iter();
                bodies
                    .filter(|body| body.path.iter().any(|one| one == alias))
                    .count() as u32
            };
            let at = |target: &str| {
                let bodies = bodies.iter();
                bodies.filter(|body| body.target == target).count() as u32
            };
            assert_eq!(
                spied.aliases(),
                [through("one"), through("two"), at("pd/d"), at("pa/a")],
                "seed {seed} round {round}"
            );
        }
        for body in bodies {
            end(body, &mut rng);
        }
        assert_eq!((spied.targets(), spied.aliases()), (vec![], vec![0; 4]));
    }
}

#[test]
fn counts_are_back_at_0_when_requests_come_from_threads() {
    for seed in 0..full_or(3, 100) {
        let spied = Spied::new(seed);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let spied = &spied;
                scope.spawn(move || {
                    let mut rng = StdRng::seed_from_u64(seed * 4 + thread);
                    let mut bodies = Vec::new();
                    for _ in 0..100 {
                        request(spied, &mut rng, 1, &mut bodies);
                    }
                });
            }
        });
        assert_eq!((spied.targets(), spied.aliases()), (vec![], vec![0; 4]));
    }
}

#[test]
fn a_panic_gives_back_leases_and_probes() {
    let bombs = Arc::new(AtomicBool::new(false));
    let armed = Arc::clone(&bombs);
    let aliases =
        "  x: {load_balance: {algorithm: bomb}, targets: [{model: a}, {model: b}], fallbacks: [c]}
  outer: {load_balance: {algorithm: least_connections}, targets: [{model: x}, {model: d}]}\n";
    let scene = Scene::of(&document(aliases), |builder| {
        builder.selector_fn("bomb", move |_, candidates| {
            assert!(!armed.load(Ordering::Relaxed), "as arranged");
            (!candidates.is_empty()).then_some(0)
        })
    });
    let active = || -> u32 {
        let status = scene.resolver.status();
        status.iter().map(TargetStatus::active).sum()
    };
    scene.cool("a", Class::ServerError);
    scene.wait(10);
    for name in ["x", "outer"] {
        // In the selector, at the first choice and at a later one.
        bombs.store(true, Ordering::Relaxed);
        for _ in 0..3 {
            let panics = catch_unwind(AssertUnwindSafe(|| drop(scene.resolver.attempts(name))));
            assert!(panics.is_err() || name == "outer");
        }
        bombs.store(false, Ordering::Relaxed);
        let mut probe = scene.resolver.attempts("x").unwrap();
        assert_eq!(probe.model(), "a", "{name}");
        bombs.store(true, Ordering::Relaxed);
        let failed = AssertUnwindSafe(|| probe.failed(Class::Timeout));
        assert!(catch_unwind(failed).is_err());
        bombs.store(false, Ordering::Relaxed);
        // Over: nothing panics, nothing is held.
        assert_eq!(active(), 0);
        assert!(!probe.failed(Class::AuthFailed));
        assert_eq!((&*probe.target(), probe.timeout()), ("pa/a", None));
        assert_eq!((probe.steps().len(), probe.alias_path().count()), (1, 1));
        drop(probe);
        assert_eq!(active(), 0);
        scene.cool("a", Class::ServerError);
        scene.wait(100);
        // In the embedder's code, with a probe in its hands.
        let panics = catch_unwind(AssertUnwindSafe(|| {
            let call = scene.resolver.attempts("x").unwrap();
            assert_eq!(call.model(), "a");
            panic!("as arranged");
        }));
        assert!(panics.is_err() && active() == 0);
        assert!(matches!(scene.state("pa/a"), TargetState::Probing { .. }));
        let route = scene.resolver.resolve("x").unwrap();
        assert_eq!(route.model(), "a", "the probe was not given back");
    }
}

fn owned<T: Send + 'static>() {}
fn travels<T: Future + Send + 'static>(
    future: T,
) -> Pin<Box<dyn Future<Output = T::Output> + Send>> {
    Box::pin(future)
}

/// Pending once.
#[derive(Default)]
struct Sending(bool);

impl Future for Sending {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

/// A proxy's handler, as an embedder writes it.
async fn handle(resolver: AliasResolver, failures: usize) -> Result<Serving, AttemptsError> {
    let mut call = resolver.attempts("x")?;
    let mut sent = 0;
    loop {
        send(&call).await;
        sent += 1;
        if sent > failures {
            return Ok(call.commit());
        }
        if !call.failed(Class::ServerError) {
            return Err(call.into_error());
        }
    }
}

/// The handle is borrowed across the `.await`, too.
async fn send(call: &Attempts) {
    Sending::default().await;
    assert!(!call.model().is_empty());
}

#[test]
fn requests_and_answers_are_owned_and_held_across_an_await() {
    owned::<Attempts>();
    owned::<Serving>();
    owned::<AttemptsError>();
    let scene = Scene::new("  x: {target: a, fallbacks: [b]}\n");
    let active = || {
        let status = scene.resolver.status();
        [0, 1].map(|at| status[at].active())
    };
    let mut context = Context::from_waker(Waker::noop());
    let mut first = travels(handle(scene.resolver.clone(), 1));
    assert!(first.as_mut().poll(&mut context).is_pending());
    assert_eq!(active(), [1, 0]);
    assert!(first.as_mut().poll(&mut context).is_pending());
    assert_eq!(active(), [0, 1]);
    let Poll::Ready(Ok(serving)) = first.as_mut().poll(&mut context) else {
        panic!("it serves");
    };
    drop(first);
    assert_eq!((serving.model(), active()), ("b", [0, 1]));
    // A client that leaves drops the future, on whatever thread.
    let mut second = travels(handle(scene.resolver.clone(), 2));
    assert!(second.as_mut().poll(&mut context).is_pending());
    assert_eq!(active(), [1, 1]);
    std::thread::spawn(move || drop((second, serving)))
        .join()
        .unwrap();
    assert_eq!(active(), [0, 0]);
    let mut third = pin!(handle(scene.resolver.clone(), 2));
    while third.as_mut().poll(&mut context).is_pending() {}
    assert_eq!(active(), [0, 0]);
}

#[test]
fn a_commit_ends_the_choosing() {
    let scene = Scene::new("  x: {target: a, fallbacks: [b, c]}\n");
    for broken in [false, true] {
        let serving = scene.resolver.attempts("x").unwrap().commit();
        assert_eq!((serving.model(), &*serving.target()), ("a", "pa/a"));
        assert_eq!(serving.provider().provider(), "pa");
        let states: Vec<StepState> = serving.steps().iter().map(|s| s.state().clone()).collect();
        assert_eq!(states, [StepState::Served]);
        if broken {
            serving.broken(Class::ServerError);
        } else {
            serving.finished();
        }
    }
    // From a fallback as well.
    let mut call = scene.resolver.attempts("x").unwrap();
    assert!(call.failed(Class::ServerError));
    let serving = call.commit();
    assert_eq!((serving.asked(), serving.model()), ("x", "b"));
    assert_eq!(serving.steps().len(), 2);
    serving.broken(Class::ServerError);
}

#[test]
fn dropped_after_its_time_it_is_a_timeout_dropped_before_it_says_nothing() {
    let scene = Scene::new(
        "  x: {target: a, timeout: 3s, fallbacks: [b]}\n  y: {target: a, fallbacks: [b]}\n",
    );
    let begun = |name: &str, time: Duration| {
        let mut call = scene.resolver.attempts(name).unwrap();
        call.begin();
        scene.clock.advance(time);
        call
    };
    let unreported = |call: Attempts| {
        let error = call.into_error();
        assert_eq!(error.steps().len(), 1);
        error.steps()[0].state().clone()
    };
    let time = Duration::from_secs(3);
    let early = time.saturating_sub(Duration::from_nanos(1));
    for _ in 0..10 {
        drop(begun("x", early));
        assert_eq!(unreported(begun("x", early)), StepState::Unreported);
        // Never begun: the target was not contacted.
        let call = scene.resolver.attempts("x").unwrap();
        scene.clock.advance(time * 2);
        assert_eq!(call.timeout(), Some(time));
        drop(call);
        // Without a limit it never is too late.
        drop(begun("y", Duration::from_hours(1)));
    }
    assert!(scene.is_healthy("a"));
    for number in 1..=5 {
        assert!(scene.is_healthy("a"), "{number}");
        let call = begun("x", time);
        if number % 2 == 0 {
            drop(call);
        } else {
            let failure = Failure::new(Class::Timeout);
            assert_eq!(unreported(call), StepState::Failed(failure));
        }
    }
    assert!(!scene.is_healthy("a"));
    // Reported in time, it is what the report says, however late.
    let scene = Scene::new("  x: {target: a, timeout: 3s, fallbacks: [b]}\n");
    let mut call = scene.resolver.attempts("x").unwrap();
    call.begin();
    scene.wait(60);
    let serving = call.commit();
    assert_eq!(serving.steps()[0].state(), &StepState::Served);
    serving.finished();
    assert_eq!(
        scene.run("x", &[fails(Class::Timeout)]).steps,
        "a=timeout b+"
    );
}

#[test]
fn a_failure_weighs_on_an_endpoint_for_five_seconds() {
    let aliases =
        "  x: {load_balance: {algorithm: least_connections}, targets: [{model: a}, {model: b}]}\n";
    let scene = Scene::new(aliases);
    let failed = scene.run("x", &[fails(Class::ConnectError)]).tried;
    let (failed, other) = failed.split_once(' ').unwrap();
    for _ in 0..20 {
        assert_eq!(scene.run("x", &[]).tried, other);
    }
    scene.wait(6);
    let later: Vec<String> = (0..20).map(|_| scene.run("x", &[]).tried).collect();
    assert_eq!(later.iter().filter(|one| *one == failed).count(), 10);
}
