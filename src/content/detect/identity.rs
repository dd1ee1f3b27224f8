//! Detects national identification numbers.
//!
//! The set follows common detection frameworks, limited to numbers that their form or check digits
//! identify: the American SSN and ITIN, the British national insurance number, the Brazilian CPF, the
//! Spanish DNI and NIE, the Italian codice fiscale, the French NIR, the Chinese resident identity number,
//! the Swiss AHV number, the Canadian SIN. Weaker forms need a keyword before them.

use super::number::{Digits, Gap, decimal, luhn};
use super::window::TextWindow;

const OF_US: &[&str] = &["ssn", "social", "itin", "tin", "taxpayer"];
const OF_CANADA: &[&str] = &["sin", "nas"];
const OF_BRAZIL: &[&str] = &["cpf"];

/// The check letter of a Spanish number, by its remainder.
const OF_SPAIN: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// The end of the id that starts with these digits.
pub(super) fn check_digits(window: &mut TextWindow<'_>, digits: &Digits) -> Option<usize> {
    let start = digits.groups().first()?.start;
    if !window.opens(start) || joined_before(window, start) {
        return None;
    }
    us(window, digits)
        .or_else(|| brazil(window, digits))
        .or_else(|| switzerland(digits))
        .or_else(|| france(digits))
        .or_else(|| canada(window, digits))
        .or_else(|| china(window, digits))
        .or_else(|| spain(window, digits))
        .filter(|&end| window.closes(end) && !joined_after(window, end))
}

/// Whether a hyphen or dot joins the number to text before it.
fn joined_before(window: &mut TextWindow<'_>, start: usize) -> bool {
    matches!(window.before(start, 1), Some(b'-' | b'.'))
        && window
            .before(start, 2)
            .is_some_and(|byte| byte.is_ascii_alphanumeric())
}

/// Whether a hyphen or dot joins the number to digits after it.
fn joined_after(window: &mut TextWindow<'_>, end: usize) -> bool {
    matches!(window.at(end), Some(b'-' | b'.'))
        && window.at(end + 1).is_some_and(|byte| byte.is_ascii_digit())
}

fn us(window: &mut TextWindow<'_>, digits: &Digits) -> Option<usize> {
    let gap = digits.gap_after(1);
    let same = |between| Some(between) == gap;
    let bare = digits.is_grouped(&[9], same);
    let written = digits.is_grouped(&[3, 2, 4], same);
    let groups = if bare { 1 } else { 3 };
    if !bare && (!written || !matches!(gap, Some(Gap::Hyphen | Gap::Space))) {
        return None;
    }
    let values = digits.values(groups);
    let (area, group, serial) = (
        decimal(&values[..3]),
        decimal(&values[3..5]),
        decimal(&values[5..]),
    );
    let given = match area {
        0 | 666 => false,
        // ITINs, for taxpayers without an SSN.
        900.. => matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99),
        _ => group != 0,
    };
    (given
        && serial != 0
        && (gap == Some(Gap::Hyphen) && !bare
            || window.has_word_before(digits.groups()[0].start, OF_US)))
    .then(|| digits.groups()[groups - 1].end)
}

fn brazil(window: &mut TextWindow<'_>, digits: &Digits) -> Option<usize> {
    let groups = digits.groups();
    let written = digits.is_grouped(&[3, 3, 3, 2], |_| true)
        && (groups[1].gap, groups[2].gap, groups[3].gap) == (Gap::Dot, Gap::Dot, Gap::Hyphen);
    let bare = groups[0].count() == 11 && window.has_word_before(groups[0].start, OF_BRAZIL);
    let used = match (written, bare) {
        (true, _) => 4,
        (_, true) => 1,
        _ => return None,
    };
    let values = digits.values(used);
    let checks = |count: usize| {
        let weights = (2..).zip(values[..count].iter().rev());
        let sum: u32 = weights
            .map(|(weight, &digit)| weight * u32::from(digit))
            .sum();
        sum * 10 % 11 % 10 == u32::from(values[count])
    };
    let all_same = values.iter().all(|digit| digit == &values[0]);
    (!all_same && checks(9) && checks(10)).then(|| groups[used - 1].end)
}

fn switzerland(digits: &Digits) -> Option<usize> {
    let used = if digits.is_grouped(&[3, 4, 4, 2], |gap| gap == Gap::Dot) {
        4
    } else if digits.groups()[0].count() == 13 {
        1
    } else {
        return None;
    };
    let values = digits.values(used);
    let weights = [1, 3].into_iter().cycle();
    let sum: u32 = values
        .iter()
        .zip(weights)
        .map(|(&d, w)| u32::from(d) * w)
        .sum();
    (values.starts_with(&[7, 5, 6]) && sum.is_multiple_of(10))
        .then(|| digits.groups()[used - 1].end)
}

fn france(digits: &Digits) -> Option<usize> {
    let spaced = |gap| matches!(gap, Gap::Space | Gap::Hyphen | Gap::Dot);
    let forms: [&[usize]; 4] = [&[1, 2, 2, 2, 3, 3, 2], &[13, 2], &[15], &[1, 2, 2, 5, 3, 2]];
    let form = forms.iter().find(|form| digits.is_grouped(form, spaced))?;
    let values = digits.values(form.len());
    let (number, key) = values.split_at(13);
    let month = decimal(&number[3..5]);
    (matches!(number[0], 1 | 2)
        && matches!(month, 1..=12 | 20..=42 | 50..=99)
        && 97 - decimal(number) % 97 == decimal(key))
    .then(|| digits.groups()[form.len() - 1].end)
}

