//! Private keys in their armour.

use super::window::TextWindow;

/// The longest block that is taken as one; an RSA key of 16,384 bits has 12,700 bytes.
pub(super) const BLOCK: usize = 16 * 1024;
/// A word of a key's body is at least this long, save the last one. What is shorter is prose.
const WORD: usize = 16;
/// Lines such as `Proc-Type: 4,ENCRYPTED`, and how long each may be.
const HEADERS: usize = 8;
const HEADER: usize = 200;

/// The end of the block whose first line begins here.
///
/// Without a last line it ends with the last word of its body, so that a block that was cut off is
/// found as well. A first line alone is no find: that is how people talk about keys.
pub(super) fn check(window: &mut TextWindow<'_>, start: usize) -> Option<usize> {
    let label = start + "-----BEGIN ".len();
    let dashes = window.run(label, 48, |byte| byte != b'-');
    let mut place = window.run(dashes, 5, |byte| byte == b'-');
    for _ in 0..HEADERS {
        let line = behind_gap(window, place);
        let Some(end) = header_end(window, line) else {
            break;
        };
        place = end;
    }
    let mut body = None;
    while place - start < BLOCK {
        let word = behind_gap(window, place);
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
            // Only the last word may be short: behind it the last line, or nothing.
            let behind = behind_gap(window, end);
            if window.is_at(behind, b"-----END ") {
                body = body.map(|_| end);
                place = end;
                continue;
            }
            if window.at(behind).is_none() {
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

/// Where white space ends, and what stands for it: `\n` in a text of a program, `> ` of a citation.
fn behind_gap(window: &mut TextWindow<'_>, from: usize) -> usize {
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

/// The end of a line `Name: value`.
fn header_end(window: &mut TextWindow<'_>, from: usize) -> Option<usize> {
    let name = window.run(from, 24, |byte| byte.is_ascii_alphabetic() || byte == b'-');
    if name == from || window.at(name) != Some(b':') || window.at(name + 1) != Some(b' ') {
        return None;
    }
    let end = window.run(name, HEADER, |byte| !matches!(byte, b'\n' | b'\r' | b'\\'));
    (end - name < HEADER).then_some(end)
}
