//! [`Decimal`]: exact decimals from the numbers of a YAML or JSON reader.

/// An exact decimal number, `digits / 10^places`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    digits: i64,
    places: u32,
}

impl Decimal {
    pub(crate) fn from_int(value: i64) -> Self {
        Self {
            digits: value,
            places: 0,
        }
    }

    /// Converts a float through its shortest text. Up to 15 significant digits this is exactly what the
    /// author wrote. Returns `None` beyond that, and for NaN and infinities.
    pub(crate) fn from_float(value: f64) -> Option<Self> {
        // Rust prints floats without an exponent, so 1e300 would be 301 characters.
        if !value.is_finite() || value.abs() >= 1e18 {
            return None;
        }
        let text = value.to_string();
        let (sign, text) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.as_str()),
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let mut digits: i64 = 0;
        let mut significant = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            digits = digits
                .checked_mul(10)?
                .checked_add(i64::from(byte - b'0'))?;
            significant += usize::from(digits != 0);
        }
        let trailing = if fraction.is_empty() {
            whole.len() - whole.trim_end_matches('0').len()
        } else {
            0
        };
        if significant - trailing.min(significant) > 15 {
            return None;
        }
        Some(Self {
            digits: sign * digits,
            places: u32::try_from(fraction.len()).ok()?,
        })
    }

    /// Returns the float whose shortest text is this number.
    pub(crate) fn to_f64(self) -> f64 {
        format!("{}e-{}", self.digits, self.places)
            .parse()
            .unwrap_or(f64::NAN)
    }

    pub(crate) fn is_negative(self) -> bool {
        self.digits < 0
    }

    /// Returns the number times `10^places`, if that is an integer in range.
    pub(crate) fn scaled(self, places: u32) -> Option<i128> {
        if self.places <= places {
            return i128::from(self.digits).checked_mul(10_i128.checked_pow(places - self.places)?);
        }
        let divisor = 10_i128.checked_pow(self.places - places)?;
        let digits = i128::from(self.digits);
        (digits % divisor == 0).then(|| digits / divisor)
    }
}

/// Writes `amount / 10^places` with at least `least` decimals and no other trailing zeros.
pub(crate) fn write(
    f: &mut std::fmt::Formatter<'_>,
    amount: u128,
    places: usize,
    least: usize,
) -> std::fmt::Result {
    let unit = 10_u128.pow(u32::try_from(places).unwrap_or(0));
    let fraction = format!("{:0places$}", amount % unit);
    let mut kept = fraction.trim_end_matches('0').len();
    if kept < least {
        kept = least.min(places);
    }
    if kept == 0 {
        write!(f, "{}", amount / unit)
    } else {
        write!(f, "{}.{}", amount / unit, &fraction[..kept])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_give_what_was_written() {
        for (value, places, expected) in [
            (99.5, 2, Some(9950)),
            (0.1, 12, Some(100_000_000_000)),
            (0.15, 6, Some(150_000)),
            (99.555, 2, None),
            (-0.5, 2, Some(-50)),
            (1e15, 0, Some(1_000_000_000_000_000)),
            (0.000_001, 6, Some(1)),
            (0.1 + 0.2, 12, None),
            (1e300, 2, None),
            (f64::NAN, 2, None),
            (f64::INFINITY, 2, None),
            (100.0, 2, Some(10_000)),
            // Fifteen digits, and one more.
            (123_456_789_012_345.0, 0, Some(123_456_789_012_345)),
            (0.123_456_789_012_345, 15, Some(123_456_789_012_345)),
            (0.123_456_789_012_345_6, 16, None),
        ] {
            assert_eq!(
                Decimal::from_float(value).and_then(|d| d.scaled(places)),
                expected,
                "{value}"
            );
        }
    }
}
