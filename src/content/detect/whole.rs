//! Finds and redacts in a whole text.

use super::kind::Detection;
use super::pass::DetectorPass;

/// Finds everything in a text: sorted, without overlaps.
///
/// # Complexity
///
/// `O(bytes)`, whatever they are.
pub(crate) fn find(text: &str) -> Vec<Detection> {
    let mut pass = DetectorPass::default();
    pass.go_on(text.as_bytes(), 0, true);
    pass.finds
}

/// Writes a text with each find replaced by its kind in brackets: `[email]`.
///
/// The finds are those of this text, sorted; one that is out of place is left out.
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
