//! Whole requests: fallback chains, failures, health, deadlines.
//!
//! The counts are those of CI; with `MODEL_ALIASES_FULL` set, as `scripts/attempts` does, they are
//! the full ones.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::format_push_string,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "counts are small, and clippy.toml leaves out what tests call"
)]

mod allocation;
mod allowed;
mod clients;
mod cost;
mod deadlines;
mod draws;
mod examples;
mod health;
mod leases;
mod named;
mod outage;
mod random;
mod streams;

pub(crate) use cost::PROVIDERS as PRICED;

use std::time::Duration;

use model_aliases::{
    AliasResolver, Attempts, AttemptsError, Config, Failure, FailureClass, FakeClock, Request,
    ResolverBuilder, StepState, TargetState,
};

/// A resolver over models `p/a` to `p/h`, each with its own provider and key, beside its clock.
struct Scene {
    clock: FakeClock,
    resolver: AliasResolver,
}

/// The provider entries of a scene: models `a` to `h`, each of another provider, and a model behind
/// a wildcard.
fn providers() -> String {
    let models =
        ('a'..='h').map(|name| format!("  - {{model: p{name}/{name}, access_key: $KEY_{name}}}\n"));
    format!(
        "model_providers:\n{}  - {{model: wild/*}}\n",
        models.collect::<String>()
    )
}

fn document(aliases: &str) -> String {
    format!("{}model_aliases:\n{aliases}", providers())
}

#[track_caller]
fn config(text: &str) -> Config {
    Config::from_yaml("config.yaml", text).unwrap()
}

impl Scene {
    #[track_caller]
    fn new(aliases: &str) -> Self {
        Self::of(&document(aliases), |builder| builder)
    }

    /// From a whole document, with settings of its own.
    #[track_caller]
    fn of(text: &str, settings: impl FnOnce(ResolverBuilder) -> ResolverBuilder) -> Self {
        let clock = FakeClock::new();
        let builder = AliasResolver::builder(config(text))
            .seed(1)
            .clock(clock.clone());
        let resolver = settings(builder).build().unwrap();
        Self { clock, resolver }
    }

    /// A whole second after the clock's start, and so on: cooldowns end at other moments.
    fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Makes a target cool, whichever alias leads there.
    #[track_caller]
    fn cool(&self, target: &str, failure: impl Into<Failure>) {
        let failure = failure.into();
        for _ in 0..5 {
            self.resolver
                .resolve(target)
                .unwrap()
                .failed(failure.clone());
        }
        assert!(!self.is_healthy(target), "{target} does not cool");
    }

    fn state(&self, target: &str) -> TargetState {
        let status = self.resolver.status();
        let found = status.iter().find(|one| one.target() == target);
        found.map_or_else(
            || panic!("{target}: {status:?}"),
            model_aliases::TargetStatus::state,
        )
    }

    fn is_healthy(&self, target: &str) -> bool {
        let full = format!("p{target}/{target}");
        let target = if target.contains('/') { target } else { &full };
        self.state(target) == TargetState::Healthy
    }

    /// Runs a request: each attempt ends as the next of `ends` says, and serves where there is none.
    #[track_caller]
    fn run<'q>(&self, request: impl Into<Request<'q>>, ends: &[End]) -> Run {
        let mut attempts = self.resolver.attempts(request).unwrap();
        let mut ends = ends.iter();
        let mut tried = Vec::new();
        while let Some(attempt) = attempts.next_attempt() {
            let mark = if attempt.is_last_resort() { "!" } else { "" };
            tried.push(format!("{}{mark}", short(&attempt.target())));
            match ends.next() {
                None => attempt.succeeded(),
                Some(End::Fails(failure)) => attempt.failed(failure.clone()),
                Some(End::Hangs) => {
                    let timeout = attempt.timeout().expect("it would hang for ever");
                    self.clock.advance(timeout);
                    drop(attempt);
                }
                Some(End::After(seconds, failure)) => {
                    self.clock.advance(Duration::from_secs(*seconds));
                    attempt.failed(failure.clone());
                }
                Some(End::Dropped) => drop(attempt),
            }
        }
        assert!(attempts.next_attempt().is_none());
        for status in self.resolver.status() {
            assert_eq!(status.active(), 0, "{}", status.target());
        }
        Run::new(attempts, &tried)
    }
}

/// Prints a figure with its limit, and holds it to that.
#[track_caller]
pub(crate) fn judged(what: &str, figure: f64, limit: f64) {
    let verdict = if figure <= limit { "ok" } else { "over" };
    println!("{what:<46}{figure:>10.4}  limit {limit:>5}  {verdict}");
    assert!(figure <= limit, "{what}: {figure} is over {limit}");
}

/// How an attempt ends.
#[derive(Debug, Clone)]
enum End {
    Fails(Failure),
    /// It takes as long as it may.
    Hangs,
    /// It fails after so many seconds.
    After(u64, Failure),
    Dropped,
}

fn fails(class: FailureClass) -> End {
    End::Fails(class.into())
}

/// `a` for `pa/a`, and `e1` for an endpoint's host.
fn short(target: &str) -> String {
    match target.split_once("@https://") {
        Some((_, host)) => host.to_owned(),
        None => target.rsplit('/').next().unwrap_or(target).to_owned(),
    }
}

/// What a request came to.
#[derive(Debug)]
struct Run {
    /// The targets that were tried, `!` behind a last resort.
    tried: String,
    /// Every step: `a=timeout`, `b-rate_limited` where it was passed over, `c~` where it was left
    /// out, `d+` where it served, `e^timeout` where it had its turn, `f?` where nobody said.
    steps: String,
    error: Option<AttemptsError>,
}

impl Run {
    fn new(attempts: Attempts, tried: &[String]) -> Self {
        let reports = attempts.steps();
        let steps: Vec<String> = reports
            .iter()
            .map(|step| {
                let target = short(step.target());
                match step.state() {
                    StepState::Served => format!("{target}+"),
                    StepState::Failed(failure) => format!("{target}={}", failure.class()),
                    StepState::PassedOver(class) => format!("{target}-{class}"),
                    StepState::LeftOut => format!("{target}~"),
                    StepState::Repeated(class) => format!("{target}^{class}"),
                    StepState::Unreported => format!("{target}?"),
                    other => panic!("{other:?}"),
                }
            })
            .collect();
        let served = reports
            .iter()
            .any(|step| *step.state() == StepState::Served);
        Self {
            tried: tried.join(" "),
            steps: steps.join(" "),
            error: (!served).then(|| attempts.into_error()),
        }
    }

    /// The class that the request failed with.
    fn class(&self) -> Option<FailureClass> {
        self.error.as_ref()?.class()
    }
}

/// Rule 25: dropped after its time an attempt has timed out; dropped before, the client has left.
#[test]
fn an_attempt_that_is_dropped() {
    let scene = Scene::new("  x: {target: a, timeout: 3s, fallbacks: [b]}\n");
    assert_eq!(scene.run("x", &[End::Hangs]).steps, "a=timeout b+");
    let run = scene.run("x", &[End::Dropped]);
    assert_eq!(run.steps, "a?");
    assert_eq!(run.class(), None);
}
