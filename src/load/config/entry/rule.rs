//! A failure rule as written.

use std::sync::Arc;

use super::super::tree::NodeId;
use super::field::Field;
use crate::failure::FailureClass;
use crate::failure::classify::FailureRule;

/// An entry of `model_failure_rules`.
#[derive(Debug, Clone)]
pub(crate) struct RuleEntry {
    pub(crate) document: usize,
    pub(crate) node: NodeId,
    pub(crate) provider: Field<Arc<str>>,
    pub(crate) status: Field<Vec<u16>>,
    pub(crate) code: Field<Arc<str>>,
    pub(crate) says: Field<Arc<str>>,
    pub(crate) class: Field<FailureClass>,
    /// Too little could be read for further checks.
    pub(crate) broken: bool,
}

impl RuleEntry {
    pub(crate) fn new(node: NodeId) -> Self {
        Self {
            document: 0,
            node,
            provider: Field::Absent,
            status: Field::Absent,
            code: Field::Absent,
            says: Field::Absent,
            class: Field::Absent,
            broken: false,
        }
    }

    /// The rule that it stands for.
    pub(crate) fn to_rule(&self) -> FailureRule {
        let mut rule = FailureRule::from_file();
        if let Some(provider) = self.provider.get() {
            rule = rule.provider(&**provider);
        }
        for &status in self.status.get().into_iter().flatten() {
            rule = rule.status(status);
        }
        if let Some(code) = self.code.get() {
            rule = rule.code(&**code);
        }
        if let Some(words) = self.says.get() {
            rule = rule.message(words);
        }
        match self.class.value() {
            Some(class) => rule.class(class),
            None => rule,
        }
    }
}

impl PartialEq for RuleEntry {
    fn eq(&self, other: &Self) -> bool {
        self.to_rule() == other.to_rule()
    }
}
