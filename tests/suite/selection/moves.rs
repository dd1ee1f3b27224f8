//! Which keys move when a configuration changes, and that `moved_since` computes this exactly.

use std::collections::BTreeMap;

use model_aliases::{AliasResolver, Moved};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use super::statistics::{Sample, is_share};
use super::sticky::{keys, places};
use super::{balancer, full_or, load, split, weights};
use crate::counting::counted;

type Flows = BTreeMap<(usize, usize), u64>;

/// Counts the keys of alias `a` that move, by old and new member.
fn flows(old: &AliasResolver, new: &AliasResolver) -> Flows {
    let mut flows = Flows::new();
    for pair in places(old, "a").into_iter().zip(places(new, "a")) {
        if pair.0 != pair.1 {
            *flows.entry(pair).or_default() += 1;
        }
    }
    flows
}

/// The report on alias `a`, if any of it moves.
fn moved(old: &AliasResolver, new: &AliasResolver) -> Option<Moved> {
    let moved = new.moved_since(old).into_iter();
    moved.into_iter().find(|moved| moved.alias() == "a")
}

fn number(target: &str) -> usize {
    target.strip_prefix("p/m").unwrap().parse().unwrap()
}

/// Checks that the test's keys move as `moved_since` says, for each flow.
#[track_caller]
fn are_as_computed(old: &AliasResolver, new: &AliasResolver) -> Flows {
    let found = flows(old, new);
    let Some(moved) = moved(old, new) else {
        assert_eq!(found, Flows::new());
        return found;
    };
    let all = u64::from(keys());
    is_share(found.values().sum(), all, moved.share().as_f64());
    for flow in moved.flows() {
        let pair = (number(flow.from()), number(flow.to()));
        let count = found.get(&pair).copied().unwrap_or(0);
        is_share(count, all, flow.share().as_f64());
    }
    for &(from, to) in found.keys() {
        let is_this =
            |flow: &model_aliases::Flow| (number(flow.from()), number(flow.to())) == (from, to);
        assert!(
            moved.flows().iter().any(is_this),
            "{from} to {to}: {moved:?}"
        );
    }
    found
}

#[test]
fn five_percent_more_for_a_canary_moves_five_percent_and_none_back() {
    let (old, new) = (
        load(&split("a", &[9_500, 500])),
        load(&split("a", &[9_000, 1_000])),
    );
    let found = are_as_computed(&old, &new);
    assert_eq!(found.keys().collect::<Vec<_>>(), [&(0, 1)]);
    is_share(found[&(0, 1)], keys().into(), 0.05);
    let share = moved(&old, &new).unwrap().share();
    assert_eq!((share.numerator(), share.denominator()), (1, 20));
}

#[test]
fn two_canaries_doubled_move_ten_percent_and_none_of_their_own() {
    let old = load(&split("a", &[9_000, 500, 500]));
    let new = load(&split("a", &[8_000, 1_000, 1_000]));
    let found = are_as_computed(&old, &new);
    assert_eq!(found.keys().collect::<Vec<_>>(), [&(0, 1), &(0, 2)]);
    is_share(found.values().sum(), keys().into(), 0.1);
    // The example of rule 13: slightly more than the least possible moves.
    let new = load(&split("a", &[8_500, 500, 1_000]));
    are_as_computed(&old, &new);
    assert_eq!(moved(&old, &new).unwrap().share().to_string(), "5.24%");
}

#[test]
fn what_moves_goes_where_weights_grew_more_and_as_computed() {
    let mut rng = StdRng::seed_from_u64(14);
    for _ in 0..full_or(12, 200) {
        let (mut before, mut after) = (weights(&mut rng), weights(&mut rng));
        let members = before.len().max(after.len());
        before.resize(members, 0);
        after.resize(members, 0);
        let (old, new) = (load(&split("a", &before)), load(&split("a", &after)));
        for &(from, to) in are_as_computed(&old, &new).keys() {
            assert!(
                after[to] * before[from] > after[from] * before[to],
                "{from} to {to}: {before:?} {after:?}"
            );
        }
    }
}

