//! Replaces matches in a text by their kind.

use std::borrow::Cow;

use super::verdict::Span;

/// The ranges still to redact in a text that is written piece by piece.
///
/// Overlapping matches are merged. The kind is that of the match that starts first, then of the longest,
/// then of the first in alphabetical order, so the order of rules does not matter.
#[derive(Debug, Default)]
pub(super) struct Redaction {
    spans: Vec<Span>,
    /// The end of the last redacted range.
    end: usize,
}

impl Redaction {
    pub(super) fn extend(&mut self, spans: Vec<Span>) {
        self.spans.extend(spans);
    }

    /// Redacts the next piece, which starts at offset `base` of the whole text. All matches that start in it
    /// must be known. A match that extends past its end is also removed from the next piece.
    pub(super) fn write<'t>(&mut self, piece: &'t str, base: usize) -> Cow<'t, str> {
        let until = base + piece.len();
        let due = |span: &mut Span| span.range.start < until;
        let mut due: Vec<Span> = self.spans.extract_if(.., due).collect();
        if due.is_empty() && self.end <= base {
            return Cow::Borrowed(piece);
        }
        due.sort_by(|a, b| {
            let by_place = a.range.start.cmp(&b.range.start);
            let by_length = b.range.end.cmp(&a.range.end);
            by_place.then(by_length).then(a.kind.cmp(&b.kind))
        });
        let mut text = String::with_capacity(piece.len());
        let mut from = base.max(self.end);
        for Span { range, kind } in due {
            if range.start >= from {
                text.push_str(part(piece, base, from, range.start));
                text.push('[');
                text.push_str(&kind);
                text.push(']');
            }
            from = from.max(range.end);
            self.end = from;
        }
        text.push_str(part(piece, base, from, until));
        Cow::Owned(text)
    }
}

/// Returns a part of a piece by its offsets in the whole text.
fn part(piece: &str, base: usize, from: usize, until: usize) -> &str {
    let from = from.saturating_sub(base);
    piece.get(from..until - base).unwrap_or_default()
}
