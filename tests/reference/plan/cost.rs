//! Budgets and bills.
//!
//! Amounts are whole numbers of the millionth part of a millionth of a dollar. A price has at most
//! six decimals and is for a million tokens, so what one token costs is such a number.

use super::super::tree::Tree;
use super::walk::{Frame, Walk};
use super::{Outcome, Planner, Target};

/// Tokens in and out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) input: u64,
    pub(crate) output: u64,
}

/// What one token costs, in and out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Price {
    pub(crate) input: u128,
    pub(crate) output: u128,
}

impl Price {
    fn of(self, tokens: Tokens) -> u128 {
        self.input * u128::from(tokens.input) + self.output * u128::from(tokens.output)
    }
}

/// What a request has cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Bill {
    /// What is reported, and what is bounded.
    pub(crate) spent: u128,
    /// The part of it that somebody reported.
    pub(crate) reported: u128,
    /// The attempts that may have cost what nobody knows.
    pub(crate) unknown: u32,
    /// Whether a limit was exceeded all the same.
    pub(crate) exceeded: bool,
    /// Whether anything was tried under a limit without anybody knowing its upper bound.
    pub(crate) unverified: bool,
}

/// The limit of one alias.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    most: u128,
    /// What the request had spent when it came there.
    before: u128,
    /// Whether what has no price is tried all the same.
    is_lenient: bool,
}

impl Budget {
    fn is_exceeded(self, spent: u128) -> bool {
        spent - self.before > self.most
    }
}

impl Planner<'_> {
    /// What a target costs: as the embedder says, else as is written, else nobody knows.
    fn price(&self, target: &Target) -> Option<Price> {
        let written = || {
            let pricing = self.view.entries[target.entry].node.get("pricing")?;
            let part = |field| pricing.get(field).map(|amount| shifted(amount, 6));
            Some(Price {
                input: part("input")?,
                output: part("output")?,
            })
        };
        self.prices.get(&target.text).copied().or_else(written)
    }

    /// The `max_cost_per_request` of an alias that is entered now.
    pub(super) fn budget(&self, alias: usize, spent: u128) -> Option<Budget> {
        let guardrails = self.group(alias).node.get("guardrails")?;
        Some(Budget {
            most: shifted(guardrails.get("max_cost_per_request")?, 12),
            before: spent,
            is_lenient: guardrails.text_at("on_unverifiable") == Some("allow"),
        })
    }

    /// Whether a prompt of this length fits into the context window, beside the reply that `params` allow.
    pub(super) fn has_room(&self, target: &Target, prompt: u64) -> bool {
        match self.view.entries[target.entry].node.get("context_window") {
            Some(Tree::Int(window)) => {
                let (limit, replies) = target.replies;
                let output = limit.map_or(0, |limit| i128::from(limit) * i128::from(replies));
                i128::from(prompt) + output <= i128::from(*window)
            }
            _ => true,
        }
    }
}

/// The most that a request takes at a target.
fn at_most(estimate: Tokens, target: &Target) -> Tokens {
    let (limit, replies) = target.replies;
    Tokens {
        output: limit.unwrap_or(estimate.output).saturating_mul(replies),
        ..estimate
    }
}

impl Walk<'_> {
    /// Whether a target is passed over for its price.
    pub(super) fn is_too_costly(&self, target: &Target) -> bool {
        let Some(estimate) = self.asked.estimate else {
            return false;
        };
        let mut budgets = self.budgets();
        match self.planner.price(target) {
            Some(price) => {
                let spent = self.bill.spent + price.of(at_most(estimate, target));
                budgets.any(|budget| budget.is_exceeded(spent))
            }
            None => budgets.any(|budget| !budget.is_lenient),
        }
    }

    /// Counts an attempt that ended.
    pub(super) fn charge(&mut self, target: &Target, outcome: &Outcome, used: Option<Tokens>) {
        let price = self.planner.price(target);
        let worst = price.zip(self.asked.estimate);
        let worst = worst.map(|(price, tokens)| price.of(at_most(tokens, target)));
        let tokens = used;
        let used = price.zip(used).map(|(price, tokens)| price.of(tokens));
        // Whatever is no timeout and did not break was refused, or not even sent.
        let is_free = match outcome {
            Outcome::Failed(failure) => !["timeout", "server_error"].contains(&failure.class),
            Outcome::Served | Outcome::Dropped => false,
        };
        let has_said = tokens.is_some();
        let is_nothing = tokens.is_some_and(|used| used.input == 0 && used.output == 0);
        let is_unknown = match price {
            Some(_) => !has_said && worst.is_none() && !is_free,
            None => !is_nothing && (has_said || !is_free),
        };
        self.bill.unknown += u32::from(is_unknown);
        self.bill.reported += used.unwrap_or_default();
        let cost = used.or(worst.filter(|_| !is_free)).unwrap_or_default();
        self.bill.spent += cost;
        let spent = self.bill.spent;
        let is_exceeded = self.budgets().any(|budget| budget.is_exceeded(spent));
        let is_limited = self.budgets().next().is_some();
        self.bill.exceeded |= is_exceeded;
        self.bill.unverified |= is_limited && worst.is_none();
    }

    fn budgets(&self) -> impl Iterator<Item = Budget> {
        self.frames.iter().filter_map(|frame: &Frame| frame.budget)
    }
}

/// The number times ten to the power of `places`.
fn shifted(number: &Tree, places: usize) -> u128 {
    let text = match number {
        Tree::Int(whole) => whole.to_string(),
        Tree::Decimal(text) => text.clone(),
        other => panic!("{other:?} is no amount"),
    };
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = format!("{whole}{part:0<places$}");
    digits.parse().expect("an amount has digits")
}
