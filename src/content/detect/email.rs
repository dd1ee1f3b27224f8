//! Detects e-mail addresses, starting from the `@`.

use super::window::TextWindow;

/// The longest local part, in bytes: twice the 64 characters of RFC 5321, which may take two bytes each.
pub(super) const LOCAL: usize = 128;
/// The longest domain, in bytes.
const DOMAIN: usize = 253;

/// The range of the address around an `@` or `%40`.
pub(super) fn check(window: &mut TextWindow<'_>, at: usize) -> Option<(usize, usize)> {
    let after = at + if window.at(at) == Some(b'@') { 1 } else { 3 };
    let start = local_start(window, at)?;
    let end = domain_end(window, after)?;
    let local = window.slice(start, at);
    // Not `git@host:path`, nor labels in Kotlin such as `this@name`.
    let git_remote = local == b"git" && matches!(window.at(end), Some(b':' | b'/'));
    let label = matches!(local, b"this" | b"super") || window.at(end) == Some(b'(');
    (!git_remote && !label).then_some((start, end))
}

/// Whether a byte may be in a local part: ASCII, or a letter from U+00C0 to U+052F (Latin, Greek,
/// Cyrillic). Not beyond: in scripts without spaces the surrounding text would become part of the address.
pub(super) fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'.' | b'_' | b'+' | b'-' | b'\'')
        || is_letter_byte(byte)
}

fn is_letter_byte(byte: u8) -> bool {
    matches!(byte, 0xc3..=0xd4 | 0x80..=0xbf)
}

fn local_start(window: &mut TextWindow<'_>, at: usize) -> Option<usize> {
    let mut start = at;
    loop {
        // A plus in a URL: `jane%2Btag%40example.com`.
        let escaped = window.before(start, 1) == Some(b'%')
            && matches!(window.slice(start, at), [b'2', b'B' | b'b', _, ..]);
        if start <= window.floor || !(escaped || window.before(start, 1).is_some_and(is_local)) {
            break;
        }
        start -= 1;
        if at - start > LOCAL {
            return None;
        }
    }
    // Skip the continuation bytes of a character outside U+00C0 to U+052F, as in `谢谢x@…`: `is_local`
    // accepts them.
    while start < at && matches!(window.at(start), Some(0x80..=0xbf)) {
        start += 1;
    }
    let lead = window.at(start)?;
    if let Some(last) = window.before(start, 1)
        && (last == b'\\' && matches!(lead, b'n' | b'r' | b't'))
    {
        start += 1;
    } else if window.before(start, 1) == Some(b'%') {
        let hex = window.run(start, 2, |byte| byte.is_ascii_hexdigit());
        start = if hex - start == 2 { hex } else { start };
    }
    while start < at && matches!(window.at(start), Some(b'.' | b'_' | b'+' | b'-' | b'\'')) {
        start += 1;
    }
    let ends_well = window
        .before(at, 1)
        .is_some_and(|last| last != b'.' && last != b'\'');
    (start < at && ends_well).then_some(start)
}

fn domain_end(window: &mut TextWindow<'_>, from: usize) -> Option<usize> {
    let mut end = from;
    // The end of the last label that may be a top-level domain.
    let mut best = None;
    let mut labels = 0;
    let mut last: &[u8] = &[];
    loop {
        let start = end;
        let mut letters = true;
        while let Some(byte) = window.at(end)
            && (byte.is_ascii_alphanumeric() || byte == b'-' || is_domain_letter(window, end, byte))
        {
            letters &= !byte.is_ascii_digit() && byte != b'-';
            end += if byte >= 0x80 { 2 } else { 1 };
            if end - from > DOMAIN {
                return None;
            }
        }
        let label = window.slice(start, end);
        if label.is_empty() || label[0] == b'-' {
            break;
        }
        labels += 1;
        let top = label.len() > 1 && letters || label.starts_with(b"xn--");
        // Not `logo@2x.png` or `logo@1.5x.png`.
        let scale = labels < 4 && matches!(last, [b'1'..=b'9', b'x']);
        last = label;
        if labels > 1 && top && !scale {
            best = Some(end);
        }
        if window.at(end) != Some(b'.') {
            // The domain ends at the first other character.
            break;
        }
        end += 1;
    }
    best
}

/// Whether a two-byte character from U+00C0 to U+052F starts here.
fn is_domain_letter(window: &mut TextWindow<'_>, place: usize, lead: u8) -> bool {
    matches!(lead, 0xc3..=0xd4) && matches!(window.at(place + 1), Some(0x80..=0xbf))
}
