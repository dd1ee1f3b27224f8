//! Choices by key: rules 12 to 15 for one version of a configuration, and rows 6, 7 and 25.

use std::time::Duration;

use model_aliases::{AliasResolver, Config, FakeClock, Request};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use super::statistics::{Sample, is_share};
use super::{balancer, cool, document, full_or, load, member, serves, split, weights};

/// The number of keys in a test.
pub(super) fn keys() -> u32 {
    full_or(100_000, 1_000_000)
}

/// The member that serves each key.
pub(super) fn places(resolver: &AliasResolver, name: &str) -> Vec<usize> {
    (0..keys())
        .map(|key| serves(resolver, Request::new(name).sticky_key(&key.to_le_bytes())))
        .collect()
}

fn counts(places: &[usize], members: usize) -> Vec<u64> {
    let mut counts = vec![0; members];
    for &at in places {
        counts[at] += 1;
    }
    counts
}

#[test]
fn keys_spread_by_weight() {
    let mut rng = StdRng::seed_from_u64(12);
    for _ in 0..full_or(15, 100) {
        let weights = weights(&mut rng);
        let places = places(&load(&split("a", &weights)), "a");
        Sample {
            counts: &counts(&places, weights.len()),
            weights: &weights,
        }
        .is_drawn_by_weight();
    }
    // A sticky balancer follows the same law, with relative weights.
    let places = places(&load(&balancer("a", "sticky", &[3, 0, 1, 7])), "a");
    Sample {
        counts: &counts(&places, 4),
        weights: &[3, 0, 1, 7],
    }
    .is_drawn_by_weight();
}

/// Neither the resolver's state nor its entropy affects a key.
#[test]
fn a_key_stays_whatever_happens_meanwhile() {
    let resolver = load(&split("a", &[5_000, 3_000, 2_000]));
    let ask = |key: u32| serves(&resolver, Request::new("a").sticky_key(&key.to_le_bytes()));
    let before: Vec<usize> = (0..1_000).map(ask).collect();
    for _ in 0..100 {
        serves(&resolver, "a");
    }
    let held: Vec<_> = (0..50).map(|_| resolver.resolve("a").unwrap()).collect();
    assert_eq!((0..1_000).map(ask).collect::<Vec<_>>(), before);
    drop(held);
    // The bits of a request apply only to draws without a key.
    let with_bits = |key: u32| {
        let bytes = key.to_le_bytes();
        let request = Request::new("a").sticky_key(&bytes);
        serves(&resolver, request.entropy(u64::from(key) << 40))
    };
    assert_eq!((0..1_000).map(with_bits).collect::<Vec<_>>(), before);
}

#[test]
fn an_empty_key_is_no_key() {
    let resolver = load(&split("a", &[5_000, 5_000]));
    let ask = || serves(&resolver, Request::new("a").sticky_key(""));
    let found: Vec<usize> = (0..64).map(|_| ask()).collect();
    assert!(found.contains(&0) && found.contains(&1));
    // In a sticky balancer a request without a key takes a turn.
    let resolver = load(&balancer("a", "sticky", &[1, 1]));
    let ask = || serves(&resolver, Request::new("a").sticky_key(""));
    assert_ne!(ask(), ask());
}

/// A document whose lists and sections are in random order.
fn shuffled(rng: &mut StdRng) -> String {
    let mut sections = [
        {
            let mut models: Vec<u32> = (0..8).collect();
            models.shuffle(rng);
            let lines = models.iter().map(|m| format!("  - {{model: p/m{m}}}\n"));
            format!("model_providers:\n{}", lines.collect::<String>())
        },
        {
            let mut list = |members: &[&str]| {
                let mut members = members.to_vec();
                members.shuffle(rng);
                members.join(", ")
            };
            let mut aliases = [
                format!(
                    "  a: {{targets: [{}]}}\n",
                    list(&[
                        "{model: m0, weight: 60}",
                        "{model: inner, weight: 25.5}",
                        "{weight: 4.5, model: m1}",
                        "{model: balanced, weight: 10}",
                    ])
                ),
                format!(
                    "  inner: {{targets: [{}], sticky: {{salt: s}}}}\n",
                    list(&["{model: m2, weight: 50}", "{model: m3, weight: 50}"])
                ),
                format!(
                    "  balanced: {{load_balance: {{algorithm: sticky}}, targets: [{}]}}\n",
                    list(&[
                        "{model: m4, weight: 2}",
                        "{model: m5, weight: 2}",
                        "{model: m5, endpoint: 'https://x.example', weight: 3}",
                    ])
                ),
            ];
            aliases.shuffle(rng);
            format!("model_aliases:\n{}", aliases.concat())
        },
    ];
    sections.shuffle(rng);
    sections.concat()
}

