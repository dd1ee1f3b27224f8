//! Random configurations under random events: the reference planner allows every trace, and the
//! promises that need no planner hold.
//!
//! A case is a configuration and a seed. `MODEL_ALIASES_CASE=17` runs one of them alone and prints it;
//! with `MODEL_ALIASES_FULL` set, as `scripts/attempts` does, there are more. With `--nocapture` it
//! prints how often each kind of event occurred.

mod requests;
mod seen;
mod stage;

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::laws::reference::generate;
use crate::laws::reference::plan::{End, Seen, State};
use crate::selection::full_or;
use stage::Stage;

/// The least share of requests in a hundred that fail after their second step.
const DEEP: usize = 30;

/// The least share of cases in a hundred in which a target is passed over for its price.
const COSTLY: usize = 20;

/// How often each kind of line and each class of failure must occur at least, in ten thousand cases.
const OFTEN: usize = 100;

/// The kind of line that says so.
const TOO_COSTLY: &str = "passed over cost_exceeded";

/// What was met in all cases together.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) requests: usize,
    /// Requests with a step that failed after two others.
    pub(super) deep: usize,
    /// Cases in which a target was passed over for its price.
    costly: usize,
    /// Kinds of lines, of classes, of ends and of events.
    pub(super) kinds: BTreeMap<String, usize>,
}

impl Tally {
    pub(super) fn count(&mut self, kind: impl Into<String>) {
        *self.kinds.entry(kind.into()).or_default() += 1;
    }

    /// Asserts that `cases` cases contained each kind of event often enough.
    fn is_rich(&self, cases: usize) {
        let Self {
            requests,
            deep,
            costly,
            ..
        } = self;
        println!(
            "{cases} cases, {requests} requests, {deep} fail after their second step (at least {DEEP}%)"
        );
        assert!(deep * 100 >= requests * DEEP, "too few fail late");
        println!("{cases} cases, {costly} pass a target over for its price (at least {COSTLY}%)");
        assert!(costly * 100 >= cases * COSTLY, "too few are too costly");
        for kind in seen::KINDS {
            let times = self.times(kind);
            let least = OFTEN * cases / 10_000;
            println!("{kind}: {times}, at least {least}");
            assert!(times >= least, "{kind} came too rarely");
        }
    }

    fn times(&self, kind: &str) -> usize {
        self.kinds.get(kind).copied().unwrap_or(0)
    }

    /// Counts what came of a request.
    pub(super) fn note(&mut self, seen: &Seen) {
        self.requests += 1;
        let mut is_deep = false;
        for (steps, line) in seen.lines.iter().enumerate() {
            match &line.state {
                State::Served => self.count("line served"),
                State::Failed(failure) => {
                    is_deep |= steps >= 2;
                    self.count("line failed");
                    self.count(format!("failed {}", failure.class));
                }
                State::PassedOver(class) => {
                    self.count("line passed over");
                    self.count(format!("passed over {class}"));
                }
                State::Drained => self.count("line drained"),
                State::LeftOut => self.count("line left out"),
                State::TooSmall => self.count("line too small"),
                State::Repeated(_) => self.count("line repeated"),
                State::Unreported => self.count("line unreported"),
            }
        }
        self.deep += usize::from(is_deep);
        for (is_so, kind) in [
            (seen.bill.exceeded, "bill exceeded"),
            (seen.bill.unverified, "bill unverified"),
        ] {
            if is_so {
                self.count(kind);
            }
        }
        self.count(match seen.end {
            End::Served => "end served",
            End::Cancelled => "end cancelled",
            End::Exhausted(..) => "end exhausted",
            End::Open => "end open",
        });
    }
}

#[test]
fn every_trace_is_one_that_the_rules_allow() {
    let only = std::env::var("MODEL_ALIASES_CASE").ok();
    let only: Option<u64> = only.map(|number| number.parse().unwrap());
    let cases = match only {
        Some(number) => number..number + 1,
        None => 0..full_or(10_000, 200_000),
    };
    let count = usize::try_from(cases.end - cases.start).unwrap();
    let mut tally = Tally::default();
    for number in cases {
        let mut rng = StdRng::seed_from_u64(0x00a7_7e3b_0000 + number);
        let (tree, text) = generate::plans(&mut rng);
        let costly = tally.times(TOO_COSTLY);
        let mut stage = Stage::new(&tree, &text, number, rng, &mut tally);
        stage.play();
        if only.is_some() {
            println!("{}", stage.story());
        }
        tally.costly += usize::from(tally.times(TOO_COSTLY) > costly);
    }
    if only.is_none() {
        tally.is_rich(count);
    }
}
