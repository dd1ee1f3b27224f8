//! What an explanation says is what happens.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use model_aliases::{AliasResolver, Config, Explanation, FailureClass, FakeClock, Request};

use super::load;

/// Every alias of every good configuration, with the configuration.
fn golden() -> Vec<(Config, Vec<String>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/good");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .filter(|path| !path.to_string_lossy().ends_with(".overlay.yaml"))
        .collect();
    paths.sort();
    paths.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/config.yaml"));
    let read = |path: std::path::PathBuf| {
        let config = Config::from_yaml("config.yaml", std::fs::read(path).unwrap()).unwrap();
        let names = config.aliases().map(|alias| alias.name().to_owned());
        let names = names.collect();
        (config, names)
    };
    paths.into_iter().map(read).collect()
}

fn probabilities(why: &Explanation) -> Vec<(String, f64)> {
    let next = why.next().iter();
    next.map(|share| (share.target().to_owned(), share.probability().as_f64()))
        .collect()
}

#[test]
fn while_all_is_well_it_equals_the_shares_and_a_simulation() {
    let requests = crate::selection::full_or(2_000, 1_000_000);
    let mut asked = 0;
    for (config, names) in golden() {
        let resolver = AliasResolver::new(config).unwrap();
        for name in names {
            let why = resolver.explain(&name).unwrap();
            assert_eq!(why.next(), resolver.distribution(&name).unwrap(), "{name}");
            assert!(why.ends().as_f64() == 0.0 && why.unexplored().as_f64() == 0.0);
            let counts = resolver.simulate(&name, requests, asked).unwrap();
            for ((share, got), (target, part)) in counts.iter().zip(probabilities(&why)) {
                assert_eq!(share.target(), target);
                is_near(*got, requests, part, &name);
            }
            // Walked along each way it comes to the same.
            let walked = resolver
                .explain(Request::new(&name).allow(&|_| true))
                .unwrap();
            let sorted = |why: &Explanation| -> BTreeMap<String, (u128, u128)> {
                let parts = why.next().iter().map(|share| {
                    let part = share.probability();
                    (
                        share.target().to_owned(),
                        (part.numerator(), part.denominator()),
                    )
                });
                parts.collect()
            };
            assert_eq!(sorted(&walked), sorted(&why), "{name}");
            asked += 1;
        }
    }
    assert!(asked > 30, "only {asked} aliases");
}

/// Whether a count is within six standard deviations of what is expected.
#[track_caller]
fn is_near(count: u64, all: u64, part: f64, name: &str) {
    let expected = all as f64 * part;
    let room = 6.0 * (expected * (1.0 - part)).sqrt() + 1e-6;
    assert!(
        (count as f64 - expected).abs() <= room,
        "{name}: {count} of {all} where {expected:.0} ± {room:.0} are expected"
    );
}

/// What the attempt after some failures is: the target, or nothing.
fn attempt_after(resolver: &AliasResolver, name: &str, after: &[FailureClass]) -> Option<String> {
    let mut attempts = resolver.attempts(name).unwrap();
    for &class in after {
        attempts.next_attempt()?.failed(class);
    }
    let attempt = attempts.next_attempt()?;
    Some(attempt.target().into_owned())
}