/// The share that moves from one member to another, in floats: w·w' times the integral of dr / S(r)² between the
/// ratios of both, cut at every ratio, where S is linear in between.
fn by_integral(before: &[u32], after: &[u32], from: usize, to: usize) -> f64 {
    let (w, v) = (before, after);
    let ratio = |at: usize| f64::from(w[at]) / f64::from(v[at]);
    let (start, end) = (ratio(to), ratio(from));
    let mut cuts: Vec<f64> = (0..w.len()).map(ratio).collect();
    cuts.retain(|cut| start < *cut && *cut < end);
    cuts.extend([start, end]);
    cuts.sort_by(f64::total_cmp);
    let sum = |r: f64| -> f64 {
        let scores = w.iter().zip(v);
        scores
            .map(|(&w, &v)| f64::from(w).max(f64::from(v) * r))
            .sum()
    };
    // The integral of 1/(a + b·r)² over a piece is its length divided by the product of its values at both ends.
    let pieces = cuts
        .windows(2)
        .map(|piece| (piece[1] - piece[0]) / (sum(piece[0]) * sum(piece[1])));
    f64::from(w[from]) * f64::from(v[to]) * pieces.sum::<f64>()
}

/// Holds for any number of members and any weights, to 10⁻¹⁰.
#[test]
fn the_closed_form_is_the_integral() {
    let mut rng = StdRng::seed_from_u64(15);
    for round in 0..full_or(200, 5_000) {
        let members = [2, 3, 5, 8, 20, 64][round % 6];
        let mut draw = || {
            let mut left = 10_000 - members as u32;
            let mut weights: Vec<u32> = (1..members)
                .map(|_| {
                    let part = rng.random_range(0..=left * 2 / members as u32);
                    left -= part;
                    1 + part
                })
                .collect();
            weights.push(1 + left);
            weights.shuffle(&mut rng);
            weights
        };
        let (before, after) = (draw(), draw());
        let Some(moved) = moved(&load(&split("a", &before)), &load(&split("a", &after))) else {
            assert_eq!(before, after);
            continue;
        };
        let mut total = 0.0;
        for flow in moved.flows() {
            let (from, to) = (number(flow.from()), number(flow.to()));
            let expected = by_integral(&before, &after, from, to);
            let off = (flow.share().as_f64() - expected).abs();
            assert!(
                off < 1e-10,
                "{before:?} {after:?} {from} to {to}: {off:.1e}"
            );
            total += expected;
        }
        assert!((moved.share().as_f64() - total).abs() < 1e-9);
        // Arrivals minus departures equal the difference of the shares.
        for at in 0..members {
            let sum = |end: fn(&model_aliases::Flow) -> &str| -> f64 {
                let flows = moved.flows().iter().filter(|flow| number(end(flow)) == at);
                flows.map(|flow| flow.share().as_f64()).sum()
            };
            let gained = sum(model_aliases::Flow::to) - sum(model_aliases::Flow::from);
            let expected = (f64::from(after[at]) - f64::from(before[at])) / 10_000.0;
            assert!((gained - expected).abs() < 1e-9, "{gained} {expected}");
        }
    }
}

#[test]
fn another_order_moves_none() {
    let mut rng = StdRng::seed_from_u64(16);
    for _ in 0..10 {
        let weights = weights(&mut rng);
        let mut members: Vec<usize> = (0..weights.len()).collect();
        members.shuffle(&mut rng);
        let list: String = members
            .iter()
            .map(|&at| {
                let weight = format!("{}.{:02}", weights[at] / 100, weights[at] % 100);
                format!("      - {{weight: {weight}, model: m{at}}}\n")
            })
            .collect();
        let old = load(&split("a", &weights));
        let new = load(&format!("  a:\n    targets:\n{list}"));
        assert_eq!(flows(&old, &new), Flows::new());
        assert_eq!(new.moved_since(&old), []);
    }
}

#[test]
fn a_removed_target_moves_its_own_keys_by_the_other_weights() {
    let pairs = [
        (
            split("a", &[5_000, 3_000, 2_000]),
            split("a", &[6_250, 3_750]),
        ),
        (
            split("a", &[5_000, 3_000, 2_000]),
            split("a", &[6_250, 3_750, 0]),
        ),
        (
            balancer("a", "sticky", &[5, 3, 2]),
            balancer("a", "sticky", &[5, 3]),
        ),
        (
            balancer("a", "sticky", &[5, 3, 2]),
            balancer("a", "sticky", &[5, 3, 0]),
        ),
        // A balancer and a split choose by the same law.
        (
            balancer("a", "sticky", &[5, 3, 2]),
            split("a", &[6_250, 3_750]),
        ),
    ];
    for (before, after) in pairs {
        let (old, new) = (load(&before), load(&after));
        let found = are_as_computed(&old, &new);
        assert_eq!(found.keys().collect::<Vec<_>>(), [&(2, 0), &(2, 1)]);
        Sample {
            counts: &[found[&(2, 0)], found[&(2, 1)]],
            weights: &[5, 3],
        }
        .is_drawn_by_weight();
        assert_eq!(moved(&old, &new).unwrap().share().to_string(), "20.00%");
        // The reverse change moves the keys back.
        let back = are_as_computed(&new, &old);
        assert_eq!(back.keys().collect::<Vec<_>>(), [&(0, 2), &(1, 2)]);
    }
}

