//! Checks the generator against the checker, the list of codes and its own promises.

use std::collections::BTreeMap;

use rand::SeedableRng;

use super::super::check::check;
use super::super::resolve::{Answer, resolve};
use super::*;

/// The source that defines the codes; the reference reads nothing else of the crate.
const PROBLEMS: &str = include_str!("../../../src/base/problem.rs");

/// Codes that a single file cannot cause.
const ELSEWHERE: [&str; 9] = [
    "more-problems",
    "unset-variable",
    "missing-default",
    "missing-clock",
    "missing-check",
    "unknown-removal",
    "suspicious-text",
    "suspicious-secret",
    "same-endpoint",
];

/// Every code, and whether it is an error.
fn codes() -> BTreeMap<&'static str, bool> {
    let lines = PROBLEMS.lines().filter_map(|line| {
        let (_, rest) = line.split_once(" = \"")?;
        let (code, severity) = rest.split_once("\", ")?;
        Some((code, severity == "Error;"))
    });
    lines
        .filter(|(code, _)| !ELSEWHERE.contains(code))
        .collect()
}

fn generated(count: usize) -> Vec<Generated> {
    let mut rng = StdRng::seed_from_u64(20_260);
    (0..count).map(|_| config(&mut rng)).collect()
}

#[test]
fn there_is_a_mistake_for_every_code() {
    let made: Vec<&str> = mistakes::MISTAKES.iter().map(|(code, _)| *code).collect();
    let mut sorted = made.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, codes().into_keys().collect::<Vec<_>>());
}

#[test]
fn a_mistake_gives_its_code_and_no_other_error() {
    let codes = codes();
    let mut counts: BTreeMap<&str, usize> = codes.keys().map(|&code| (code, 0)).collect();
    let mut accepted = 0;
    for one in generated(10_000) {
        let is_error = one.expected.is_some_and(|code| codes[code]);
        accepted += usize::from(!is_error);
        if let Some(code) = one.expected {
            *counts.entry(code).or_default() += 1;
        }
        let Some(tree) = &one.tree else {
            assert!(is_error);
            continue;
        };
        let found = check(tree);
        let errors: Vec<&str> = one.expected.into_iter().filter(|_| is_error).collect();
        let text = String::from_utf8_lossy(&one.text);
        assert_eq!(
            found.errors.iter().copied().collect::<Vec<_>>(),
            errors,
            "{text}"
        );
        if let Some(code) = one.expected.filter(|_| !is_error) {
            assert!(found.warnings.contains(code), "{code}: {text}");
        }
        assert!(
            found
                .warnings
                .iter()
                .all(|code| codes.get(code) == Some(&false))
        );
    }
    assert!(counts.values().all(|&count| count >= 50), "{counts:?}");
    assert!((3_000..7_000).contains(&accepted), "{accepted}");
}

#[test]
fn a_seed_gives_the_same_configuration() {
    for (left, right) in generated(50).iter().zip(generated(50)) {
        assert_eq!(left.text, right.text);
        assert_eq!(left.tree, right.tree);
    }
}

#[test]
fn what_is_made_for_plans_is_valid() {
    let mut rng = StdRng::seed_from_u64(3);
    for _ in 0..1_000 {
        let (tree, text) = plans(&mut rng);
        let mut errors = check(&tree).errors;
        // The checker does not know the embedder's conditions.
        errors.remove("unknown-condition");
        assert!(errors.is_empty(), "{errors:?}: {text}");
    }
}

#[test]
fn the_names_have_every_kind_of_answer() {
    let mut rng = StdRng::seed_from_u64(9);
    let (mut found, mut split, mut unknown, mut ambiguous) = (0, 0, 0, 0);
    for one in generated(300) {
        let Some(tree) = one.tree.filter(|tree| check(tree).errors.is_empty()) else {
            continue;
        };
        for name in names(&tree, &mut rng) {
            match resolve(&tree, &name) {
                Answer::Found { alternatives } => {
                    found += 1;
                    split += usize::from(alternatives.len() > 1);
                    assert!(
                        adds_up(
                            &alternatives
                                .iter()
                                .map(|one| one.probability)
                                .collect::<Vec<_>>()
                        ),
                        "{name}"
                    );
                }
                Answer::Unknown => unknown += 1,
                Answer::Ambiguous(names) => {
                    ambiguous += 1;
                    assert!(names.len() > 1, "{name}");
                }
            }
        }
    }
    let counts = [found, split, unknown, ambiguous];
    assert!(counts.iter().all(|&count| count > 50), "{counts:?}");
}

/// Whether these fractions add up to 1.
fn adds_up(parts: &[(u128, u128)]) -> bool {
    let sum = parts.iter().fold((0, 1), |(num, den), part| {
        let (num, den) = (num * part.1 + part.0 * den, den * part.1);
        let divisor = gcd(num, den);
        (num / divisor, den / divisor)
    });
    sum == (1, 1)
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}
