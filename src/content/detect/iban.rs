//! Detects IBANs by country, length and the check modulo 97.

use super::number::{Gap, read_gap};
use super::window::TextWindow;

/// The IBAN length of each country in the registry (ISO 13616), sorted by country.
pub(super) const COUNTRIES: &[([u8; 2], usize)] = &[
    (*b"AD", 24),
    (*b"AE", 23),
    (*b"AL", 28),
    (*b"AT", 20),
    (*b"AZ", 28),
    (*b"BA", 20),
    (*b"BE", 16),
    (*b"BG", 22),
    (*b"BH", 22),
    (*b"BI", 27),
    (*b"BR", 29),
    (*b"BY", 28),
    (*b"CH", 21),
    (*b"CR", 22),
    (*b"CY", 28),
    (*b"CZ", 24),
    (*b"DE", 22),
    (*b"DJ", 27),
    (*b"DK", 18),
    (*b"DO", 28),
    (*b"EE", 20),
    (*b"EG", 29),
    (*b"ES", 24),
    (*b"FI", 18),
    (*b"FK", 18),
    (*b"FO", 18),
    (*b"FR", 27),
    (*b"GB", 22),
    (*b"GE", 22),
    (*b"GI", 23),
    (*b"GL", 18),
    (*b"GR", 27),
    (*b"GT", 28),
    (*b"HR", 21),
    (*b"HU", 28),
    (*b"IE", 22),
    (*b"IL", 23),
    (*b"IQ", 23),
    (*b"IS", 26),
    (*b"IT", 27),
    (*b"JO", 30),
    (*b"KW", 30),
    (*b"KZ", 20),
    (*b"LB", 28),
    (*b"LC", 32),
    (*b"LI", 21),
    (*b"LT", 20),
    (*b"LU", 20),
    (*b"LV", 21),
    (*b"LY", 25),
    (*b"MC", 27),
    (*b"MD", 24),
    (*b"ME", 22),
    (*b"MK", 19),
    (*b"MN", 20),
    (*b"MR", 27),
    (*b"MT", 31),
    (*b"MU", 30),
    (*b"NI", 28),
    (*b"NL", 18),
    (*b"NO", 15),
    (*b"OM", 23),
    (*b"PK", 24),
    (*b"PL", 28),
    (*b"PS", 29),
    (*b"PT", 25),
    (*b"QA", 29),
    (*b"RO", 24),
    (*b"RS", 22),
    (*b"RU", 33),
    (*b"SA", 24),
    (*b"SC", 31),
    (*b"SD", 18),
    (*b"SE", 24),
    (*b"SI", 19),
    (*b"SK", 24),
    (*b"SM", 27),
    (*b"SN", 28),
    (*b"SO", 23),
    (*b"ST", 25),
    (*b"SV", 28),
    (*b"TL", 23),
    (*b"TN", 24),
    (*b"TR", 26),
    (*b"UA", 29),
    (*b"VA", 22),
    (*b"VG", 24),
    (*b"XK", 20),
    (*b"YE", 30),
];

/// The end of the IBAN that starts here.
pub(super) fn check(window: &mut TextWindow<'_>, start: usize) -> Option<usize> {
    let country = [window.at(start)?, window.at(start + 1)?].map(|byte| byte.to_ascii_uppercase());
    let known = COUNTRIES.binary_search_by_key(&country, |(code, _)| *code);
    let (_, length) = COUNTRIES[known.ok()?];
    let labelled = || start.checked_sub(4);
    if !window.opens(start)
        && !labelled().is_some_and(|at| window.is_at(at, b"IBAN") && window.opens(at))
    {
        return None;
    }
    // The check moves the first four characters to the end. A letter counts as two digits.
    let mut head = 0;
    let mut rest = 0;
    let mut place = start;
    for count in 0..length {
        if count > 0 {
            let (gap, after) = read_gap(window, place);
            if !matches!(
                gap,
                Gap::None | Gap::Space | Gap::Hyphen | Gap::Line | Gap::Plus
            ) {
                return None;
            }
            place = after;
        }
        let remainder = if count < 4 { &mut head } else { &mut rest };
        *remainder = match window.at(place)? {
            digit @ b'0'..=b'9' => *remainder * 10 + u32::from(digit - b'0'),
            // The two check digits cannot be letters.
            letter if letter.is_ascii_alphabetic() && !(2..4).contains(&count) => {
                *remainder * 100 + u32::from(letter.to_ascii_uppercase() - b'A') + 10
            }
            _ => return None,
        } % if count < 4 { 1_000_000 } else { 97 };
        place += 1;
    }
    let sum = (rest * (1_000_000 % 97) + head) % 97;
    (sum == 1 && window.closes(place)).then_some(place)
}
