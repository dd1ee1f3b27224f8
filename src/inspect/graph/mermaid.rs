//! Writes a picture as a Mermaid flowchart.

use std::fmt::Write;

use super::node::{Edge, Kind, Line, Node};
use crate::base::text::printable;

/// ELK draws half as many crossings as the default, dagre, and straight lines; where a page has no
/// ELK, Mermaid falls back to the default by itself. Wide enough for an endpoint in one line.
const HEAD: &str = "\
---
config:
  layout: elk
  flowchart:
    wrappingWidth: 400
---
flowchart LR
";

pub(super) fn write(nodes: &[Node], edges: &[Edge]) -> String {
    let mut text = String::from(HEAD);
    for (at, node) in nodes.iter().enumerate() {
        let (open, close) = match node.kind {
            Kind::Alias => ("(", ")"),
            Kind::Balancer => ("{{", "}}"),
            Kind::Target => ("[", "]"),
            Kind::Provider => ("[(", ")]"),
        };
        let _ = writeln!(text, "  n{at}{open}{}{close}", label(&node.lines));
    }
    for edge in edges {
        let arrow = match edge.line {
            Line::Member => "-->",
            Line::Drained | Line::Fallback => "-.->",
            Line::Belongs => "---",
        };
        let label = match &*edge.label {
            [] => String::new(),
            lines => format!("|{}|", label(lines)),
        };
        let _ = writeln!(text, "  n{} {arrow}{label} n{}", edge.from, edge.to);
    }
    // Its own `-.->` is dotted, so dashes take a style; the numbers are those of the arrows.
    for (line, style) in [
        (Line::Fallback, "stroke-dasharray:8 4"),
        (Line::Drained, "stroke-dasharray:1 4"),
        (Line::Belongs, "stroke:#bdc1c6"),
    ] {
        let numbers = edges.iter().enumerate();
        let numbers = numbers.filter(|(_, edge)| edge.line == line);
        let numbers: Vec<String> = numbers.map(|(at, _)| at.to_string()).collect();
        if !numbers.is_empty() {
            let _ = writeln!(text, "  linkStyle {} {style}", numbers.join(","));
        }
    }
    text
}

/// Lines as a quoted string. Whatever Mermaid may take for markup, for a list, for a comment or
/// for a directive is written by its number.
fn label(lines: &[String]) -> String {
    let mut text = String::from('"');
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            text.push_str("<br>");
        }
        let mut last = '\0';
        for c in printable(line).chars() {
            // `- ` and `1. ` begin a list.
            let lists = c == ' ' && matches!(last, '-' | '.');
            // `$$` begins a formula, even by number; a word joiner between shows as nothing.
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
