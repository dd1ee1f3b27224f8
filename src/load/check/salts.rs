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

/// The maximum number of links to follow in a file, so that one of nothing but shared salts loads in time linear
/// in its size.
const MAX_LINKS: usize = 1_000_000;

pub(super) fn check(config: &Config, graph: &AliasGraph<'_>, findings: &mut Findings) {
    let aliases = config.alias_entries();
    let mut first_users: HashMap<&str, usize, FixedState> = HashMap::default();
    let mut is_shared = vec![false; aliases.len()];
    // For each alias that chooses by key, the first one with the same salt.
    let mut firsts = vec![None; aliases.len()];
    for (at, alias) in aliases.iter().enumerate() {
        if let Some(salt) = salt(alias) {
            let first = *first_users.entry(salt).or_insert(at);
            is_shared[first] |= first != at;
            firsts[at] = Some(first);
        }
    }
    let mut links = MAX_LINKS;
    for (at, alias) in aliases.iter().enumerate() {
        let Some(salt) = salt(alias).filter(|_| firsts[at].is_some_and(|at| is_shared[at])) else {
            continue;
        };
        if let Some(inner) = below(graph, at, &firsts, &mut links) {
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

/// An alias with the salt of `start` to which `start` leads, directly or through others.
fn below(
    graph: &AliasGraph<'_>,
    start: usize,
    firsts: &[Option<usize>],
    links: &mut usize,
) -> Option<usize> {
    let mut seen: HashSet<usize, FixedState> = HashSet::default();
    let mut waiting = vec![start];
    while let Some(at) = waiting.pop() {
        for next in graph.next(at) {
            *links = links.checked_sub(1)?;
            if next != start && firsts[next] == firsts[start] {
                return Some(next);
            }
            if seen.insert(next) {
                waiting.push(next);
            }
        }
    }
    None
}
