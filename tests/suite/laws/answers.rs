//! Compares resolutions with the reference.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use model_aliases::{AliasResolver, Entropy, Request, Resolution, ResolveError};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::reference::generate::names;
use super::reference::resolve::{Answer, Route, resolve};
use super::{accepted, read};

/// Entropy set by a test: every draw of a request gets the same bits.
#[derive(Clone, Default)]
struct Fixed(Arc<AtomicU64>);

impl Entropy for Fixed {
    fn next_u64(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Converts a resolution to the form of the reference, without its probability.
fn route(found: &Resolution<'_>) -> Route {
    let provider = found.provider();
    Route {
        probability: (0, 0),
        alias_path: found.alias_path().map(str::to_owned).collect(),
        provider: provider.name().unwrap_or(provider.model()).to_owned(),
        model: found.model().to_owned(),
        endpoint: found.endpoint().map(str::to_owned),
        text: found.target().into_owned(),
    }
}

/// Returns the index of the matching alternative.
fn position(alternatives: &[Route], found: &Resolution<'_>, text: &str) -> usize {
    let found = route(found);
    let is_found = |one: &Route| {
        let probability = found.probability;
        Route {
            probability,
            ..one.clone()
        } == found
    };
    alternatives
        .iter()
        .position(is_found)
        .unwrap_or_else(|| panic!("{found:?} is none of {alternatives:?}: {text}"))
}

#[test]
fn every_name_has_the_answer_of_the_reference() {
    let mut rng = StdRng::seed_from_u64(2);
    for (number, (one, tree)) in accepted(2).enumerate() {
        let text = String::from_utf8_lossy(&one.text);
        let bits = Fixed::default();
        let resolver = AliasResolver::builder(read(&one).unwrap())
            .entropy(bits.clone())
            .build()
            .unwrap();
        for name in names(&tree, &mut rng) {
            match resolve(&tree, &name) {
                Answer::Unknown => assert!(
                    matches!(
                        resolver.resolve(&name),
                        Err(ResolveError::UnknownName { .. })
                    ),
                    "{name}: {text}"
                ),
                Answer::Ambiguous(expected) => {
                    let Err(ResolveError::AmbiguousName { candidates, .. }) =
                        resolver.resolve(&name)
                    else {
                        panic!("{name} is ambiguous: {text}");
                    };
                    let mut candidates: Vec<_> = candidates.iter().map(|name| &**name).collect();
                    candidates.sort_unstable();
                    assert_eq!(candidates, expected, "{name}: {text}");
                }
                Answer::Found { alternatives } => {
                    let answers = Answers {
                        resolver: &resolver,
                        name: &name,
                        alternatives: &alternatives,
                        text: &text,
                    };
                    answers.are_alternatives(&mut rng);
                    // What takes thousands of draws is left to some of the configurations.
                    if number % 5 == 0 {
                        answers.branch_exactly(&bits);
                    }
                    if number % 25 == 0 {
                        answers.nest_independently(&mut rng);
                    }
                }
            }
        }
    }
}

struct Answers<'a> {
    resolver: &'a AliasResolver,
    name: &'a str,
    alternatives: &'a [Route],
    text: &'a str,
}

impl Answers<'_> {
    fn draw(&self, bits: u64) -> usize {
        let request = Request::new(self.name).entropy(bits);
        let found = self.resolver.resolve(request).unwrap();
        assert_eq!(found.asked(), self.name);
        position(self.alternatives, &found, self.text)
    }

    fn are_alternatives(&self, rng: &mut StdRng) {
        for bits in [0, u64::MAX, rng.random(), rng.random()] {
            self.draw(bits);
        }
    }

    /// At the first choice, evenly spaced bits give each branch its exact share. So do as many consecutive picks
    /// of a balancer.
    fn branch_exactly(&self, bits: &Fixed) {
        let shared = self.shared_path();
        let mut branches: BTreeMap<&str, (u128, u128)> = BTreeMap::new();
        for one in self.alternatives {
            let share = branches.entry(branch(one, shared)).or_insert((0, 1));
            *share = sum(*share, one.probability);
        }
        let points = branches.values().fold(1, |all, share| lcm(all, share.1));
        assert!(points <= 10_000, "{branches:?}");
        let mut counts: BTreeMap<&str, u128> = BTreeMap::new();
        for point in 0..points {
            let middle = ((2 * point + 1) << 63) / points;
            bits.0
                .store(u64::try_from(middle).unwrap(), Ordering::Relaxed);
            let found = self.resolver.resolve(self.name).unwrap();
            let branch = found.alias_path().nth(shared);
            let branch = branch.map_or_else(|| found.target(), Cow::Borrowed);
            let (&known, _) = branches.get_key_value(&*branch).unwrap();
            *counts.entry(known).or_default() += 1;
        }
        let expected = branches
            .iter()
            .map(|(&branch, share)| (branch, share.0 * points / share.1));
        assert_eq!(counts, expected.collect(), "{}: {}", self.name, self.text);
    }

    /// Returns the aliases at the start of all alternatives.
    fn shared_path(&self) -> usize {
        let first = &self.alternatives[0].alias_path;
        let shared = |one: &Route| {
            let pairs = first.iter().zip(&one.alias_path);
            pairs.take_while(|(a, b)| a == b).count()
        };
        self.alternatives.iter().map(shared).min().unwrap()
    }

    /// Nested draws are independent.
    fn nest_independently(&self, rng: &mut StdRng) {
        const DRAWS: u32 = 2_000;
        if self.alternatives.len() == 1 {
            return;
        }
        let mut counts = vec![0_u32; self.alternatives.len()];
        for _ in 0..DRAWS {
            counts[self.draw(rng.random())] += 1;
        }
        for (one, count) in self.alternatives.iter().zip(counts) {
            let (part, whole) = one.probability;
            #[expect(
                clippy::cast_precision_loss,
                reason = "a share needs no more than 53 bits"
            )]
            let share = part as f64 / whole as f64;
            let expected = f64::from(DRAWS) * share;
            // Six deviations: the seed is fixed, so this never fails by chance later.
            let room = 6.0 * (expected * (1.0 - share)).sqrt() + 1.0;
            assert!(
                (f64::from(count) - expected).abs() <= room,
                "{}: {one:?} came {count} times: {}",
                self.name,
                self.text
            );
        }
    }
}

/// Returns the parts of the alternatives after their common aliases.
fn branch(one: &Route, shared: usize) -> &str {
    one.alias_path.get(shared).unwrap_or(&one.text)
}

fn sum(a: (u128, u128), b: (u128, u128)) -> (u128, u128) {
    let (part, whole) = (a.0 * b.1 + b.0 * a.1, a.1 * b.1);
    let divisor = gcd(part, whole);
    (part / divisor, whole / divisor)
}

fn lcm(a: u128, b: u128) -> u128 {
    a / gcd(a, b) * b
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}
