//! Streamed answers count until they end, so that a slow endpoint is not overrun: rules 17, 18, 25.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use model_aliases::{Clock, Entropy, SeededEntropy, Serving};

use super::{Scene, judged};
use crate::selection::full_or;

const ALIAS: &str = "  x:
    load_balance: {algorithm: least_connections}
    targets: [{model: a, endpoint: 'https://fast'}, {model: a, endpoint: 'https://slow'}]\n";

/// How long a body takes on average; the first byte takes both endpoints as long.
const BODY: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(8)];

/// The time between two requests, on average.
const PAUSE: Duration = Duration::from_millis(10);

/// Evenly from nothing to twice as long: neither requests nor answers are regular.
fn about(mean: Duration, chance: &SeededEntropy) -> Duration {
    mean * u32::try_from(chance.next_u64() >> 54).unwrap() / 512
}

/// The open streams of both endpoints at each request, after a minute of warming up.
fn open_streams(holds_the_lease: bool) -> Vec<[u32; 2]> {
    let scene = Scene::new(ALIAS);
    let mut ends: BinaryHeap<Reverse<(Duration, usize)>> = BinaryHeap::new();
    let mut bodies: Vec<Option<(usize, Option<Serving>)>> = Vec::new();
    let mut open = [0_u32; 2];
    let chance = SeededEntropy::new(31);
    let mut seen = Vec::new();
    for number in 0..full_or(12_000, 120_000) {
        let now = scene.clock.now();
        while let Some(&Reverse((end, body))) = ends.peek() {
            if end > now {
                break;
            }
            ends.pop();
            let (endpoint, serving) = bodies[body].take().unwrap();
            open[endpoint] -= 1;
            if let Some(serving) = serving {
                serving.finished();
            }
        }
        let call = scene.resolver.attempts("x").unwrap();
        let endpoint = usize::from(call.endpoint() == Some("https://slow"));
        // Who lets go at the first byte counts nothing while the body is on its way.
        let serving = if holds_the_lease {
            Some(call.commit())
        } else {
            call.succeeded();
            None
        };
        open[endpoint] += 1;
        bodies.push(Some((endpoint, serving)));
        ends.push(Reverse((now + about(BODY[endpoint], &chance), number)));
        if now > Duration::from_mins(1) {
            seen.push(open);
        }
        scene.clock.advance(about(PAUSE, &chance));
    }
    seen
}

/// The difference that 999 of 1,000 requests find at most, as a part of the larger count. The largest of
/// all has no limit: some day many answers of one endpoint end at once.
fn imbalance(seen: &[[u32; 2]]) -> f64 {
    let parts = seen
        .iter()
        .map(|[fast, slow]| f64::from(fast.abs_diff(*slow)) / f64::from(*fast.max(slow)));
    let mut parts: Vec<f64> = parts.collect();
    parts.sort_unstable_by(f64::total_cmp);
    parts[parts.len() * 999 / 1000]
}

#[test]
fn open_streams_even_out_where_the_answer_is_held_to_its_end() {
    let held = open_streams(true);
    println!("two endpoints, one streaming four times slower, 100 requests a second");
    judged(
        "difference of open streams, %",
        imbalance(&held) * 100.0,
        10.0,
    );
    assert!(
        held.iter().all(|open| open[0] > 100),
        "there is something to balance"
    );
    // Let go at the first byte, the slow one has four times as many.
    let let_go = imbalance(&open_streams(false));
    assert!((0.7..0.9).contains(&let_go), "{let_go}");
}
