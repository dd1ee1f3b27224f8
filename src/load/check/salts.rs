//! Warns about a salt that is used twice on one path.
//!
//! Two choices with the same salt are not independent: the hash that picks a member of the outer group also
//! picks the member of the inner one, so the shares of keys differ from the product of the weights.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use super::graph::AliasGraph;
use crate::base::problem::Code;
use crate::base::text::Quoted;
use crate::load::config::Config;
use crate::load::config::entry::AliasEntry;
use crate::load::config::finding::Findings;

/// The maximum number of aliases to visit, so that a file of nothing but shared salts loads in time linear
/// in its size.
const MAX_VISITS: usize = 1_000_000;

pub(super) fn check(config: &Config, graph: &AliasGraph<'_>, findings: &mut Findings) {
    let aliases = config.alias_entries();
    let mut by_salt: HashMap<&str, Vec<usize>, FixedState> = HashMap::default();
    for (at, alias) in aliases.iter().enumerate() {
        if let Some(salt) = salt(alias) {
            by_salt.entry(salt).or_default().push(at);
        }
    }
    let mut visits = MAX_VISITS;
    for (at, alias) in aliases.iter().enumerate() {
        let Some(salt) = salt(alias).filter(|salt| by_salt[salt].len() > 1) else {
            continue;
        };
        if let Some(inner) = below(graph, at, &by_salt[salt], &mut visits) {
            let sticky = alias.body.sticky.at();
            findings.report(
                alias.document,
                sticky.map_or(alias.node, |at| at.node),
                Code::RepeatedSalt,
                format!(
                    "alias {} and alias {} below it have the same salt {}",
                    Quoted(&alias.name),
                    Quoted(&aliases[inner].name),
                    Quoted(salt)
                ),
                "give each a salt of its own; otherwise the choice of one decides the other",
            );
        }
    }
}

/// The salt of an alias that chooses by key; `None` if it does not.
fn salt(alias: &AliasEntry) -> Option<&str> {
    let chooses = alias.body.targets().len() > 1 && alias.body.chooses_by_key();
    let written = || alias.body.sticky.get().and_then(|salt| salt.get());
    chooses.then(|| written().map_or(&*alias.name, |salt| salt))
}

/// One of the `wanted` aliases, if `start` leads to any, directly or through others.
fn below(
    graph: &AliasGraph<'_>,
    start: usize,
    wanted: &[usize],
    visits: &mut usize,
) -> Option<usize> {
    let mut seen: HashSet<usize, FixedState> = HashSet::default();
    let mut waiting = vec![start];
    while let Some(at) = waiting.pop() {
        *visits = visits.checked_sub(1)?;
        for next in graph.next(at) {
            if next != start && wanted.contains(&next) {
                return Some(next);
            }
            if seen.insert(next) {
                waiting.push(next);
            }
        }
    }
    None
}
