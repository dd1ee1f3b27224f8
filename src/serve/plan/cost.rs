//! What a request may cost, and what it has cost.

use super::Plan;
use super::frame::Limits;
use super::ground::Ground;
use crate::base::money::{Bill, Cost, Usage};
use crate::failure::FailureClass;
use crate::table::{AliasId, End, TargetId};

/// A limit that runs: by then a request may have spent so much. Those of several aliases are one, since
/// all of them hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Budget {
    /// With what was spent before the request came to the alias, where its own part begins.
    upto: Cost,
    /// Whether a target of which nobody knows the price is passed over.
    refuses: bool,
}

impl Budget {
    /// What holds inside aliases with these limits that are come to when so much is spent.
    pub(super) fn within(outer: Option<Self>, limits: Limits, spent: Cost) -> Option<Self> {
        let own = limits.cost.map(|most| Self {
            upto: spent.saturating_add(most),
            refuses: limits.refuses,
        });
        match (outer, own) {
            (Some(outer), Some(own)) => Some(Self {
                upto: outer.upto.min(own.upto),
                refuses: outer.refuses || own.refuses,
            }),
            (outer, own) => outer.or(own),
        }
    }

    fn admits(self, spent: Cost) -> bool {
        spent <= self.upto
    }
}

/// What a request has spent.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) spent: Cost,
    /// Of the attempt under way: its upper bound, its usage once that is reported, and its limit.
    bound: Cost,
    used: Option<Usage>,
    budget: Option<Budget>,
    target: Option<TargetId>,
    exceeded: bool,
    unverified: bool,
}

impl Plan {
    /// The limit on the cost of a target that a path leads to.
    pub(super) fn budget(&self, ground: &Ground<'_>, path: &[AliasId]) -> Option<Budget> {
        let outer = self.frames.last().and_then(|frame| frame.budget);
        let own = Limits::of(&ground.snapshot.table, path);
        Budget::within(outer, own, self.ledger.spent)
    }

    /// Whether a target that a path leads to would cost too much now.
    pub(super) fn is_too_costly(
        &self,
        ground: &Ground<'_>,
        path: &[AliasId],
        at: TargetId,
    ) -> bool {
        is_too_costly(ground, at, self.ledger.spent, self.budget(ground, path))
    }

    /// What the request has spent if the attempt under way times out and nobody says what it used.
    pub(super) fn spent_at_worst(&self) -> Cost {
        self.ledger.spent.saturating_add(self.ledger.bound)
    }

    /// Begins to count an attempt.
    pub(super) fn open_bill(&mut self, ground: &Ground<'_>, at: TargetId, budget: Option<Budget>) {
        let pricing = ground.pricing(at);
        let known = pricing.zip(ground.estimate);
        let ledger = &mut self.ledger;
        ledger.unverified |= budget.is_some() && known.is_none();
        ledger.bound = known.map_or(Cost::ZERO, |(pricing, estimate)| pricing.cost(estimate));
        ledger.used = None;
        ledger.budget = budget;
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
        ledger.exceeded |= ledger.budget.is_some_and(|budget| !budget.admits(spent));
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
            budget: self.ledger.budget,
            exceeded: self.ledger.exceeded,
            unverified: self.ledger.unverified,
        }
    }

    /// Whether nothing that a fallback leads to has room for as many tokens as the request estimates.
    pub(crate) fn is_too_small(ground: &Ground<'_>, end: End) -> bool {
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

/// Whether a target would cost too much at worst once so much is spent, or nobody knows. Without an
/// estimate nothing is known beforehand and nothing is refused.
pub(super) fn is_too_costly(
    ground: &Ground<'_>,
    at: TargetId,
    spent: Cost,
    budget: Option<Budget>,
) -> bool {
    let (Some(budget), Some(estimate)) = (budget, ground.estimate) else {
        return false;
    };
    match ground.pricing(at) {
        Some(pricing) => !budget.admits(spent.saturating_add(pricing.cost(estimate))),
        None => budget.refuses,
    }
}

/// Whether a failed attempt may have cost anything: one that was refused, or never sent, did not.
fn may_cost(class: FailureClass) -> bool {
    matches!(class, FailureClass::Timeout | FailureClass::ServerError)
}

/// What a request had spent, and its limits, before the attempt that serves.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tab {
    spent: Cost,
    budget: Option<Budget>,
    exceeded: bool,
    unverified: bool,
}

impl Tab {
    /// The bill once the attempt that serves has cost so much.
    pub(crate) fn bill(&self, cost: Cost) -> Bill {
        let spent = self.spent.saturating_add(cost);
        let exceeded = self.exceeded || self.budget.is_some_and(|budget| !budget.admits(spent));
        Bill::new(spent, exceeded, self.unverified)
    }
}
