//! What a check says.

use std::borrow::Cow;
use std::ops::Range;

use crate::base::text::cut;
use crate::content::detect::Detection;

/// What a [`Check`](crate::Check) makes of a text: allow, redact or block.
///
/// A category blocks whatever its check finds, and so does a filter with `action: block`. For any other
/// filter a block is a block, and the rest is redacted.
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

/// A place and what was found there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) range: Range<usize>,
    pub(super) kind: Cow<'static, str>,
}

impl Verdict {
    /// Nothing was found.
    pub fn allow() -> Self {
        Self::default()
    }

    /// The text must not pass. The reason is shown in errors, cut after 64 characters; it should hold
    /// nothing of the text.
    pub fn block(reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            block: Some(shortened(reason.into())),
            spans: Vec::new(),
        }
    }

    /// Something was found at these bytes of the text, which a redacted text shows as `[kind]`.
    ///
    /// An end inside a character is taken as the character's; a place that is empty or outside of the
    /// text is a fault of the check, as if it had returned an error.
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

    /// Both: a block is one in either, and all places are redacted.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.block = self.block.or(other.block);
        self.spans.extend(other.spans);
        self
    }

    /// Puts the ends of every place between characters; `None` if one cannot be.
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
