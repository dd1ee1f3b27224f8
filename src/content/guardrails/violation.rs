//! [`Violation`]: a match or a block of one rule.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::base::limits::FilterAction;
use crate::base::text::{Quoted, printable};

/// Describes what one guardrail found in a text: the rule, the reason, the range and the action.
///
/// It contains none of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub(super) rule: Arc<str>,
    pub(super) category: bool,
    pub(super) action: FilterAction,
    pub(super) enforced: bool,
    pub(super) reason: Cow<'static, str>,
    pub(super) range: Option<Range<usize>>,
}

impl Violation {
    /// Returns the category or the filter type, as the alias writes it.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// Returns whether the rule is in `block_categories`; otherwise it is in `content_filters`.
    pub fn is_category(&self) -> bool {
        self.category
    }

    /// Returns what is done to the text, or would be under `mode: enforce`: the action of the rule, or a block if a
    /// check blocked the text or failed.
    pub fn action(&self) -> FilterAction {
        self.action
    }

    /// Returns whether the action is applied; `false` under `mode: monitor`.
    pub fn is_enforced(&self) -> bool {
        self.enforced
    }

    /// Returns the kind of the match, such as `card`, or the reason that a check gave for a block.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns the byte range of the match; `None` if the verdict is about the whole text. In a stream,
    /// offsets count from its beginning.
    pub fn range(&self) -> Option<Range<usize>> {
        self.range.clone()
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = match self.action {
            FilterAction::Block => "blocked",
            FilterAction::Redact => "redacted",
        };
        let would = if self.enforced { "" } else { "would be " };
        let rule = if self.category { "category" } else { "filter" };
        let word = Quoted(&self.rule);
        let reason = printable(&self.reason);
        write!(f, "content {would}{done} by {rule} {word}: {reason}")
    }
}
