//! [`Graph`], and the resolver methods that return one.

use super::node::{Edge, GraphNode};
use super::{build, dot, mermaid};
use crate::serve::error::ResolveError;
use crate::serve::resolver::AliasResolver;

/// A graph of a configuration, or of the part that one name leads to.
///
/// Nodes are aliases, targets and providers. Edges carry shares and fallback conditions.
///
/// [`AliasResolver::graph`] and [`AliasResolver::graph_of`] return it. [`to_mermaid`](Self::to_mermaid) and
/// [`to_dot`](Self::to_dot) write it; the output is deterministic.
///
/// - An alias is a rounded box, or a hexagon labelled with the algorithm if it has a balancer. A target is a
///   box, a provider a cylinder.
/// - A solid arrow leads to a member and shows its share if there is more than one. A dotted arrow leads to a
///   member of weight 0. A dashed arrow leads to a fallback and shows its number and conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    nodes: Vec<GraphNode>,
    edges: Vec<Edge>,
}

impl AliasResolver {
    /// Returns the graph of the whole configuration.
    ///
    /// # Complexity
    ///
    /// Linear in the size of the configuration.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config};
    ///
    /// let config = Config::from_yaml("config.yaml", "
    /// model_providers: [{model: ollama/llama3.1}, {model: openai/gpt-4o-mini}]
    /// model_aliases:
    ///   arch.v1: {targets: [{model: llama3.1, weight: 80}, {model: gpt-4o-mini, weight: 20}]}
    /// ")?;
    /// let mermaid = AliasResolver::new(config)?.graph().to_mermaid();
    /// assert!(mermaid.contains("n0(\"arch.v1\")\n"));
    /// assert!(mermaid.contains("n0 -->|\"80%\"| n1\n"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn graph(&self) -> Graph {
        let (nodes, edges) = build::whole(self.snapshot());
        Graph { nodes, edges }
    }

    /// Returns the graph of everything that `name` leads to.
    ///
    /// # Errors
    ///
    /// As [`resolve`](Self::resolve).
    ///
    /// # Complexity
    ///
    /// Linear in the size of the graph.
    pub fn graph_of(&self, name: &str) -> Result<Graph, ResolveError> {
        let (nodes, edges) = if let Some(known) = build::known(self.snapshot(), name) {
            known
        } else {
            // A wildcard, the catalog or a default serves it, or it is unknown.
            let route = self.resolve(name)?;
            build::passthrough(&route.target(), route.provider().provider())
        };
        Ok(Graph { nodes, edges })
    }
}

impl Graph {
    /// Writes the graph as a Mermaid flowchart, which many wikis and code hosts render in Markdown.
    pub fn to_mermaid(&self) -> String {
        mermaid::write(&self.nodes, &self.edges)
    }

    /// Writes the graph in the Graphviz language. `dot -Tsvg` renders it.
    pub fn to_dot(&self) -> String {
        dot::write(&self.nodes, &self.edges)
    }
}
