//! Checks that explanations match what happens. `--nocapture` prints the figures with their limits, as
//! `scripts/explain` does.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use model_aliases::{
    AliasResolver, Attempts, Config, Explanation, FailureClass, FakeClock, Request,
};

use super::load;
use crate::attempts::judged;
use crate::counting;
use crate::selection::full_or;

/// Returns every alias of every valid configuration, with the configuration.
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
    let requests = full_or(2_000, 1_000_000);
    let configurations = golden();
    counted("configurations", configurations.len(), 13);
    let (mut asked, mut same, mut unexplored) = (0, 0, 0);
    let mut deviation = Deviation::default();
    for (config, names) in configurations {
        let resolver = AliasResolver::new(config).unwrap();
        for name in names {
            let why = resolver.explain(&name).unwrap();
            assert_eq!(why.next(), resolver.distribution(&name).unwrap(), "{name}");
            assert!(why.ends().as_f64() == 0.0, "{name}");
            unexplored += usize::from(why.unexplored().as_f64() > 0.0);
            let counts = resolver.simulate(&name, requests, asked as u64).unwrap();
            assert_eq!(counts.len(), why.next().len(), "{name}");
            for ((share, got), (target, part)) in counts.iter().zip(probabilities(&why)) {
                assert_eq!(share.target(), target);
                deviation.add(*got, requests, part, || format!("{name}: {target}"));
            }
            // Exploring every path gives the same result.
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
            unexplored += usize::from(walked.unexplored().as_f64() > 0.0);
            same += 1;
            asked += 1;
        }
    }
    counted("names", asked, 80);
    counted("names equal to distribution, both ways", same, asked);
    counted("requests simulated for each name", requests as usize, 2_000);
    deviation.judged("largest deviation from simulate, in sigma");
    judged(
        "share of names not looked into wholly",
        unexplored as f64 / asked as f64,
        0.0,
    );
}

/// Prints the number of comparisons with its minimum, and asserts the minimum.
#[track_caller]
fn counted(what: &str, count: usize, least: usize) {
    println!("{what:<46}{count:>10}  at least {least}");
    assert!(count >= least, "{what}: {count} is less than {least}");
}

/// Returns the largest deviation of a count from its expectation, in standard deviations.
#[derive(Default)]
struct Deviation {
    counts: usize,
    largest: f64,
    at: String,
}

impl Deviation {
    fn add(&mut self, count: u64, all: u64, part: f64, context: impl FnOnce() -> String) {
        self.counts += 1;
        let expected = all as f64 * part;
        let difference = (count as f64 - expected).abs();
        // What is certain deviates by rounding alone, or by a whole count.
        let sigma = (expected * (1.0 - part)).sqrt().max(1e-6);
        if difference / sigma > self.largest {
            self.largest = difference / sigma;
            self.at = format!("{count} of {all}, not {expected:.1}: {}", context());
        }
    }

    #[track_caller]
    fn judged(&self, what: &str) {
        counted("counts compared", self.counts, 60);
        println!(
            "the largest is {}",
            self.at.lines().next().unwrap_or_default()
        );
        judged(what, self.largest, 6.0);
    }
}

/// Returns the first target of a request for a known name, if there is one.
#[track_caller]
fn first<'q>(resolver: &AliasResolver, request: impl Into<Request<'q>>) -> Option<Attempts> {
    resolver
        .attempts(request)
        .inspect_err(|error| assert_eq!(error.resolve_error(), None))
        .ok()
}

