//! From the table to nodes and arrows.

use std::collections::HashMap;

use super::node::{Edge, Kind, Line, Node};
use crate::base::fraction::Fraction;
use crate::failure::Condition;
use crate::inspect::shares::probabilities;
use crate::serve::snapshot::Snapshot;
use crate::table::{AliasId, Answer, Choice, End, Group, Hop, NONE, RoutingTable, Step, TargetId};

/// Nodes and arrows.
type Parts = (Vec<Node>, Vec<Edge>);

/// Everything, aliases first, each in file order.
pub(super) fn whole(snapshot: &Snapshot) -> Parts {
    let mut builder = Builder::new(snapshot);
    for alias in (0..).take(snapshot.table.aliases.len()) {
        builder.from(Place::Alias(alias));
    }
    // An entry's own target has the position of the entry.
    for target in (0..).take(snapshot.table.providers.len()) {
        builder.from(Place::Target(target));
    }
    (builder.nodes, builder.edges)
}

/// What a name leads to that is known beforehand; `None` for any other.
pub(super) fn known(snapshot: &Snapshot, name: &str) -> Option<Parts> {
    let start = match snapshot.table.answer(name)?.answer {
        Answer::Ambiguous(_) => return None,
        Answer::Route { alias, .. } if alias != NONE => Place::Alias(alias),
        Answer::Route { end, .. } => match end {
            End::Target { target, .. } => Place::Target(target),
            End::Group(group) => Place::Alias(snapshot.table.group(group).alias),
        },
    };
    let mut builder = Builder::new(snapshot);
    builder.from(start);
    Some((builder.nodes, builder.edges))
}

/// A target that no entry declares by itself.
pub(super) fn open(target: &str, provider: &str) -> Parts {
    let node = |kind, line: &str| Node {
        kind,
        lines: vec![line.to_owned()],
    };
    let nodes = vec![node(Kind::Target, target), node(Kind::Provider, provider)];
    let edge = Edge {
        from: 0,
        to: 1,
        line: Line::Belongs,
        label: Vec::new(),
    };
    (nodes, vec![edge])
}

/// What has a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place<'t> {
    Alias(AliasId),
    Target(TargetId),
    Provider(&'t str),
}

struct Builder<'t> {
    snapshot: &'t Snapshot,
    table: &'t RoutingTable,
    known: HashMap<Place<'t>, usize>,
    /// Nodes whose arrows are still to be drawn.
    waiting: Vec<(Place<'t>, usize)>,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
}

impl<'t> Builder<'t> {
    fn new(snapshot: &'t Snapshot) -> Self {
        Self {
            snapshot,
            table: &snapshot.table,
            known: HashMap::new(),
            waiting: Vec::new(),
            nodes: Vec::new(),
            edges: Vec::new(),
        }
    }

    /// Draws a place and everything behind it, each once. Nearest first, which is the order in
    /// which both layouts begin.
    fn from(&mut self, start: Place<'t>) {
        self.node(start);
        let mut next = 0;
        while let Some(&(place, from)) = self.waiting.get(next) {
            next += 1;
            match place {
                Place::Alias(alias) => self.alias(from, alias),
                Place::Target(target) => {
                    let provider = self.table.target(target).provider.provider();
                    self.edge(from, Place::Provider(provider), Line::Belongs, Vec::new());
                }
                Place::Provider(_) => {}
            }
        }
        self.waiting.clear();
    }

    fn node(&mut self, place: Place<'t>) -> usize {
        if let Some(&known) = self.known.get(&place) {
            return known;
        }
        let node = match place {
            Place::Alias(alias) => self.alias_node(alias),
            Place::Target(target) => self.target_node(target),
            Place::Provider(name) => Node {
                kind: Kind::Provider,
                lines: vec![name.to_owned()],
            },
        };
        let at = self.nodes.len();
        self.nodes.push(node);
        self.known.insert(place, at);
        self.waiting.push((place, at));
        at
    }

