//! [`Verdict`]: the result of a check.

use std::borrow::Cow;
use std::ops::Range;

use crate::base::text::cut;
use crate::content::detect::Detection;

/// Tells what a [`Check`](crate::Check) decided about a text: allow, redact or block.
///
/// A category blocks on every match, and so does a filter with `action: block`. Any other filter
/// redacts the matches, and blocks only if the verdict is [`block`](Self::block).
///
/// # Examples
///
/// ```
/// use model_aliases::Verdict;
///
/// let text = "call me Ishmael";
/// let verdict = match text.find("Ishmael") {
///     Some(at) => Verdict::redact("name", Some(at..at + "Ishmael".len())),
///     None => Verdict::allow(),
/// };
/// assert_ne!(verdict, Verdict::allow());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    pub(super) block: Option<Cow<'static, str>>,
    pub(super) spans: Vec<Span>,
}

/// A match: its range and its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) range: Range<usize>,
    pub(super) kind: Cow<'static, str>,
}

impl Verdict {
    /// Allows the text: nothing was found.
    pub fn allow() -> Self {
        Self::default()
    }

    /// Blocks the text. Errors show the reason, cut after 64 characters; it should not contain any of the
    /// text.
    pub fn block(reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            block: Some(shortened(reason.into())),
            spans: Vec::new(),
        }
    }

    /// Reports matches at these byte ranges, which a redacted text shows as `[kind]`.
    ///
    /// A range that cuts a character is widened to the whole character. A range that is empty or outside
    /// the text counts as an error of the check.
    pub fn redact(
        kind: impl Into<Cow<'static, str>>,
        ranges: impl IntoIterator<Item = Range<usize>>,
    ) -> Self {
        let kind = shortened(kind.into());
        let span = |range| Span {
            range,
            kind: kind.clone(),
        };
        Self {
            block: None,
            spans: ranges.into_iter().map(span).collect(),
        }
    }

    /// Combines two verdicts: either may block, and the matches of both are redacted.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.block = self.block.or(other.block);
        self.spans.extend(other.spans);
        self
    }

    /// Widens every range to character boundaries; `None` if a range is invalid.
    pub(super) fn fitted(mut self, text: &str) -> Option<Self> {
        for Span { range, .. } in &mut self.spans {
            if range.start >= range.end || range.end > text.len() {
                return None;
            }
            *range = text.floor_char_boundary(range.start)..text.ceil_char_boundary(range.end);
        }
        Some(self)
    }
}

fn shortened(word: Cow<'static, str>) -> Cow<'static, str> {
    match word {
        Cow::Borrowed(word) => Cow::Borrowed(cut(word)),
        Cow::Owned(mut word) => {
            word.truncate(cut(&word).len());
            Cow::Owned(word)
        }
    }
}

impl From<Detection> for Span {
    fn from(found: Detection) -> Self {
        Self {
            range: found.range,
            kind: found.kind.as_str().into(),
        }
    }
}
