//! What a request has spent.

use super::limits::Budget;
use crate::base::money::{Bill, Cost, Pricing, Spending, Usage};
use crate::failure::FailureClass;

/// The bill of a request while it runs.
///
/// The last attempt stays open, so that its usage may be reported after its end. It counts once it has
/// ended: at its usage if that is known, else at its upper bound.
#[derive(Debug, Default)]
pub(super) struct RunningBill {
    /// The cost of the attempts before the last.
    before: Spending,
    last: Option<LastAttempt>,
    exceeded: bool,
    unverified: bool,
}

#[derive(Debug, Clone, Copy)]
struct LastAttempt {
    pricing: Option<Pricing>,
    /// The most tokens that it may take.
    most: Option<Usage>,
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
    fn spending(self) -> Spending {
        match self.state {
            AttemptState::UnderWay => Spending::default(),
            AttemptState::Ended => self.ended(true),
            AttemptState::Free => self.ended(false),
        }
    }

    fn ended(self, may_cost: bool) -> Spending {
        Spending::of_attempt(self.pricing, self.used, self.most, may_cost)
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
        most: Option<Usage>,
        budget: Option<Budget>,
    ) {
        self.exceeded = self.is_exceeded();
        self.before = self.spending();
        self.unverified |= budget.is_some() && pricing.zip(most).is_none();
        self.last = Some(LastAttempt {
            pricing,
            most,
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

    fn spending(&self) -> Spending {
        let last = self.last.map(LastAttempt::spending);
        self.before.plus(last.unwrap_or_default())
    }

    pub(super) fn spent(&self) -> Cost {
        self.spending().total()
    }

    /// The amount spent if the attempt under way times out and its usage stays unknown.
    pub(super) fn spent_at_worst(&self) -> Cost {
        let under_way = self
            .last
            .filter(|last| last.state == AttemptState::UnderWay);
        // What is already reported of it does not count yet.
        let worst = under_way.map(|last| LastAttempt { used: None, ..last }.ended(true));
        self.spending().plus(worst.unwrap_or_default()).total()
    }

    fn is_exceeded(&self) -> bool {
        let spent = self.spent();
        self.exceeded || self.last.is_some_and(|last| last.exceeds(spent))
    }

    pub(super) fn to_bill(&self) -> Bill {
        Bill::new(self.spending(), self.is_exceeded(), self.unverified)
    }
}

/// Whether a failed attempt may have cost anything: one that was refused, or never sent, did not.
pub(super) fn may_cost(class: FailureClass) -> bool {
    matches!(class, FailureClass::Timeout | FailureClass::ServerError)
}
