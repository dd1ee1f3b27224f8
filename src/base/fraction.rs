//! [`Fraction`]: exact shares between 0 and 1.

use std::cmp::Ordering;
use std::fmt;

/// Holds a share of requests or keys between 0 and 1.
///
/// It is a fraction of 128-bit integers in lowest terms. A result that does not fit is rounded to 10⁻¹²
/// and marked as inexact.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fraction {
    numerator: u128,
    denominator: u128,
    exact: bool,
}

/// The denominator of rounded fractions.
const ROUNDED: u128 = 1_000_000_000_000;

impl Fraction {
    /// The share 0.
    pub const ZERO: Self = Self {
        numerator: 0,
        denominator: 1,
        exact: true,
    };

    /// The share 1.
    pub const ONE: Self = Self {
        numerator: 1,
        denominator: 1,
        exact: true,
    };

    /// Creates a fraction; a denominator of 0 counts as 1.
    pub(crate) fn new(numerator: u128, denominator: u128) -> Self {
        let denominator = denominator.max(1);
        let divisor = gcd(numerator, denominator).max(1);
        Self {
            numerator: numerator / divisor,
            denominator: denominator / divisor,
            exact: true,
        }
    }

    /// Returns the numerator.
    pub fn numerator(self) -> u128 {
        self.numerator
    }

    /// Returns the denominator, which is never 0.
    pub fn denominator(self) -> u128 {
        self.denominator
    }

    /// Returns whether the share is exact, not rounded.
    pub fn is_exact(self) -> bool {
        self.exact
    }

    /// Returns the share as a float.
    #[expect(clippy::cast_precision_loss, reason = "a float is what is asked for")]
    pub fn as_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// Returns the share as a decimal with at most twelve places, such as `0.05`.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(model_aliases::Fraction::ONE.to_decimal(), "1");
    /// ```
    pub fn to_decimal(self) -> String {
        let parts = self.numerator.checked_mul(2 * ROUNDED).map_or_else(
            || Self::rounded(self.as_f64()).numerator_of(ROUNDED),
            |twice| (twice / self.denominator).div_ceil(2),
        );
        let text = format!("{}.{:012}", parts / ROUNDED, parts % ROUNDED);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// Returns the numerator over another denominator, which must be a multiple of its own.
    fn numerator_of(self, denominator: u128) -> u128 {
        self.numerator * (denominator / self.denominator)
    }

    /// Returns the same share, marked as inexact.
    pub(crate) fn inexact(self) -> Self {
        Self {
            exact: false,
            ..self
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "shares lie between 0 and 1"
    )]
    fn rounded(value: f64) -> Self {
        let parts = (value * ROUNDED as f64).round().clamp(0.0, ROUNDED as f64);
        Self::new(parts as u128, ROUNDED).inexact()
    }

    /// Whether two shares are equal in value, exact or not.
    pub(crate) fn is_same(self, other: Self) -> bool {
        (self.numerator, self.denominator) == (other.numerator, other.denominator)
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        let sum = || {
            let divisor = gcd(self.denominator, other.denominator).max(1);
            let left = self.numerator.checked_mul(other.denominator / divisor)?;
            let right = other.numerator.checked_mul(self.denominator / divisor)?;
            let denominator = self.denominator.checked_mul(other.denominator / divisor)?;
            Some(Self::new(left.checked_add(right)?, denominator))
        };
        let sum = sum().unwrap_or_else(|| Self::rounded(self.as_f64() + other.as_f64()));
        Self {
            exact: sum.exact && self.exact && other.exact,
            ..sum
        }
    }

    /// Returns the difference, at least 0.
    pub(crate) fn minus(self, other: Self) -> Self {
        let difference = || {
            let divisor = gcd(self.denominator, other.denominator).max(1);
            let left = self.numerator.checked_mul(other.denominator / divisor)?;
            let right = other.numerator.checked_mul(self.denominator / divisor)?;
            let denominator = self.denominator.checked_mul(other.denominator / divisor)?;
            Some(Self::new(left.saturating_sub(right), denominator))
        };
        let difference =
            difference().unwrap_or_else(|| Self::rounded(self.as_f64() - other.as_f64()));
        Self {
            exact: difference.exact && self.exact && other.exact,
            ..difference
        }
    }

    pub(crate) fn times(self, other: Self) -> Self {
        // Reducing crosswise first keeps the products small.
        let (a, d) = reduced(self.numerator, other.denominator);
        let (c, b) = reduced(other.numerator, self.denominator);
        let product = a.checked_mul(c).zip(b.checked_mul(d)).map_or_else(
            || Self::rounded(self.as_f64() * other.as_f64()),
            |(above, below)| Self::new(above, below),
        );
        Self {
            exact: product.exact && self.exact && other.exact,
            ..product
        }
    }

    /// Returns the quotient; `other` must not be zero.
    pub(crate) fn over(self, other: Self) -> Self {
        self.times(Self {
            numerator: other.denominator,
            denominator: other.numerator.max(1),
            exact: other.exact,
        })
    }

    pub(crate) fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// Returns the share in hundredths of a percent, rounded to the nearest.
    pub(crate) fn hundredths(self) -> u128 {
        let whole = self.numerator.checked_mul(20_000);
        match whole {
            Some(whole) => (whole / self.denominator).div_ceil(2),
            None => Self::rounded(self.as_f64()).hundredths(),
        }
    }
}

fn reduced(above: u128, below: u128) -> (u128, u128) {
    let divisor = gcd(above, below).max(1);
    (above / divisor, below / divisor)
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        // Consistent with `Eq`: an exact share differs from an equal one that is rounded.
        compare(
            (self.numerator, self.denominator),
            (other.numerator, other.denominator),
        )
        .then(self.exact.cmp(&other.exact))
    }
}