    /// The choice that an alias makes by itself, rather than one that it leads to.
    fn own_group(&self, alias: AliasId) -> Option<&'t Group> {
        match self.table.aliases[alias as usize].hop.end {
            End::Group(group) => Some(self.table.group(group)).filter(|own| own.alias == alias),
            End::Target { .. } => None,
        }
    }

    fn alias_node(&self, at: AliasId) -> Node {
        let alias = &self.table.aliases[at as usize];
        let mut lines = vec![alias.name.to_string()];
        let hooks = &self.snapshot.hooks;
        let algorithm = self
            .own_group(at)
            .and_then(|group| hooks.algorithm(&group.choice));
        lines.extend(algorithm.map(str::to_owned));
        if alias.deprecation.is_some() {
            lines.push("deprecated".to_owned());
        }
        Node {
            kind: match algorithm {
                Some(_) => Kind::Balancer,
                None => Kind::Alias,
            },
            lines,
        }
    }

    /// A target's text form, its endpoint in a line of its own, and the model behind a name.
    fn target_node(&self, at: TargetId) -> Node {
        let target = self.table.target(at);
        let entry = target.provider.text(&target.model);
        let full = format!("{}/{}", target.provider.provider(), target.model);
        let endpoint = target.text.strip_prefix(&*entry).unwrap_or_default();
        let mut lines = vec![entry];
        if lines[0] != full {
            lines.push(full);
        }
        if !endpoint.is_empty() {
            lines.push(endpoint.to_owned());
        }
        Node {
            kind: Kind::Target,
            lines,
        }
    }

    fn alias(&mut self, from: usize, alias: AliasId) {
        let Some(group) = self.own_group(alias) else {
            let hop = &self.table.aliases[alias as usize].hop;
            let next = place(self.table, hop, 1);
            return self.edge(from, next, Line::Member, Vec::new());
        };
        for (hop, share) in group.hops.iter().zip(probabilities(group)) {
            let line = if share.is_zero() {
                Line::Drained
            } else {
                Line::Member
            };
            let label = match group.choice {
                Choice::Only => Vec::new(),
                _ => vec![percent(share)],
            };
            self.edge(from, place(self.table, hop, 0), line, label);
        }
        for (number, step) in (1..).zip(&group.steps) {
            let to = place(self.table, &step.hop, 0);
            self.edge(from, to, Line::Fallback, conditions(number, step));
        }
    }

    fn edge(&mut self, from: usize, to: Place<'t>, line: Line, label: Vec<String>) {
        let to = self.node(to);
        self.edges.push(Edge {
            from,
            to,
            line,
            label,
        });
    }
}

/// Where a hop leads at once: to the alias at this position of its path, else to its end.
fn place<'t>(table: &'t RoutingTable, hop: &Hop, at: usize) -> Place<'t> {
    match (hop.path.get(at), hop.end) {
        (Some(&alias), _) => Place::Alias(alias),
        (None, End::Target { target, .. }) => Place::Target(target),
        // The path ends in the alias that chooses.
        (None, End::Group(group)) => Place::Alias(table.group(group).alias),
    }
}

/// A share without needless zeros: `80%`, `99.5%`; `≈` where it is not exact.
fn percent(share: Fraction) -> String {
    let text = share.to_string();
    let number = text.trim_end_matches('%');
    let number = number.trim_end_matches('0').trim_end_matches('.');
    let about = if share.is_exact() { "" } else { "≈" };
    format!("{about}{number}%")
}

/// The widest line of conditions; more of them go below.
const WIDEST: usize = 28;

/// The number of a step and its conditions, in lines.
fn conditions(number: usize, step: &Step) -> Vec<String> {
    let words: Vec<String> = match &step.conditions {
        None => vec!["any".to_owned()],
        Some(conditions) => conditions.iter().map(Condition::to_string).collect(),
    };
    let mut lines = vec![format!("{number}:")];
    for (at, word) in words.iter().enumerate() {
        match lines.last_mut() {
            Some(line) if at == 0 || line.len() + word.len() < WIDEST => line.push(' '),
            _ => lines.push(String::new()),
        }
        let comma = if at + 1 < words.len() { "," } else { "" };
        if let Some(line) = lines.last_mut() {
            line.extend([word, comma]);
        }
    }
    lines
}
