//! What kind of text a body is, and the parts of it that are worth reading.

use std::borrow::Cow;

use super::evidence::Evidence;

/// The bytes of a body that are looked at.
const LONGEST: usize = 64 * 1024;

/// The lines of a stream that are looked at.
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
    // Pages of proxies say the status in large letters, and else speak of anything.
    if text.starts_with('<') {
        evidence.note_text(text);
        return;
    }
    if read_json(text, evidence) {
        return;
    }
    // The text of an answer that began well may be of anything.
    if status >= 400 {
        evidence.note_message(text);
    } else {
        evidence.note_text(text);
    }
}

/// Reads a text as JSON or as server-sent events; says whether it is one of them to its end.
#[cfg(feature = "json")]
fn read_json(text: &str, evidence: &mut Evidence<'_>) -> bool {
    use super::json;

    const FIELDS_OF_EVENTS: [&str; 5] = ["data:", "event:", "id:", "retry:", ":"];
    if FIELDS_OF_EVENTS.iter().any(|field| text.starts_with(field)) {
        let mut well = true;
        let lines = text.lines().take(LINES);
        for data in lines.filter_map(|line| line.strip_prefix("data:")) {
            let data = data.trim();
            if !data.is_empty() && data != "[DONE]" {
                well &= json::read(data, evidence);
            }
        }
        return well;
    }
    // Three searches for one byte each are faster than one for any of three.
    let starts = ['{', '[', '"'].map(|start| text.find(start));
    match starts.into_iter().flatten().min() {
        Some(0) => json::read(text, evidence),
        // `Error code: 400 - {…}`: the words in front count too.
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

/// The bytes as a text. Where they are none, all that is not ASCII is replaced byte by byte: telling
/// good letters from bad takes thirty instructions a byte, and no rule of ours looks for them.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        // The last letter was cut in two.
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
