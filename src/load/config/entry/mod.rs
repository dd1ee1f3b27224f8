//! The entries of a configuration as written: their shape is read, their meaning is not checked
//! yet.

mod alias;
mod field;
mod guardrails;
mod provider;
mod rule;

pub(crate) use alias::{AliasBody, BalanceEntry, DeprecatedEntry};
pub use alias::{AliasEntry, TargetEntry};
pub(crate) use field::{Field, Located};
pub(crate) use guardrails::{FilterEntry, GuardrailsEntry};
pub use provider::ProviderEntry;
pub(crate) use rule::RuleEntry;
