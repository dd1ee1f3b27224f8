//! A picture, and the methods of the resolver that make one.

use super::node::{Edge, Node};
use super::{build, dot, mermaid};
use crate::serve::error::ResolveError;
use crate::serve::resolver::AliasResolver;

/// A picture of a configuration, or of what one name leads to: aliases, targets and providers,
/// with the shares and the conditions on the arrows between them.
///
/// Made by [`AliasResolver::graph`] and [`AliasResolver::graph_of`]; written by
/// [`to_mermaid`](Self::to_mermaid) and [`to_dot`](Self::to_dot), in the same order each time.
///
/// - Aliases are round, those that balance are hexagons that say how; targets are boxes, providers
///   barrels.
/// - A solid arrow is where requests go, with its share where there is a choice; a dotted one is
///   a member of weight 0. A dashed arrow is a fallback, with its number and its conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
}

impl AliasResolver {
    /// The picture of the whole configuration.
    ///
    /// # Complexity
    ///
    /// Linear in the configuration.
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
    /// let picture = AliasResolver::new(config)?.graph().to_mermaid();
    /// assert!(picture.contains("n0(\"arch.v1\")\n"));
    /// assert!(picture.contains("n0 -->|\"80%\"| n1\n"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn graph(&self) -> Graph {
        let (nodes, edges) = build::whole(self.snapshot());
        Graph { nodes, edges }
    }

    /// The picture of what a name leads to.
    ///
    /// # Errors
    ///
    /// As [`resolve`](Self::resolve).
    ///
    /// # Complexity
    ///
    /// Linear in what is shown.
    pub fn graph_of(&self, name: &str) -> Result<Graph, ResolveError> {
        let (nodes, edges) = if let Some(known) = build::known(self.snapshot(), name) {
            known
        } else {
            // A wildcard, the catalog or a default takes it, or nothing does.
            let route = self.resolve(name)?;
            build::open(&route.target(), route.provider().provider())
        };
        Ok(Graph { nodes, edges })
    }
}

impl Graph {
    /// Writes it as a Mermaid flowchart, which many wikis and code hosts draw inside Markdown.
    pub fn to_mermaid(&self) -> String {
        mermaid::write(&self.nodes, &self.edges)
    }

    /// Writes it in the language of Graphviz: `dot -Tsvg` draws it.
    pub fn to_dot(&self) -> String {
        dot::write(&self.nodes, &self.edges)
    }
}
