//! A configuration as a picture: what leads where, before any request goes there.
//!
//! Built from the table, so that a picture shows what is served, not what was meant. It holds
//! only texts that are printed elsewhere too: no key, no header, no part of a URL that may be
//! secret.

mod build;
mod dot;
mod mermaid;
mod node;
mod picture;

pub use picture::Graph;
