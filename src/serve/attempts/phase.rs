//! How far a request is: at a first attempt without a plan, or in a plan.
//!
//! A first attempt needs no plan unless a limit, a rule, a cooldown, a drain or a selector that chose none
//! requires one.

use std::borrow::Cow;
use std::time::Duration;

use super::current::CurrentAttempt;
use super::saved_request::SavedRequest;
use crate::base::money::{Bill, Spending, Usage};
use crate::failure::Failure;
use crate::serve::plan::{Event, EventKind, Plan, owner};
use crate::serve::snapshot::Snapshot;
use crate::table::{End, TargetRef};

/// How far a request is.
pub(super) enum AttemptPhase {
    /// At its first attempt, which needed no plan.
    First {
        kind: EventKind,
        used: Option<Usage>,
    },
    Planned(Box<Plan>),
}

impl AttemptPhase {
    #[inline]
    pub(super) fn first() -> Self {
        Self::First {
            kind: EventKind::Tried,
            used: None,
        }
    }

    /// The attempt under way ended the request.
    #[inline]
    pub(super) fn end(&mut self, end: EventKind) {
        match self {
            Self::First { kind, .. } => *kind = end,
            Self::Planned(plan) => plan.end(end),
        }
    }

    /// Notes the tokens that the last attempt took.
    pub(super) fn used(&mut self, usage: Usage) {
        match self {
            Self::First { used, .. } => *used = Some(usage),
            Self::Planned(plan) => plan.used(usage),
        }
    }

    /// The cost of the request so far.
    pub(super) fn bill(
        &self,
        snapshot: &Snapshot,
        saved: &SavedRequest,
        attempt: &CurrentAttempt,
    ) -> Bill {
        match self {
            Self::Planned(plan) => plan.bill(),
            // Nothing limits its cost, or there would be a plan.
            Self::First { kind, used } if *kind != EventKind::Tried => {
                let target = attempt.target(snapshot);
                let target = TargetRef::new(target, saved.passthrough_model(snapshot));
                let bound = |estimate| snapshot.table.bounded(estimate, attempt.options);
                let most = saved.tokens.estimate().map(bound);
                let pricing = snapshot.pricing(target);
                let spending = Spending::of_attempt(pricing, *used, most, true);
                Bill::new(spending, false, false)
            }
            Self::First { .. } => Bill::new(Spending::default(), false, false),
        }
    }

    /// The attempt under way failed. From here on there is a plan.
    pub(super) fn failed(
        &mut self,
        snapshot: &Snapshot,
        saved: &SavedRequest,
        attempt: &CurrentAttempt,
        failure: Failure,
    ) {
        let ctx = saved.context(snapshot);
        if let Self::First { used, .. } = *self {
            // Nothing limits its time, or there would be a plan.
            let plan = Plan::for_attempts(saved.root, Duration::ZERO);
            let mut plan = Box::new(plan.after(attempt.prior_choices(snapshot)));
            plan.catch_up(&ctx, &mut saved.draws(snapshot));
            if let Some(usage) = used {
                plan.used(usage);
            }
            *self = Self::Planned(plan);
        }
        if let Self::Planned(plan) = self {
            plan.failed(&ctx, failure);
        }
    }

    /// The events of the request, and the failures that they refer to.
    pub(super) fn events(
        &self,
        snapshot: &Snapshot,
        saved: &SavedRequest,
        attempt: &CurrentAttempt,
    ) -> (Cow<'_, [Event]>, &[Failure]) {
        match self {
            Self::First { kind, .. } => {
                let event = Event {
                    alias: owner(&snapshot.table, saved.root, attempt.lease.choices),
                    end: End::Target {
                        target: attempt.target,
                        options: attempt.options,
                    },
                    kind: *kind,
                };
                (vec![event].into(), &[])
            }
            Self::Planned(plan) => (plan.events().into(), plan.failures()),
        }
    }
}
