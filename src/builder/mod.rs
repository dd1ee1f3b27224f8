//! The joint of the two arms: check, compile, wire.

mod build;
mod carry;
mod content;
mod resolver_builder;

pub use resolver_builder::ResolverBuilder;
