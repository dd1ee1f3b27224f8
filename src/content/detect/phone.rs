//! Detects phone numbers: international ones, and national forms without a country code.

use super::number::{DigitGroup, Digits, Gap, decimal};
use super::window::TextWindow;

/// Words that mark unformatted digits as a phone number.
const WORDS: &[&str] = &[
    "phone",
    "phones",
    "telephone",
    "tel",
    "telefon",
    "telefono",
    "teléfono",
    "téléphone",
    "telefone",
    "telefonnummer",
    "mobile",
    "mobil",
    "móvil",
    "movil",
    "handy",
    "cell",
    "cellphone",
    "celular",
    "appelez",
    "appeler",
    "joindre",
    "llame",
    "llamar",
    "llamame",
    "chiamare",
    "chiama",
    "ligue",
    "ligar",
    "anrufen",
    "call",
    "dial",
    "fax",
    "sms",
    "whatsapp",
    "portable",
    "电话",
    "電話",
    "手机",
    "手機",
    "号码",
    "тел",
    "звоните",
    "전화",
    "携帯",
];

/// Common country codes, each with the minimum and maximum number of digits after it. Other codes: at least 6,
/// and at most 15 with the code.
const COUNTRY_CODES: &[(u128, usize, usize)] = &[
    (1, 10, 10),
    (7, 10, 10),
    (27, 9, 9),
    (31, 9, 9),
    (32, 8, 9),
    (33, 9, 9),
    (34, 9, 9),
    (39, 6, 11),
    (41, 9, 9),
    (44, 9, 10),
    (45, 8, 8),
    (46, 7, 9),
    (47, 8, 8),
    (48, 9, 9),
    (49, 6, 11),
    (52, 10, 11),
    (55, 10, 11),
    (61, 9, 9),
    (81, 9, 10),
    (82, 8, 10),
    (86, 10, 11),
    (90, 10, 10),
    (91, 10, 10),
    (351, 9, 9),
    (353, 7, 9),
    (358, 6, 10),
    (380, 9, 9),
    (420, 9, 9),
];

/// The range of the phone number with these digits.
pub(super) fn check(window: &mut TextWindow<'_>, digits: &Digits) -> Option<(usize, usize)> {
    let first = *digits.groups().first()?;
    let (start, opened, plus) = prefix(window, first.start);
    if start < window.floor || !window.opens(start) {
        return None;
    }
    if plus {
        let used = international(digits, 0)?;
        return ends(window, digits, used).map(|end| (start, end));
    }
    let has_word_before = |window: &mut TextWindow<'_>| window.has_word_before(start, WORDS);
    let used = from_abroad(digits, || has_word_before(window))
        .or_else(|| parenthesized(digits, opened))
        .or_else(|| north_american(digits))
        .or_else(|| trunk(digits, || has_word_before(window)))
        .or_else(|| russian(digits))
        .or_else(|| chinese_mobile(digits))
        .or_else(|| plain(digits).filter(|_| has_word_before(window)))?;
    if runs_on(window, digits, used) {
        return None;
    }
    let closed = digits.groups()[..used]
        .iter()
        .any(|group| group.gap == Gap::Close);
    let start = if opened && closed { start } else { first.start };
    ends(window, digits, used).map(|end| (start, end))
}

/// The start of the number, whether it opens with a parenthesis, and whether it has a plus.
fn prefix(window: &mut TextWindow<'_>, digit: usize) -> (usize, bool, bool) {
    match window.before(digit, 1) {
        Some(b'+') => (digit - 1, false, true),
        Some(b'(') => (digit - 1, true, false),
        Some(_) if digit >= 3 && window.is_at(digit - 3, "＋".as_bytes()) => {
            (digit - 3, false, true)
        }
        Some(_) if digit >= 3 && window.is_at(digit - 3, "（".as_bytes()) => {
            (digit - 3, true, false)
        }
        _ => (digit, false, false),
    }
}

fn ends(window: &mut TextWindow<'_>, digits: &Digits, used: usize) -> Option<usize> {
    let end = digits.groups().get(used.checked_sub(1)?)?.end;
    let extension = window.at(end) == Some(b'x')
        && window.at(end + 1).is_some_and(|byte| byte.is_ascii_digit());
    (extension || window.closes(end)).then_some(end)
}