#[test]
fn shuffled_files_and_other_seeds_agree() {
    let mut rng = StdRng::seed_from_u64(13);
    let keys: Vec<String> = (0..full_or(1_000, 10_000))
        .map(|key| format!("user-{key}"))
        .collect();
    let mut expected: Option<Vec<String>> = None;
    for seed in 0..full_or(100, 1_000) {
        let config = Config::from_yaml("config.yaml", shuffled(&mut rng)).unwrap();
        let resolver = AliasResolver::builder(config).seed(seed).build().unwrap();
        let found = keys.iter().map(|key| {
            let request = Request::new("a").sticky_key(key);
            resolver.resolve(request).unwrap().target().into_owned()
        });
        let found: Vec<String> = found.collect();
        let expected = expected.get_or_insert_with(|| found.clone());
        assert!(found == *expected, "resolver {seed} disagrees");
    }
}

/// Nested splits with the same weights. With the same salt, the inner split would not split at all.
#[test]
fn splits_inside_each_other_are_independent() {
    let resolver = load(
        "  a: {targets: [{model: b, weight: 30}, {model: m0, weight: 70}]}
  b: {targets: [{model: m1, weight: 30}, {model: m0, weight: 70}]}
",
    );
    let both = places(&resolver, "a");
    let joint = [0, 1].map(|at| both.iter().filter(|&&place| place == at).count() as u64);
    Sample {
        counts: &joint,
        weights: &[91, 9],
    }
    .is_drawn_by_weight();
    // Splits beside each other are independent too: the shares of pairs are products.
    let aliases = split("a", &[7_000, 3_000]) + &split("b", &[7_000, 3_000]);
    let resolver = load(&aliases);
    let mut pairs = [0; 4];
    for (first, second) in places(&resolver, "a")
        .into_iter()
        .zip(places(&resolver, "b"))
    {
        pairs[2 * first + second] += 1;
    }
    Sample {
        counts: &pairs,
        weights: &[49, 21, 21, 9],
    }
    .is_drawn_by_weight();
}

/// Aliases with the same salt choose together.
#[test]
fn equal_salts_choose_together() {
    let salted = |name: &str| split(name, &[6_000, 3_000, 1_000]) + "    sticky: {salt: one}\n";
    let resolver = load(&(salted("a") + &salted("b")));
    assert_eq!(places(&resolver, "a"), places(&resolver, "b"));
}

/// Row 24 of the worked examples.
#[test]
fn a_renamed_split_keeps_its_users_by_its_salt() {
    let before = places(&load(&split("old.name", &[9_000, 1_000])), "old.name");
    let pinned = split("new", &[9_000, 1_000]) + "    sticky: {salt: old.name}\n";
    assert_eq!(places(&load(&pinned), "new"), before);
    // Without the salt, 18% would move: the rate at which two independent choices differ.
    let fresh = places(&load(&split("new", &[9_000, 1_000])), "new");
    let moved = before.iter().zip(&fresh).filter(|(a, b)| a != b).count();
    is_share(moved as u64, u64::from(keys()), 0.18);
}

/// Returns a key that chooses this member.
fn key_of(resolver: &AliasResolver, wanted: usize) -> String {
    let mut keys = (0..10_000).map(|key| format!("user-{key}"));
    keys.find(|key| serves(resolver, Request::new("a").sticky_key(key)) == wanted)
        .unwrap()
}

