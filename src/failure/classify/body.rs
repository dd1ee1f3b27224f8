//! Reads the body of a response: detects its format and passes its parts on as evidence.

use std::borrow::Cow;

use super::evidence::Evidence;

/// How many bytes of a body are read.
const LONGEST: usize = 64 * 1024;

/// How many lines of an event stream are read.
#[cfg(feature = "json")]
const LINES: usize = 256;

pub(super) fn read(status: u16, body: &[u8], evidence: &mut Evidence<'_>) {
    let bytes = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    let text = text(bytes);
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    // The HTML pages of proxies repeat the status; the rest of their text says nothing reliable.
    if text.starts_with('<') {
        evidence.note_text(text);
        return;
    }
    if read_json(text, evidence) {
        return;
    }
    // Below 400 the text is the model's own output and may mention anything.
    if status >= 400 {
        evidence.note_message(text);
    } else {
        evidence.note_text(text);
    }
}

/// Reads a text as JSON or as server-sent events. Returns whether it is valid up to its end.
#[cfg(feature = "json")]
fn read_json(text: &str, evidence: &mut Evidence<'_>) -> bool {
    use super::json;

    const FIELDS_OF_EVENTS: [&str; 5] = ["data:", "event:", "id:", "retry:", ":"];
    if FIELDS_OF_EVENTS.iter().any(|field| text.starts_with(field)) {
        let mut is_valid = true;
        let lines = text.lines().take(LINES);
        for data in lines.filter_map(|line| line.strip_prefix("data:")) {
            let data = data.trim();
            if !data.is_empty() && data != "[DONE]" {
                is_valid &= json::read(data, evidence);
            }
        }
        return is_valid;
    }
    // Three searches for one byte each are faster than one for any of three.
    let starts = ['{', '[', '"'].map(|start| text.find(start));
    match starts.into_iter().flatten().min() {
        Some(0) => json::read(text, evidence),
        // `Error code: 400 - {…}`: the caller also reads the words in front.
        Some(at) => {
            let before = evidence.set_hearsay(true);
            json::read(&text[at..], evidence);
            evidence.set_hearsay(before);
            false
        }
        None => false,
    }
}

#[cfg(not(feature = "json"))]
fn read_json(_: &str, _: &mut Evidence<'_>) -> bool {
    false
}

/// Decodes UTF-8. In invalid text every non-ASCII byte is replaced: separating valid characters from
/// invalid ones costs thirty instructions per byte, and no built-in rule looks for them.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        // The text ends inside a character, which is dropped.
        Err(error) if error.error_len().is_none() => {
            let whole = &bytes[..error.valid_up_to()];
            String::from_utf8_lossy(whole)
        }
        Err(_) => {
            let ascii = |&byte: &u8| if byte.is_ascii() { byte } else { b'?' };
            let text = String::from_utf8(bytes.iter().map(ascii).collect());
            Cow::Owned(text.unwrap_or_default())
        }
    }
}
