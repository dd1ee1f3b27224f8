//! Tree to entries: shapes are checked here, each mismatch a finding at its node.

mod alias;
mod choice;
mod collection;
mod deprecated;
mod guardrails;
mod phrase;
mod provider;
mod reading;
mod routing_tests;
mod scalar;
mod sections;
mod target;
mod top_level;

pub(super) use alias::alias;
pub(super) use provider::provider;
pub(super) use routing_tests::cases;
pub(super) use sections::{Sections, sections};