#[test]
fn after_failures_it_equals_what_attempts_do() {
    use FailureClass::{AuthFailed, ConnectError, RateLimited, ServerError, Timeout};
    let prefixes: [&[FailureClass]; 6] = [
        &[Timeout],
        &[RateLimited],
        &[AuthFailed],
        &[Timeout, Timeout],
        &[ServerError, ConnectError, Timeout],
        &[FailureClass::InvalidRequest],
    ];
    let seeds = crate::selection::full_or(150, 10_000);
    let (mut several, mut over) = (0, 0);
    for (config, names) in golden() {
        let build = |seed| {
            let builder = AliasResolver::builder(config.clone()).seed(seed);
            builder.clock(FakeClock::new()).build().unwrap()
        };
        let mut counts: BTreeMap<(&str, usize), BTreeMap<Option<String>, u64>> = BTreeMap::new();
        for seed in 0..seeds {
            let resolver = build(seed);
            let targets: Vec<String> = resolver
                .status()
                .iter()
                .map(|one| one.target().to_owned())
                .collect();
            for name in &names {
                for (at, after) in prefixes.iter().enumerate() {
                    let found = attempt_after(&resolver, name, after);
                    let count = counts.entry((name, at)).or_default();
                    *count.entry(found).or_default() += 1;
                    for target in &targets {
                        resolver.reset(target);
                    }
                }
            }
        }
        let resolver = build(0);
        for ((name, at), mut found) in counts {
            let why = resolver
                .explain_after(name, prefixes[at].iter().copied())
                .unwrap();
            assert!(why.unexplored().as_f64() == 0.0);
            let context = format!("{name} {why}");
            for (target, part) in probabilities(&why) {
                let got = found.remove(&Some(target)).unwrap_or(0);
                is_near(got, seeds, part, &context);
            }
            is_near(
                found.remove(&None).unwrap_or(0),
                seeds,
                why.ends().as_f64(),
                &context,
            );
            assert!(found.is_empty(), "{context}: {found:?}");
            several += usize::from(why.next().len() > 1);
            over += usize::from(why.next().is_empty());
        }
    }
    assert!(several > 5 && over > 5, "{several} chances, {over} ends");
}

/// No turn, probe or count moves.
#[test]
fn looking_moves_nothing() {
    let aliases = "  turns: {load_balance: {algorithm: round_robin}, targets: [{model: gpt-4o}, {model: llama3.1}, {model: qwen}]}
  chain: {target: gpt-4o, fallbacks: [turns]}
";
    let ((looked_at, clock), (untouched, other)) = (load(aliases), load(aliases));
    for resolver in [&looked_at, &untouched] {
        for _ in 0..5 {
            resolver
                .resolve("gpt-4o")
                .unwrap()
                .failed(FailureClass::Timeout);
        }
    }
    for _ in 0..3 {
        clock.advance(Duration::from_secs(7));
        other.advance(Duration::from_secs(7));
        for _ in 0..4 {
            let before = looked_at.status();
            looked_at.explain("chain").unwrap();
            looked_at
                .explain_after("chain", [FailureClass::RateLimited; 3])
                .unwrap();
            looked_at.explain("turns").unwrap();
            assert_eq!(looked_at.status(), before);
        }
        // The turn of the probe is still there, and so is that of the balancer.
        for name in ["chain", "chain", "turns"] {
            let [ours, theirs] = [&looked_at, &untouched].map(|resolver| {
                let mut attempts = resolver.attempts(name).unwrap();
                attempts
                    .next_attempt()
                    .map(|attempt| attempt.target().into_owned())
            });
            assert_eq!(ours, theirs);
        }
    }
}

/// Each alias once, not once a path: here 2^15 of them.
#[test]
fn many_paths_are_no_more_work_than_few() {
    let mut aliases = String::from(
        "  d15: {targets: [{model: gpt-4o, weight: 50}, {model: qwen, weight: 50}]}\n",
    );
    for depth in 0..15 {
        let next = depth + 1;
        aliases += &format!(
            "  d{depth}: {{targets: [{{model: d{next}, weight: 50}}, {{model: e{next}, weight: 50}}]}}\n"
        );
        aliases += &format!("  e{next}: {{target: llama3.1, fallbacks: [gpt-4o]}}\n");
    }
    let (resolver, _) = load(&aliases);
    let why = resolver.explain("d0").unwrap();
    assert_eq!(why.next(), resolver.distribution("d0").unwrap());
    let why = resolver
        .explain_after("d0", [FailureClass::Timeout])
        .unwrap();
    let sum: f64 = probabilities(&why).iter().map(|(_, part)| part).sum();
    assert!((sum + why.ends().as_f64() - 1.0).abs() < 1e-9, "{why}");
}
