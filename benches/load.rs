//! Measures loading from text to resolver (read, check, compile) against a bare typed parse.
//!
//! The bare parse reads the same text with the same YAML crate into derived structs. It checks and compiles
//! nothing.
//!
//! `cargo bench --bench load` prints medians of interleaved rounds, each row with its limit.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a program")]

use std::fmt::Write;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use model_aliases::{AliasResolver, Code, Config, ConfigError, Severity};
use serde::Deserialize;

const PROVIDERS: usize = 50;
const MISTAKES: usize = 50;

fn main() {
    if let Some(aliases) = std::env::args().find_map(|a| a.strip_prefix(COLD)?.parse().ok()) {
        println!("{}", load(&text(aliases, 0), aliases).as_nanos());
        return;
    }
    let clean = text(10_000, 0);
    let wrong = text(10_000, MISTAKES);
    let [bare, ours, refused] = rounds(
        21,
        [
            &|| parse_bare(&clean, 10_000),
            &|| load(&clean, 10_000),
            &|| refuse(&wrong),
        ],
    );
    let [small, large] = rounds(7, [&|| load_cold(10_000), &|| load_cold(100_000)]);

    println!("{:42} {:>9} {:>6} {:>6}", "what", "ms", "ratio", "limit");
    row("bare typed parse of 10,000 aliases", &bare, None);
    row("load of the same text", &ours, Some((&bare, 1.6)));
    row(
        "the same with 50 mistakes, to a load",
        &refused,
        Some((&ours, 3.0)),
    );
    row("load of 10,000 aliases in a new process", &small, None);
    row(
        "load of 100,000 in a new process",
        &large,
        Some((&small, 12.0)),
    );
}

/// Interleaves the measurements in rounds, so that a busy machine slows all of them alike.
fn rounds<const N: usize>(rounds: usize, work: [&dyn Fn() -> Duration; N]) -> [Vec<f64>; N] {
    let mut times = [const { Vec::new() }; N];
    for _ in 0..rounds {
        for (times, work) in times.iter_mut().zip(work) {
            times.push(work().as_secs_f64());
        }
    }
    times
}

/// Prints a row: the median time and, if there is a baseline, the median ratio per round.
fn row(what: &str, times: &[f64], beside: Option<(&[f64], f64)>) {
    let ms = median(times.to_vec()) * 1e3;
    if let Some((base, limit)) = beside {
        let ratio = median(times.iter().zip(base).map(|(a, b)| a / b).collect());
        let verdict = if ratio <= limit { "ok" } else { "over" };
        println!("{what:42} {ms:9.2} {ratio:6.2} {limit:6.2} {verdict}");
    } else {
        println!("{what:42} {ms:9.2}");
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Prefix of the argument that makes a process load once and print the time.
const COLD: &str = "--cold=";

/// Loads once in a separate process, as a service does at startup. In a shared process the small text would
/// use memory that is already mapped and the large one would not, which compares two allocator states (the bare
/// parse then grows 15-fold).
fn load_cold(aliases: usize) -> Duration {
    let program = std::env::current_exe().expect("a program knows where it is");
    let output = Command::new(program)
        .arg(format!("{COLD}{aliases}"))
        .output()
        .expect("this program starts");
    let text = String::from_utf8(output.stdout).expect("it prints digits");
    Duration::from_nanos(text.trim().parse().expect("it prints a number"))
}

/// Times one call. The caller drops the result, outside the measurement.
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = black_box(work());
    (start.elapsed(), result)
}

fn load(text: &str, aliases: usize) -> Duration {
    let (time, resolver) = timed(|| read(black_box(text)));
    let resolver = resolver.expect("the text is right");
    assert_eq!(resolver.models().count(), PROVIDERS + aliases);
    let route = resolver.resolve("team-7.chat.v1").expect("it is there");
    assert!(matches!(route.model(), "model-7" | "model-18"));
    time
}

fn read(text: &str) -> Result<AliasResolver, ConfigError> {
    AliasResolver::new(Config::from_yaml("config.yaml", text)?)
}

fn refuse(text: &str) -> Duration {
    let (time, resolver) = timed(|| read(black_box(text)));
    let error = resolver.expect_err("the text is wrong");
    let problems = error.problems();
    assert_eq!(problems.len(), MISTAKES);
    assert!(problems.iter().all(|p| p.severity() == Severity::Error));
    assert!(
        problems
            .iter()
            .any(|p| p.code() == Code::UnknownTarget && p.help() == "did you mean `model-12`?")
    );
    time
}

/// What a user without this crate would write first: no checks, no locations, no table.
#[derive(Deserialize)]
struct File {
    model_providers: Vec<Provider>,
    model_aliases: IndexMap<String, Alias>,
}

#[derive(Deserialize)]
struct Provider {
    model: String,
    access_key: String,
}

#[derive(Deserialize)]
struct Alias {
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    model: String,
    weight: f64,
}

fn parse_bare(text: &str, aliases: usize) -> Duration {
    let (time, file) = timed(|| serde_yaml::from_str::<File>(black_box(text)));
    let file = file.expect("the text is right");
    assert_eq!(file.model_providers.len(), PROVIDERS);
    assert!(
        file.model_providers
            .iter()
            .all(|p| !p.model.is_empty() && !p.access_key.is_empty())
    );
    assert_eq!(file.model_aliases.len(), aliases);
    let target = &file.model_aliases["team-7.chat.v1"].targets[1];
    assert_eq!((&*target.model, target.weight), ("model-18", 40.0));
    time
}

/// Builds a configuration of `aliases` splits between two of fifty models. Some contain one mistake each, spread
/// evenly.
fn text(aliases: usize, mistakes: usize) -> String {
    let mut text = String::from("model_providers:\n");
    let line = "a string takes everything";
    for at in 0..PROVIDERS {
        writeln!(text, "  - model: provider-{}/model-{at}", at % 8).expect(line);
        writeln!(text, "    access_key: $PROVIDER_{}_KEY", at % 8).expect(line);
    }
    text.push_str("model_aliases:\n");
    for at in 0..aliases {
        let (mut first, mut weight, mut more) = ((at % PROVIDERS).to_string(), "60", "");
        let name = format!("team-{at}.chat.v1");
        if mistakes > 0 && at % (aliases / mistakes) == 12 {
            match at / (aliases / mistakes) % 5 {
                0 => first.push_str("-x"),
                1 => weight = "70",
                2 => weight = "a lot",
                3 => more = "\n        regon: eu",
                _ => first.insert(0, '0'),
            }
        }
        let second = (at + 11) % PROVIDERS;
        writeln!(
            text,
            "  {name}:\n    targets:\n      - model: model-{first}\n        weight: {weight}{more}\n      \
             - model: model-{second}\n        weight: 40"
        )
        .expect(line);
    }
    text
}
