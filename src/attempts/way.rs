//! How far a request has come: without a plan as long as everything is well.

use super::brought::Brought;
use crate::error::ResolveError;
use crate::failure::Failure;
use crate::money::{Bill, Cost, Usage};
use crate::plan::{self, Fate, Found, Made, Plan, Tab};
use crate::select::{Draws, Mask, Pick, choose, choose_simply};
use crate::snapshot::Snapshot;
use crate::table::{End, GroupId};
use crate::target::TargetRef;

/// How far a request has come.
pub(super) enum Way {
    Fresh,
    /// Its first attempt, which needed no plan.
    First {
        found: Found,
        made: Made,
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
    pub(super) fn bill(&self, snapshot: &Snapshot, brought: &Brought) -> Bill {
        match self {
            Self::Planned(plan) => plan.bill(),
            // Nothing limits its cost, or there would be a plan.
            Self::First {
                found, fate, used, ..
            } if *fate != Fate::Tried => {
                let target =
                    TargetRef::new(snapshot.table.target(found.target), brought.open(snapshot));
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
    pub(super) fn failed(&mut self, snapshot: &Snapshot, brought: &Brought, failure: Failure) {
        let ground = brought.ground(snapshot);
        if let Self::First { made, used, .. } = *self {
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

/// What the first choices come to.
pub(super) enum Quick {
    Found(Found, usize),
    /// Something is to be passed over.
    Amiss(Made),
}

/// Chooses without a plan, which is enough as long as everything is well.
#[expect(
    clippy::inline_always,
    reason = "as its callers: what is found stays in registers"
)]
#[inline(always)]
pub(super) fn quick(
    snapshot: &Snapshot,
    brought: &Brought,
    draws: &mut Draws<'_>,
) -> Result<Quick, ResolveError> {
    let Snapshot {
        table, live, hooks, ..
    } = snapshot;
    let mut made = Made::default();
    let mut end = brought.root.end;
    while let End::Group(group) = end {
        let chosen = match choose_simply(table, live, hooks, group, draws) {
            Some(chosen) => Some(chosen),
            None => choose_slowly(snapshot, brought, group, draws)?,
        };
        made.picks.set(
            made.levels,
            chosen.map_or(plan::NOBODY, |(member, _)| member),
        );
        made.levels += 1;
        match chosen {
            Some((_, next)) => end = next,
            None => return Ok(Quick::Amiss(made)),
        }
    }
    Ok(match end {
        End::Target { target, extras } if !snapshot.is_marked(target) => {
            Quick::Found(Found::new(made.picks, target, extras), made.levels)
        }
        _ => Quick::Amiss(made),
    })
}

/// Chooses where that takes more than a draw, a key or a turn.
#[cold]
fn choose_slowly(
    snapshot: &Snapshot,
    brought: &Brought,
    group: GroupId,
    draws: &mut Draws<'_>,
) -> Result<Option<(usize, End)>, ResolveError> {
    let scene = snapshot.scene();
    let members = scene.table.group(group);
    let request = brought.request(snapshot);
    match choose(&scene, members, request, draws, Mask::all(members), false) {
        Pick::Member(member) => Ok(Some((member, members.members[member].end))),
        Pick::None => Ok(None),
        Pick::Fault(position) => Err(plan::fault(&scene, members, position)),
    }
}
