//! Detects IP addresses.
//!
//! Addresses that identify nobody do not count: the unspecified address, loopback, netmasks. Four small
//! numbers are as often a version as an address, so they need context that decides.

use super::number::{Digits, Gap, decimal};
use super::window::{TextWindow, is_word};

/// Words that mark four numbers as a version or a section.
const OF_VERSIONS: &[&str] = &[
    "version",
    "ver",
    "release",
    "rev",
    "revision",
    "build",
    "section",
    "chapter",
    "step",
    "oid",
    "§",
    "assemblyversion",
    "fileversion",
    "chrome",
    "chromium",
    "edition",
    "clause",
    "figure",
];

/// Words that mark four small numbers as an address.
const OF_ADDRESSES: &[&str] = &[
    "ip",
    "ipv4",
    "address",
    "addr",
    "host",
    "server",
    "client",
    "peer",
    "gateway",
    "nameserver",
    "dns",
    "inet",
    "ping",
    "route",
    "ssh",
    "from",
    "remote",
    "forwarded",
    "adresse",
];

/// Four numbers below this count as a version unless the context says otherwise.
const SMALL: u128 = 30;

/// Well-known DNS resolvers with small numbers.
const KNOWN: &[[u128; 4]] = &[
    [1, 1, 1, 1],
    [1, 0, 0, 1],
    [8, 8, 8, 8],
    [8, 8, 4, 4],
    [9, 9, 9, 9],
];

/// The end of the IPv4 address that starts with these digits.
pub(super) fn check_digits(window: &mut TextWindow<'_>, digits: &Digits) -> Option<usize> {
    let groups = digits.groups();
    if groups.len() < 4 || groups[1..4].iter().any(|group| group.gap != Gap::Dot) {
        return None;
    }
    let (start, end) = (groups[0].start, groups[3].end);
    let five = matches!(groups.get(4), Some(group) if group.gap == Gap::Dot);
    if five || end - start > 15 || !window.opens(start) || !window.closes(end) {
        return None;
    }
    let octets = [0, 1, 2, 3].map(|group| decimal(digits.of(group)));
    let padded = (0..4).any(|group| groups[group].count() > 1 && digits.of(group)[0] == 0);
    if padded || octets.iter().any(|&octet| octet > 255) || names_nobody(octets) {
        return None;
    }
    if is_version(window, start, end) {
        return None;
    }
    let small = octets.iter().all(|&octet| octet < SMALL) && octets[0] != 10;
    let address = !small || KNOWN.contains(&octets) || is_address(window, start, end);
    address.then_some(end)
}

fn names_nobody(octets: [u128; 4]) -> bool {
    octets[0] == 127 || octets == [0; 4] || octets[..2] == [255, 255]
}

/// Whether the context marks it as a version: `a-1.2.3.4`, `==1.2.3.4`, `Chrome/1.2.3.4`.
fn is_version(window: &mut TextWindow<'_>, start: usize, end: usize) -> bool {
    let last = window.before(start, 1);
    let second = window.before(start, 2);
    let marked = match last {
        Some(b'-' | b'.' | b'/') => second.is_some_and(is_word),
        Some(b'=') => matches!(second, Some(b'=' | b'<' | b'>' | b'~' | b'!')),
        Some(b'~' | b'^') => true,
        _ => false,
    };
    let goes_on = matches!(window.at(end), Some(b'-'))
        && window
            .at(end + 1)
            .is_some_and(|byte| byte.is_ascii_alphabetic());
    marked || goes_on || window.has_word_before(start, OF_VERSIONS)
}

/// Whether the context marks it as an address: `//1.2.3.4`, `1.2.3.4:80`, or a word.
fn is_address(window: &mut TextWindow<'_>, start: usize, end: usize) -> bool {
    let digit_after =
        |window: &mut TextWindow<'_>| window.at(end + 1).is_some_and(|b| b.is_ascii_digit());
    (window.before(start, 1) == Some(b'/') && window.before(start, 2) == Some(b'/'))
        || (matches!(window.at(end), Some(b':' | b'/')) && digit_after(window))
        || window.has_word_before(start, OF_ADDRESSES)
}

/// The end of the IPv6 address that starts here.
///
/// Only ranges in use count: global, private, link-local and embedded IPv4. This excludes paths in source
/// code such as `fade::bad`.
pub(super) fn check_colons(window: &mut TextWindow<'_>, start: usize) -> Option<usize> {
    if !window.opens(start) || window.before(start, 1) == Some(b':') {
        return None;
    }
    let mut parts = [0_u16; 8];
    let mut count = 0;
    let mut skipped = None;
    let mut place = start;
    loop {
        if window.at(place) == Some(b':') && window.at(place + 1) == Some(b':') {
            if skipped.is_some() {
                return None;
            }
            skipped = Some(count);
            place += 2;
        } else if count > 0 {
            if window.at(place) != Some(b':') {
                break;
            }
            place += 1;
        }
        let end = window.run(place, 5, |byte| byte.is_ascii_hexdigit());
        if window.at(end) == Some(b'.') && (count == 6 || skipped.is_some()) {
            let mapped = mapped_end(window, place)?;
            return (parts[..count]
                .iter()
                .all(|&part| part == 0 || part == 0xffff))
            .then_some(mapped);
        }
        let digits = std::str::from_utf8(window.slice(place, end)).ok()?;
        if digits.is_empty() {
            // `2001:db8::` may end here.
            (skipped == Some(count)).then_some(())?;
            break;
        }
        if count == 8 || digits.len() > 4 {
            return None;
        }
        parts[count] = u16::from_str_radix(digits, 16).ok()?;
        count += 1;
        place = end;
    }
    let whole = if skipped.is_some() {
        count < 8
    } else {
        count == 8
    };
    let leading = if skipped == Some(0) { 0 } else { parts[0] };
    let used = matches!(leading, 0x2000..=0x3fff | 0xfc00..=0xfdff | 0xfe80..=0xfebf)
        || (skipped == Some(2) && parts[..2] == [0x64, 0xff9b]);
    (whole && used && count > 1 && window.closes(place) && window.at(place) != Some(b':'))
        .then_some(place)
}

/// The end of an IPv4 address embedded in an IPv6 address.
fn mapped_end(window: &mut TextWindow<'_>, start: usize) -> Option<usize> {
    let digits = Digits::parse(window, start);
    let groups = digits.groups();
    let dotted = groups.len() >= 4 && groups[1..4].iter().all(|group| group.gap == Gap::Dot);
    (dotted && (0..4).all(|group| decimal(digits.of(group)) <= 255)).then(|| groups[3].end)
}