/// Compares two quotients by their continued fractions, which needs no product.
fn compare(mut one: (u128, u128), mut other: (u128, u128)) -> Ordering {
    loop {
        let whole = (one.0 / one.1).cmp(&(other.0 / other.1));
        let rests = (one.0 % one.1, other.0 % other.1);
        match (whole, rests) {
            (Ordering::Equal, (0, 0)) => return Ordering::Equal,
            (Ordering::Equal, (0, _)) => return Ordering::Less,
            (Ordering::Equal, (_, 0)) => return Ordering::Greater,
            // The rests compare like their reciprocals the other way round.
            (Ordering::Equal, (rest, other_rest)) => {
                (one, other) = ((other.1, other_rest), (one.1, rest));
            }
            (unequal, _) => return unequal,
        }
    }
}

impl fmt::Display for Fraction {
    /// Writes a percentage with two decimals, such as `10.00%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = self.hundredths();
        write!(f, "{}.{:02}%", hundredths / 100, hundredths % 100)
    }
}

impl fmt::Debug for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = if self.exact { "" } else { "about " };
        write!(f, "{about}{}/{}", self.numerator, self.denominator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_products_are_in_lowest_terms() {
        let third = Fraction::new(2, 6);
        assert_eq!(format!("{third:?}"), "1/3");
        assert_eq!(third.plus(Fraction::new(1, 6)), Fraction::new(1, 2));
        assert_eq!(third.times(Fraction::new(3, 4)), Fraction::new(1, 4));
        assert!(Fraction::new(1, 3) < Fraction::new(1, 2));
        assert_eq!(Fraction::new(1, 3).to_string(), "33.33%");
        assert_eq!(Fraction::new(2, 3).to_string(), "66.67%");
        assert_eq!(Fraction::ONE.to_string(), "100.00%");
        assert_eq!(Fraction::new(1, 20_000).to_string(), "0.01%");
    }

    #[test]
    fn the_order_is_exact_where_products_do_not_fit() {
        let most = u128::MAX;
        let rising = [
            Fraction::ZERO,
            Fraction::new(1, most),
            Fraction::new(1, most - 1),
            Fraction::new(most / 3, most - 1),
            Fraction::new(most / 3, most - 2),
            Fraction::new(most - 3, most - 2),
            Fraction::new(most - 2, most - 1),
            Fraction::new(most - 1, most),
            Fraction::ONE,
        ];
        for (at, one) in rising.iter().enumerate() {
            for (other_at, other) in rising.iter().enumerate() {
                assert_eq!(one.cmp(other), at.cmp(&other_at), "{one:?} {other:?}");
            }
        }
        // Small ones as by their products.
        for (a, b) in (0..12).flat_map(|a| (1..12).map(move |b| (a, b))) {
            for (c, d) in (0..12).flat_map(|c| (1..12).map(move |d| (c, d))) {
                assert_eq!(
                    compare((a, b), (c, d)),
                    (a * d).cmp(&(c * b)),
                    "{a}/{b} {c}/{d}"
                );
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_rounded_and_marked() {
        let tiny = Fraction::new(1, u128::MAX);
        let product = tiny.times(Fraction::new(1, 3));
        assert!(!product.is_exact());
        let prime = Fraction::new(1, (1 << 127) - 1);
        let sum = Fraction::new(1, u128::MAX - 158)
            .plus(prime)
            .plus(Fraction::new(1, 2));
        assert!((sum.as_f64() - 0.5).abs() < 1e-11);
    }
}
