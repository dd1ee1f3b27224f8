//! How far a request has come: without a plan as long as everything is well.

use super::brought::Brought;
use super::current::Current;
use crate::base::money::{Bill, Cost, Usage};
use crate::failure::Failure;
use crate::serve::plan::{Fate, Plan, Tab};
use crate::serve::select::Draws;
use crate::serve::snapshot::Snapshot;
use crate::table::target::TargetRef;

/// How far a request has come.
pub(super) enum Way {
    Fresh,
    /// Its first attempt, which needed no plan.
    First {
        fate: Fate,
        used: Option<Usage>,
    },
    Planned(Box<Plan>),
}

impl Way {
    /// The attempt under way ended the request.
    #[inline]
    pub(super) fn end(&mut self, snapshot: &Snapshot, brought: &Brought, end: Fate) {
        match self {
            Self::Fresh => {}
            Self::First { fate, .. } => *fate = end,
            Self::Planned(plan) => plan.end(&brought.ground(snapshot), end),
        }
    }

    /// Notes what the attempt under way has used.
    pub(super) fn used(&mut self, usage: Usage) {
        match self {
            Self::Fresh => {}
            Self::First { used, .. } => *used = Some(usage),
            Self::Planned(plan) => plan.used(usage),
        }
    }

    /// What the request has cost so far.
    pub(super) fn bill(&self, snapshot: &Snapshot, brought: &Brought, current: &Current) -> Bill {
        match self {
            Self::Planned(plan) => plan.bill(),
            // Nothing limits its cost, or there would be a plan.
            Self::First { fate, used } if *fate != Fate::Tried => {
                let target = current.target(snapshot);
                let target = TargetRef::new(target, brought.open(snapshot));
                let tokens = used.or(brought.estimate);
                let cost = snapshot.pricing(target).zip(tokens);
                let cost = cost.map_or(Cost::ZERO, |(pricing, tokens)| pricing.cost(tokens));
                Bill::new(cost, false, false)
            }
            Self::Fresh | Self::First { .. } => Bill::new(Cost::ZERO, false, false),
        }
    }

    /// What was spent before the attempt that serves, and the limits.
    pub(super) fn tab(&self) -> Tab {
        match self {
            Self::Planned(plan) => plan.tab(),
            Self::Fresh | Self::First { .. } => Tab::default(),
        }
    }

    /// The attempt under way failed.
    pub(super) fn failed(
        &mut self,
        snapshot: &Snapshot,
        brought: &Brought,
        current: &Current,
        failure: Failure,
    ) {
        let ground = brought.ground(snapshot);
        if let Self::First { used, .. } = *self {
            let made = current.made(snapshot);
            let mut plan = Box::new(Plan::for_request(brought.root, made, brought.start));
            let mut draws = Draws::resumed(&snapshot.entropy, brought.draws);
            // INVARIANT: every choice on the way was made, so no selector is asked and none fails.
            let _ = plan.catch_up(&ground, &mut draws);
            if let Some(usage) = used {
                plan.used(usage);
            }
            *self = Self::Planned(plan);
        }
        if let Self::Planned(plan) = self {
            plan.failed(&ground, failure);
        }
    }
}
