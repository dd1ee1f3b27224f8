//! Writes a graph as a Mermaid flowchart.

use std::fmt::Write;

use super::node::{Edge, EdgeKind, GraphNode, NodeKind};
use crate::base::text::printable;

/// Selects the ELK layout: half the crossings of the default (dagre), and straight lines. A page without ELK
/// falls back to dagre. The wrapping width fits an endpoint on one line.
const HEAD: &str = "\
---
config:
  layout: elk
  flowchart:
    wrappingWidth: 400
---
flowchart LR
";

pub(super) fn write(nodes: &[GraphNode], edges: &[Edge]) -> String {
    let mut text = String::from(HEAD);
    for (at, node) in nodes.iter().enumerate() {
        let (open, close) = match node.kind {
            NodeKind::Alias => ("(", ")"),
            NodeKind::Balancer => ("{{", "}}"),
            NodeKind::Target => ("[", "]"),
            NodeKind::Provider => ("[(", ")]"),
        };
        let _ = writeln!(text, "  n{at}{open}{}{close}", label(&node.lines));
    }
    for edge in edges {
        let arrow = match edge.kind {
            EdgeKind::Member => "-->",
            EdgeKind::ZeroWeight | EdgeKind::Fallback => "-.->",
            EdgeKind::Belongs => "---",
        };
        let label = match &*edge.label {
            [] => String::new(),
            lines => format!("|{}|", label(lines)),
        };
        let _ = writeln!(text, "  n{} {arrow}{label} n{}", edge.from, edge.to);
    }
    // Mermaid draws `-.->` dotted, so dashes need a `linkStyle`. It refers to edges by index.
    for (line, style) in [
        (EdgeKind::Fallback, "stroke-dasharray:8 4"),
        (EdgeKind::ZeroWeight, "stroke-dasharray:1 4"),
        (EdgeKind::Belongs, "stroke:#bdc1c6"),
    ] {
        let numbers = edges.iter().enumerate();
        let numbers = numbers.filter(|(_, edge)| edge.kind == line);
        let numbers: Vec<String> = numbers.map(|(at, _)| at.to_string()).collect();
        if !numbers.is_empty() {
            let _ = writeln!(text, "  linkStyle {} {style}", numbers.join(","));
        }
    }
    text
}

/// Returns the lines as a quoted string. Characters that Mermaid could read as markup, a list, a comment or a
/// directive are written as numeric entities.
fn label(lines: &[String]) -> String {
    let mut text = String::from('"');
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            text.push_str("<br>");
        }
        let mut last = '\0';
        for c in printable(line).chars() {
            // `- ` and `1. ` start a list.
            let lists = c == ' ' && matches!(last, '-' | '.');
            // `$$` starts a formula, even as entities. A word joiner between them is invisible.
            if c == '$' && last == '$' {
                text.push_str("#8288;");
            }
            if !lists && (c.is_alphanumeric() || "._/:@-,%≈… ".contains(c)) {
                text.push(c);
            } else {
                let _ = write!(text, "#{};", u32::from(c));
            }
            last = c;
        }
    }
    text.push('"');
    text
}
