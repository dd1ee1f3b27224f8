//! Finds and redacts in a whole text.

use super::kind::Detection;
use super::pass::DetectorPass;

/// Finds all sensitive data in a text: sorted, without overlaps.
///
/// # Complexity
///
/// `O(bytes)` for any text.
pub(crate) fn find(text: &str) -> Vec<Detection> {
    let mut pass = DetectorPass::default();
    pass.advance(text.as_bytes(), 0, true);
    pass.finds
}

/// Replaces each match in a text by its kind in brackets: `[email]`.
///
/// The matches must be those of this text, sorted. Invalid ranges are ignored.
pub(crate) fn redact(text: &str, finds: &[Detection]) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut written = 0;
    for find in finds {
        let range = find.range.clone();
        let (Some(before), Some(_)) = (text.get(written..range.start), text.get(range)) else {
            continue;
        };
        redacted.push_str(before);
        redacted.push('[');
        redacted.push_str(find.kind.as_str());
        redacted.push(']');
        written = find.range.end;
    }
    redacted.push_str(&text[written..]);
    redacted
}
