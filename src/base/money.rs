//! Money, exact.

use std::fmt;

use crate::base::decimal::{self, Decimal};

/// An amount of US dollars, kept as a whole number of pico-dollars (10⁻¹² dollars).
///
/// A price of one dollar for a million tokens is a million pico-dollars for each token, so
/// every price with up to six decimals gives a whole number, and sums are exact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Cost(u128);

impl Cost {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount in pico-dollars.
    pub const fn from_picodollars(amount: u128) -> Self {
        Self(amount)
    }

    /// The amount in pico-dollars.
    pub const fn as_picodollars(self) -> u128 {
        self.0
    }

    /// The sum, or the largest amount where it would not fit.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Reads dollars with at most twelve decimals; `None` for a negative or finer amount.
    pub(crate) fn from_dollars(value: Decimal) -> Option<Self> {
        value
            .scaled(12)
            .and_then(|amount| u128::try_from(amount).ok())
            .map(Self)
    }
}

impl fmt::Display for Cost {
    /// Writes dollars with at least two decimals, such as `$0.10`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        decimal::write(f, self.0, 12, 2)
    }
}

impl fmt::Debug for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Tokens: those that a request may take at most, or those that it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Usage {
    input: u64,
    output: u64,
}

impl Usage {
    /// So many tokens in and out.
    pub const fn new(input: u64, output: u64) -> Self {
        Self { input, output }
    }

    /// The tokens of the request.
    pub const fn input(self) -> u64 {
        self.input
    }

    /// The tokens of the answer.
    pub const fn output(self) -> u64 {
        self.output
    }
}

/// What a request has cost over all its attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bill {
    spent: Cost,
    exceeded: bool,
    unverified: bool,
}

impl Bill {
    pub(crate) fn new(spent: Cost, exceeded: bool, unverified: bool) -> Self {
        Self {
            spent,
            exceeded,
            unverified,
        }
    }

    /// What was spent: for each attempt what it used where that was reported, else its upper bound where
    /// it may have cost anything: one that serves, times out or ends in a `server_error` (a 5xx other
    /// than 503 and 529, a reply that cannot be read) may, so a fallback may be passed over for cost
    /// after it; one that is refused or never sent does not. An attempt without a price or without both usage and estimate counts
    /// nothing.
    pub fn spent(self) -> Cost {
        self.spent
    }

    /// Whether a `max_cost_per_request` on the way was exceeded after all.
    pub fn is_exceeded(self) -> bool {
        self.exceeded
    }

    /// Whether an attempt under a `max_cost_per_request` was made without knowing its upper bound: the
    /// request had no estimate, or the target no price.
    pub fn is_unverified(self) -> bool {
        self.unverified
    }
}

/// What a model costs, in US dollars for a million tokens.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pricing {
    input: Cost,
    output: Cost,
}

impl Pricing {
    /// A price from what one input and one output token cost.
    pub const fn per_token(input: Cost, output: Cost) -> Self {
        Self { input, output }
    }

    /// Reads dollars for a million tokens with at most six decimals.
    pub(crate) fn part(value: Decimal) -> Option<Cost> {
        // 10⁻⁶ dollars for 10⁶ tokens are 10⁻¹² dollars for one.
        value
            .scaled(6)
            .and_then(|amount| u128::try_from(amount).ok())
            .map(Cost)
    }

    /// What so many tokens cost: exactly, or the largest amount where it would not fit.
    pub const fn cost(self, usage: Usage) -> Cost {
        let input = self.input.0.saturating_mul(usage.input as u128);
        let output = self.output.0.saturating_mul(usage.output as u128);
        Cost(input.saturating_add(output))
    }

    /// The price of one input token.
    pub const fn input_token(self) -> Cost {
        self.input
    }

    /// The price of one output token.
    pub const fn output_token(self) -> Cost {
        self.output
    }
}

impl fmt::Debug for Pricing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        decimal::write(f, self.input.0, 6, 2)?;
        f.write_str(" in, $")?;
        decimal::write(f, self.output.0, 6, 2)?;
        f.write_str(" out per million tokens")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_cents_are_exactly_ten_cents() {
        let cents = Decimal::from_float(0.10).and_then(Cost::from_dollars);
        assert_eq!(cents, Some(Cost::from_picodollars(100_000_000_000)));
        assert_eq!(Cost::from_picodollars(100_000_000_000).to_string(), "$0.10");
        assert_eq!(Cost::from_picodollars(1).to_string(), "$0.000000000001");
    }

    #[test]
    fn a_price_is_whole_for_one_token() {
        let input = Decimal::from_float(0.15).and_then(Pricing::part);
        assert_eq!(input, Some(Cost::from_picodollars(150_000)));
        assert_eq!(
            Decimal::from_float(0.000_000_1).and_then(Pricing::part),
            None
        );
    }
}