/// Rows 6 and 7: a broken canary without a fallback serves as the last resort and stays visible; its keys go to the
/// baseline only with `redistribute`.
#[test]
fn rows_6_and_7_a_cooling_canary() {
    for (redistribute, expected) in [(false, (1, true)), (true, (0, false))] {
        let aliases = split("a", &[9_500, 500]) + &format!("    redistribute: {redistribute}\n");
        let resolver = load(&aliases);
        let key = key_of(&resolver, 1);
        cool(&resolver, 1, 30);
        let route = resolver
            .resolve(Request::new("a").sticky_key(&key))
            .unwrap();
        assert_eq!((member(&route), route.is_last_resort()), expected);
        // Keys of other members are not affected.
        let key = key_of(&resolver, 0);
        let route = resolver
            .resolve(Request::new("a").sticky_key(&key))
            .unwrap();
        assert_eq!((member(&route), route.is_last_resort()), (0, false));
    }
}

/// Rule 14: excluding a member moves only its own keys, by the weights of the others.
#[test]
fn an_excluded_member_moves_its_own_keys_by_the_other_weights() {
    let redistribute = "    redistribute: true\n";
    for aliases in [
        split("a", &[4_000, 3_000, 2_000, 1_000]) + redistribute,
        balancer("a", "sticky", &[4, 3, 2, 1]),
    ] {
        let resolver = load(&aliases);
        let before = places(&resolver, "a");
        cool(&resolver, 0, 60);
        let after = places(&resolver, "a");
        let mut moved = vec![0; 4];
        for (&from, &to) in before.iter().zip(&after) {
            if from == 0 {
                moved[to] += 1;
            } else {
                assert_eq!(from, to);
            }
        }
        Sample {
            counts: &moved,
            weights: &[0, 3, 2, 1],
        }
        .is_drawn_by_weight();
    }
}

/// Row 25: while A cools, its users get the fallback; the new weights alone decide which keys belong to A.
#[test]
fn row_25_cooling_and_new_weights() {
    let clock = FakeClock::new();
    let version = |weights: &[u32], before: Option<&AliasResolver>| {
        let aliases = split("a", weights) + "    fallbacks: [m9]\n";
        let config = Config::from_yaml("config.yaml", document(&aliases)).unwrap();
        let builder = AliasResolver::builder(config).clock(clock.clone());
        match before {
            Some(before) => builder.state_from(before).build().unwrap(),
            None => builder.build().unwrap(),
        }
    };
    let old = version(&[9_000, 1_000], None);
    let at_first = places(&old, "a");
    cool(&old, 0, 60);
    let while_cooling = places(&old, "a");
    for (first, cooling) in at_first.iter().zip(&while_cooling) {
        assert_eq!(*cooling, if *first == 0 { 9 } else { 1 });
    }
    let new = version(&[8_000, 2_000], Some(&old));
    let by_law = places(&version(&[8_000, 2_000], None), "a");
    clock.advance(Duration::from_secs(59));
    for (law, cooling) in by_law.iter().zip(places(&new, "a")) {
        assert_eq!(cooling, if *law == 0 { 9 } else { 1 });
    }
    // A cooldown is randomly up to a fifth longer.
    clock.advance(Duration::from_secs(13));
    assert_eq!(places(&new, "a"), by_law);
}

/// A cooling member of a nested split also sends its keys to the fallbacks of the outer alias; the others stay.
#[test]
fn a_cooling_member_of_a_nested_split_goes_to_the_outer_fallback() {
    let resolver = load(
        "  a: {targets: [{model: b, weight: 50}, {model: m0, weight: 50}], fallbacks: [m3]}
  b: {targets: [{model: m1, weight: 50}, {model: m2, weight: 50}]}
",
    );
    let before = places(&resolver, "a");
    cool(&resolver, 2, 60);
    for (before, after) in before.into_iter().zip(places(&resolver, "a")) {
        assert_eq!(after, if before == 2 { 3 } else { before });
    }
}

/// Keys may be any bytes, and no key is printed.
#[test]
fn any_bytes_are_a_key() {
    let resolver = load(&split("a", &[5_000, 5_000]));
    let mut rng = StdRng::seed_from_u64(5);
    for length in [1, 3, 4, 7, 8, 31, 32, 33, 255, 100_000] {
        let key: Vec<u8> = (0..length).map(|_| rng.random()).collect();
        let request = Request::new("a").sticky_key(&key);
        assert_eq!(serves(&resolver, request), serves(&resolver, request));
    }
    let request = Request::new("a").sticky_key("user-4711").entropy(1);
    assert!(!format!("{request:?}").contains("4711"));
}
