//! What a request may cost, and what it has cost.

use super::Plan;
use super::frame::Limits;
use super::ground::Ground;
use crate::failure::FailureClass;
use crate::money::{Bill, Cost, Usage};
use crate::table::{AliasId, End, TargetId};

/// A limit that runs: the part of a request inside one alias may cost so much.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    pub(super) most: Cost,
    /// What the request had spent when it came to that alias.
    pub(super) before: Cost,
    /// Whether a target of which nobody knows the price is passed over.
    pub(super) refuses: bool,
}

impl Budget {
    pub(super) fn of(limits: Limits, spent: Cost) -> Option<Self> {
        limits.cost.map(|most| Self {
            most,
            before: spent,
            refuses: limits.refuses,
        })
    }

    fn admits(self, spent: Cost) -> bool {
        spent.saturating_sub(self.before) <= self.most
    }
}

/// What a request has spent.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) spent: Cost,
    /// Of the attempt under way: its upper bound, its usage once that is reported, and its limits.
    bound: Cost,
    used: Option<Usage>,
    budgets: Vec<Budget>,
    target: Option<TargetId>,
    exceeded: bool,
    unverified: bool,
}

impl Plan {
    /// The limits on the cost of a target that a path leads to.
    pub(super) fn budgets(&self, ground: &Ground<'_>, path: &[AliasId]) -> Vec<Budget> {
        let own = Limits::of(&ground.snapshot.table, path);
        self.frames
            .all()
            .filter_map(|frame| frame.budget)
            .chain(Budget::of(own, self.ledger.spent))
            .collect()
    }

    /// Whether a target would cost too much at worst, or nobody knows. Without an estimate nothing is
    /// known beforehand and nothing is refused.
    pub(super) fn is_too_costly(
        &self,
        ground: &Ground<'_>,
        path: &[AliasId],
        at: TargetId,
    ) -> bool {
        let Some(estimate) = ground.estimate else {
            return false;
        };
        let mut budgets = self.budgets(ground, path).into_iter();
        match ground.pricing(at) {
            Some(pricing) => {
                let spent = self.ledger.spent.saturating_add(pricing.cost(estimate));
                budgets.any(|budget| !budget.admits(spent))
            }
            None => budgets.any(|budget| budget.refuses),
        }
    }

    /// Begins to count an attempt.
    pub(super) fn open_bill(&mut self, ground: &Ground<'_>, at: TargetId, budgets: Vec<Budget>) {
        let pricing = ground.pricing(at);
        let known = pricing.zip(ground.estimate);
        let ledger = &mut self.ledger;
        ledger.unverified |= !budgets.is_empty() && known.is_none();
        ledger.bound = known.map_or(Cost::ZERO, |(pricing, estimate)| pricing.cost(estimate));
        ledger.used = None;
        ledger.budgets = budgets;
        ledger.target = Some(at);
    }

    /// Notes what the attempt under way has used.
    pub(crate) fn used(&mut self, usage: Usage) {
        self.ledger.used = Some(usage);
    }

    /// Ends counting an attempt: what it used if that is known, else its upper bound, unless it
    /// failed in a way that costs nothing.
    pub(super) fn close_bill(&mut self, ground: &Ground<'_>, failed: Option<FailureClass>) {
        let ledger = &mut self.ledger;
        let pricing = ledger.target.take().and_then(|at| ground.pricing(at));
        let cost = match (ledger.used, pricing) {
            (Some(usage), Some(pricing)) => pricing.cost(usage),
            _ if failed.is_some_and(|class| !may_cost(class)) => Cost::ZERO,
            _ => ledger.bound,
        };
        ledger.spent = ledger.spent.saturating_add(cost);
        let spent = ledger.spent;
        ledger.exceeded |= ledger.budgets.iter().any(|budget| !budget.admits(spent));
    }

    /// What the request has cost so far.
    pub(crate) fn bill(&self) -> Bill {
        let Ledger {
            spent,
            exceeded,
            unverified,
            ..
        } = self.ledger;
        Bill::new(spent, exceeded, unverified)
    }

    /// The request's cost and limits without the attempt that serves, whose usage comes later.
    pub(crate) fn tab(&self) -> Tab {
        Tab {
            spent: self.ledger.spent,
            budgets: self.ledger.budgets.clone(),
            exceeded: self.ledger.exceeded,
            unverified: self.ledger.unverified,
        }
    }

    /// Whether nothing that a fallback leads to has room for as many tokens as the request estimates.
    pub(super) fn is_too_small(ground: &Ground<'_>, end: End) -> bool {
        let Some(estimate) = ground.estimate else {
            return false;
        };
        let tokens = estimate.input().saturating_add(estimate.output());
        let table = &ground.snapshot.table;
        let mut fits = false;
        table.each_target(end, |at| {
            let window = table.target(at).provider.context_window;
            fits = fits || window.is_none_or(|window| window >= tokens);
        });
        !fits
    }
}

/// Whether a failed attempt may have cost anything: one that was refused, or never sent, did not.
fn may_cost(class: FailureClass) -> bool {
    matches!(class, FailureClass::Timeout | FailureClass::ServerError)
}

/// What a request had spent, and its limits, before the attempt that serves.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tab {
    spent: Cost,
    budgets: Vec<Budget>,
    exceeded: bool,
    unverified: bool,
}

impl Tab {
    /// The bill once the attempt that serves has cost so much.
    pub(crate) fn bill(&self, cost: Cost) -> Bill {
        let spent = self.spent.saturating_add(cost);
        let exceeded = self.exceeded || self.budgets.iter().any(|budget| !budget.admits(spent));
        Bill::new(spent, exceeded, self.unverified)
    }
}
