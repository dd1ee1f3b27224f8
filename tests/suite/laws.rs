//! The crate against the naive reference, and laws that hold for every configuration.
//!
//! The number of generated configurations is in `MODEL_ALIASES_CASES`; `scripts/laws` runs more.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy.toml allows them in tests, which leaves out what tests call"
)]

#[path = "../reference/mod.rs"]
pub(crate) mod reference;

mod answers;
mod order;
mod verdicts;

use std::collections::BTreeSet;

use model_aliases::{Config, ConfigError, Problem, ReadLimits, Severity};
use rand::SeedableRng;
use rand::rngs::StdRng;

use reference::check;
use reference::generate::{self, Generated, Limit};
use reference::tree::Tree;

/// How many configurations a law looks at: what the environment says, else this many.
fn cases() -> usize {
    std::env::var("MODEL_ALIASES_CASES").map_or(4_000, |count| count.parse().unwrap())
}

/// The configurations of one seed, always the same.
fn generated(seed: u64) -> impl Iterator<Item = Generated> {
    let mut rng = StdRng::seed_from_u64(seed);
    (0..cases()).map(move |_| generate::config(&mut rng))
}

/// Those of them that load, with what they say.
fn accepted(seed: u64) -> impl Iterator<Item = (Generated, Tree)> {
    generated(seed).filter_map(|one| {
        let tree = one.tree.clone()?;
        check::check(&tree).errors.is_empty().then_some((one, tree))
    })
}

/// Reads a generated text under the limit that it asks for.
fn read(one: &Generated) -> Result<Config, ConfigError> {
    let limits = match one.limit {
        None => ReadLimits::new(),
        Some(Limit::Bytes(most)) => ReadLimits::new().max_bytes(most),
        Some(Limit::Nodes(most)) => ReadLimits::new().max_nodes(u32::try_from(most).unwrap()),
    };
    Config::from_yaml_with("config.yaml", &one.text, limits)
}

/// The codes of this severity, each once.
fn codes(problems: &[Problem], severity: Severity) -> BTreeSet<&'static str> {
    let wanted = problems.iter().filter(|one| one.severity() == severity);
    wanted.map(|one| one.code().as_str()).collect()
}
