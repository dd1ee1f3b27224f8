//! The graph of aliases: cycles, path lengths, and the identities that chains of plain aliases end
//! in. A plain alias has one target and no fallbacks.

use super::index::Link;
use super::members::{Links, report_duplicate, report_same_endpoint};
use crate::base::problem::Code;
use crate::base::secret::Secret;
use crate::base::text::Quoted;
use crate::load::config::Config;
use crate::load::config::entry::TargetEntry;
use crate::load::config::finding::Findings;

/// The maximum number of aliases on a path.
pub(crate) const MAX_PATH: usize = 16;

/// Cycles are reported until the sum of their lengths reaches this limit. In a chain of n aliases
/// that all lead back to the first there are n cycles of up to n aliases.
const MAX_CYCLE_LENGTHS: usize = 1 << 20;

/// The end of a reference after chains of plain aliases are flattened. Two targets with equal
/// identities are the same target. Endpoints are compared byte for byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity<'c> {
    Target {
        provider: usize,
        id: &'c str,
        endpoint: Option<&'c Secret>,
    },
    /// An alias with several targets or with fallbacks.
    Alias(usize),
}

impl Identity<'_> {
    /// Whether both are the same model at the same URL, however the URLs are written.
    fn is_sent_like(self, other: Self) -> bool {
        match (self, other) {
            (
                Self::Target {
                    provider,
                    id,
                    endpoint: Some(endpoint),
                },
                Self::Target {
                    provider: other_provider,
                    id: other_id,
                    endpoint: Some(other),
                },
            ) => {
                (provider, id) == (other_provider, other_id)
                    && endpoint.value_or_written() == other.value_or_written()
            }
            _ => false,
        }
    }
}

/// The graph of aliases.
#[derive(Debug)]
pub(crate) struct AliasGraph<'c> {
    /// The links of each alias, in the order of its entries.
    pub(crate) links: Vec<Links<'c>>,
    /// The aliases in topological order: each comes after those that it leads to. An alias on a
    /// cycle may be anywhere.
    pub(crate) order: Vec<usize>,
    /// The identity that each alias ends in; `None` if something about it is wrong.
    ends: Vec<Option<Identity<'c>>>,
}

impl<'c> AliasGraph<'c> {
    pub(super) fn new(config: &'c Config, links: Vec<Links<'c>>, findings: &mut Findings) -> Self {
        let mut graph = Self {
            links,
            order: Vec::new(),
            ends: Vec::new(),
        };
        let (order, cyclic) = graph.sort(config, findings);
        graph.order = order;
        graph.report_long_paths(config, &cyclic, findings);
        graph.flatten(config, &cyclic);
        graph.report_duplicates(config, findings);
        graph
    }

    /// The aliases that an alias leads to, targets before fallbacks.
    pub(super) fn next(&self, alias: usize) -> impl Iterator<Item = usize> {
        self.links[alias].all().filter_map(|link| match link {
            Link::Alias(next) => Some(*next),
            Link::Model { .. } | Link::Wrong => None,
        })
    }

    /// Sorts the aliases topologically, and reports each cycle that a depth-first search in file
    /// order finds. Returns the order, and for each alias whether it is on a cycle. Iterative,
    /// because a chain may be as long as the file.
    fn sort(&self, config: &Config, findings: &mut Findings) -> (Vec<usize>, Vec<bool>) {
        /// How far the search is with an alias.
        #[derive(Clone, Copy)]
        enum SearchState {
            Unseen,
            /// On the path of the search, at this position.
            Open(usize),
            Done,
        }
        /// An alias on the path of the search.
        struct OpenAlias<I> {
            alias: usize,
            /// The aliases that it leads to, from the next one to follow.
            next: I,
            /// The earliest position on the path that a cycle through this alias returns to.
            back: usize,
        }
        let count = self.links.len();
        let mut seen = vec![SearchState::Unseen; count];
        let mut cyclic = vec![false; count];
        let mut order = Vec::with_capacity(count);
        let mut path = Vec::new();
        let mut reported_aliases = 0;
        let step = |alias| OpenAlias {
            alias,
            next: self.next(alias),
            back: usize::MAX,
        };
        for start in 0..count {
            if let SearchState::Unseen = seen[start] {
                seen[start] = SearchState::Open(0);
                path.push(step(start));
            }
            while let Some(last) = path.last_mut() {
                match last.next.next().map(|to| (to, seen[to])) {
                    Some((to, SearchState::Unseen)) => {
                        seen[to] = SearchState::Open(path.len());
                        path.push(step(to));
                    }
                    Some((_, SearchState::Open(from))) => {
                        last.back = last.back.min(from);
                        if reported_aliases < MAX_CYCLE_LENGTHS {
                            let cycle: Vec<_> = path[from..].iter().map(|s| s.alias).collect();
                            reported_aliases += cycle.len();
                            report_cycle(config, &cycle, findings);
                        }
                    }
                    Some((_, SearchState::Done)) => {}
                    None => {
                        let OpenAlias { alias, back, .. } = *last;
                        path.pop();
                        seen[alias] = SearchState::Done;
                        order.push(alias);
                        cyclic[alias] = back <= path.len();
                        if let Some(before) = path.last_mut() {
                            before.back = before.back.min(back);
                        }
                    }
                }
            }
        }
        (order, cyclic)
    }

