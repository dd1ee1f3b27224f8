//! What a request has spent.

use super::limits::Budget;
use crate::base::money::{Bill, Cost, Pricing, Usage};
use crate::failure::FailureClass;

/// The bill of a request while it runs.
///
/// The last attempt stays open, so that its usage may be reported after its end. It counts once it has
/// ended: at its usage if that is known, else at its upper bound.
#[derive(Debug, Default)]
pub(super) struct RunningBill {
    /// The cost of the attempts before the last.
    before: Cost,
    last: Option<LastAttempt>,
    exceeded: bool,
    unverified: bool,
}

#[derive(Debug, Clone, Copy)]
struct LastAttempt {
    pricing: Option<Pricing>,
    bound: Cost,
    budget: Option<Budget>,
    used: Option<Usage>,
    state: AttemptState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AttemptState {
    UnderWay,
    Ended,
    /// It was refused or not sent.
    Free,
}

impl LastAttempt {
    fn cost(self) -> Cost {
        let used = self.used.zip(self.pricing);
        match (self.state, used) {
            (AttemptState::UnderWay, _) | (AttemptState::Free, None) => Cost::ZERO,
            (_, Some((usage, pricing))) => pricing.cost(usage),
            (AttemptState::Ended, None) => self.bound,
        }
    }

    fn exceeds(self, spent: Cost) -> bool {
        self.state != AttemptState::UnderWay
            && self.budget.is_some_and(|budget| !budget.admits(spent))
    }
}

impl RunningBill {
    /// Begins to count an attempt. The one before it is closed.
    pub(super) fn open(
        &mut self,
        pricing: Option<Pricing>,
        estimate: Option<Usage>,
        budget: Option<Budget>,
    ) {
        self.exceeded = self.is_exceeded();
        self.before = self.spent();
        let known = pricing.zip(estimate);
        let bound = known.map(|(pricing, estimate)| pricing.cost(estimate));
        self.unverified |= budget.is_some() && bound.is_none();
        self.last = Some(LastAttempt {
            pricing,
            bound: bound.unwrap_or(Cost::ZERO),
            budget,
            used: None,
            state: AttemptState::UnderWay,
        });
    }

    /// Notes the usage of the last attempt; the last report counts.
    pub(super) fn used(&mut self, usage: Usage) {
        if let Some(last) = &mut self.last {
            last.used = Some(usage);
        }
    }

    /// Notes that the last attempt ended, with a failure or without.
    pub(super) fn end(&mut self, failure: Option<FailureClass>) {
        if let Some(last) = &mut self.last {
            last.state = match failure {
                Some(class) if !may_cost(class) => AttemptState::Free,
                _ => AttemptState::Ended,
            };
        }
    }

    pub(super) fn spent(&self) -> Cost {
        let last = self.last.map_or(Cost::ZERO, LastAttempt::cost);
        self.before.saturating_add(last)
    }

    /// The amount spent if the attempt under way times out and its usage stays unknown.
    pub(super) fn spent_at_worst(&self) -> Cost {
        let bound = match self.last {
            Some(last) if last.state == AttemptState::UnderWay => last.bound,
            _ => Cost::ZERO,
        };
        self.spent().saturating_add(bound)
    }

    fn is_exceeded(&self) -> bool {
        let spent = self.spent();
        self.exceeded || self.last.is_some_and(|last| last.exceeds(spent))
    }

    pub(super) fn to_bill(&self) -> Bill {
        Bill::new(self.spent(), self.is_exceeded(), self.unverified)
    }
}

/// Whether a failed attempt may have cost anything: one that was refused, or never sent, did not.
pub(super) fn may_cost(class: FailureClass) -> bool {
    matches!(class, FailureClass::Timeout | FailureClass::ServerError)
}
