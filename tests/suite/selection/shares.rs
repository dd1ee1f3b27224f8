//! Exact shares: `distribution` agrees with simulation and with the naive reference.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use model_aliases::{AliasResolver, Config, Fraction};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::statistics::is_share;
use super::{full_or, load, split};
use crate::laws::reference::check::check;
use crate::laws::reference::generate::{self, names};
use crate::laws::reference::resolve::{Answer, resolve};
use crate::laws::reference::tree::Tree;

/// Checks that the shares of a name add up to 1, and that a simulation gives each target its share.
///
/// Simulates keys only if no two splits share a salt: those choose together, also when nested.
fn is_simulated(resolver: &AliasResolver, name: &str, seed: u64, salts_differ: bool) {
    let requests = full_or(5_000, 100_000);
    let shares = resolver.distribution(name).unwrap();
    if shares.iter().all(|share| share.probability().is_exact()) {
        let sum: f64 = shares
            .iter()
            .map(|share| share.probability().as_f64())
            .sum();
        assert!((sum - 1.0).abs() < 1e-12, "{name}: {shares:?}");
    }
    println!("{name}");
    for with_keys in [false, true]
        .into_iter()
        .take(1 + usize::from(salts_differ))
    {
        let counts = if with_keys {
            resolver.simulate_keys(name, requests, seed)
        } else {
            resolver.simulate(name, requests, seed)
        };
        let counts = counts.unwrap();
        assert_eq!(counts.len(), shares.len(), "{name}: {counts:?}");
        for ((counted, got), share) in counts.iter().zip(&shares) {
            assert_eq!(counted, share);
            let probability = share.probability().as_f64();
            if probability < 1.0 {
                is_share(*got, requests, probability);
            } else {
                assert_eq!(*got, requests);
            }
        }
    }
}

#[test]
fn golden_configurations_are_simulated_as_computed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/good");
    let mut asked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "yaml")
            || path.to_string_lossy().ends_with(".overlay.yaml")
        {
            continue;
        }
        let config = Config::from_yaml("config.yaml", std::fs::read(&path).unwrap()).unwrap();
        let names: Vec<String> = config
            .aliases()
            .map(|alias| alias.name().to_owned())
            .collect();
        let resolver = AliasResolver::new(config).unwrap();
        for name in names {
            is_simulated(&resolver, &name, 39, true);
            asked += 1;
        }
    }
    assert!(asked > 30, "only {asked} aliases");
}

/// The reference's shares, by target text.
fn expected(tree: &Tree, name: &str) -> Option<BTreeMap<String, (u128, u128)>> {
    let Answer::Found { alternatives } = resolve(tree, name) else {
        return None;
    };
    let mut shares: BTreeMap<String, (u128, u128)> = BTreeMap::new();
    for one in alternatives {
        let (part, whole) = one.probability;
        let share = shares.entry(one.text).or_insert((0, 1));
        let sum = (share.0 * whole + part * share.1, share.1 * whole);
        let divisor = gcd(sum.0, sum.1);
        *share = (sum.0 / divisor, sum.1 / divisor);
    }
    Some(shares)
}

/// Whether each alias of a document has a salt of its own.
fn salts_differ(tree: &Tree) -> bool {
    let aliases = tree.get("model_aliases").map_or(&[][..], Tree::fields);
    let salts = aliases.iter().map(|(name, alias)| {
        let sticky = alias.get("sticky");
        sticky.and_then(|one| one.text_at("salt")).unwrap_or(name)
    });
    salts.collect::<BTreeSet<_>>().len() == aliases.len()
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[test]
fn generated_configurations_have_the_shares_of_the_reference() {
    let mut rng = StdRng::seed_from_u64(39);
    let mut several = 0;
    for number in 0..full_or(1_500, 10_000) {
        let one = generate::config(&mut rng);
        let Some(tree) = one.tree.filter(|tree| check(tree).errors.is_empty()) else {
            continue;
        };
        let config = Config::from_yaml("config.yaml", &one.text).unwrap();
        let resolver = AliasResolver::new(config).unwrap();
        for name in names(&tree, &mut rng) {
            let Some(expected) = expected(&tree, &name) else {
                assert!(resolver.distribution(&name).is_err(), "{name}");
                continue;
            };
            let shares = resolver.distribution(&name).unwrap();
            let found: BTreeMap<String, (u128, u128)> = shares
                .iter()
                .map(|share| {
                    let probability = share.probability();
                    assert!(probability.is_exact());
                    let parts = (probability.numerator(), probability.denominator());
                    (share.target().to_owned(), parts)
                })
                .collect();
            assert_eq!(
                found,
                expected,
                "{name}: {}",
                String::from_utf8_lossy(&one.text)
            );
            assert_eq!(found.len(), shares.len(), "{name} lists a target twice");
            several += usize::from(found.len() > 1);
            if found.len() > 1 && number % 10 == 0 {
                println!("{}", String::from_utf8_lossy(&one.text));
                is_simulated(&resolver, &name, number, salts_differ(&tree));
            }
        }
        assert_eq!(resolver.moved_since(&resolver), []);
    }
    assert!(several > 100, "only {several} names with several targets");
}

/// Shares whose fractions do not fit are rounded to 10⁻¹² and marked as inexact.
#[test]
fn shares_that_do_not_fit_are_rounded_and_marked() {
    let mut aliases = String::new();
    for depth in 0..15 {
        let name = if depth == 0 {
            "a".to_owned()
        } else {
            format!("s{depth}")
        };
        // 33.33 in a hundred, fifteen times, has the denominator 10^60.
        aliases += &format!(
            "  {name}: {{targets: [{{model: s{}, weight: 66.67}}, {{model: m{depth}, weight: 33.33}}]}}\n",
            depth + 1
        );
    }
    aliases += "  s15: m15\n";
    let resolver = load(&aliases);
    let shares = resolver.distribution("a").unwrap();
    assert_eq!(shares.len(), 16);
    let mut rest = 1.0;
    let of = |target: &str| -> Fraction {
        let mut all = shares.iter().filter(|share| share.target() == target);
        all.next().unwrap().probability()
    };
    for depth in 0..15 {
        let probability = of(&format!("p/m{depth}"));
        assert!((probability.as_f64() - rest * 0.3333).abs() < 2e-12);
        rest *= 0.6667;
    }
    assert!((of("p/m15").as_f64() - rest).abs() < 2e-12);
    assert!(of("p/m0").is_exact() && !of("p/m15").is_exact());
    is_simulated(&resolver, "a", 1, true);
}

/// Shares, simulations and move reports neither read nor change live state.
#[test]
fn looking_moves_nothing() {
    let aliases = split("s", &[6_000, 4_000]) + &super::balancer("a", "round_robin", &[1, 1, 1]);
    let (looked_at, untouched) = (load(&aliases), load(&aliases));
    for round in 0..20 {
        looked_at.simulate("a", 7, round).unwrap();
        looked_at.simulate_keys("s", 7, round).unwrap();
        looked_at.distribution("a").unwrap();
        assert_eq!(looked_at.moved_since(&untouched), []);
        for name in ["a", "s"] {
            assert_eq!(
                super::serves(&looked_at, name),
                super::serves(&untouched, name)
            );
        }
    }
    super::cool(&looked_at, 0, 60);
    let shares = looked_at.distribution("a").unwrap();
    assert_eq!(shares.len(), 3);
    assert_eq!(
        looked_at.simulate("a", 900, 3).unwrap(),
        untouched.simulate("a", 900, 3).unwrap()
    );
}
