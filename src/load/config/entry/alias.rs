//! One entry of `model_aliases`, with its targets and fallbacks.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use super::super::mark::{DocumentId, Mark};
use super::super::tree::NodeId;
use super::field::{Field, Located};
use super::guardrails::GuardrailsEntry;
use crate::base::decimal::Decimal;
use crate::base::secret::{PublicUrl, Secret};
use crate::base::value::Value;
use crate::failure::Condition;

/// One entry of `model_aliases`, as written.
///
/// `Debug` shows no secret. Two entries are equal if their fields are, wherever they were read
/// from.
#[derive(Clone)]
pub struct AliasEntry {
    pub(crate) document: DocumentId,
    /// The node of the name.
    pub(crate) node: NodeId,
    pub(crate) name: Arc<str>,
    pub(crate) body: AliasBody,
}

impl AliasEntry {
    /// Returns the name of the alias as written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the target, or the targets, as written.
    pub fn targets(&self) -> impl Iterator<Item = &TargetEntry> {
        self.body.targets().iter()
    }

    /// Returns the fallbacks as written.
    pub fn fallbacks(&self) -> impl Iterator<Item = &TargetEntry> {
        self.body.fallbacks.get().into_iter().flatten()
    }

    /// Returns the description.
    pub fn description(&self) -> Option<&str> {
        self.body.description.get().map(AsRef::as_ref)
    }

    /// The place of a node of the entry.
    pub(crate) fn mark(&self, node: NodeId) -> Mark {
        Mark {
            document: self.document,
            node,
        }
    }
}

impl PartialEq for AliasEntry {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.body == other.body
    }
}

impl fmt::Debug for AliasEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AliasEntry")
            .field("name", &self.name)
            .field("targets", &self.body.targets())
            .field("fallbacks", &self.body.fallbacks())
            .finish_non_exhaustive()
    }
}

/// The fields of an alias.
#[derive(Clone, PartialEq, Default)]
pub(crate) struct AliasBody {
    /// `name: ~`: in an overlay this removes the alias.
    pub(crate) null: bool,
    /// Too little could be read for further checks.
    pub(crate) broken: bool,
    pub(crate) target: Field<Vec<TargetEntry>>,
    pub(crate) targets: Field<Vec<TargetEntry>>,
    pub(crate) load_balance: Field<BalanceEntry>,
    pub(crate) fallbacks: Field<Vec<TargetEntry>>,
    /// Boxed, like `deprecated`: few aliases have them, and loading is bound by memory.
    pub(crate) guardrails: Field<Box<GuardrailsEntry>>,
    pub(crate) redistribute: Field<bool>,
    /// The salt of `sticky`.
    pub(crate) sticky: Field<Field<Arc<str>>>,
    pub(crate) max_attempts: Field<u8>,
    /// `always` is true, `never` is false.
    pub(crate) last_resort: Field<bool>,
    pub(crate) description: Field<Arc<str>>,
    pub(crate) hidden: Field<bool>,
    pub(crate) deprecated: Field<Box<DeprecatedEntry>>,
}

impl AliasBody {
    /// The members: a single target is a list of one.
    pub(crate) fn targets(&self) -> &[TargetEntry] {
        match (self.targets.get(), self.target.get()) {
            (Some(targets), _) | (None, Some(targets)) => targets,
            (None, None) => &[],
        }
    }

    /// Every entry of the alias, members and fallbacks.
    pub(crate) fn entries_mut(&mut self) -> impl Iterator<Item = &mut TargetEntry> {
        let lists = [&mut self.target, &mut self.targets, &mut self.fallbacks];
        lists.into_iter().flat_map(|list| match list {
            Field::Set(at) => at.value.iter_mut(),
            Field::Absent | Field::Wrong => [].iter_mut(),
        })
    }

    /// The fallbacks.
    pub(crate) fn fallbacks(&self) -> &[TargetEntry] {
        self.fallbacks.get().map_or(&[], Vec::as_slice)
    }

    /// Whether the alias balances load instead of splitting traffic.
    pub(crate) fn is_balanced(&self) -> bool {
        !self.load_balance.is_absent()
    }

    /// Whether a sticky key decides among the members.
    pub(crate) fn chooses_by_key(&self) -> bool {
        let algorithm = || self.load_balance.get()?.algorithm.get();
        !self.is_balanced() || algorithm().is_some_and(|word| &**word == "sticky")
    }
}

/// An entry of `targets` or `fallbacks`, or the value of `target`, as written.
#[derive(Clone, PartialEq, Default)]
pub struct TargetEntry {
    pub(crate) node: Located<()>,
    pub(crate) reference: Field<Arc<str>>,
    pub(crate) weight: Field<Decimal>,
    pub(crate) endpoint: Field<Secret>,
    /// Boxed, because few entries have any.
    pub(crate) params: Field<Box<IndexMap<String, Value>>>,
    pub(crate) timeout: Field<Duration>,
    pub(crate) conditions: Field<Vec<Located<Condition>>>,
}

impl TargetEntry {
    /// Returns the reference, as written after `model:` or `target:`.
    pub fn reference(&self) -> Option<&str> {
        self.reference.get().map(AsRef::as_ref)
    }

    /// The node that problems of the whole entry point at.
    pub(crate) fn problem_node(&self) -> NodeId {
        self.reference.at().map_or(self.node.node, |at| at.node)
    }
}

impl fmt::Debug for TargetEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TargetEntry")
            .field("reference", &self.reference())
            .field(
                "endpoint",
                &self
                    .endpoint
                    .get()
                    .map(|url| PublicUrl(url.as_written()).to_string()),
            )
            .finish_non_exhaustive()
    }
}

/// `load_balance` without its targets.
#[derive(Clone, PartialEq, Default)]
pub(crate) struct BalanceEntry {
    pub(crate) algorithm: Field<Arc<str>>,
}

/// `deprecated`.
#[derive(Clone, PartialEq, Default)]
pub(crate) struct DeprecatedEntry {
    pub(crate) replacement: Field<Arc<str>>,
    pub(crate) sunset: Field<Arc<str>>,
    pub(crate) message: Field<Arc<str>>,
}
