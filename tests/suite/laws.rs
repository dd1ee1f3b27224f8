//! Compares the crate with the naive reference, and checks laws that hold for every configuration.
//!
//! `MODEL_ALIASES_CASES` sets the number of generated configurations; `scripts/laws` runs more.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy.toml allows them in tests, which leaves out what tests call"
)]

#[path = "../reference/mod.rs"]
pub(crate) mod reference;

mod answers;
mod built;
mod changes;
mod order;
mod overlays;
mod verdicts;
mod written;

use std::collections::BTreeSet;

use model_aliases::{
    AliasResolver, Config, ConfigError, Problem, ReadLimits, Request, ResolveError, Severity,
};
use rand::SeedableRng;
use rand::rngs::StdRng;

use reference::check;
use reference::generate::{self, Generated, Limit};
use reference::tree::{Style, Tree, to_yaml};

/// Number of configurations per law, unless the environment sets another.
const CASES: usize = 2_000;

fn cases(usually: usize) -> usize {
    std::env::var("MODEL_ALIASES_CASES").map_or(usually, |count| count.parse().unwrap())
}

/// Generates `count` configurations from one seed; always the same.
fn generated(seed: u64, count: usize) -> impl Iterator<Item = Generated> {
    let mut rng = StdRng::seed_from_u64(seed);
    (0..count).map(move |_| generate::config(&mut rng))
}

/// Returns those that load, with their content.
fn accepted(seed: u64) -> impl Iterator<Item = (Generated, Tree)> {
    generated(seed, cases(CASES)).filter_map(|one| {
        let tree = one.tree.clone()?;
        check::check(&tree).errors.is_empty().then_some((one, tree))
    })
}

/// Reads a generated text under its limit.
fn read(one: &Generated) -> Result<Config, ConfigError> {
    let limits = match one.limit {
        None => ReadLimits::new(),
        Some(Limit::Bytes(most)) => ReadLimits::new().max_bytes(most),
        Some(Limit::Nodes(most)) => ReadLimits::new().max_nodes(u32::try_from(most).unwrap()),
    };
    Config::from_yaml_with("config.yaml", &one.text, limits)
}

/// Returns the codes of this severity, without duplicates.
fn codes(problems: &[Problem], severity: Severity) -> BTreeSet<&'static str> {
    let wanted = problems.iter().filter(|one| one.severity() == severity);
    wanted.map(|one| one.code().as_str()).collect()
}

/// Writes a document and reads it.
fn load(tree: &Tree, rng: &mut StdRng) -> (String, Config) {
    let style = Style {
        flow_root: false,
        anchors: false,
    };
    let text = to_yaml(tree, style, rng);
    let config = Config::from_yaml("config.yaml", &text).unwrap();
    (text, config)
}

/// Edits every value under this key, at any depth.
fn each(tree: &mut Tree, key: &str, edit: &mut dyn FnMut(&mut Tree)) {
    match tree {
        Tree::Map(fields) => {
            for (name, value) in fields {
                if name == key {
                    edit(value);
                } else {
                    each(value, key, edit);
                }
            }
        }
        Tree::List(items) => {
            for item in items {
                each(item, key, edit);
            }
        }
        _ => {}
    }
}

/// Formats every field of a resolution.
fn answer(resolver: &AliasResolver, request: Request<'_>) -> Result<String, Vec<String>> {
    match resolver.resolve(request) {
        Ok(found) => Ok(format!(
            "{found:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            found.provider(),
            found.endpoint(),
            found.params(),
            found.timeout(),
            found.guardrails().collect::<Vec<_>>(),
            found.deprecation(),
        )),
        Err(ResolveError::UnknownName { .. }) => Err(Vec::new()),
        Err(ResolveError::AmbiguousName { candidates, .. }) => {
            // They are listed in file order.
            let mut candidates: Vec<_> = candidates.iter().map(ToString::to_string).collect();
            candidates.sort();
            Err(candidates)
        }
        Err(other) => panic!("{other}"),
    }
}
