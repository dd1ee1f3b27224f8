//! Exact money: amounts, token usage, bills and prices.

use std::fmt;

use crate::base::decimal::{self, Decimal};

/// Holds an amount of US dollars as a whole number of pico-dollars (10⁻¹² dollars).
///
/// One dollar per million tokens is a million pico-dollars per token. So every price with up to six
/// decimals is a whole number, and sums are exact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Cost(u128);

impl Cost {
    /// No cost.
    pub const ZERO: Self = Self(0);

    /// Creates an amount from pico-dollars.
    pub const fn from_picodollars(amount: u128) -> Self {
        Self(amount)
    }

    /// Returns the amount in pico-dollars.
    pub const fn as_picodollars(self) -> u128 {
        self.0
    }

    /// Returns the sum, or the largest amount on overflow.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Converts dollars with at most twelve decimals; `None` for a negative or finer amount.
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

/// Counts input and output tokens: an upper bound for a request, or what it used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Usage {
    input: u64,
    output: u64,
}

impl Usage {
    /// Creates a usage from input and output tokens.
    pub const fn new(input: u64, output: u64) -> Self {
        Self { input, output }
    }

    /// Returns the input tokens.
    pub const fn input(self) -> u64 {
        self.input
    }

    /// Returns the output tokens.
    pub const fn output(self) -> u64 {
        self.output
    }
}

/// The cost of attempts: reported, bounded and unknown amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Spending {
    reported: Cost,
    bounded: Cost,
    unknown: u32,
}

impl Spending {
    /// The cost of one attempt that has ended: by its usage, else by the upper bound `most` if it may have cost
    /// anything.
    pub(crate) fn of_attempt(
        pricing: Option<Pricing>,
        used: Option<Usage>,
        most: Option<Usage>,
        may_cost: bool,
    ) -> Self {
        let nothing = Self::default();
        match (used, most, pricing) {
            (Some(used), _, Some(pricing)) => Self {
                reported: pricing.cost(used),
                ..nothing
            },
            (Some(used), _, None) if used == Usage::default() => nothing,
            (None, _, _) if !may_cost => nothing,
            (None, Some(most), Some(pricing)) => Self {
                bounded: pricing.cost(most),
                ..nothing
            },
            _ => Self {
                unknown: 1,
                ..nothing
            },
        }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            reported: self.reported.saturating_add(other.reported),
            bounded: self.bounded.saturating_add(other.bounded),
            unknown: self.unknown.saturating_add(other.unknown),
        }
    }

    /// The known amounts.
    pub(crate) fn total(self) -> Cost {
        self.reported.saturating_add(self.bounded)
    }
}

/// Tells what a request has cost over all its attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bill {
    spending: Spending,
    exceeded: bool,
    unverified: bool,
}

impl Bill {
    pub(crate) fn new(spending: Spending, exceeded: bool, unverified: bool) -> Self {
        Self {
            spending,
            exceeded,
            unverified,
        }
    }

    /// Returns the amount spent: [`reported`](Self::reported) and [`bounded`](Self::bounded) together.
    ///
    /// An attempt counts with its reported usage. Without one it counts with its upper bound if it may have cost
    /// anything: it served, had its reply blocked, was not reported, or failed with `timeout` or `server_error`.
    /// After such a failure, a fallback may be skipped for its cost. Attempts that failed in another way, or whose
    /// request text was blocked, cost nothing. An attempt also counts as zero if its target has no price, or if it has
    /// neither a reported usage nor an estimate.
    pub fn spent(self) -> Cost {
        self.spending.total()
    }

    /// Returns the cost of the attempts whose usage was reported.
    pub fn reported(self) -> Cost {
        self.spending.reported
    }

    /// Returns the upper bounds of the attempts that may have cost something and whose usage was not reported.
    pub fn bounded(self) -> Cost {
        self.spending.bounded
    }

    /// Returns the number of attempts that may have cost something that nobody knows: the target has no price, or
    /// there is neither a reported usage nor an estimate. They count as zero in [`spent`](Self::spent).
    pub fn unknown_attempts(self) -> u32 {
        self.spending.unknown
    }

    /// Returns whether the request exceeded a `max_cost_per_request` on its path.
    pub fn is_exceeded(self) -> bool {
        self.exceeded
    }

    /// Returns whether an attempt under a `max_cost_per_request` was made without a known upper bound: the
    /// request had no estimate, or the target had no price.
    pub fn is_unverified(self) -> bool {
        self.unverified
    }
}

/// Holds the price of a model, per input and per output token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pricing {
    input: Cost,
    output: Cost,
}

impl Pricing {
    /// Creates a price from the cost of one input token and one output token.
    pub const fn per_token(input: Cost, output: Cost) -> Self {
        Self { input, output }
    }

    /// Converts dollars per million tokens, with at most six decimals, to the cost of one token.
    pub(crate) fn token_cost(value: Decimal) -> Option<Cost> {
        // 10⁻⁶ dollars for 10⁶ tokens are 10⁻¹² dollars for one.
        value
            .scaled(6)
            .and_then(|amount| u128::try_from(amount).ok())
            .map(Cost)
    }

    /// Returns the exact cost of a usage, or the largest amount on overflow.
    pub const fn cost(self, usage: Usage) -> Cost {
        let input = self.input.0.saturating_mul(usage.input as u128);
        let output = self.output.0.saturating_mul(usage.output as u128);
        Cost(input.saturating_add(output))
    }

    /// Returns the price of one input token.
    pub const fn input_token(self) -> Cost {
        self.input
    }

    /// Returns the price of one output token.
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
        let input = Decimal::from_float(0.15).and_then(Pricing::token_cost);
        assert_eq!(input, Some(Cost::from_picodollars(150_000)));
        assert_eq!(
            Decimal::from_float(0.000_000_1).and_then(Pricing::token_cost),
            None
        );
    }
}
