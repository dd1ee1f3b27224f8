//! The words of an answer that count, and which of them a client may have put there.

use super::knowledge::{self, Row};
use crate::failure::class::FailureClass;

/// How much of a text is trusted as evidence against the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    Whole,
    /// Only the text before the first quote.
    Unquoted,
    /// None of it.
    None,
}

/// Returns the row whose words a text has, if any of them counts.
pub(super) fn row(text: &[u8], status: u16, trust: Trust) -> Option<&'static Row<'static>> {
    let mut filter = QuoteFilter { trust, clean: 0 };
    let mut best: Option<&Row<'_>> = None;
    knowledge::each_said(text, status, |at, row| {
        let is_new = best.is_none_or(|best| best.class != row.class);
        if is_new && filter.trusts(text, at, row.class) {
            best = Some(knowledge::stronger(best, row));
        }
    });
    best
}

/// Whether a part of a text contains a quote, where providers echo client input. An apostrophe inside a
/// word does not count.
fn quotes(text: &[u8], from: usize, until: usize) -> bool {
    let is_letter = |at: usize| text.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let mut bytes = text.iter().enumerate().take(until).skip(from);
    bytes.any(|(at, byte)| match byte {
        b'"' | b'`' => true,
        b'\'' => !(at > 0 && is_letter(at - 1) && is_letter(at + 1)),
        // Typographic quotes, except the right single one, which is usually an apostrophe.
        0xe2 => matches!(text.get(at + 1..at + 3), Some([0x80, 0x98 | 0x9a..=0x9e])),
        0xc2 => text.get(at + 1) == Some(&0xab),
        _ => false,
    })
}

/// Decides whether words in one text are trusted. Each byte is searched for quotes at most once.
struct QuoteFilter {
    trust: Trust,
    /// The text before this offset has no quote.
    clean: usize,
}

impl QuoteFilter {
    /// Whether words at an offset are trusted.
    #[cold]
    fn trusts(&mut self, text: &[u8], at: usize, class: FailureClass) -> bool {
        if !class.is_counted() || self.trust == Trust::Whole {
            return true;
        }
        if self.trust == Trust::Unquoted && quotes(text, self.clean, at) {
            self.trust = Trust::None;
        }
        self.clean = self.clean.max(at);
        self.trust == Trust::Unquoted
    }
}