/// Whether the number is part of a longer sequence, such as a byte dump.
fn runs_on(window: &mut TextWindow<'_>, digits: &Digits, used: usize) -> bool {
    let inner = digits.gap_after(1).filter(|_| used > 1);
    let separator = match inner {
        Some(Gap::Space) => b' ',
        Some(Gap::Dot) => b'.',
        Some(Gap::Slash) => b'/',
        _ => b'-',
    };
    let start = digits.groups()[0].start;
    let last = window.before(start, 1);
    let before = (last == Some(separator) || matches!(last, Some(b'-' | b'.' | b'/')))
        && window
            .before(start, 2)
            .is_some_and(|byte| byte.is_ascii_digit());
    let after = inner.is_some() && digits.gap_after(used) == inner;
    let dotted = digits.gap_after(used) == Some(Gap::Dot);
    before || after || dotted
}

/// The largest number of groups that form a national number of `least` to `most` digits, not counting the
/// first `skipped` digits and a `(0)`.
fn as_long(digits: &Digits, skipped: usize, least: usize, most: usize) -> Option<usize> {
    let mut count = 0;
    let mut best = None;
    for (at, group) in digits.groups().iter().enumerate() {
        if at > 0
            && !matches!(
                group.gap,
                Gap::Space | Gap::Hyphen | Gap::Dot | Gap::Slash | Gap::Open | Gap::Close
            )
        {
            break;
        }
        let dropped = digits.of(at) == [0]
            && group.gap == Gap::Open
            && digits.gap_after(at + 1) == Some(Gap::Close);
        count += if dropped { 0 } else { group.count() };
        if (skipped + least..=skipped + most).contains(&count) && !dropped {
            best = Some(at + 1);
        }
    }
    best
}

/// After `+` or `00`: an assigned country code and the right number of digits.
fn international(digits: &Digits, skipped: usize) -> Option<usize> {
    let values = digits.values(digits.groups().len());
    let values = values.get(skipped..)?;
    let length = (1..=3).find(|&length| is_code(values.get(..length).unwrap_or_default()))?;
    let code = decimal(&values[..length]);
    let known = COUNTRY_CODES.iter().find(|(given, ..)| *given == code);
    let &(_, least, most) = known.unwrap_or(&(0, 6, 15 - length));
    as_long(digits, skipped + length, least, most)
}

/// Whether the country code is assigned to a country or a service (E.164).
fn is_code(digits: &[u8]) -> bool {
    match *digits {
        [1 | 7] | [4, 2, _] => true,
        [2, b] => matches!(b, 0 | 7),
        [3, b] => matches!(b, 0..=4 | 6 | 9),
        [4, b] => matches!(b, 0 | 1 | 3..=9),
        [5, b] => matches!(b, 1..=8),
        [6, b] => matches!(b, 0..=6),
        [8, b] => matches!(b, 1 | 2 | 4 | 6),
        [9, b] => matches!(b, 0..=5 | 8),
        [2, b, _] => matches!(b, 1..=6 | 9),
        [3, b, _] => matches!(b, 5 | 7 | 8),
        [5, b, _] => matches!(b, 0 | 9),
        [6, b, _] => matches!(b, 7..=9),
        [8, b, _] => matches!(b, 0 | 5 | 7 | 8),
        [9, b, _] => matches!(b, 6 | 7 | 9),
        _ => false,
    }
}

/// `0049 30 1234567`. Without separators it needs a keyword, since ids are padded with zeros.
fn from_abroad(digits: &Digits, has_word_before: impl FnOnce() -> bool) -> Option<usize> {
    if !digits.values(digits.groups().len()).starts_with(&[0, 0]) || digits.of(0).len() < 2 {
        return None;
    }
    let used = international(digits, 2)?;
    (used > 1 || has_word_before()).then_some(used)
}

