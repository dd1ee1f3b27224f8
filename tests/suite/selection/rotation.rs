//! Round robin: rules 16 and 19.

use std::collections::BTreeSet;

use model_aliases::AliasResolver;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::statistics::Sample;
use super::{balancer, builder, cool, full_or, load, serves};

fn picks(resolver: &AliasResolver, count: usize) -> Vec<usize> {
    (0..count).map(|_| serves(resolver, "a")).collect()
}

fn counts(picks: &[usize], members: usize) -> Vec<u64> {
    let mut counts = vec![0; members];
    for &at in picks {
        counts[at] += 1;
    }
    counts
}

/// Weights that repeat after at most 1,000 picks, some of them 0.
fn relative_weights(rng: &mut StdRng) -> Vec<u32> {
    let members = rng.random_range(2..=10);
    let factor = rng.random_range(1..50);
    let mut weights: Vec<u32> = (0..members)
        .map(|_| factor * rng.random_range(0..=20))
        .collect();
    weights[0] += factor;
    weights
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[test]
fn threads_together_pick_what_one_would() {
    let weights = [5, 3, 1, 1, 0];
    for (threads, each) in [(2, 5_003), (3, 1_001), (8, 777), (16, 100)] {
        let new = || {
            let aliases = balancer("a", "round_robin", &weights);
            builder(&aliases).seed(threads).build().unwrap()
        };
        let shared = new();
        let (start, total) = (std::sync::Barrier::new(threads as usize), threads * each);
        let mut found: Vec<usize> = std::thread::scope(|scope| {
            let picking: Vec<_> = (0..threads)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        picks(&shared, each as usize)
                    })
                })
                .collect();
            let each = picking.into_iter();
            each.flat_map(|one| one.join().unwrap()).collect()
        });
        let mut expected = picks(&new(), total as usize);
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{threads} threads");
    }
}

#[test]
fn any_period_in_a_row_is_exact() {
    let mut rng = StdRng::seed_from_u64(16);
    for seed in 0..full_or(100, 2_000) {
        let weights = relative_weights(&mut rng);
        let total: u32 = weights.iter().sum();
        let divisor = weights.iter().copied().fold(0, gcd);
        let period = (total / divisor) as usize;
        let algorithm = ["round_robin", "weighted"][seed as usize % 2];
        let aliases = balancer("a", algorithm, &weights);
        let resolver = builder(&aliases).seed(seed).build().unwrap();
        let picks = picks(&resolver, 3 * period);
        let exact: Vec<u64> = weights.iter().map(|w| u64::from(w / divisor)).collect();
        for window in picks.windows(period) {
            assert_eq!(counts(window, weights.len()), exact, "{weights:?}");
        }
    }
}

#[test]
fn nobody_is_ever_far_from_its_share() {
    let mut rng = StdRng::seed_from_u64(17);
    for seed in 0..full_or(100, 2_000) {
        let weights = relative_weights(&mut rng);
        let total = f64::from(weights.iter().sum::<u32>());
        let resolver = builder(&balancer("a", "round_robin", &weights))
            .seed(seed)
            .build()
            .unwrap();
        let mut counts = vec![0_u32; weights.len()];
        for (made, at) in (1_u32..).zip(picks(&resolver, 500)) {
            counts[at] += 1;
            for (count, weight) in counts.iter().zip(&weights) {
                let share = f64::from(made) * f64::from(*weight) / total;
                let off = (f64::from(*count) - share).abs();
                // The schedule stays within one pick of the share, and its random start adds at most one more.
                assert!(off < 2.0, "{weights:?}: {off:.2} after {made}");
            }
        }
    }
}

/// A fleet that restarts together does not send its first requests to the same endpoint.
#[test]
fn first_picks_of_fresh_resolvers_are_even() {
    for weights in [&[1; 8][..], &[1; 3], &[5, 1, 1], &[3, 0, 2]] {
        for algorithm in ["round_robin", "least_connections", "sticky"] {
            let aliases = balancer("a", algorithm, weights);
            let first = |seed| serves(&builder(&aliases).seed(seed).build().unwrap(), "a");
            let first: Vec<usize> = (0..1_000).map(first).collect();
            Sample {
                counts: &counts(&first, weights.len()),
                weights,
            }
            .is_drawn_by_weight();
        }
    }
}

/// The others take turns as if the cooling member did not exist: any period of theirs in a row is exact, and
/// nobody is far from its share.
#[test]
fn beside_a_cooling_member_the_others_take_turns() {
    for (algorithm, weights) in [
        ("round_robin", vec![4, 3, 2, 1]),
        ("round_robin", vec![1, 2, 2]),
        ("round_robin", vec![30, 20, 10, 5, 0]),
        ("sticky", vec![1, 1, 1, 5]),
        ("least_connections", vec![7, 3, 2, 2, 1, 1]),
        ("weighted", vec![500, 300, 150, 49]),
    ] {
        let resolver = load(&balancer("a", algorithm, &weights));
        cool(&resolver, 0, 60);
        let mut others: Vec<u32> = weights.clone();
        others[0] = 0;
        let divisor = others.iter().copied().fold(0, gcd);
        let expected: Vec<u64> = others.iter().map(|&one| u64::from(one / divisor)).collect();
        let period: u64 = expected.iter().sum();
        let length = usize::try_from(period).unwrap();
        let found = picks(&resolver, 3 * length);
        for window in found.windows(length) {
            assert_eq!(counts(window, weights.len()), expected, "{weights:?}");
        }
        let mut so_far = vec![0_u64; weights.len()];
        for (at, &member) in (1_u64..).zip(&found) {
            so_far[member] += 1;
            for (&count, &weight) in so_far.iter().zip(&expected) {
                // In parts of a period.
                let off = (count * period).abs_diff(weight * at);
                assert!(off < 2 * period, "{weights:?}: {off} after {at}");
            }
        }
    }
}

#[test]
fn a_member_that_is_back_has_its_turns_again() {
    let clock = model_aliases::FakeClock::new();
    let aliases = balancer("a", "round_robin", &[1, 1, 1, 1]);
    let resolver = builder(&aliases).clock(clock.clone()).build().unwrap();
    cool(&resolver, 2, 60);
    assert!(!picks(&resolver, 1_000).contains(&2));
    // A cooldown is randomly up to a fifth longer.
    clock.advance(std::time::Duration::from_secs(72));
    assert_eq!(counts(&picks(&resolver, 1_000), 4), [250; 4]);
}

#[test]
fn members_of_weight_0_have_no_turn() {
    for algorithm in ["round_robin", "weighted", "least_connections", "sticky"] {
        let resolver = load(&balancer("a", algorithm, &[0, 2, 0, 1, 0]));
        let found: BTreeSet<usize> = picks(&resolver, 100).into_iter().collect();
        assert_eq!(found, BTreeSet::from([1, 3]), "{algorithm}");
        // Not even if all others cool.
        cool(&resolver, 1, 60);
        cool(&resolver, 3, 30);
        let route = resolver.resolve("a").unwrap();
        assert_eq!((route.model(), route.is_last_resort()), ("m3", true));
    }
}

/// A request beside a cooling member takes one turn, not two.
#[test]
fn one_request_takes_one_turn() {
    let resolver = load(&balancer("a", "round_robin", &[1, 1, 1]));
    let before = picks(&resolver, 3);
    cool(&resolver, before[0], 60);
    let others = picks(&resolver, 300);
    assert!(!others.contains(&before[0]));
    assert!(
        others.windows(2).all(|pair| pair[0] != pair[1]),
        "{others:?}"
    );
}
