//! How targets are chosen: splits, keys, balancers, selectors, and the state that survives a reload.
//!
//! The counts are those of CI; with `MODEL_ALIASES_FULL` set, as in `scripts/selection`, they are the full ones.
//! Every seed is fixed, so no test fails by chance.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "counts are small, texts are put together once, and clippy.toml leaves out what tests call"
)]

mod allocation;
mod carried;
mod connections;
mod hooks;
mod moves;
mod named;
mod replay;
mod rotation;
mod shares;
mod split;
mod statistics;
mod sticky;
mod vectors;

use std::fmt::Write;
use std::time::Duration;

use model_aliases::{
    AliasResolver, Config, Failure, FailureClass, FakeClock, Request, Resolution, ResolverBuilder,
};
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// Returns the count for CI, or the full count.
pub(crate) fn full_or<T>(ci: T, full: T) -> T {
    if std::env::var_os("MODEL_ALIASES_FULL").is_some() {
        full
    } else {
        ci
    }
}

/// A document with the models `p/m0` to `p/m63`, each a provider entry, and these aliases.
fn document(aliases: &str) -> String {
    let mut text = String::from("model_providers:\n");
    for model in 0..64 {
        writeln!(text, "  - model: p/m{model}").unwrap();
    }
    text + "model_aliases:\n" + aliases
}

#[track_caller]
fn builder(aliases: &str) -> ResolverBuilder {
    let config = Config::from_yaml("config.yaml", document(aliases)).unwrap();
    AliasResolver::builder(config)
        .seed(0)
        .clock(FakeClock::new())
}

#[track_caller]
fn load(aliases: &str) -> AliasResolver {
    builder(aliases).build().unwrap()
}

/// A split over `m0`, `m1` and so on, with weights in hundredths of a percent.
fn split(name: &str, weights: &[u32]) -> String {
    let members = weights.iter().enumerate().map(|(at, weight)| {
        let (whole, rest) = (weight / 100, weight % 100);
        format!("      - {{model: m{at}, weight: {whole}.{rest:02}}}\n")
    });
    format!("  {name}:\n    targets:\n{}", members.collect::<String>())
}

/// A balancer over `m0`, `m1` and so on.
fn balancer(name: &str, algorithm: &str, weights: &[u32]) -> String {
    let members = weights.iter().enumerate();
    let members =
        members.map(|(at, weight)| format!("      - {{model: m{at}, weight: {weight}}}\n"));
    format!(
        "  {name}:\n    load_balance: {{algorithm: {algorithm}}}\n    targets:\n{}",
        members.collect::<String>()
    )
}

/// Two to ten weights in hundredths of a percent, some of them 0.
fn weights(rng: &mut StdRng) -> Vec<u32> {
    let grain = [1, 50, 100, 500][rng.random_range(0..4)];
    let whole = 10_000 / grain;
    let cuts = rng.random_range(1..9);
    let mut cuts: Vec<u32> = (0..cuts).map(|_| rng.random_range(0..=whole)).collect();
    cuts.extend([0, whole]);
    cuts.sort_unstable();
    let mut weights: Vec<u32> = cuts
        .windows(2)
        .map(|two| (two[1] - two[0]) * grain)
        .collect();
    if rng.random_bool(0.3) {
        weights.push(0);
    }
    weights.shuffle(rng);
    weights
}

/// The number of the chosen model.
fn member(route: &Resolution<'_>) -> usize {
    route.model()[1..].parse().unwrap()
}

/// Returns the number of the model that serves this request, and ends the request at once.
#[track_caller]
fn serves<'q>(resolver: &AliasResolver, request: impl Into<Request<'q>>) -> usize {
    member(&resolver.resolve(request).unwrap())
}

/// Makes a model cool for some seconds, in all aliases that lead to it.
#[track_caller]
fn cool(resolver: &AliasResolver, model: usize, seconds: u64) {
    let route = resolver.resolve(&format!("m{model}")).unwrap();
    let failure = Failure::new(FailureClass::RateLimited);
    route.failed(failure.retry_after(Duration::from_secs(seconds)));
}
