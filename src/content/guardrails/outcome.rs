//! Combines the results of all rules: block beats redact beats allow.

use std::borrow::Cow;
use std::sync::Arc;

use super::check::Registered;
use super::rule::GuardrailRule;
use super::verdict::{Span, Verdict};
use super::violation::Violation;
use crate::base::limits::FilterAction;

/// The reason for a block when a check returned an error.
pub(super) const FAILED: &str = "the check failed";

/// The combined result so far.
#[derive(Debug, Default)]
pub(super) struct ContentOutcome {
    pub(super) violations: Vec<Violation>,
    /// The first violation that blocks.
    pub(super) blocked: Option<usize>,
    /// The ranges to redact.
    pub(super) spans: Vec<Span>,
    pub(super) unchecked: Vec<Arc<str>>,
}

impl ContentOutcome {
    /// Adds a match.
    pub(super) fn found(&mut self, rule: &GuardrailRule, span: Span) {
        self.add(rule, rule.action, span.kind.clone(), Some(&span));
        if rule.action == FilterAction::Redact && rule.enforced {
            self.spans.push(span);
        }
    }

    /// Adds a block, regardless of the action of the rule.
    pub(super) fn block(&mut self, rule: &GuardrailRule, reason: Cow<'static, str>) {
        self.add(rule, FilterAction::Block, reason, None);
    }

    /// Records that the text was not checked for a rule.
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

    /// Runs a check. If it fails, records a block or an unchecked rule and returns `None`.
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