/// Nested splits, with weights changed at both levels, and splits added, removed and wrapped round each other.
#[test]
fn moves_through_nested_splits_are_as_computed() {
    let outer = |m: &str, n: u32, o: &str| {
        format!(
            "  a: {{targets: [{{model: {m}, weight: {n}}}, {{model: {o}, weight: {}}}]}}\n",
            100 - n
        )
    };
    let inner = |n: u32| {
        format!(
            "  b: {{targets: [{{model: m1, weight: {n}}}, {{model: m2, weight: {}}}]}}\n",
            100 - n
        )
    };
    let third = |n: u32| {
        format!(
            "  c: {{targets: [{{model: b, weight: {n}}}, {{model: m3, weight: {}}}]}}\n",
            100 - n
        )
    };
    let versions = [
        outer("b", 50, "m0") + &inner(80),
        outer("b", 30, "m0") + &inner(60),
        // Two paths to one split.
        outer("b", 30, "c") + &inner(60) + &third(70),
        outer("c", 45, "m1") + &inner(90) + &third(20),
        // The inner split alone, and the outer split alone.
        "  a: b\n".to_owned() + &inner(80),
        "  a: {target: b, fallbacks: [m5]}\n".to_owned() + &inner(70),
        outer("m2", 60, "m1"),
        "  a: m1\n".to_owned(),
        // The inner split becomes the outer one: its salt identifies it.
        "  a: {targets: [{model: x, weight: 80}, {model: m2, weight: 20}], sticky: {salt: b}}\n  \
           x: {targets: [{model: m1, weight: 50}, {model: m0, weight: 50}], sticky: {salt: a}}\n"
            .to_owned(),
    ];
    let resolvers: Vec<AliasResolver> = versions.iter().map(|aliases| load(aliases)).collect();
    for (old, before) in resolvers.iter().zip(&versions) {
        for (new, after) in resolvers.iter().zip(&versions) {
            println!("{before}to\n{after}");
            are_as_computed(old, new);
        }
    }
}

/// Two aliases on each level that lead to both of the next, with a salt of their own on each level.
fn nested(levels: usize, salt: impl Fn(usize) -> usize) -> AliasResolver {
    let mut aliases = String::new();
    for level in 0..levels {
        for (at, name) in ["a", "b"].iter().enumerate() {
            // The first alias is `a`, and the last ones lead to models.
            let name = if level == 0 {
                (*name).to_owned()
            } else {
                format!("x{level}-{at}")
            };
            let below = |to: usize| {
                if level + 1 == levels {
                    format!("m{to}")
                } else {
                    format!("x{}-{to}", level + 1)
                }
            };
            aliases += &format!(
                "  {name}: {{targets: [{{model: {}, weight: 50}}, {{model: {}, weight: 50}}], sticky: {{salt: k{}}}}}\n",
                below(at),
                below(1 - at),
                salt(level)
            );
        }
    }
    load(&aliases)
}

/// S23: salts in the opposite order on 16 levels. Beyond a budget the moves are counted, and say so.
#[test]
fn moves_that_take_too_long_to_compute_are_counted() {
    for (levels, is_exact) in [(4, true), (16, false)] {
        let old = nested(levels, |level| level);
        let new = nested(levels, |level| levels - 1 - level);
        let (moved, allocated) = counted(|| moved(&old, &new));
        let moved = moved.unwrap();
        assert_eq!(moved.share().is_exact(), is_exact, "{levels} levels");
        assert!(
            moved
                .flows()
                .iter()
                .all(|flow| flow.share().is_exact() == is_exact)
        );
        // Without a budget 16 levels took a gigabyte at the peak.
        assert!(
            allocated.peak < 50_000_000,
            "{levels} levels: {allocated:?}"
        );
        // Five standard deviations of a sample of 4,000, and of the keys of this test.
        let found: u64 = flows(&old, &new).values().sum();
        let found = found as f64 / f64::from(keys());
        let off = (found - moved.share().as_f64()).abs();
        assert!(
            off < 0.04 + 2.5 / f64::from(keys()).sqrt(),
            "{levels} levels: {found} {moved:?}"
        );
    }
}

/// Unchanged aliases move nothing, even beside one that takes too long.
#[test]
fn counting_moves_invents_none() {
    let old = nested(16, |level| level);
    let new = nested(16, |level| level);
    assert_eq!(new.moved_since(&old), []);
}