/// Returns the target of the attempt after some failures, if there is one.
pub(super) fn attempt_after<'q>(
    resolver: &AliasResolver,
    request: impl Into<Request<'q>>,
    after: &[FailureClass],
) -> Option<String> {
    let mut call = first(resolver, request)?;
    for &class in after {
        if !call.failed(class) {
            return None;
        }
    }
    Some(call.target().into_owned())
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
    let seeds = full_or(150, 10_000);
    let (mut compared, mut several, mut over, mut unexplored) = (0, 0, 0, 0);
    let mut deviation = Deviation::default();
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
                    let found = attempt_after(&resolver, name.as_str(), after);
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
            for (target, part) in probabilities(&why) {
                let got = found.remove(&Some(target)).unwrap_or(0);
                deviation.add(got, seeds, part, || why.to_string());
            }
            let ends = found.remove(&None).unwrap_or(0);
            deviation.add(ends, seeds, why.ends().as_f64(), || why.to_string());
            assert!(found.is_empty(), "{name} {why}: {found:?}");
            compared += 1;
            several += usize::from(why.next().len() > 1);
            over += usize::from(why.next().is_empty());
            unexplored += usize::from(why.unexplored().as_f64() > 0.0);
        }
    }
    counted("prefixes of failures", prefixes.len(), 6);
    counted("names after prefixes", compared, 480);
    counted("seeds of attempts for each", seeds as usize, 150);
    counted("of them left to chance", several, 6);
    counted("of them over", over, 6);
    deviation.judged("largest deviation from attempts, in sigma");
    judged(
        "share of them not looked into wholly",
        unexplored as f64 / compared as f64,
        0.0,
    );
}

/// Explaining changes no rotation, probe or counter.
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
            let [ours, theirs] = [&looked_at, &untouched]
                .map(|resolver| first(resolver, name).map(|call| call.target().into_owned()));
            assert_eq!(ours, theirs);
        }
    }
}

/// S27: of the ways that branch off, only those wait that can still be explored.
#[test]
fn ways_that_cannot_be_explored_are_not_held() {
    let mut aliases = String::new();
    for level in 0..16 {
        let member = |at: usize| match (at, level) {
            (0, 0..15) => format!("{{model: x{}}}", level + 1),
            _ => format!("{{model: gpt-4o, endpoint: 'https://e{level}-{at}.example'}}"),
        };
        let members: Vec<String> = (0..64).map(member).collect();
        aliases += &format!(
            "  x{level}: {{load_balance: {{}}, targets: [{}]}}\n",
            members.join(", ")
        );
    }
    let (resolver, _) = load(&aliases);
    let failures = [
        FailureClass::Timeout,
        FailureClass::Timeout,
        FailureClass::RateLimited,
    ];
    let (why, allocated) = counting::counted(|| resolver.explain_after("x0", failures).unwrap());
    println!(
        "held for 4,096 ways: {} kB (limit 10,000)",
        allocated.peak / 1_000
    );
    assert!(allocated.peak < 10_000_000, "{allocated:?}");
    let sum: f64 = probabilities(&why).iter().map(|(_, part)| part).sum();
    let sum = sum + why.ends().as_f64() + why.unexplored().as_f64();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
}

/// Each alias is visited once, not once per path (here 2^15). After a failure every path would have to be
/// explored, so only the most likely are, and the explanation reports the rest as unexplored.
#[test]
fn many_paths_are_no_more_work_than_few() {
    let mut aliases = String::from(
        "  d15: {targets: [{model: gpt-4o, weight: 50}, {model: qwen, weight: 50}]}
  e15: {targets: [{model: gpt-4o-mini, weight: 50}, {model: qwen, weight: 50}]}
  top: {target: d1, fallbacks: [llama3.1]}\n",
    );
    for depth in 1..15 {
        let next = depth + 1;
        let targets = format!("[{{model: d{next}, weight: 50}}, {{model: e{next}, weight: 50}}]");
        aliases +=
            &format!("  d{depth}: {{targets: {targets}}}\n  e{depth}: {{targets: {targets}}}\n");
    }
    let (resolver, _) = load(&aliases);
    let why = resolver.explain("top").unwrap();
    assert_eq!(why.next(), resolver.distribution("top").unwrap());
    assert_eq!(why.unexplored().as_f64(), 0.0);
    let why = resolver
        .explain_after("top", [FailureClass::Timeout])
        .unwrap();
    let sum: f64 = probabilities(&why).iter().map(|(_, part)| part).sum();
    let unexplored = why.unexplored().as_f64();
    assert!(
        (sum + why.ends().as_f64() + unexplored - 1.0).abs() < 1e-9,
        "{why}"
    );
    let said = why.to_string();
    assert!(
        said.contains("unexplored") && !said.contains("not chosen"),
        "{said}"
    );
    let all = 1 << 15;
    judged(
        "share of 32768 ways not looked into",
        unexplored,
        1.0 - 4_096.0 / f64::from(all),
    );
}
