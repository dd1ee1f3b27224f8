//! Draws a configuration as a graph of aliases, targets and providers.
//!
//! The graph is built from the routing table, so it shows what is actually served. It contains no secret: no
//! access key, no header, and only the public part of a URL.

mod build;
mod dot;
mod mermaid;
mod node;
mod picture;

pub use picture::Graph;
