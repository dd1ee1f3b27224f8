//! An outage, seen by many replicas on a virtual clock: what it costs, and how traffic comes back.

use std::time::Duration;

use model_aliases::{Clock, FailureClass as Class};

use super::{Scene, document, judged};
use crate::selection::full_or;

const TICK: Duration = Duration::from_millis(100);
const DOWN: Duration = Duration::from_mins(1);
const UP: Duration = Duration::from_mins(2);
const END: Duration = Duration::from_mins(3);
/// How long a failing attempt takes.
const FAILURE: Duration = Duration::from_millis(50);
const TICKS: usize = 1_800;

/// What one replica saw.
struct Replica {
    attempts: u64,
    requests: u64,
    /// Attempts that went to the primary while it was down.
    dead_hits: u64,
    /// When the last request was not served by the primary.
    back: Duration,
    /// Whether the primary served the request of each tick.
    primary: Vec<bool>,
}

impl Replica {
    /// Ten requests a second, from some moment of the first tick on.
    fn run(seed: u64, offset: Duration) -> Self {
        let scene = Scene::of(&document("  x: {target: a, fallbacks: [b]}\n"), |builder| {
            builder.seed(seed)
        });
        scene.clock.advance(offset);
        let mut replica = Self {
            attempts: 0,
            requests: 0,
            dead_hits: 0,
            back: Duration::ZERO,
            primary: Vec::with_capacity(TICKS),
        };
        let mut next = scene.clock.now();
        while next < END {
            scene.clock.advance(next.saturating_sub(scene.clock.now()));
            let primary = replica.request(&scene);
            replica.primary.push(primary);
            if !primary {
                replica.back = next;
            }
            next += TICK;
        }
        replica
    }

    /// Returns whether the primary served.
    fn request(&mut self, scene: &Scene) -> bool {
        let mut call = scene.resolver.attempts("x").unwrap();
        self.requests += 1;
        loop {
            self.attempts += 1;
            let is_primary = call.model() == "a";
            let now = scene.clock.now();
            if !is_primary || !(DOWN..UP).contains(&now) {
                call.succeeded();
                return is_primary;
            }
            self.dead_hits += 1;
            scene.clock.advance(FAILURE);
            assert!(
                call.failed(Class::ConnectError),
                "the fallback is always there"
            );
        }
    }
}

#[test]
fn an_outage_of_a_minute() {
    let replicas = full_or(100, 1_000);
    let all: Vec<Replica> = (0..replicas)
        .map(|seed| {
            Replica::run(
                seed,
                TICK * u32::try_from(seed).unwrap() / u32::try_from(replicas).unwrap(),
            )
        })
        .collect();
    let sum = |what: fn(&Replica) -> u64| all.iter().map(what).sum::<u64>() as f64;
    let requests = sum(|one| one.requests);
    assert_eq!(requests, (replicas * TICKS as u64) as f64);
    let dead = all.iter().map(|one| one.dead_hits).max().unwrap();
    let back = all.iter().map(|one| one.back).max().unwrap();
    let back = back.saturating_sub(UP).as_secs_f64();
    // The share of the traffic that the primary serves in each tick after its recovery.
    let shares: Vec<f64> = (1_200..TICKS)
        .map(|tick| {
            let served = all.iter().filter(|one| one.primary[tick]).count();
            served as f64 / all.len() as f64
        })
        .collect();
    let growth = shares.windows(2).map(|two| two[1] - two[0]);
    let growth = growth.fold(shares[0], f64::max);
    println!("{replicas} replicas, 10 requests a second, the primary down from 60 to 120 s of 180");
    judged(
        "attempts for each request",
        sum(|one| one.attempts) / requests,
        1.01,
    );
    judged("dead hits of one replica, at most", dead as f64, 12.0);
    judged("all traffic is back, seconds after recovery", back, 31.0);
    judged(
        "growth of returning traffic, % in 100 ms",
        growth * 100.0,
        5.0,
    );
    // It did go away, and it did come back.
    assert!(dead >= 5 && back > 0.0);
    assert!(shares.last().is_some_and(|share| *share == 1.0));
    assert!(all.iter().all(|one| !one.primary[1_100]));
}
