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
    pass.detections
}

/// Replaces each match in a text by its kind in brackets: `[email]`.
///
/// The matches must be those of this text, sorted. Invalid ranges are ignored.
pub(crate) fn redact(text: &str, detections: &[Detection]) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut written = 0;
    for detection in detections {
        let range = detection.range.clone();
        let (Some(before), Some(_)) = (text.get(written..range.start), text.get(range)) else {
            continue;
        };
        redacted.push_str(before);
        redacted.push('[');
        redacted.push_str(detection.kind.as_str());
        redacted.push(']');
        written = detection.range.end;
    }
    redacted.push_str(&text[written..]);
    redacted
}
