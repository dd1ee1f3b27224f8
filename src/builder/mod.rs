//! Builds resolvers: checks and compiles a configuration, and connects the table to live state.

mod build;
mod carry;
mod content;
mod resolver_builder;

pub use resolver_builder::ResolverBuilder;
