//! Builds the nodes and edges of a graph from the routing table.

use std::collections::HashMap;

use super::node::{Edge, EdgeKind, GraphNode, NodeKind};
use crate::base::fraction::Fraction;
use crate::failure::Condition;
use crate::inspect::shares::probabilities;
use crate::serve::snapshot::Snapshot;
use crate::table::{AliasId, Answer, Choice, End, Group, Hop, NONE, RoutingTable, Step, TargetId};

/// Nodes and edges.
type Parts = (Vec<GraphNode>, Vec<Edge>);

/// Returns the whole configuration: aliases first, then provider entries, each in file order.
pub(super) fn whole(snapshot: &Snapshot) -> Parts {
    let mut builder = Builder::new(snapshot);
    for alias in (0..).take(snapshot.table.aliases.len()) {
        builder.add_reachable(GraphItem::Alias(alias));
    }
    // The target of a provider entry has the same index as the entry.
    for target in (0..).take(snapshot.table.providers.len()) {
        builder.add_reachable(GraphItem::Target(target));
    }
    (builder.nodes, builder.edges)
}

/// Returns the part that a name leads to; `None` for a name that the table does not list.
pub(super) fn known(snapshot: &Snapshot, name: &str) -> Option<Parts> {
    let start = match snapshot.table.answer(name)?.answer {
        Answer::Ambiguous(_) => return None,
        Answer::Route { alias, .. } if alias != NONE => GraphItem::Alias(alias),
        Answer::Route { end, .. } => match end {
            End::Target { target, .. } => GraphItem::Target(target),
            End::Group(group) => GraphItem::Alias(snapshot.table.group(group).alias),
        },
    };
    let mut builder = Builder::new(snapshot);
    builder.add_reachable(start);
    Some((builder.nodes, builder.edges))
}

/// Returns the graph of a target that no entry declares: a wildcard, a catalog or a default serves it.
pub(super) fn passthrough(target: &str, provider: &str) -> Parts {
    let node = |kind, line: &str| GraphNode {
        kind,
        lines: vec![line.to_owned()],
    };
    let nodes = vec![
        node(NodeKind::Target, target),
        node(NodeKind::Provider, provider),
    ];
    let edge = Edge {
        from: 0,
        to: 1,
        kind: EdgeKind::Belongs,
        label: Vec::new(),
    };
    (nodes, vec![edge])
}

/// Something that gets a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum GraphItem<'t> {
    Alias(AliasId),
    Target(TargetId),
    Provider(&'t str),
}

struct Builder<'t> {
    snapshot: &'t Snapshot,
    table: &'t RoutingTable,
    known: HashMap<GraphItem<'t>, usize>,
    /// Nodes whose outgoing edges are not drawn yet.
    waiting: Vec<(GraphItem<'t>, usize)>,
    nodes: Vec<GraphNode>,
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

    /// Adds an item and everything reachable from it, each once. Breadth first, because both layout engines
    /// begin with the order in which nodes are written.
    fn add_reachable(&mut self, start: GraphItem<'t>) {
        self.node(start);
        let mut next = 0;
        while let Some(&(item, from)) = self.waiting.get(next) {
            next += 1;
            match item {
                GraphItem::Alias(alias) => self.alias(from, alias),
                GraphItem::Target(target) => {
                    let provider = self.table.target(target).provider.provider();
                    self.edge(
                        from,
                        GraphItem::Provider(provider),
                        EdgeKind::Belongs,
                        Vec::new(),
                    );
                }
                GraphItem::Provider(_) => {}
            }
        }
        self.waiting.clear();
    }

    fn node(&mut self, item: GraphItem<'t>) -> usize {
        if let Some(&known) = self.known.get(&item) {
            return known;
        }
        let node = match item {
            GraphItem::Alias(alias) => self.alias_node(alias),
            GraphItem::Target(target) => self.target_node(target),
            GraphItem::Provider(name) => GraphNode {
                kind: NodeKind::Provider,
                lines: vec![name.to_owned()],
            },
        };
        let at = self.nodes.len();
        self.nodes.push(node);
        self.known.insert(item, at);
        self.waiting.push((item, at));
        at
    }

    /// Returns the alias's own group; `None` if it only points at a target or at another alias.
    fn own_group(&self, alias: AliasId) -> Option<&'t Group> {
        match self.table.aliases[alias as usize].hop.end {
            End::Group(group) => Some(self.table.group(group)).filter(|own| own.alias == alias),
            End::Target { .. } => None,
        }
    }

    fn alias_node(&self, at: AliasId) -> GraphNode {
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
        GraphNode {
            kind: match algorithm {
                Some(_) => NodeKind::Balancer,
                None => NodeKind::Alias,
            },
            lines,
        }
    }

    /// Labels a target with its text form, the model behind an instance name, and the endpoint, one per line.
    fn target_node(&self, at: TargetId) -> GraphNode {
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
        GraphNode {
            kind: NodeKind::Target,
            lines,
        }
    }

    fn alias(&mut self, from: usize, alias: AliasId) {
        let Some(group) = self.own_group(alias) else {
            let hop = &self.table.aliases[alias as usize].hop;
            let next = item_at(self.table, hop, 1);
            return self.edge(from, next, EdgeKind::Member, Vec::new());
        };
        let shares = probabilities(group, self.snapshot.hooks.draws());
        for (hop, share) in group.hops.iter().zip(shares) {
            let line = if share.is_zero() {
                EdgeKind::ZeroWeight
            } else {
                EdgeKind::Member
            };
            let label = match group.choice {
                Choice::Only => Vec::new(),
                _ => vec![percent(share)],
            };
            self.edge(from, item_at(self.table, hop, 0), line, label);
        }
        for (number, step) in (1..).zip(&group.steps) {
            let to = item_at(self.table, &step.hop, 0);
            self.edge(from, to, EdgeKind::Fallback, conditions(number, step));
        }
    }

    fn edge(&mut self, from: usize, to: GraphItem<'t>, kind: EdgeKind, label: Vec<String>) {
        let to = self.node(to);
        self.edges.push(Edge {
            from,
            to,
            kind,
            label,
        });
    }
}

/// Returns the next item on a hop: the alias at this index of its path, or else the hop's end.
fn item_at<'t>(table: &'t RoutingTable, hop: &Hop, at: usize) -> GraphItem<'t> {
    match (hop.path.get(at), hop.end) {
        (Some(&alias), _) => GraphItem::Alias(alias),
        (None, End::Target { target, .. }) => GraphItem::Target(target),
        // The path ended, so the next item is the alias that owns the group.
        (None, End::Group(group)) => GraphItem::Alias(table.group(group).alias),
    }
}

/// Formats a share without trailing zeros: `80%`, `99.5%`. An inexact share starts with `≈`.
fn percent(share: Fraction) -> String {
    let text = share.to_string();
    let number = text.trim_end_matches('%');
    let number = number.trim_end_matches('0').trim_end_matches('.');
    let about = if share.is_exact() { "" } else { "≈" };
    format!("{about}{number}%")
}

/// Maximum width of a line of conditions. The rest wraps to the next line.
const WIDEST: usize = 28;

/// Formats the number of a step and its conditions as label lines.
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
