//! The same configuration, seed, clock and events give the same decisions: rule 40.

use std::fmt::Write;
use std::process::Command;
use std::time::Duration;

use model_aliases::{AliasResolver, Failure, FailureClass, FakeClock, Request};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{balancer, builder, split};

const NAMES: [&str; 8] = ["s", "r", "l", "k", "h", "n", "m3", "nobody"];

fn resolver(seed: u64, clock: &FakeClock) -> AliasResolver {
    let aliases = split("s", &[6_000, 2_500, 1_500])
        + "    fallbacks: [l]\n"
        + &balancer("r", "round_robin", &[3, 2, 1])
        + &balancer("l", "least_connections", &[1, 1, 2])
        + &balancer("k", "sticky", &[1, 2, 3])
        + &balancer("h", "hook", &[1, 1, 1])
        + "  n: {targets: [{model: s, weight: 40}, {model: r, weight: 30}, {model: k, weight: 30}]}\n";
    builder(&aliases)
        .seed(seed)
        .clock(clock.clone())
        .selector_fn("hook", |_, candidates| {
            (0..candidates.len()).min_by_key(|&at| candidates.get(at).map(|one| one.active()))
        })
        .build()
        .unwrap()
}

/// Prints every decision of a run.
fn transcript(seed: u64) -> String {
    let mut rng = StdRng::seed_from_u64(40);
    let clock = FakeClock::new();
    let mut resolver = resolver(seed, &clock);
    let mut text = String::new();
    for step in 0..2_000 {
        if step == 1_000 {
            let next = self::resolver(seed + 1, &clock);
            text += &format!("{next:?} {:?}\n", next.moved_since(&resolver));
            resolver = next;
        }
        let name = NAMES[rng.random_range(0..NAMES.len())];
        let key = format!("user-{}", rng.random_range(0..50));
        let mut request = Request::new(name);
        if rng.random() {
            request = request.sticky_key(&key);
        }
        clock.advance(Duration::from_millis(rng.random_range(0..200)));
        match resolver.resolve(request) {
            Err(error) => writeln!(text, "{error:?}").unwrap(),
            Ok(route) => {
                writeln!(text, "{route:?} {}", route.is_last_resort()).unwrap();
                let pause = Duration::from_millis(rng.random_range(0..3_000));
                match rng.random_range(0..4) {
                    0 => route.failed(Failure::new(FailureClass::Overloaded).retry_after(pause)),
                    1 => route.failed(FailureClass::Timeout),
                    _ => route.succeeded(),
                }
            }
        }
    }
    for name in NAMES {
        writeln!(text, "{:?}", resolver.distribution(name)).unwrap();
        writeln!(text, "{:?}", resolver.simulate(name, 100, seed)).unwrap();
    }
    text
}

/// Names the file for the transcript of a child process.
const FILE: &str = "MODEL_ALIASES_TRANSCRIPT";

#[test]
fn the_same_events_give_the_same_decisions() {
    let first = transcript(7);
    if let Some(file) = std::env::var_os(FILE) {
        std::fs::write(file, first).unwrap();
        return;
    }
    assert!(first == transcript(7));
    assert!(first != transcript(8), "the seed has no say");
    for process in ["one", "two"] {
        let file = format!("{}/transcript-{process}", env!("CARGO_TARGET_TMPDIR"));
        let status = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                concat!(
                    "selection::replay::",
                    "the_same_events_give_the_same_decisions"
                ),
            ])
            .env(FILE, &file)
            .stdout(std::process::Stdio::null())
            .status();
        assert!(status.unwrap().success());
        assert!(
            first == std::fs::read_to_string(&file).unwrap(),
            "process {process}"
        );
    }
}

/// The bits of a request decide for that request, whatever came before.
#[test]
fn the_bits_of_a_request_decide_it() {
    let clock = FakeClock::new();
    let (one, two) = (resolver(1, &clock), resolver(2, &clock));
    for bits in 0..1_000_u64 {
        let request = Request::new("s").entropy(bits.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let left = format!("{:?}", one.resolve(request).unwrap());
        let _ = two.resolve("s").unwrap();
        assert_eq!(left, format!("{:?}", two.resolve(request).unwrap()));
    }
}
