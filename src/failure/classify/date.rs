//! Parses HTTP dates in all three forms (RFC 9110, 5.6.7).

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Returns the seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// In all three forms the day precedes the year and one word is a month, so one parser that ignores
/// the rest handles them all.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let (mut day, mut month, mut year, mut time) = (None, None, None, None);
    for part in text.split([' ', ',', '-']).filter(|part| !part.is_empty()) {
        if part.contains(':') {
            time = time.or_else(|| time_of_day(part));
        } else if part.bytes().all(|byte| byte.is_ascii_digit()) {
            let number: i64 = part.parse().ok()?;
            match day {
                None => day = Some(number),
                Some(_) => year = year.or(Some((number, part.len()))),
            }
        } else {
            month = month.or_else(|| month_of(part));
        }
    }
    let year = match year? {
        (short, 2) if short < 70 => 2000 + short,
        (short, 2) => 1900 + short,
        (year, 4) => year,
        _ => return None,
    };
    let day = day.filter(|day| (1..=31).contains(day))?;
    Some(days(year, month?, day) * 86_400 + time?)
}

fn month_of(word: &str) -> Option<i64> {
    // No weekday equals the name of a month.
    let place = MONTHS
        .iter()
        .position(|month| word.eq_ignore_ascii_case(month));
    place.and_then(|place| i64::try_from(place + 1).ok())
}

fn time_of_day(text: &str) -> Option<i64> {
    let mut parts = text.split(':').map(|part| part.parse::<u8>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    // 60 is a leap second.
    let fits = hour < 24 && minute < 60 && second <= 60 && parts.next().is_none();
    fits.then(|| i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second))
}

/// Returns the days since 1970 of a date in the Gregorian calendar. Years start in March here, which
/// makes the leap day the last day of the year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let of_year = (153 * month + 2) / 5 + day - 1;
    let leap = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // There are 719,468 days between 1 March of year 0 and 1 January 1970.
    year * 365 + leap + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_of_one_moment() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(seconds(text), Some(784_111_777), "{text}");
        }
    }

    #[test]
    fn days_are_counted_from_1970() {
        for (text, expected) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400),
            ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "soon",
            "06 Nov 08:49:37",
            "32 Nov 1994 08:49:37",
            "06 Nov 19944 08:49:37",
            "06 Nov 1994 24:49:37",
            "06 Nov 1994 08:49",
            "99999999999999999999 Nov 1994 08:49:37",
            "2026-11-24T00:00:00Z",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
