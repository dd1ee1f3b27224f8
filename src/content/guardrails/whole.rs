//! Checks a whole text.

use super::checked::Checked;
use super::outcome::Tally;
use super::redaction::Redaction;
use super::rule::{By, Content};
use super::verdict::Span;
use crate::content::detect;
use crate::table::AliasId;

/// Checks a text for everything that the aliases on a way want.
///
/// # Complexity
///
/// `O(bytes)` and what the embedder's checks take; copies the text only to redact it.
pub(crate) fn check<'t>(
    content: &Content,
    way: impl Iterator<Item = AliasId>,
    text: &'t str,
) -> Checked<'t> {
    let rules = content.in_force(way);
    if rules.is_empty() {
        return Checked::passed(text);
    }
    let mut tally = Tally::default();
    let mut sensitive = None;
    for rule in &rules {
        match rule.by {
            By::Nobody => tally.unchecked(rule),
            By::Detectors { .. } => {
                // One pass, however many rules want it.
                let found = sensitive.get_or_insert_with(|| detect::find(text));
                for found in found.iter().filter(|found| rule.by.takes(found.kind)) {
                    tally.found(rule, Span::from(found.clone()));
                }
            }
            #[cfg(feature = "profanity")]
            By::Words => {
                for found in detect::profanity::find(text) {
                    tally.found(rule, Span::from(found));
                }
            }
            By::Hook(at) => {
                let verdict = content
                    .hook(at)
                    .and_then(|hook| tally.ask(rule, hook, text));
                let Some(verdict) = verdict else { continue };
                for span in verdict.spans {
                    tally.found(rule, span);
                }
                if let Some(reason) = verdict.block {
                    tally.block(rule, reason);
                }
            }
        }
    }
    let mut redaction = Redaction::default();
    redaction.extend(tally.spans);
    Checked {
        text: match tally.blocked {
            Some(_) => None,
            None => Some(redaction.write(text, 0)),
        },
        violations: tally.violations,
        blocked: tally.blocked,
        unchecked: tally.unchecked,
    }
}
