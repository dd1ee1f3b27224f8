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
mod handle;
mod health;
mod last_resort;
mod leases;
mod named;
mod outage;
mod random;
mod streams;

pub(crate) use cost::PROVIDERS as PRICED;

use std::time::Duration;

use model_aliases::{
    AliasResolver, AttemptsError, Config, Failure, FailureClass, FakeClock, Request,
    ResolverBuilder, StepReport, StepState, TargetState,
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
        let mut tried = Vec::new();
        let (steps, error) = self.play(request.into(), ends, &mut tried);
        for status in self.resolver.status() {
            assert_eq!(status.active(), 0, "{}", status.target());
        }
        Run::new(&steps, error, &tried)
    }

    /// Plays a request to its end, and notes each target.
    fn play(
        &self,
        request: Request<'_>,
        ends: &[End],
        tried: &mut Vec<String>,
    ) -> (Vec<StepReport>, Option<AttemptsError>) {
        let exhausted = |error: AttemptsError| (error.steps().to_vec(), Some(error));
        let mut call = match self.resolver.attempts(request) {
            Ok(call) => call,
            Err(error) => return exhausted(error),
        };
        let mut ends = ends.iter();
        loop {
            let mark = if call.is_last_resort() { "!" } else { "" };
            tried.push(format!("{}{mark}", short(&call.target())));
            let failure = match ends.next() {
                None => {
                    let serving = call.commit();
                    let steps = serving.steps();
                    serving.finished();
                    return (steps, None);
                }
                Some(End::Fails(failure)) => failure.clone(),
                Some(End::Hangs) => {
                    let timeout = call.begin().expect("it would hang for ever");
                    self.clock.advance(timeout);
                    FailureClass::Timeout.into()
                }
                Some(End::After(seconds, failure)) => {
                    self.clock.advance(Duration::from_secs(*seconds));
                    failure.clone()
                }
                Some(End::Dropped) => return exhausted(call.into_error()),
            };
            if !call.failed(failure) {
                return exhausted(call.into_error());
            }
        }
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
    /// It takes all the time it is given.
    Hangs,
    /// It fails after this many seconds.
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

/// The course of one request.
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
    fn new(steps: &[StepReport], error: Option<AttemptsError>, tried: &[String]) -> Self {
        let steps: Vec<String> = steps
            .iter()
            .map(|step| {
                let target = short(step.target());
                match step.state() {
                    StepState::Served => format!("{target}+"),
                    StepState::Failed(failure) => format!("{target}={}", failure.class()),
                    StepState::PassedOver(class) => format!("{target}-{class}"),
                    StepState::Drained => format!("{target}-drained"),
                    StepState::LeftOut => format!("{target}~"),
                    StepState::TooSmall => format!("{target}<"),
                    StepState::Repeated(class) => format!("{target}^{class}"),
                    StepState::Unreported => format!("{target}?"),
                    other => panic!("{other:?}"),
                }
            })
            .collect();
        Self {
            tried: tried.join(" "),
            steps: steps.join(" "),
            error,
        }
    }

    /// The class that the request failed with.
    fn class(&self) -> Option<FailureClass> {
        self.error.as_ref()?.class()
    }
}

/// Rule 25: an attempt that is dropped says that the client has left.
#[test]
fn an_attempt_that_is_dropped() {
    let scene = Scene::new("  x: {target: a, timeout: 3s, fallbacks: [b]}\n");
    assert_eq!(scene.run("x", &[End::Hangs]).steps, "a=timeout b+");
    let run = scene.run("x", &[End::Dropped]);
    assert_eq!(run.steps, "a?");
    assert_eq!(run.class(), None);
}