fn canada(window: &mut TextWindow<'_>, digits: &Digits) -> Option<usize> {
    let spaced = |gap| matches!(gap, Gap::Space | Gap::Hyphen);
    let used = if digits.is_grouped(&[3, 3, 3], spaced) {
        3
    } else if digits.groups()[0].count() == 9 {
        1
    } else {
        return None;
    };
    (luhn(digits.values(used)) && window.has_word_before(digits.groups()[0].start, OF_CANADA))
        .then(|| digits.groups()[used - 1].end)
}

fn china(window: &mut TextWindow<'_>, digits: &Digits) -> Option<usize> {
    let group = digits.groups()[0];
    let last = match group.count() {
        18 => digits.of(0)[17],
        17 if matches!(window.at(group.end), Some(b'X' | b'x')) => 10,
        _ => return None,
    };
    let values = &digits.of(0)[..17];
    let (year, month, day) = (
        decimal(&values[6..10]),
        decimal(&values[10..12]),
        decimal(&values[12..14]),
    );
    // The weights are powers of two modulo 11, from the right.
    let sum = values
        .iter()
        .fold(0, |sum, &digit| (sum + u32::from(digit)) * 2 % 11);
    (values[0] != 0
        && matches!(year, 1900..=2099)
        && matches!(month, 1..=12)
        && matches!(day, 1..=31)
        && (sum + u32::from(last)) % 11 == 1)
        .then(|| group.end + usize::from(group.count() == 17))
}

fn spain(window: &mut TextWindow<'_>, digits: &Digits) -> Option<usize> {
    let group = digits.groups()[0];
    if group.count() != 8 {
        return None;
    }
    check_letter_end(window, group.end, decimal(digits.of(0)))
}

/// The end of the check letter of a Spanish number, if it is correct.
fn check_letter_end(window: &mut TextWindow<'_>, end: usize, number: u128) -> Option<usize> {
    let place = end + usize::from(window.at(end) == Some(b'-'));
    let letter = *OF_SPAIN.get((number % 23) as usize)?;
    (window.at(place)? == letter).then_some(place + 1)
}

/// The end of the id with leading letters that starts here.
pub(super) fn check_letters(window: &mut TextWindow<'_>, start: usize) -> Option<usize> {
    if !window.at(start)?.is_ascii_uppercase() || !window.opens(start) {
        return None;
    }
    foreigner(window, start)
        .or_else(|| britain(window, start))
        .or_else(|| italy(window, start))
        .filter(|&end| window.closes(end) && !joined_after(window, end))
}

/// The end of a Spanish NIE.
fn foreigner(window: &mut TextWindow<'_>, start: usize) -> Option<usize> {
    let first = match window.at(start)? {
        letter @ b'X'..=b'Z' => u128::from(letter - b'X'),
        _ => return None,
    };
    let from = start + 1 + usize::from(window.at(start + 1) == Some(b'-'));
    let end = window.run(from, 8, |byte| byte.is_ascii_digit());
    let digits = window.slice(from, end);
    let number = digits.iter().fold(first, |number, digit| {
        number * 10 + u128::from(digit - b'0')
    });
    (digits.len() == 7)
        .then(|| check_letter_end(window, end, number))
        .flatten()
}

fn britain(window: &mut TextWindow<'_>, start: usize) -> Option<usize> {
    let prefix = [window.at(start)?, window.at(start + 1)?];
    let given = prefix
        .iter()
        .all(|letter| letter.is_ascii_uppercase() && !b"DFIQUV".contains(letter))
        && prefix[1] != b'O'
        && ![b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"].contains(&&prefix);
    if !given {
        return None;
    }
    let spaced = window.at(start + 2) == Some(b' ');
    let mut place = start + 2;
    for _ in 0..3 {
        place += usize::from(spaced);
        if spaced && window.at(place - 1) != Some(b' ') {
            return None;
        }
        let end = window.run(place, 2, |byte| byte.is_ascii_digit());
        if end - place != 2 {
            return None;
        }
        place = end;
    }
    place += usize::from(spaced && window.at(place) == Some(b' '));
    matches!(window.at(place)?, b'A'..=b'D').then_some(place + 1)
}

fn italy(window: &mut TextWindow<'_>, start: usize) -> Option<usize> {
    /// The value of a letter or digit at an odd position.
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let mut sum = 0;
    for (at, shape) in b"AAAAAA00M00A000".iter().enumerate() {
        let byte = window.at(start + at)?;
        let fits = match shape {
            b'0' => byte.is_ascii_digit(),
            b'M' => b"ABCDEHLMPRST".contains(&byte),
            _ => byte.is_ascii_uppercase(),
        };
        if !fits {
            return None;
        }
        let value = byte - if byte.is_ascii_digit() { b'0' } else { b'A' };
        sum += if at % 2 == 0 {
            ODD[usize::from(value)]
        } else {
            u32::from(value)
        };
    }
    let check = window.at(start + 15)?;
    (u32::from(check) == u32::from(b'A') + sum % 26).then_some(start + 16)
}
