//! Detects payment card numbers by issuer range, length and the Luhn check.

use super::number::{Digits, Gap, luhn};
use super::window::TextWindow;

/// The groups in which numbers are printed on cards.
const PRINTED: &[&[usize]] = &[
    &[4, 4, 4, 4, 3],
    &[4, 4, 4, 4],
    &[4, 6, 5],
    &[4, 6, 4],
    &[4, 4, 4, 1],
    &[8, 8],
];

/// Labels that may precede a number without a space.
const LABELS: &[&[u8]] = &[b"card", b"visa", b"cc", b"pan"];

/// The end of the card number that starts with these digits.
pub(super) fn check(window: &mut TextWindow<'_>, digits: &Digits) -> Option<usize> {
    let first = digits.groups().first()?;
    let groups = if first.count() >= 13 {
        1
    } else {
        let printed = |lengths: &&&[usize]| {
            let gap = digits.gap_after(1);
            matches!(
                gap,
                Some(Gap::Space | Gap::Hyphen | Gap::Dot | Gap::Line | Gap::Plus)
            ) && digits.is_grouped(lengths, |between| Some(between) == gap)
                && is_issued(digits.values(lengths.len()))
        };
        PRINTED.iter().find(printed)?.len()
    };
    let end = digits.groups()[groups - 1].end;
    let own = (window.opens(first.start) || is_labelled(window, first.start))
        && window.closes(end)
        && !is_decimal(window, first.start, end);
    (own && is_issued(digits.values(groups))).then_some(end)
}

/// Whether the digits belong to a decimal number.
fn is_decimal(window: &mut TextWindow<'_>, start: usize, end: usize) -> bool {
    let digit = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_digit());
    (window.before(start, 1) == Some(b'.') && digit(window.before(start, 2)))
        || (window.at(end) == Some(b'.') && digit(window.at(end + 1)))
}

fn is_issued(digits: &[u8]) -> bool {
    has_range(digits) && luhn(digits)
}

/// Whether a label directly precedes the number, at the start of a word.
fn is_labelled(window: &mut TextWindow<'_>, start: usize) -> bool {
    LABELS.iter().any(|label| {
        start.checked_sub(label.len()).is_some_and(|from| {
            (0..).zip(*label).all(|(at, &byte)| {
                window
                    .at(from + at)
                    .is_some_and(|b| b.eq_ignore_ascii_case(&byte))
            }) && window.opens(from)
        })
    })
}

/// Whether an issuer uses this prefix with this length.
fn has_range(digits: &[u8]) -> bool {
    let Some(&[a, b, c, d]) = digits.first_chunk() else {
        return false;
    };
    let four = u16::from(a) * 1000 + u16::from(b) * 100 + u16::from(c) * 10 + u16::from(d);
    let length = digits.len();
    match four {
        // Visa.
        4000..=4999 => matches!(length, 13 | 16 | 19),
        // MasterCard; Mir.
        5100..=5599 | 2221..=2720 | 2200..=2204 => length == 16,
        // American Express.
        3400..=3499 | 3700..=3799 => length == 15,
        // Diners.
        3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => matches!(length, 14 | 16),
        // JCB; Discover; UnionPay; RuPay.
        3528..=3589
        | 6011
        | 6440..=6599
        | 6200..=6299
        | 6000..=6099
        | 8100..=8299
        | 5080..=5089 => (16..=19).contains(&length),
        // Maestro.
        5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763 => (13..=19).contains(&length),
        _ => false,
    }
}
