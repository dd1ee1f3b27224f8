//! Selectors of the embedder: rule 20.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use model_aliases::{AliasResolver, Candidates, Request, ResolveError, Selector, Share};

use super::statistics::Sample;
use super::{builder, cool, member, serves, split};

const HOOKED: &str =
    "  a: {load_balance: {algorithm: mine}, targets: [{model: m0, weight: 3}, {model: m1}, \
{model: inner, weight: 0}]}
  inner: {targets: [{model: m2, weight: 50}, {model: m3, weight: 50}]}
";

/// A resolver that uses this closure to choose in alias `a`.
fn hooked<F>(aliases: &str, select: F) -> AliasResolver
where
    F: Fn(&Request<'_>, Candidates<'_>) -> Option<usize> + Send + Sync + 'static,
{
    builder(aliases)
        .selector_fn("mine", select)
        .build()
        .unwrap()
}

/// A selector written as a type.
struct Last;

impl Selector for Last {
    fn select(&self, _: &Request<'_>, candidates: Candidates<'_>) -> Option<usize> {
        candidates.len().checked_sub(1)
    }
}

#[test]
fn a_selector_chooses_as_a_type_and_as_a_closure() {
    let resolver = builder(HOOKED).selector("mine", Last).build().unwrap();
    let route = resolver.resolve("a").unwrap();
    assert!(member(&route) >= 2);
    assert_eq!(route.alias_path().collect::<Vec<_>>(), ["a", "inner"]);
    let resolver = hooked(HOOKED, |request, _| Some(request.asked().len() % 2));
    assert_eq!(serves(&resolver, "a"), 1);
}

#[test]
fn candidates_show_what_there_is_to_choose() {
    let seen = Arc::new(Mutex::new(String::new()));
    let notes = Arc::clone(&seen);
    let resolver = hooked(HOOKED, move |request, candidates| {
        let mut text = request.asked().to_owned();
        for (at, one) in candidates.iter().enumerate() {
            let same = candidates.get(at).unwrap();
            assert_eq!(format!("{one:?}"), format!("{same:?}"));
            let provider = one.provider().map_or("-", |entry| entry.provider());
            text += &format!(
                " {} {provider} {} {};",
                one.target(),
                one.weight(),
                one.active()
            );
        }
        assert!(candidates.get(candidates.len()).is_none() && !candidates.is_empty());
        *notes.lock().unwrap() = text;
        Some(0)
    });
    let held = resolver.resolve("a").unwrap();
    assert_eq!(
        *seen.lock().unwrap(),
        "a p/m0 p 3 0; p/m1 p 1 0; inner - 0 0;"
    );
    let more = [
        resolver.resolve("m1").unwrap(),
        resolver.resolve("inner").unwrap(),
    ];
    let _ = resolver.resolve("a").unwrap();
    assert_eq!(
        *seen.lock().unwrap(),
        "a p/m0 p 3 1; p/m1 p 1 1; inner - 0 1;"
    );
    drop((held, more));
    let _ = resolver.resolve("a").unwrap();
    assert_eq!(
        *seen.lock().unwrap(),
        "a p/m0 p 3 0; p/m1 p 1 0; inner - 0 0;"
    );
}

#[test]
fn a_position_out_of_range_is_an_error() {
    let nested = HOOKED.to_owned() + "  outer: {target: a, fallbacks: [m9]}\n";
    for position in [3, 64, usize::MAX] {
        let resolver = hooked(&nested, move |_, _| Some(position));
        for name in ["a", "outer"] {
            let error = resolver.resolve(name).unwrap_err();
            assert_eq!(error.code(), "selector-fault");
            let ResolveError::SelectorFault { alias, .. } = &error else {
                panic!("{error}");
            };
            assert_eq!(
                (&**alias, error.to_string()),
                (
                    "a",
                    format!(
                        "the selector of alias `a` chose candidate {position}, which is not there"
                    ),
                )
            );
        }
    }
}

#[test]
fn a_selector_that_suits_none_is_passed_over_as_not_allowed() {
    let none = |fallbacks: &str| {
        hooked(
            &format!("{HOOKED}  outer: {{target: a, fallbacks: [{fallbacks}]}}\n"),
            |_, _| None,
        )
    };
    for (fallbacks, expected) in [
        ("m9", Some(9)),
        ("{target: m9, conditions: [not_allowed]}", Some(9)),
        ("{target: m9, conditions: [primary_failed]}", Some(9)),
        (
            "{target: m8, conditions: [timeout, rate_limited]}, {target: m9, conditions: [any]}",
            Some(9),
        ),
        ("{target: m9, conditions: [timeout]}", None),
        ("{target: m9, conditions: [transient, 5xx]}", None),
    ] {
        let resolver = none(fallbacks);
        match resolver.resolve("outer") {
            Ok(route) => assert_eq!(Some(member(&route)), expected, "{fallbacks}"),
            Err(ResolveError::NotAllowed { asked, .. }) => {
                assert_eq!((&*asked, expected), ("outer", None), "{fallbacks}");
            }
            Err(other) => panic!("{other}"),
        }
    }
    // Fallbacks of the alias itself work too.
    let own = HOOKED.replacen("  a: {", "  a: {fallbacks: [m9], ", 1);
    assert_eq!(serves(&hooked(&own, |_, _| None), "a"), 9);
    let error = hooked(HOOKED, |_, _| None).resolve("a").unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        ("not-allowed", "every target of `a` is ruled out")
    );
}