/// `(030) 1234567`, `8 (912) 345-67-89`: an area code in parentheses.
fn parenthesized(digits: &Digits, opened: bool) -> Option<usize> {
    let groups = digits.groups();
    let area = usize::from(!opened);
    let led =
        opened || matches!(digits.of(0), [0 | 1 | 7 | 8]) && digits.gap_after(1) == Some(Gap::Open);
    if !led || digits.gap_after(area + 1) != Some(Gap::Close) {
        return None;
    }
    let long = match groups[area].count() {
        2 | 3 => true,
        4..=6 => digits.of(area)[0] == 0,
        _ => false,
    };
    let used = as_long(digits, 0, 8, 12)?;
    let shaped = groups[area + 1..used.max(area + 1)]
        .iter()
        .all(|group| group.count() > 1);
    (long && shaped && used > area + 1).then_some(used)
}

/// `415-555-0123`, `1-415-555-0123`: neither the area code nor the exchange starts with 0 or 1.
fn north_american(digits: &Digits) -> Option<usize> {
    let led = digits.of(0) == [1];
    let forms: &[usize] = if led { &[1, 3, 3, 4] } else { &[3, 3, 4] };
    let gap = digits.gap_after(1);
    let even = matches!(gap, Some(Gap::Hyphen | Gap::Dot | Gap::Space))
        && digits.is_grouped(forms, |between| Some(between) == gap);
    let area = usize::from(led);
    (even && digits.of(area)[0] > 1 && digits.of(area + 1)[0] > 1).then_some(forms.len())
}

/// `020 7946 0958`, `06.12.34.56.78`, `0151-12345678`: a zero and an area code, 9 to 11 digits in all, or
/// 12 in two groups.
fn trunk(digits: &Digits, has_word_before: impl FnOnce() -> bool) -> Option<usize> {
    let first = digits.groups()[0];
    let date = digits.is_grouped(&[2, 2, 4], |gap| {
        matches!(gap, Gap::Dot | Gap::Hyphen | Gap::Slash)
    });
    let area = (2..=5).contains(&first.count()) && matches!(digits.of(0), [0, 1..=9, ..]);
    if date || !area {
        return None;
    }
    let used = as_long(digits, 0, 9, 11)
        .or_else(|| as_long(digits, 0, 12, 12).filter(|&used| used == 2))?;
    let parts: &[DigitGroup] = &digits.groups()[1..used];
    // Two notations: pairs throughout, or a subscriber number in one to four parts.
    let pairs = used == 5 && parts.iter().all(|group| group.count() == 2);
    // Ascending pairs are as often days, hours or lottery numbers.
    let rising = (1..used).all(|at| digits.of(at - 1) < digits.of(at));
    let pairs = pairs && (!rising || has_word_before());
    let few = used <= 5 && parts.iter().any(|group| group.count() > 2);
    let outside = parts
        .iter()
        .any(|group| matches!(group.gap, Gap::Open | Gap::Close));
    (used > 1 && (pairs || few) && !outside).then_some(used)
}

/// `8-800-555-35-35`.
fn russian(digits: &Digits) -> Option<usize> {
    let gap = digits.gap_after(1);
    let even = matches!(gap, Some(Gap::Hyphen | Gap::Space))
        && digits.is_grouped(&[1, 3, 3, 2, 2], |between| Some(between) == gap);
    (even && digits.of(0) == [8]).then_some(5)
}

/// `138-0013-8000`.
fn chinese_mobile(digits: &Digits) -> Option<usize> {
    (digits.is_grouped(&[3, 4, 4], |gap| matches!(gap, Gap::Hyphen | Gap::Space))
        && matches!(digits.of(0), [1, 3..=9, _]))
    .then_some(3)
}

/// 7 to 12 digits; the caller requires a keyword.
fn plain(digits: &Digits) -> Option<usize> {
    let used = as_long(digits, 0, 7, 12)?;
    let date = digits.is_grouped(&[4, 2, 2], |_| true) || digits.is_grouped(&[2, 2, 4], |_| true);
    let dotted = digits.groups()[1..used]
        .iter()
        .all(|group| group.gap == Gap::Dot);
    let thousands = dotted && used > 1 && digits.of(0).len() < 3;
    (!date && !thousands && used <= 6).then_some(used)
}
