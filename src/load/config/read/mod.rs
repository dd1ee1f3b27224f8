//! Turns a tree into entries. It checks their shape; each mismatch becomes a finding at its node.

mod alias;
mod choice;
mod collection;
mod deprecated;
mod entry_reader;
mod guardrails;
mod phrase;
mod provider;
mod routing_tests;
mod rule;
mod scalar;
mod sections;
mod target;
mod top_level;

pub(super) use alias::alias;
pub(super) use provider::provider;
pub(super) use routing_tests::routing_tests;
pub(super) use sections::{Sections, sections};
