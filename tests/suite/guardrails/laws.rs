//! Laws: tightening never admits what was denied, and the order of rules does not matter.

use std::collections::BTreeSet;
use std::fmt::Write;

use model_aliases::{AliasResolver, Verdict, Violation};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use super::{Words, ask, builder, full_or, line};

/// Tokens of the texts. One of the words or one of our detectors matches each.
const TOKENS: [&str; 8] = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "alpha beta",
    "ann@example.org",
    "4111 1111 1111 1111",
    "quiet",
];

const CATEGORIES: [&str; 4] = ["c0", "c1", "PII", "nobody"];
const FILTERS: [&str; 5] = ["f0", "f1", "f2", "sensitive_data", "none"];

/// The guardrails of one alias.
#[derive(Debug, Clone)]
struct Rails {
    monitor: bool,
    categories: Vec<&'static str>,
    /// Each filter, and whether it blocks.
    filters: Vec<(&'static str, bool)>,
}

fn some<T: Copy>(rng: &mut StdRng, all: &[T]) -> Vec<T> {
    let mut some: Vec<T> = Vec::new();
    for &one in all {
        if rng.random_range(0..3) == 0 {
            some.push(one);
        }
    }
    some
}

impl Rails {
    fn random(rng: &mut StdRng) -> Self {
        let filters = some(rng, &FILTERS);
        Self {
            monitor: rng.random_range(0..3) == 0,
            categories: some(rng, &CATEGORIES),
            filters: filters
                .into_iter()
                .map(|kind| (kind, rng.random_range(0..4) == 0))
                .collect(),
        }
    }

    fn write(&self) -> String {
        let mode = if self.monitor { "monitor" } else { "enforce" };
        let mut fields = vec![format!("mode: {mode}")];
        if !self.categories.is_empty() {
            let categories = self.categories.join(", ");
            fields.push(format!("block_categories: [{categories}]"));
        }
        let filters = self.filters.iter().map(|(kind, block)| {
            let action = if *block { "block" } else { "redact" };
            format!("{{type: {kind}, action: {action}}}")
        });
        let filters: Vec<String> = filters.collect();
        if !filters.is_empty() {
            fields.push(format!("content_filters: [{}]", filters.join(", ")));
        }
        format!("{{{}}}", fields.join(", "))
    }
}

/// A chain of aliases that begins at `x`. Every second one splits, so the chain cannot be flattened.
#[track_caller]
fn load(chain: &[Rails], turned: bool) -> AliasResolver {
    let mut text = String::new();
    for (at, rails) in chain.iter().enumerate() {
        let name = if at == 0 {
            "x".to_owned()
        } else {
            format!("n{at}")
        };
        let target = if at + 1 == chain.len() {
            "a".to_owned()
        } else {
            format!("n{}", at + 1)
        };
        let target = if at % 2 == 0 {
            format!("target: {target}")
        } else {
            format!("targets: [{{model: {target}, weight: 100}}], fallbacks: [b]")
        };
        writeln!(
            text,
            "  {name}: {{{target}, guardrails: {}}}",
            rails.write()
        )
        .unwrap();
    }
    let hooks: [(&str, bool, &'static [&'static str]); 5] = [
        ("c0", true, &["alpha"]),
        ("c1", true, &["beta", "gamma"]),
        ("f0", false, &["beta", "alpha beta"]),
        ("f1", false, &["gamma", "delta"]),
        ("f2", false, &["alpha"]),
    ];
    let mut hooks = hooks.to_vec();
    if turned {
        hooks.reverse();
    }
    let mut builder = builder(&text);
    for (word, category, words) in hooks {
        builder = if category {
            builder.category(word, Words::new(words))
        } else {
            builder.filter(word, Words::new(words))
        };
    }
    builder.build().unwrap()
}

fn random_text(rng: &mut StdRng) -> String {
    let count = rng.random_range(1..6);
    let tokens: Vec<&str> = (0..count)
        .map(|_| TOKENS[rng.random_range(0..TOKENS.len())])
        .collect();
    tokens.join(if rng.random_range(0..2) == 0 {
        " "
    } else {
        ", "
    })
}

/// Returns the bytes of a text that are sent unchanged, or `None` if it is blocked.
fn admitted(resolver: &AliasResolver, text: &str) -> Option<BTreeSet<usize>> {
    let (checked, _) = ask(resolver, "x", text);
    let sent = checked.text()?;
    let mut bytes: BTreeSet<usize> = (0..text.len()).collect();
    let redacts = |v: &&Violation| v.is_enforced();
    for violation in checked.violations().iter().filter(redacts) {
        for byte in violation.range().unwrap() {
            bytes.remove(&byte);
        }
    }
    // The text sent must agree with the violations.
    if bytes.len() == text.len() {
        assert_eq!(sent, text);
    } else {
        assert_ne!(sent, text);
    }
    Some(bytes)
}

