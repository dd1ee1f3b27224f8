//! Checks a complete text.

use super::checked::Checked;
use super::outcome::ContentOutcome;
use super::redaction::Redaction;
use super::rule::{CheckedBy, ContentRules};
use super::verdict::Span;
use crate::content::detect;
use crate::table::AliasId;

/// Checks a text by the rules of all aliases on a path.
///
/// # Complexity
///
/// `O(bytes)` plus the cost of custom checks. Copies the text only to redact it.
pub(crate) fn check<'t>(
    content: &ContentRules,
    path: impl Iterator<Item = AliasId>,
    text: &'t str,
) -> Checked<'t> {
    let rules = content.in_force(path);
    if rules.is_empty() {
        return Checked::passed(text);
    }
    let mut outcome = ContentOutcome::default();
    let mut sensitive = None;
    for rule in &rules {
        match rule.by {
            CheckedBy::Nobody => outcome.unchecked(rule),
            CheckedBy::Detectors { .. } => {
                // One pass serves all rules.
                let found = sensitive.get_or_insert_with(|| detect::find(text));
                for found in found.iter().filter(|found| rule.by.takes(found.kind)) {
                    outcome.found(rule, Span::from(found.clone()));
                }
            }
            #[cfg(feature = "profanity")]
            CheckedBy::Words => {
                for found in detect::profanity::find(text) {
                    outcome.found(rule, Span::from(found));
                }
            }
            CheckedBy::Hook(at) => {
                let verdict = content
                    .hook(at)
                    .and_then(|hook| outcome.ask(rule, hook, text));
                let Some(verdict) = verdict else { continue };
                for span in verdict.spans {
                    outcome.found(rule, span);
                }
                if let Some(reason) = verdict.block {
                    outcome.block(rule, reason);
                }
            }
        }
    }
    let mut redaction = Redaction::default();
    redaction.extend(outcome.spans);
    Checked {
        text: match outcome.blocked {
            Some(_) => None,
            None => Some(redaction.write(text, 0)),
        },
        violations: outcome.violations,
        blocked: outcome.blocked,
        unchecked: outcome.unchecked,
    }
}