    /// Reports paths with more than [`MAX_PATH`] aliases, at the alias that exceeds the limit.
    fn report_long_paths(&self, config: &Config, cyclic: &[bool], findings: &mut Findings) {
        let mut depths = vec![0_usize; self.links.len()];
        for &alias in &self.order {
            if cyclic[alias] {
                continue;
            }
            let below = self.next(alias).map(|next| depths[next]).max();
            depths[alias] = 1 + below.unwrap_or(0);
            if depths[alias] == MAX_PATH + 1 {
                let entry = &config.alias_entries()[alias];
                findings.report(
                    entry.document,
                    entry.node,
                    Code::PathTooLong,
                    format!(
                        "alias {} leads through more than {MAX_PATH} aliases",
                        Quoted(&entry.name)
                    ),
                    "point it at an alias or model further down the path",
                );
            }
        }
    }

    /// Whether an alias has exactly one target and no fallbacks.
    pub(crate) fn is_plain(&self, alias: usize) -> bool {
        self.links[alias].members.len() == 1 && self.links[alias].fallbacks.is_empty()
    }

    fn flatten(&mut self, config: &'c Config, cyclic: &[bool]) {
        self.ends = vec![None; self.links.len()];
        for &alias in &self.order {
            if cyclic[alias] {
                continue;
            }
            let body = &config.alias_entries()[alias].body;
            self.ends[alias] = if body.null || body.broken {
                None
            } else if self.is_plain(alias) && body.fallbacks.is_absent() {
                self.identity(&self.links[alias].members[0], &body.targets()[0])
            } else {
                Some(Identity::Alias(alias))
            };
        }
    }

    /// The identity of an entry; `None` if something about it is wrong.
    pub(super) fn identity(&self, link: &Link<'c>, entry: &'c TargetEntry) -> Option<Identity<'c>> {
        match *link {
            Link::Model { provider, id } => {
                if entry.endpoint.is_wrong() {
                    return None;
                }
                Some(Identity::Target {
                    provider,
                    id,
                    endpoint: entry.endpoint.get(),
                })
            }
            Link::Alias(alias) => self.ends[alias],
            Link::Wrong => None,
        }
    }

    /// The identities of entries, with their links.
    pub(super) fn identities<'g>(
        &'g self,
        links: &'g [Link<'c>],
        entries: &'c [TargetEntry],
    ) -> impl Iterator<Item = Option<Identity<'c>>> + 'g {
        links
            .iter()
            .zip(entries)
            .map(|(link, entry)| self.identity(link, entry))
    }

    fn report_duplicates(&self, config: &'c Config, findings: &mut Findings) {
        let mut identities = Vec::new();
        for (alias, entry) in config.alias_entries().iter().enumerate() {
            let targets = entry.body.targets();
            if targets.len() < 2 {
                continue;
            }
            identities.clear();
            identities.extend(self.identities(&self.links[alias].members, targets));
            for (at, identity) in identities.iter().enumerate().skip(1) {
                let Some(identity) = identity else {
                    continue;
                };
                let earlier = identities[..at].iter().enumerate();
                let mut earlier = earlier.filter_map(|(at, other)| Some((at, (*other)?)));
                let same = |(_, other): &(usize, Identity<'_>)| *other == *identity;
                if let Some((first, _)) = earlier.clone().find(same) {
                    report_duplicate(entry, &targets[at], &targets[first], findings);
                } else if let Some((first, _)) =
                    earlier.find(|(_, other)| other.is_sent_like(*identity))
                {
                    report_same_endpoint(entry, &targets[at], &targets[first], findings);
                }
            }
        }
    }
}

/// Reports a cycle. The message points at the alias that comes first in the file, and starts with
/// it.
fn report_cycle(config: &Config, cycle: &[usize], findings: &mut Findings) {
    const SHOWN: usize = 20;
    let aliases = config.alias_entries();
    let first = cycle
        .iter()
        .enumerate()
        .min_by_key(|&(_, alias)| alias)
        .map_or(0, |(at, _)| at);
    let names = cycle[first..].iter().chain(&cycle[..first]);
    let mut text: Vec<String> = names
        .map(|&alias| Quoted(&aliases[alias].name).to_string())
        .take(SHOWN)
        .collect();
    if cycle.len() > SHOWN {
        text.push(format!("… {} more …", cycle.len() - SHOWN));
    }
    text.push(Quoted(&aliases[cycle[first]].name).to_string());
    let entry = &aliases[cycle[first]];
    findings.report(
        entry.document,
        entry.node,
        Code::AliasCycle,
        format!("alias cycle: {}", text.join(" → ")),
        if cycle.len() == 1 {
            "point it at a model from `model_providers`"
        } else {
            "point one of them at a model from `model_providers`"
        },
    );
}
