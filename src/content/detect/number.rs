//! Groups of digits, as in card numbers, phone numbers, ids and IP addresses.

use super::window::TextWindow;

/// The most digits of a number; a longer run is not a number.
const DIGITS: usize = 24;
/// The most groups; `+49 (0) 30 12 34 56 78` has eight.
const GROUPS: usize = 9;

/// The separator between two groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// No separator; also before the first group.
    None,
    Space,
    Hyphen,
    Dot,
    Slash,
    Line,
    Plus,
    /// An opening parenthesis, with or without a space.
    Open,
    /// A closing parenthesis.
    Close,
    Mixed,
}

/// A run of digits.
#[derive(Debug, Clone, Copy)]
pub(super) struct DigitGroup {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The separator before it.
    pub(super) gap: Gap,
    from: usize,
    to: usize,
}

impl DigitGroup {
    pub(super) fn count(&self) -> usize {
        self.to - self.from
    }
}

/// The groups of digits from an offset on, as far as a number may extend.
pub(super) struct Digits {
    groups: [DigitGroup; GROUPS],
    len: usize,
    values: [u8; DIGITS],
    total: usize,
    /// Whether the last group was cut off.
    overlong: bool,
}

impl Digits {
    pub(super) fn parse(window: &mut TextWindow<'_>, start: usize) -> Self {
        let none = DigitGroup {
            start,
            end: start,
            gap: Gap::None,
            from: 0,
            to: 0,
        };
        let mut digits = Self {
            groups: [none; GROUPS],
            len: 0,
            values: [0; DIGITS],
            total: 0,
            overlong: false,
        };
        let mut place = start;
        let mut gap = Gap::None;
        while digits.len < GROUPS {
            let mut group = DigitGroup {
                start: place,
                end: place,
                gap,
                from: digits.total,
                to: digits.total,
            };
            while let Some((value, length)) = digit(window, group.end) {
                digits.overlong |= digits.total == DIGITS;
                if digits.overlong {
                    break;
                }
                digits.values[digits.total] = value;
                digits.total += 1;
                group.to = digits.total;
                group.end += length;
            }
            if group.count() == 0 {
                break;
            }
            digits.groups[digits.len] = group;
            digits.len += 1;
            if digits.overlong {
                break;
            }
            (gap, place) = read_gap(window, group.end);
            if place == group.end {
                break;
            }
        }
        digits
    }

    /// The groups, except one that was cut off.
    pub(super) fn groups(&self) -> &[DigitGroup] {
        &self.groups[..self.len - usize::from(self.overlong && self.len > 0)]
    }

    /// The end of the first group, or where it was cut off.
    pub(super) fn first_end(&self) -> usize {
        self.groups[0].end
    }

    /// The start of the second group, if enough digits for a number follow.
    pub(super) fn next_start(&self) -> Option<usize> {
        let groups = self.groups();
        (groups.len() > 1 && self.total - groups[0].count() >= 7).then(|| groups[1].start)
    }

    /// The digits of the first `groups` groups, concatenated.
    pub(super) fn values(&self, groups: usize) -> &[u8] {
        let to = groups.checked_sub(1).map_or(0, |last| self.groups[last].to);
        &self.values[..to]
    }

    pub(super) fn of(&self, group: usize) -> &[u8] {
        let group = &self.groups[group];
        &self.values[group.from..group.to]
    }

    /// Whether the first groups have these lengths, with fitting separators between them.
    pub(super) fn is_grouped(&self, lengths: &[usize], gap: impl Fn(Gap) -> bool) -> bool {
        self.groups().len() >= lengths.len()
            && (0..)
                .zip(self.groups())
                .zip(lengths)
                .all(|((at, group), &length)| {
                    group.count() == length && (at == 0 || gap(group.gap))
                })
    }

    /// The separator after the first `groups` groups, if digits follow.
    pub(super) fn gap_after(&self, groups: usize) -> Option<Gap> {
        (groups < self.len).then(|| self.groups[groups].gap)
    }
}

/// The digit at an offset and its length in bytes: ASCII or full-width.
pub(super) fn digit(window: &mut TextWindow<'_>, place: usize) -> Option<(u8, usize)> {
    match window.at(place)? {
        byte @ b'0'..=b'9' => Some((byte - b'0', 1)),
        0xef if window.at(place + 1) == Some(0xbc) => match window.at(place + 2)? {
            byte @ 0x90..=0x99 => Some((byte - 0x90, 3)),
            _ => None,
        },
        _ => None,
    }
}

/// A separator and its length in bytes: spaces and hyphens of any width, also `%20`.
fn separator(window: &mut TextWindow<'_>, place: usize) -> Option<(Gap, usize)> {
    Some(match window.at(place)? {
        b' ' | b'\t' => (Gap::Space, 1),
        b'-' => (Gap::Hyphen, 1),
        b'.' => (Gap::Dot, 1),
        b'/' => (Gap::Slash, 1),
        b'(' => (Gap::Open, 1),
        b')' => (Gap::Close, 1),
        b'+' => (Gap::Plus, 1),
        b'\n' | b'\r' => (Gap::Line, 1),
        b'%' if window.is_at(place + 1, b"20") => (Gap::Space, 3),
        0xc2 if window.at(place + 1) == Some(0xa0) => (Gap::Space, 2),
        0xe2 if window.at(place + 1) == Some(0x80) => match window.at(place + 2)? {
            0x87..=0x8a | 0xaf => (Gap::Space, 3),
            0x90..=0x93 => (Gap::Hyphen, 3),
            _ => return None,
        },
        0xe3 if window.is_at(place + 1, &[0x80, 0x80]) => (Gap::Space, 3),
        0xef if window.at(place + 1) == Some(0xbc) => match window.at(place + 2)? {
            0x88 => (Gap::Open, 3),
            0x89 => (Gap::Close, 3),
            0x8b => (Gap::Plus, 3),
            0x8d => (Gap::Hyphen, 3),
            _ => return None,
        },
        _ => return None,
    })
}

/// Reads up to three separators. Returns their combined kind and their end.
pub(super) fn read_gap(window: &mut TextWindow<'_>, from: usize) -> (Gap, usize) {
    let mut gap = Gap::None;
    let mut end = from;
    for _ in 0..3 {
        let Some((next, length)) = separator(window, end) else {
            break;
        };
        end += length;
        gap = match (gap, next) {
            (Gap::None, next) => next,
            (Gap::Line, Gap::Line | Gap::Space) => Gap::Line,
            // `(030) 123`, `030 - 123`, `8 (912)`.
            (Gap::Close | Gap::Hyphen | Gap::Slash, Gap::Space) => gap,
            (Gap::Space, Gap::Open | Gap::Hyphen | Gap::Slash) => next,
            (Gap::Close, Gap::Hyphen | Gap::Slash) => Gap::Close,
            _ => Gap::Mixed,
        };
    }
    (gap, end)
}

/// The decimal value of the digits.
pub(super) fn decimal(digits: &[u8]) -> u128 {
    digits
        .iter()
        .fold(0, |number, &digit| number * 10 + u128::from(digit))
}

/// The Luhn check of cards and some ids: every second digit is doubled, from the right.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| match (place % 2, u32::from(digit)) {
            (0, digit) => digit,
            (_, digit) => digit * 2 - if digit > 4 { 9 } else { 0 },
        })
        .sum();
    sum.is_multiple_of(10)
}
