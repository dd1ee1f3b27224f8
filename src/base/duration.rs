//! Parses and writes durations such as `500ms`, `5s` and `1m30s`.

use std::fmt::Write;
use std::time::Duration;

/// The longest duration: no request has a deadline beyond a day.
const LONGEST: Duration = Duration::from_hours(24);

/// Parses `500ms`, `5s`, `1m30s`, `1h`: integers, each with a unit, in descending order.
///
/// The error is a clause that follows the quoted duration in a message.
pub(crate) fn parse(text: &str) -> Result<Duration, &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    let mut rest = text;
    let mut total = Duration::ZERO;
    let mut last_unit = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 0 {
            return Err("a whole number is expected before each unit");
        }
        let count: u64 = rest[..digits].parse().map_err(|_| "it is too long")?;
        rest = &rest[digits..];
        let letters = rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_ascii_alphabetic())
                .len();
        let millis = match &rest[..letters] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "" if rest.starts_with('.') => return Err("only whole numbers are taken"),
            "" => return Err("a unit is needed"),
            _ => return Err("the unit is unknown"),
        };
        if millis >= last_unit {
            return Err("units go from large to small, each once");
        }
        last_unit = millis;
        rest = &rest[letters..];
        total = count
            .checked_mul(millis)
            .and_then(|part| total.checked_add(Duration::from_millis(part)))
            .filter(|&sum| sum <= LONGEST)
            .ok_or("it is longer than a day")?;
    }
    if total.is_zero() {
        return Err("zero is no duration");
    }
    Ok(total)
}

/// Writes a duration so that [`parse`] returns the same one.
pub(crate) fn write(duration: Duration) -> String {
    let millis = duration.as_millis();
    let mut text = String::new();
    for (unit, size) in [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
        let count = match unit {
            "h" => millis / size,
            "m" => millis % 3_600_000 / size,
            "s" => millis % 60_000 / size,
            _ => millis % 1_000,
        };
        if count > 0 {
            let _ = write!(text, "{count}{unit}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_and_written_back() {
        for (text, millis) in [
            ("500ms", 500),
            ("5s", 5_000),
            ("1m30s", 90_000),
            ("1h", 3_600_000),
            ("2m", 120_000),
            ("24h", 86_400_000),
            ("23h59m59s999ms", 86_399_999),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)));
            assert_eq!(write(Duration::from_millis(millis)), text);
        }
        assert_eq!(parse("90s").map(write), Ok("1m30s".to_owned()));
        for (text, why) in [
            ("", "it is empty"),
            ("5", "a unit is needed"),
            ("s", "a whole number is expected before each unit"),
            ("1.5s", "only whole numbers are taken"),
            ("5 s", "a unit is needed"),
            ("-5s", "a whole number is expected before each unit"),
            ("5sec", "the unit is unknown"),
            ("30s1m", "units go from large to small, each once"),
            ("1s1s", "units go from large to small, each once"),
            ("0s", "zero is no duration"),
            ("24h1ms", "it is longer than a day"),
            ("25h", "it is longer than a day"),
            ("99999999999999999999s", "it is too long"),
            ("9999999999999999999h", "it is longer than a day"),
        ] {
            assert_eq!(parse(text), Err(why), "{text}");
        }
    }
}
