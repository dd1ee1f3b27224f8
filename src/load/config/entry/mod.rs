//! What the author wrote, entry by entry: shapes are read, meanings are not judged yet.

mod alias;
mod field;
mod guardrails;
mod provider;

pub(crate) use alias::{AliasBody, BalanceEntry, DeprecatedEntry};
pub use alias::{AliasEntry, TargetEntry};
pub(crate) use field::{Field, Located};
pub(crate) use guardrails::{FilterEntry, GuardrailsEntry};
pub use provider::ProviderEntry;
