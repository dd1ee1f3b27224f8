//! What the rules come to together: block beats redact beats allow.

use std::borrow::Cow;
use std::sync::Arc;

use super::check::Registered;
use super::rule::GuardrailRule;
use super::verdict::{Span, Verdict};
use super::violation::Violation;
use crate::base::limits::FilterAction;

/// The reason of a block by a check that could not tell.
pub(super) const FAILED: &str = "the check failed";

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct ContentOutcome {
    pub(super) violations: Vec<Violation>,
    /// The first violation that blocks.
    pub(super) blocked: Option<usize>,
    /// What is to be redacted.
    pub(super) spans: Vec<Span>,
    pub(super) unchecked: Vec<Arc<str>>,
}

impl ContentOutcome {
    /// Takes in something found at a place.
    pub(super) fn found(&mut self, rule: &GuardrailRule, span: Span) {
        self.add(rule, rule.action, span.kind.clone(), Some(&span));
        if rule.action == FilterAction::Redact && rule.enforced {
            self.spans.push(span);
        }
    }

    /// Takes in a block, whatever the rule would do by itself.
    pub(super) fn block(&mut self, rule: &GuardrailRule, reason: Cow<'static, str>) {
        self.add(rule, FilterAction::Block, reason, None);
    }

    /// The text was not checked for a rule.
    pub(super) fn unchecked(&mut self, rule: &GuardrailRule) {
        if !self.unchecked.contains(&rule.word) {
            self.unchecked.push(Arc::clone(&rule.word));
        }
    }

    fn add(
        &mut self,
        rule: &GuardrailRule,
        action: FilterAction,
        reason: Cow<'static, str>,
        span: Option<&Span>,
    ) {
        if action == FilterAction::Block && rule.enforced && self.blocked.is_none() {
            self.blocked = Some(self.violations.len());
        }
        self.violations.push(Violation {
            rule: Arc::clone(&rule.word),
            category: rule.category,
            action,
            enforced: rule.enforced,
            reason,
            range: span.map(|span| span.range.clone()),
        });
    }

    /// Asks a check; `None` if it failed, which is then dealt with.
    pub(super) fn ask(
        &mut self,
        rule: &GuardrailRule,
        registered: &Registered,
        text: &str,
    ) -> Option<Verdict> {
        let verdict = registered.check.check(text, rule.filter.as_deref());
        let verdict = verdict.ok().and_then(|verdict| verdict.fitted(text));
        if verdict.is_none() {
            if registered.fail_open {
                self.unchecked(rule);
            } else {
                self.block(rule, FAILED.into());
            }
        }
        verdict
    }
}
