//! Writes a graph in the Graphviz language.

use std::fmt::Write;

use super::node::{Edge, EdgeKind, GraphNode, NodeKind};
use crate::base::text::printable;

pub(super) fn write(nodes: &[GraphNode], edges: &[Edge]) -> String {
    let mut text = String::from(HEAD);
    for (at, node) in nodes.iter().enumerate() {
        let look = match node.kind {
            NodeKind::Alias => r##"shape=box style="rounded,filled" fillcolor="#e8f0fe""##,
            NodeKind::Balancer => r##"shape=hexagon style=filled fillcolor="#e8f0fe""##,
            NodeKind::Target => "shape=box",
            NodeKind::Provider => r##"shape=cylinder style=filled fillcolor="#f1f3f4""##,
        };
        let _ = writeln!(text, "  n{at} [label={} {look}]", label(&node.lines));
    }
    for edge in edges {
        let look = match edge.kind {
            EdgeKind::Member => "",
            EdgeKind::ZeroWeight => " style=dotted",
            EdgeKind::Fallback => r##" style=dashed color="#5f6368""##,
            // The weight keeps a provider's targets together, which gave the fewest crossings.
            EdgeKind::Belongs => r##" dir=none color="#bdc1c6" weight=2"##,
        };
        let label = match &*edge.label {
            [] => String::new(),
            lines => format!("label={}", label(lines)),
        };
        let (from, to) = (edge.from, edge.to);
        let look = format!("{label}{look}");
        let _ = writeln!(text, "  n{from} -> n{to} [{}]", look.trim_start());
    }
    // Columns: aliases, targets, providers.
    for (kind, rank) in [(NodeKind::Target, "same"), (NodeKind::Provider, "sink")] {
        let column = nodes.iter().enumerate();
        let column = column.filter(|(_, node)| node.kind == kind);
        let column: Vec<String> = column.map(|(at, _)| format!("n{at}")).collect();
        if !column.is_empty() {
            let _ = writeln!(text, "  {{ rank={rank}; {} }}", column.join("; "));
        }
    }
    text.push_str("}\n");
    text
}

const HEAD: &str = r#"digraph aliases {
  rankdir=LR
  nodesep=0.2
  ranksep=1
  mclimit=20
  nslimit=20
  node [fontname="Helvetica" fontsize=11 height=0.3]
  edge [fontname="Helvetica" fontsize=9]
"#;

/// Returns the lines as a quoted string. Backslashes are escaped, so that user text cannot start an escape.
fn label(lines: &[String]) -> String {
    let mut text = String::from('"');
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            text.push_str("\\n");
        }
        for c in printable(line).chars() {
            match c {
                '"' | '\\' => text.extend(['\\', c]),
                // Graphviz decodes HTML entities in every string.
                '&' => text.push_str("&amp;"),
                _ => text.push(c),
            }
        }
    }
    text.push('"');
    text
}