/// Tightens the guardrails in one way.
fn tighten(chain: &mut Vec<Rails>, rng: &mut StdRng) {
    let at = rng.random_range(0..chain.len());
    match rng.random_range(0..5) {
        0 => chain[at].monitor = false,
        1 => {
            let new = CATEGORIES[rng.random_range(0..CATEGORIES.len())];
            let place = rng.random_range(0..=chain[at].categories.len());
            if !chain[at].categories.contains(&new) {
                chain[at].categories.insert(place, new);
            }
        }
        2 => {
            let new = FILTERS[rng.random_range(0..FILTERS.len())];
            let place = rng.random_range(0..=chain[at].filters.len());
            if chain[at].filters.iter().all(|(kind, _)| *kind != new) {
                chain[at].filters.insert(place, (new, false));
            }
        }
        3 => {
            for (_, block) in &mut chain[at].filters {
                *block = true;
            }
        }
        _ => {
            let place = rng.random_range(0..=chain.len());
            chain.insert(place, Rails::random(rng));
        }
    }
}

#[test]
fn tightening_never_admits_what_was_denied() {
    let mut rng = StdRng::seed_from_u64(37);
    let (mut denied, mut tighter) = (0, 0);
    for _ in 0..full_or(200, 20_000) {
        let chain: Vec<Rails> = (0..rng.random_range(1..4))
            .map(|_| Rails::random(&mut rng))
            .collect();
        let mut after = chain.clone();
        tighten(&mut after, &mut rng);
        let (loose, tight) = (load(&chain, false), load(&after, false));
        for _ in 0..4 {
            let text = random_text(&mut rng);
            let before = admitted(&loose, &text);
            let then = admitted(&tight, &text);
            denied += usize::from(before.as_ref().is_none_or(|b| b.len() < text.len()));
            tighter += usize::from(before != then);
            let admits = match (&before, &then) {
                (_, None) => false,
                (None, Some(_)) => true,
                (Some(before), Some(then)) => !then.is_subset(before),
            };
            assert!(!admits, "{text:?}\n{chain:#?}\n{after:#?}");
        }
    }
    println!("{denied} texts were denied something, {tighter} more afterwards; both above 0");
    assert!(denied > 0 && tighter > 0);
}

#[test]
fn the_order_of_rules_decides_nothing() {
    let mut rng = StdRng::seed_from_u64(24);
    for _ in 0..full_or(200, 20_000) {
        let chain: Vec<Rails> = (0..rng.random_range(1..4))
            .map(|_| Rails::random(&mut rng))
            .collect();
        let mut other = chain.clone();
        other.shuffle(&mut rng);
        for rails in &mut other {
            rails.categories.shuffle(&mut rng);
            rails.filters.shuffle(&mut rng);
        }
        let (one, other) = (load(&chain, false), load(&other, true));
        for _ in 0..4 {
            let text = random_text(&mut rng);
            let (one, _) = ask(&one, "x", &text);
            let (other, _) = ask(&other, "x", &text);
            assert_eq!(one.text(), other.text(), "{text:?} {chain:#?}");
            assert_eq!(one.blocked().is_some(), other.blocked().is_some());
            let lines = |violations: &[Violation]| -> BTreeSet<String> {
                violations.iter().map(line).collect()
            };
            assert_eq!(lines(one.violations()), lines(other.violations()));
        }
    }
}

/// Merges three verdicts in every order.
#[test]
fn block_beats_redact_beats_allow_in_any_order() {
    type Word = (&'static str, fn() -> Verdict);
    let kinds: [Word; 3] = [
        ("allow", Verdict::allow),
        ("redact", || Verdict::redact("b", Some(1..2))),
        ("block", || Verdict::block("no")),
    ];
    for (a, first) in kinds {
        for (b, second) in kinds {
            for (c, third) in kinds {
                let resolver =
                    builder("  x: {target: a, guardrails: {content_filters: [{type: f}]}}\n")
                        .filter_fn("f", move |_| first().and(second()).and(third()))
                        .build()
                        .unwrap();
                let (checked, _) = ask(&resolver, "x", "abc");
                let expected = match [a, b, c] {
                    words if words.contains(&"block") => None,
                    words if words.contains(&"redact") => Some("a[b]c"),
                    _ => Some("abc"),
                };
                assert_eq!(checked.text(), expected, "{a} {b} {c}");
            }
        }
    }
}
