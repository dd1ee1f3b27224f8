//! Collects the findings of reading, and reports the mistakes that any entry may have.

use std::fmt;

use super::super::finding::{Finding, Findings};
use super::super::mark::Mark;
use super::super::tree::{MapKey, NodeId, NodeValue, TreeNode};
use crate::base::problem::Code;
use crate::base::suggest::closest;
use crate::base::text::{Quoted, QuotedKey, list};
use crate::load::foreign;

/// Reads entries and collects findings. Every finding gets document 0; the configuration renumbers
/// them.
#[derive(Debug, Default)]
pub(crate) struct EntryReader {
    pub(crate) findings: Findings,
    /// The number of fields whose place is not known: unknown fields, and those of a merge key that cannot
    /// be applied. A field that is missing beside them may be one of them, so it is not reported.
    pub(super) unplaced: usize,
}

impl EntryReader {
    pub(super) fn report(
        &mut self,
        node: NodeId,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.report(0, node, code, message, help);
    }

    pub(super) fn wrong_type(
        &mut self,
        node: &TreeNode<'_>,
        what: &dyn fmt::Display,
        wanted: &str,
        help: &str,
    ) {
        if let NodeValue::Tagged(_) = node.value {
            self.report(
                node.id,
                Code::UnsupportedTag,
                format!("{what} has a YAML tag"),
                "remove the word that begins with `!`",
            );
            return;
        }
        self.report(
            node.id,
            Code::WrongType,
            format!("{what} must be {wanted}, found {}", node.value.kind()),
            help,
        );
    }

    /// Reports an unknown field. Returns the field that was probably meant, so that the caller does
    /// not report that one as missing too. If no field was probably meant, or if the word is one of another
    /// gateway, the field also counts as [unplaced](Self::unplaced).
    pub(super) fn unknown_field<'k>(
        &mut self,
        key: &MapKey<'_>,
        what: &dyn fmt::Display,
        known: &[&'k str],
    ) -> Option<&'k str> {
        let foreign = foreign::field(&key.text, known);
        let similar = || closest(&key.text, known.iter().copied());
        let meant = foreign.map(|(meant, _)| meant).or_else(similar);
        self.unplaced += usize::from(foreign.is_some() || meant.is_none());
        let code = Code::UnknownField;
        self.findings.push_with(code.severity(), || {
            let help = match (foreign, meant) {
                (Some((meant, unit)), _) => format!("did you mean {}{unit}?", Quoted(meant)),
                (None, Some(meant)) => format!("did you mean {}?", Quoted(meant)),
                (None, None) => format!("known here: {}", list(known.iter().copied(), "and")),
            };
            let message = format!("unknown field {} in {what}", QuotedKey(&key.text));
            Finding::new(mark(key.id), code, message, help)
        });
        meant
    }
}

pub(super) fn mark(node: NodeId) -> Mark {
    Mark { document: 0, node }
}
