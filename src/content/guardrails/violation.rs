//! What a rule found.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::base::limits::FilterAction;
use crate::base::text::{Quoted, printable};

/// What one guardrail found in a text: which rule, why, where, and what that does.
///
/// It holds nothing of the text.
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
    /// The category or the type of filter, as the alias writes it.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// Whether the rule is one of `block_categories`; otherwise it is one of `content_filters`.
    pub fn is_category(&self) -> bool {
        self.category
    }

    /// What it does, or would do if it were enforced.
    pub fn action(&self) -> FilterAction {
        self.action
    }

    /// Whether that is done; not under `mode: monitor`.
    pub fn is_enforced(&self) -> bool {
        self.enforced
    }

    /// What was found, such as `card`; or what the check gave as its reason to block.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The bytes of the text where it was found, unless the verdict is about all of it. In a stream
    /// they are counted from its beginning.
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
