//! How aliases lead to each other: cycles, long paths, and where chains of plain aliases end.

use super::members::{Links, duplicate};
use super::{Findings, Link};
use crate::config::Config;
use crate::problem::Code;
use crate::text::Quoted;

/// The most aliases on any path.
pub(crate) const MAX_PATH: usize = 16;

/// Where a reference ends when chains of plain aliases are flattened: what makes two targets
/// one. The endpoint is compared byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Identity {
    Target {
        provider: usize,
        id: Box<str>,
        endpoint: Option<Box<str>>,
    },
    /// An alias with several targets or with fallbacks.
    Alias(usize),
}

/// An edge, owned: what an entry of an alias leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Edge {
    Model { provider: usize, id: Box<str> },
    Alias(usize),
    Wrong,
}

/// The aliases as a graph.
#[derive(Debug)]
pub(crate) struct Graph {
    pub(crate) members: Vec<Vec<Edge>>,
    pub(crate) fallbacks: Vec<Vec<Edge>>,
    /// Aliases, those that others lead to first. An alias in a cycle may stand anywhere.
    pub(crate) order: Vec<usize>,
    /// Where each alias ends, if it is plain all the way; `None` where something is wrong.
    ends: Vec<Option<Identity>>,
}

impl Graph {
    pub(super) fn new(config: &Config, links: Vec<Links<'_>>, findings: &mut Findings) -> Self {
        let own = |links: Vec<Link<'_>>| -> Vec<Edge> {
            links
                .into_iter()
                .map(|link| match link {
                    Link::Model { provider, id } => Edge::Model {
                        provider,
                        id: id.into(),
                    },
                    Link::Alias(alias) => Edge::Alias(alias),
                    Link::Wrong => Edge::Wrong,
                })
                .collect()
        };
        let (members, fallbacks) = links
            .into_iter()
            .map(|links| (own(links.members), own(links.fallbacks)))
            .unzip();
        let mut graph = Self {
            members,
            fallbacks,
            order: Vec::new(),
            ends: Vec::new(),
        };
        let cyclic = graph.sort(config, findings);
        graph.depths(config, &cyclic, findings);
        graph.flatten(config, &cyclic);
        graph.duplicates(config, findings);
        graph
    }

    /// The aliases that an alias leads to, targets before fallbacks.
    fn next(&self, alias: usize) -> impl Iterator<Item = usize> {
        self.members[alias]
            .iter()
            .chain(&self.fallbacks[alias])
            .filter_map(|edge| match edge {
                Edge::Alias(next) => Some(*next),
                Edge::Model { .. } | Edge::Wrong => None,
            })
    }

    /// Orders the aliases and reports every cycle that a walk in file order closes. Says which
    /// aliases lie on one. No recursion: a chain may be as long as the file.
    fn sort(&mut self, config: &Config, findings: &mut Findings) -> Vec<bool> {
        #[derive(Clone, Copy, PartialEq)]
        enum Seen {
            No,
            Open,
            Done,
        }
        let count = self.members.len();
        let mut seen = vec![Seen::No; count];
        let mut cyclic = vec![false; count];
        let mut order = Vec::with_capacity(count);
        for start in 0..count {
            if seen[start] != Seen::No {
                continue;
            }
            seen[start] = Seen::Open;
            let mut path = vec![(start, self.next(start).collect::<Vec<_>>().into_iter())];
            while let Some((alias, next)) = path.last_mut() {
                match next.next() {
                    Some(to) if seen[to] == Seen::No => {
                        seen[to] = Seen::Open;
                        path.push((to, self.next(to).collect::<Vec<_>>().into_iter()));
                    }
                    Some(to) if seen[to] == Seen::Open => {
                        let from = path.iter().position(|(at, _)| *at == to).unwrap_or(0);
                        let cycle: Vec<usize> = path[from..].iter().map(|(at, _)| *at).collect();
                        for &at in &cycle {
                            cyclic[at] = true;
                        }
                        report_cycle(config, &cycle, findings);
                    }
                    Some(_) => {}
                    None => {
                        seen[*alias] = Seen::Done;
                        order.push(*alias);
                        path.pop();
                    }
                }
            }
        }
        self.order = order;
        cyclic
    }

    /// Reports where a path gets too long, at the alias that makes it so.
    fn depths(&self, config: &Config, cyclic: &[bool], findings: &mut Findings) {
        let mut depths = vec![0_usize; self.members.len()];
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
        self.members[alias].len() == 1 && self.fallbacks[alias].is_empty()
    }

    fn flatten(&mut self, config: &Config, cyclic: &[bool]) {
        self.ends = vec![None; self.members.len()];
        for &alias in &self.order {
            if cyclic[alias] {
                continue;
            }
            let body = &config.alias_entries()[alias].body;
            self.ends[alias] = if body.null || body.broken {
                None
            } else if self.is_plain(alias) && body.fallbacks.is_absent() {
                self.identity(&self.members[alias][0], &body.targets()[0])
            } else {
                Some(Identity::Alias(alias))
            };
        }
    }

    /// The identity of an entry; `None` where something about it is wrong.
    pub(super) fn identity(
        &self,
        edge: &Edge,
        entry: &crate::config::entry::TargetEntry,
    ) -> Option<Identity> {
        match edge {
            Edge::Model { provider, id } => {
                if entry.endpoint.is_wrong() {
                    return None;
                }
                Some(Identity::Target {
                    provider: *provider,
                    id: id.clone(),
                    endpoint: entry.endpoint.get().map(|url| (&**url).into()),
                })
            }
            Edge::Alias(alias) => self.ends[*alias].clone(),
            Edge::Wrong => None,
        }
    }

    /// The identities of an alias's own entries.
    pub(super) fn identities<'g>(
        &'g self,
        edges: &'g [Edge],
        entries: &'g [crate::config::entry::TargetEntry],
    ) -> impl Iterator<Item = Option<Identity>> + 'g {
        edges
            .iter()
            .zip(entries)
            .map(|(edge, entry)| self.identity(edge, entry))
    }

    fn duplicates(&self, config: &Config, findings: &mut Findings) {
        for (alias, entry) in config.alias_entries().iter().enumerate() {
            let targets = entry.body.targets();
            if targets.len() < 2 {
                continue;
            }
            let identities: Vec<_> = self.identities(&self.members[alias], targets).collect();
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
