//! Measures `resolve` against a bare map look-up of the same 1,000 names in the same order.
//!
//! `cargo bench --bench resolve` prints the nanoseconds for each kind of alias, the ratio to the bare look-up,
//! and the limit. Rounds are interleaved and medians taken, so that a busy machine slows all rows alike. Only
//! the ratios are meaningful.
//!
//! `black_box` gets references, also in the bare look-up. A `&str` by value goes through memory: it is stored
//! as one value and loaded as two, which breaks the prediction of the second load and costs 5 to 10 ns that no
//! real caller pays.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a program that prints approximate times"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use model_aliases::{AliasResolver, Config, FakeClock, Request, ResolverBuilder};

const NAMES: usize = 1_000;
const ROUNDS: usize = 301;
/// A typical sticky key: a UUID as text.
const KEY: &str = "6f1c0b0e-3d0a-4c8e-9f57-0d5a3c9be21d";

/// A row of the table: a kind of alias, and the request for it.
struct Row {
    name: &'static str,
    limit: f64,
    aim: f64,
    resolver: AliasResolver,
    names: Vec<String>,
    key: Option<&'static str>,
    /// Whether the row runs a whole request with one successful attempt, instead of `resolve`.
    whole: bool,
}

impl Row {
    fn new(
        name: &'static str,
        limits: (f64, f64),
        key: Option<&'static str>,
        alias: impl Fn(usize) -> String,
    ) -> Self {
        Self::built(name, limits, key, alias, |builder| builder)
    }

    /// Requests for aliases with three steps.
    fn whole(
        name: &'static str,
        limits: (f64, f64),
        entry: &str,
        settings: impl FnOnce(ResolverBuilder) -> ResolverBuilder,
    ) -> Self {
        let alias = |at| {
            let (a, b, c) = (at % 50, (at + 1) % 50, (at + 2) % 50);
            format!("  NAME: {{target: m{a}{entry}, fallbacks: [m{b}, m{c}]}}")
        };
        Self {
            whole: true,
            ..Self::built(name, limits, None, alias, settings)
        }
    }

    fn built(
        name: &'static str,
        (limit, aim): (f64, f64),
        key: Option<&'static str>,
        alias: impl Fn(usize) -> String,
        settings: impl FnOnce(ResolverBuilder) -> ResolverBuilder,
    ) -> Self {
        let mut text = String::from("model_providers:\n");
        for at in 0..50 {
            writeln!(
                text,
                "  - {{model: p{at}/m{at}, base_url: https://p{at}.example.com}}"
            )
            .unwrap();
        }
        text.push_str("model_aliases:\n");
        let mut names = Vec::new();
        for at in 0..NAMES {
            let asked = format!("team-{}.task-{at}.v1", at % 7);
            writeln!(text, "{}", alias(at).replace("NAME", &asked)).unwrap();
            names.push(asked);
        }
        let builder = AliasResolver::builder(Config::from_yaml("bench.yaml", &text).unwrap());
        let resolver = settings(builder).build().unwrap();
        // A different order from the file's, the same for all rows.
        let order = (0..NAMES).map(|at| names[at * 389 % NAMES].clone());
        Self {
            name,
            limit,
            aim,
            resolver,
            names: order.collect(),
            key,
            whole: false,
        }
    }

    fn round(&self) -> Duration {
        if self.whole {
            return self.requests();
        }
        let start = Instant::now();
        for name in &self.names {
            let mut request = Request::new(black_box(name).as_str());
            if let Some(key) = &self.key {
                request = request.sticky_key(*black_box(key));
            }
            let route = self.resolver.resolve(request).unwrap();
            black_box((route.provider(), route.model(), route.endpoint()));
        }
        start.elapsed()
    }
}

impl Row {
    fn requests(&self) -> Duration {
        let start = Instant::now();
        for name in &self.names {
            let mut call = self.resolver.attempts(black_box(name)).unwrap();
            black_box(call.begin());
            black_box((call.provider(), call.model(), call.endpoint()));
            call.succeeded();
        }
        start.elapsed()
    }
}

fn bare(map: &HashMap<Box<str>, u32, RandomState>, names: &[String]) -> Duration {
    let start = Instant::now();
    for name in names {
        black_box(map.get(black_box(name).as_str()).unwrap());
    }
    start.elapsed()
}

fn three(at: usize, kind: &str) -> String {
    let (a, b, c) = (at % 50, (at + 1) % 50, (at + 2) % 50);
    format!(
        "  NAME: {{{kind} targets: [{{model: m{a}, weight: 80}}, {{model: m{b}, weight: 15}}, {{model: m{c}, weight: 5}}]}}"
    )
}

fn main() {
    let rows = [
        Row::new("single", (1.7, 1.3), None, |at| {
            format!("  NAME: m{}", at % 50)
        }),
        Row::new("four hops", (1.7, 1.3), None, |at| {
            format!(
                "  NAME: a{at}\n  a{at}: b{at}\n  b{at}: c{at}\n  c{at}: m{}",
                at % 50
            )
        }),
        Row::new("keyless split of 3", (3.2, 1.8), None, |at| three(at, "")),
        Row::new("sticky split of 3", (7.0, 4.0), Some(KEY), |at| {
            three(at, "")
        }),
        Row::new("round robin of 3", (4.0, 2.2), None, |at| {
            three(at, "load_balance: {},")
        }),
        Row::new("least connections of 3", (6.0, 3.0), None, |at| {
            three(at, "load_balance: {algorithm: least_connections},")
        }),
        Row::whole("request of three steps", (9.0, 6.0), "", |builder| builder),
        // The clock is read only if attempts have a time limit; that alone takes 18 ns.
        Row::whole(
            "the same with a timeout",
            (13.0, 9.0),
            ", timeout: 30s",
            |builder| builder,
        ),
        Row::whole(
            "the same, fake clock",
            (10.0, 6.0),
            ", timeout: 30s",
            |builder| builder.clock(FakeClock::new()),
        ),
    ];
    let map: HashMap<Box<str>, u32, RandomState> = (0..)
        .zip(&rows[0].names)
        .map(|(at, name)| (name.as_str().into(), at))
        .collect();
    // Check the results first: every row must return the target of its alias.
    for row in &rows {
        for name in &row.names {
            let route = row.resolver.resolve(name).unwrap();
            assert_eq!(route.asked(), name);
            assert!(route.endpoint().unwrap().starts_with("https://p"));
        }
    }
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); rows.len() + 1];
    for _ in 0..ROUNDS {
        // Run each twice and time the second run, so that its own data is in the caches.
        bare(&map, &rows[0].names);
        times[rows.len()].push(bare(&map, &rows[0].names));
        for (row, times) in rows.iter().zip(&mut times) {
            row.round();
            times.push(row.round());
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2].as_nanos() as f64 / NAMES as f64
    };
    let base = median(times.last_mut().unwrap());
    println!(
        "{:<26}{:>9}{:>9}{:>9}{:>9}",
        "answer", "ns", "ratio", "limit", "aim"
    );
    println!("{:<26}{base:>9.1}{:>9.2}", "bare look-up", 1.0);
    for (row, times) in rows.iter().zip(&mut times) {
        let time = median(times);
        let ratio = time / base;
        let verdict = if ratio <= row.limit { "ok" } else { "over" };
        println!(
            "{:<26}{time:>9.1}{ratio:>9.2}{:>9.1}{:>9.1}  {verdict}",
            row.name, row.limit, row.aim
        );
    }
}
