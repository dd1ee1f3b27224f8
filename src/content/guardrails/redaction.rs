//! Writes a text without what was found in it.

use std::borrow::Cow;

use super::verdict::Span;

/// What is still to be redacted of a text that is written piece by piece.
///
/// Finds that overlap are one: it has the kind of the one that begins first, of those the longest,
/// of those the first by the alphabet. So the order of rules decides nothing.
#[derive(Debug, Default)]
pub(super) struct Redaction {
    spans: Vec<Span>,
    /// The end of what was redacted last.
    end: usize,
}

impl Redaction {
    pub(super) fn extend(&mut self, spans: Vec<Span>) {
        self.spans.extend(spans);
    }

    /// Writes the next piece, which begins at `base` in the whole text. Every find that begins in it is
    /// known; one that goes on behind it is left out of the next piece as well.
    pub(super) fn write<'t>(&mut self, piece: &'t str, base: usize) -> Cow<'t, str> {
        let upto = base + piece.len();
        let due = |span: &mut Span| span.range.start < upto;
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
        text.push_str(part(piece, base, from, upto));
        Cow::Owned(text)
    }
}

/// A part of a piece by its places in the whole text.
fn part(piece: &str, base: usize, from: usize, upto: usize) -> &str {
    let from = from.saturating_sub(base);
    piece.get(from..upto - base).unwrap_or_default()
}