/// Each request asks the selector once, whatever it returns. If its choice is cooling, the request asks again among
/// the others.
#[test]
fn a_selector_is_asked_once_for_each_request() {
    let (asked, answer) = (
        Arc::new(Mutex::new(Vec::new())),
        Arc::new(AtomicUsize::new(0)),
    );
    let (asks, answers) = (Arc::clone(&asked), Arc::clone(&answer));
    let aliases = HOOKED.replacen("  a: {", "  a: {fallbacks: [m9], ", 1);
    let resolver = hooked(&aliases, move |_, candidates| {
        let names = candidates.iter().map(|one| one.target().to_owned());
        asks.lock()
            .unwrap()
            .push(names.collect::<Vec<_>>().join(" "));
        Some(answers.load(Ordering::Relaxed)).filter(|&at| at < 9)
    });
    let asked_for = |at: usize| {
        answer.store(at, Ordering::Relaxed);
        asked.lock().unwrap().clear();
        let serves = serves(&resolver, "a");
        (serves, asked.lock().unwrap().clone())
    };
    let all = "p/m0 p/m1 inner".to_owned();
    assert_eq!(asked_for(1), (1, vec![all.clone()]));
    assert_eq!(asked_for(9), (9, vec![all.clone()]));
    cool(&resolver, 0, 60);
    assert_eq!(asked_for(1), (1, vec![all.clone()]));
    assert_eq!(asked_for(0), (1, vec![all, "p/m1 inner".to_owned()]));
}

#[test]
fn a_panic_passes_through_and_leaves_nothing_behind() {
    let (active, calm) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (notes, calms) = (Arc::clone(&active), Arc::clone(&calm));
    let aliases = HOOKED.to_owned()
        + "  outer: {load_balance: {algorithm: least_connections}, targets: [{model: a}, {model: m5}]}\n";
    let resolver = hooked(&aliases, move |_, candidates| {
        let sum: u32 = candidates.iter().map(|one| one.active()).sum();
        notes.store(sum as usize, Ordering::Relaxed);
        assert_eq!(calms.load(Ordering::Relaxed), 1, "not calm");
        Some(0)
    });
    for name in ["a", "outer", "outer", "outer"] {
        let panicked = catch_unwind(AssertUnwindSafe(|| resolver.resolve(name).map(drop)));
        if let Err(message) = panicked {
            let message = message.downcast_ref::<String>().unwrap();
            assert!(message.contains("not calm"), "{message}");
        }
    }
    calm.store(1, Ordering::Relaxed);
    assert_eq!(serves(&resolver, "a"), 0);
    assert_eq!(active.load(Ordering::Relaxed), 0);
    // The balancer continues its rotation evenly.
    let m5 = (0..10).filter(|_| serves(&resolver, "outer") == 5).count();
    assert_eq!(m5, 5);
}

/// Chooses the candidate with the least weight, and records weights and counts.
struct Rarest(Arc<Mutex<Vec<(u32, u32)>>>);

impl Selector for Rarest {
    fn select(&self, _: &Request<'_>, candidates: Candidates<'_>) -> Option<usize> {
        let found = candidates.iter().map(|one| (one.weight(), one.active()));
        *self.0.lock().unwrap() = found.collect();
        (0..candidates.len()).min_by_key(|&at| candidates.get(at).unwrap().weight())
    }
}

/// The same trait replaces the weighted draw of every split without a key.
#[test]
fn a_selector_in_place_of_the_draw() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let aliases = split("a", &[9_000, 700, 300])
        + "  other: {load_balance: {}, targets: [{model: m7}, {model: m8}]}\n";
    let plain = super::load(&aliases);
    let resolver = builder(&aliases)
        .draw(Rarest(Arc::clone(&seen)))
        .build()
        .unwrap();
    let held: Vec<_> = (0..20).map(|_| resolver.resolve("a").unwrap()).collect();
    assert!(held.iter().all(|route| member(route) == 2));
    // The selector can read the counts.
    assert_eq!(*seen.lock().unwrap(), [(9_000, 0), (700, 0), (300, 19)]);
    let mut counts = vec![0; 3];
    for key in 0..10_000_u32 {
        let key = key.to_le_bytes();
        let request = Request::new("a").sticky_key(&key);
        let at = serves(&resolver, request);
        assert_eq!(at, serves(&plain, request));
        counts[at] += 1;
    }
    Sample {
        counts: &counts,
        weights: &[90, 7, 3],
    }
    .is_drawn_by_weight();
    // The shares are by weight, which is not how it draws; a key decides by weight.
    let is_exact = |shares: Vec<Share>| shares.iter().all(|share| share.probability().is_exact());
    assert!(!is_exact(resolver.distribution("a").unwrap()));
    assert!(is_exact(resolver.distribution("other").unwrap()));
    assert!(is_exact(plain.distribution("a").unwrap()));
    let keyed = resolver.simulate_keys("a", 10, 1).unwrap();
    assert!(is_exact(
        keyed.into_iter().map(|(share, _)| share).collect()
    ));
    // It does not affect balancers.
    let other: Vec<usize> = (0..2).map(|_| serves(&resolver, "other")).collect();
    assert_ne!(other[0], other[1]);
}
