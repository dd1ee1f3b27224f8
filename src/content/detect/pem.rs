//! Detects PEM private keys.

use super::window::TextWindow;

/// The longest block, in bytes; an RSA key of 16,384 bits has 12,700.
pub(super) const BLOCK: usize = 16 * 1024;
/// The shortest run of base64 in the body, except the last one. Shorter runs are prose.
const WORD: usize = 16;
/// The most header lines such as `Proc-Type: 4,ENCRYPTED`.
const HEADERS: usize = 8;
/// The longest header line, in bytes.
const HEADER: usize = 200;

/// The end of the PEM block whose first line starts here.
///
/// A truncated block without a last line ends after its body. A first line alone does not match,
/// because people mention it when they talk about keys.
pub(super) fn check(window: &mut TextWindow<'_>, start: usize) -> Option<usize> {
    let label = start + "-----BEGIN ".len();
    let dashes = window.run(label, 48, |byte| byte != b'-');
    let mut place = window.run(dashes, 5, |byte| byte == b'-');
    for _ in 0..HEADERS {
        let line = skip_gap(window, place);
        let Some(end) = header_end(window, line) else {
            break;
        };
        place = end;
    }
    let mut body = None;
    while place - start < BLOCK {
        let word = skip_gap(window, place);
        if window.is_at(word, b"-----END ") {
            let label = word + "-----END ".len();
            let dashes = window.run(label, 48, |byte| {
                byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' '
            });
            let end = window.run(dashes, 5, |byte| byte == b'-');
            return body.map(|_| if end - dashes == 5 { end } else { word + 8 });
        }
        let end = window.run(word, BLOCK - (word - start).min(BLOCK), is_body);
        if end == word {
            break;
        }
        if end - word < WORD {
            // Only the last run may be short: the last line or the end of the text follows.
            let after = skip_gap(window, end);
            if window.is_at(after, b"-----END ") {
                body = body.map(|_| end);
                place = end;
                continue;
            }
            if window.at(after).is_none() {
                body = body.map(|_| end);
            }
            break;
        }
        body = Some(end);
        place = end;
    }
    body
}

fn is_body(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Skips white space and its equivalents: `\n` in a string literal, `> ` in a quotation.
fn skip_gap(window: &mut TextWindow<'_>, from: usize) -> usize {
    let mut place = from;
    loop {
        match window.at(place) {
            Some(b' ' | b'\t' | b'\r' | b'\n' | b'>' | b'"' | b',') if place - from < 64 => {
                place += 1;
            }
            Some(b'\\') if place - from < 64 => {
                place += match window.at(place + 1) {
                    Some(b'n' | b'r' | b't') => 2,
                    Some(b'\\' | b'\n' | b'\r') => 1,
                    _ => return place,
                };
            }
            _ => return place,
        }
    }
}

/// The end of a header line `Name: value`.
fn header_end(window: &mut TextWindow<'_>, from: usize) -> Option<usize> {
    let name = window.run(from, 24, |byte| byte.is_ascii_alphabetic() || byte == b'-');
    if name == from || window.at(name) != Some(b':') || window.at(name + 1) != Some(b' ') {
        return None;
    }
    let end = window.run(name, HEADER, |byte| !matches!(byte, b'\n' | b'\r' | b'\\'));
    (end - name < HEADER).then_some(end)
}
