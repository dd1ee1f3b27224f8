//! How aliases lead to each other: cycles, long paths, and where chains of plain aliases end.

use super::index::Link;
use super::members::{Links, duplicate};
use crate::base::problem::Code;
use crate::base::secret::Secret;
use crate::base::text::Quoted;
use crate::load::config::Config;
use crate::load::config::entry::TargetEntry;
use crate::load::config::finding::Findings;

/// The most aliases on any path.
pub(crate) const MAX_PATH: usize = 16;

/// Cycles are reported until their lengths sum to this. In a long chain every alias of which
/// also leads back to the first, the cycles are as many as the aliases and as long.
const MAX_CYCLES: usize = 1 << 20;

/// Where a reference ends when chains of plain aliases are flattened: what makes two targets
/// one. The endpoint is compared byte for byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity<'c> {
    Target {
        provider: usize,
        id: &'c str,
        endpoint: Option<&'c str>,
    },
    /// An alias with several targets or with fallbacks.
    Alias(usize),
}

/// The aliases as a graph.
#[derive(Debug)]
pub(crate) struct AliasGraph<'c> {
    /// What the entries of each alias lead to, in their order.
    pub(crate) links: Vec<Links<'c>>,
    /// Aliases, those that others lead to first. An alias in a cycle may stand anywhere.
    pub(crate) order: Vec<usize>,
    /// Where each alias ends, if it is plain all the way; `None` where something is wrong.
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
        graph.depths(config, &cyclic, findings);
        graph.flatten(config, &cyclic);
        graph.duplicates(config, findings);
        graph
    }

    /// The aliases that an alias leads to, targets before fallbacks.
    fn next(&self, alias: usize) -> impl Iterator<Item = usize> {
        self.links[alias].all().filter_map(|link| match link {
            Link::Alias(next) => Some(*next),
            Link::Model { .. } | Link::Wrong => None,
        })
    }

    /// Orders the aliases and reports every cycle that a walk in file order closes. Says which
    /// aliases lie on one. No recursion: a chain may be as long as the file.
    fn sort(&self, config: &Config, findings: &mut Findings) -> (Vec<usize>, Vec<bool>) {
        #[derive(Clone, Copy)]
        enum SearchState {
            No,
            /// On the path, at this position.
            Open(usize),
            Done,
        }
        struct OpenAlias<I> {
            alias: usize,
            next: I,
            /// The earliest position that a cycle through this alias goes back to.
            back: usize,
        }
        let count = self.links.len();
        let mut seen = vec![SearchState::No; count];
        let mut cyclic = vec![false; count];
        let mut order = Vec::with_capacity(count);
        let mut path = Vec::new();
        let mut written = 0;
        let step = |alias| OpenAlias {
            alias,
            next: self.next(alias),
            back: usize::MAX,
        };
        for start in 0..count {
            if let SearchState::No = seen[start] {
                seen[start] = SearchState::Open(0);
                path.push(step(start));
            }
            while let Some(last) = path.last_mut() {
                match last.next.next().map(|to| (to, seen[to])) {
                    Some((to, SearchState::No)) => {
                        seen[to] = SearchState::Open(path.len());
                        path.push(step(to));
                    }
                    Some((_, SearchState::Open(from))) => {
                        last.back = last.back.min(from);
                        if written < MAX_CYCLES {
                            let cycle: Vec<_> = path[from..].iter().map(|s| s.alias).collect();
                            written += cycle.len();
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

    /// Reports where a path gets too long, at the alias that makes it so.
    fn depths(&self, config: &Config, cyclic: &[bool], findings: &mut Findings) {
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

    /// Whether an alias has one target and nothing else to choose from.
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

    /// The identity of an entry; `None` where something about it is wrong.
    pub(super) fn identity(&self, link: &Link<'c>, entry: &'c TargetEntry) -> Option<Identity<'c>> {
        match *link {
            Link::Model { provider, id } => {
                if entry.endpoint.is_wrong() {
                    return None;
                }
                Some(Identity::Target {
                    provider,
                    id,
                    endpoint: entry.endpoint.get().map(Secret::as_written),
                })
            }
            Link::Alias(alias) => self.ends[alias],
            Link::Wrong => None,
        }
    }

    /// The identities of an alias's own entries.
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

    fn duplicates(&self, config: &'c Config, findings: &mut Findings) {
        let mut identities = Vec::new();
        for (alias, entry) in config.alias_entries().iter().enumerate() {
            let targets = entry.body.targets();
            if targets.len() < 2 {
                continue;
            }
            identities.clear();
            identities.extend(self.identities(&self.links[alias].members, targets));
            for (at, identity) in identities.iter().enumerate().skip(1) {
                if identity.is_some()
                    && let Some(first) = identities[..at].iter().position(|i| i == identity)
                {
                    duplicate(entry, &targets[at], &targets[first], findings);
                }
            }
        }
    }
}

/// Reports a cycle at its alias that comes first in the file, and beginning with it.
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
