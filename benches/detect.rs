//! Measures how the detectors scale with the worst texts, and compares them with a bare `RegexSet`.
//!
//! `scripts/detect` runs it. It exits with 1 if a ratio exceeds its limit.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a program")]
#![allow(
    clippy::cast_precision_loss,
    reason = "sizes and times are far below 2^52"
)]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use regex::bytes::{RegexSet, RegexSetBuilder};

/// The detectors, compiled from source, because the crate exposes them only through guardrails.
#[allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "a part of the crate"
)]
#[path = "../src/content"]
mod source {
    pub(super) mod detect;
}

#[path = "../tests/suite/detectors/worst.rs"]
mod worst;

use source::detect::find;
use worst::{WORST, repeated};

/// Maximum factor by which the time grows when the text doubles.
const RATIO: f64 = 2.2;
const SIZES: [usize; 3] = [64 << 10, 128 << 10, 256 << 10];

/// A first attempt at patterns for the eight kinds: no checksums and no context.
const BARE: [&str; 8] = [
    r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}",
    r"\+?[0-9][0-9 ().-]{6,}[0-9]",
    r"[A-Z]{2}[0-9]{2}[A-Z0-9 ]{11,30}",
    r"[0-9](?:[ -]?[0-9]){12,18}",
    r"[0-9]{3}-[0-9]{2}-[0-9]{4}",
    r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}",
    r"(?:sk-|ghp_|AKIA|xox[bp]-|AIza|hf_|glpat-)[A-Za-z0-9_-]{16,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
];

/// Returns the CPU time of this thread, so that other load on the machine does not count. Falls back to the
/// elapsed time where the system does not report it.
fn time(start: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// Returns the mean time of a run over a tenth of a second, because the thread clock has a resolution of some
/// milliseconds.
fn mean(mut run: impl FnMut()) -> Duration {
    run();
    let start = Instant::now();
    let (before, mut runs) = (time(start), 0);
    loop {
        for _ in 0..4 {
            run();
        }
        runs += 4;
        let taken = time(start).saturating_sub(before);
        if taken >= Duration::from_millis(100) {
            return taken / runs;
        }
    }
}

fn megabytes_a_second(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / 1e6 / time.as_secs_f64()
}

/// Returns the minimum times for the three sizes and their ratios. Measures again while a ratio exceeds its
/// limit, because other processes also evict caches.
fn growth(unit: &str) -> ([Duration; 3], [f64; 2]) {
    let texts = SIZES.map(|size| repeated(unit, size));
    let mut times = [Duration::MAX; 3];
    let mut ratios = [f64::MAX; 2];
    for _ in 0..5 {
        for (time, text) in times.iter_mut().zip(&texts) {
            *time = (*time).min(mean(|| {
                black_box(find(black_box(text)));
            }));
        }
        ratios = [0, 1].map(|at| times[at + 1].as_secs_f64() / times[at].as_secs_f64());
        if ratios.iter().all(|&ratio| ratio <= RATIO) {
            break;
        }
    }
    (times, ratios)
}

fn throughput(name: &str, text: &str, bare: &RegexSet) {
    let ours = mean(|| {
        black_box(find(black_box(text)));
    });
    let theirs = mean(|| {
        black_box(bare.matches(black_box(text.as_bytes())));
    });
    println!(
        "{name:26} {:8.0} MB/s, {:8.0} MB/s, {} finds with their places",
        megabytes_a_second(text.len(), ours),
        megabytes_a_second(text.len(), theirs),
        find(text).len()
    );
}

fn main() -> ExitCode {
    let mut over = 0;
    println!(
        "{:26} {:>9} {:>9} {:>9}  {:>5} {:>5}  limit {RATIO}  {:>8}",
        "worst texts", "64 KiB", "128 KiB", "256 KiB", "ratio", "ratio", "MB/s"
    );
    for (name, unit) in WORST {
        let (times, ratios) = growth(unit);
        let ok = ratios.iter().all(|&ratio| ratio <= RATIO);
        over += usize::from(!ok);
        let [a, b, c] = times.map(|time| time.as_secs_f64() * 1e6);
        println!(
            "{name:26} {a:6.0} µs {b:6.0} µs {c:6.0} µs  {:5.2} {:5.2}  {:9}  {:8.0}",
            ratios[0],
            ratios[1],
            if ok { "ok" } else { "over" },
            megabytes_a_second(SIZES[2], times[2])
        );
    }

    let bare = RegexSetBuilder::new(BARE)
        .unicode(false)
        .build()
        .expect("the patterns are right");
    println!(
        "\n{:26} detectors, bare RegexSet (which kinds, no places)",
        "text of 1 MiB"
    );
    let lines = |text: &'static str| repeated(text, 1 << 20);
    let ordinary = include_str!("../tests/detectors/ordinary/prose.txt");
    throughput("ordinary prose", &lines(ordinary), &bare);
    let code = include_str!("../tests/detectors/ordinary/code.txt");
    throughput("ordinary code", &lines(code), &bare);
    let near = include_str!("../tests/detectors/ordinary/generated.txt");
    throughput("near misses", &lines(near), &bare);
    let positives = concat!(
        include_str!("../tests/detectors/positives/email.txt"),
        include_str!("../tests/detectors/positives/phone.txt"),
        include_str!("../tests/detectors/positives/card.txt"),
        include_str!("../tests/detectors/positives/iban.txt"),
        include_str!("../tests/detectors/positives/ssn.txt"),
        include_str!("../tests/detectors/positives/ip.txt"),
    );
    throughput("positives", &lines(positives), &bare);

    println!("\n{} worst texts, {over} over", WORST.len());
    if over == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
