//! Walks the ways of chance, the likeliest first.

use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexSet;

use super::findings::{Seen, Verdict};
use crate::base::fraction::Fraction;
use crate::failure::Failure;
use crate::inspect::shares::spread;
use crate::serve::clock::FakeClock;
use crate::serve::entropy::{SeededEntropy, Source};
use crate::serve::lease::Lease;
use crate::serve::plan::{
    Observation, PathExplorer, Plan, PlanContext, Root, Visit, entries, first_parts,
};
use crate::serve::request::Request;
use crate::serve::select::Draws;
use crate::serve::snapshot::Snapshot;
use crate::serve::state::LiveState;
use crate::table::{End, HealthId};

/// So many ways are walked at most.
const MOST_WAYS: usize = 4_096;

/// Where the name leads, and where in it the model id to send begins.
pub(super) struct Start {
    pub(super) root: Root,
    pub(super) model: u32,
}

/// The first attempt while all is well.
pub(super) fn at_once(snapshot: &Snapshot, request: Request<'_>, start: &Start) -> Seen {
    let mut seen = Seen::new();
    let ground = PlanContext::new(snapshot, request, request.rule().into(), None);
    let mut draws = Draws::new(&snapshot.entropy, request);
    let spread = spread(&snapshot.table, start.root.end, |group| {
        first_parts(&ground, group, &mut draws)
    });
    if let End::Target { .. } = start.root.end {
        seen.add((None, 0), Verdict::Next(None), Fraction::ONE);
    }
    for ((group, member), part) in spread.members {
        seen.add((Some(group), member), Verdict::Next(None), part);
    }
    if spread.targets.is_empty() {
        seen.ends = Fraction::ONE;
    }
    seen.next = spread.targets;
    seen
}

/// A walk along every way, on a copy of the live state.
pub(super) struct Walk<'w> {
    request: Request<'w>,
    start: Start,
    failures: &'w [Failure],
    /// The state as it is.
    state: LiveState,
    /// The one that changes.
    snapshot: Snapshot,
    /// What may have changed on a way.
    changed: IndexSet<HealthId>,
    /// What something speaks against from the beginning: a way may take its probe.
    marked: Vec<HealthId>,
}

impl<'w> Walk<'w> {
    pub(super) fn new(
        snapshot: &Snapshot,
        request: Request<'w>,
        start: Start,
        failures: &'w [Failure],
    ) -> Self {
        let clock = FakeClock::new();
        clock.advance(snapshot.clock.now());
        let state = snapshot.live.copied();
        let marked = (0..).zip(&state.health);
        let marked = marked.filter(|(_, health)| health.is_marked());
        Self {
            request,
            start,
            failures,
            snapshot: Snapshot {
                table: Arc::clone(&snapshot.table),
                live: state.copied(),
                // Only the length of cooldowns is drawn, and no time passes.
                entropy: Source::Custom(Box::new(SeededEntropy::new(0))),
                clock: Box::new(clock),
                hooks: Arc::clone(&snapshot.hooks),
                content: Arc::clone(&snapshot.content),
                penalty: snapshot.penalty,
                least_time: snapshot.least_time,
                panic_threshold: snapshot.panic_threshold,
                prices: snapshot.prices.clone(),
                unknown_names: snapshot.unknown_names,
                warnings: Vec::new(),
            },
            changed: IndexSet::new(),
            marked: marked.map(|(at, _)| at).collect(),
            state,
        }
    }

    pub(super) fn all(mut self) -> Seen {
        let mut seen = Seen::new();
        let mut waiting = BinaryHeap::from([(Fraction::ONE, Vec::new())]);
        let mut walked = 0;
        while let Some((_, script)) = waiting.pop() {
            let others = self.one(script, &mut seen);
            self.restore();
            waiting.extend(others.into_iter().map(|(script, part)| (part, script)));
            walked += 1;
            if walked == MOST_WAYS {
                let rest = waiting.drain().map(|(part, _)| part);
                seen.unexplored = rest.fold(Fraction::ZERO, Fraction::plus);
            }
        }
        let by_part = |_: &_, one: &Fraction, _: &_, other: &Fraction| other.cmp(one);
        seen.next.sort_by(by_part);
        seen
    }

    /// Forgets what one way has done.
    fn restore(&mut self) {
        let changed = self.changed.drain(..).chain(self.marked.iter().copied());
        for at in changed {
            let copy = self.state.health[at as usize].copied(Arc::clone(&self.snapshot.live.alarm));
            self.snapshot.live.health[at as usize] = Arc::new(copy);
        }
    }

    /// Walks one way and returns the beginnings of those that leave it.
    fn one(&mut self, script: Vec<usize>, seen: &mut Seen) -> Vec<(Vec<usize>, Fraction)> {
        let Self {
            request,
            start,
            failures,
            snapshot,
            changed,
            ..
        } = self;
        let asked = request.asked();
        let open = asked.get(start.model as usize..);
        let ground = PlanContext::new(snapshot, *request, request.rule().into(), open);
        let mut draws = Draws::new(&snapshot.entropy, *request);
        let began: Duration = snapshot.clock.now();
        let plan = Plan::for_request(start.root, began);
        let mut plan = plan.along(PathExplorer::new(script));
        let mut tried = 0;
        let mut found = None;
        // INVARIANT: no selector is asked, so nothing fails.
        while let Ok(Some(next)) = plan.next(&ground, &mut draws) {
            let Some(failure) = failures.get(tried) else {
                found = Some(next);
                break;
            };
            tried += 1;
            let target = snapshot.table.target(next.target);
            changed.insert(target.health);
            if let Some(key_group) = snapshot.table.key_groups.get(target.key_group as usize) {
                changed.extend(key_group.iter().copied());
            }
            let mut lease = Lease::begin(snapshot, target, start.root.alias, next, true);
            lease.failed(snapshot, target, open.is_some(), failure);
            lease.end(snapshot, target.health);
            plan.failed(&ground, failure.clone());
        }
        let Some(chances) = plan.into_explorer() else {
            return Vec::new();
        };
        let part = chances.probability;
        let path = if let Some(found) = &found {
            let sum = seen.next.entry(found.target).or_insert(Fraction::ZERO);
            *sum = sum.plus(part);
            entries(&snapshot.table, start.root.end, found.choices)
        } else {
            seen.ends = seen.ends.plus(part);
            Vec::new()
        };
        let resort = found.is_some_and(|found| found.last_resort);
        let mut attempt = 0;
        for look in &chances.visits {
            let place = (look.group, look.entry);
            let is_on_way = look
                .group
                .is_some_and(|group| path.contains(&(group, look.entry)))
                || look.group.is_none() && found.is_some();
            let verdict = self::verdict(look, &chances, failures, &mut attempt, is_on_way, resort);
            if let Some(verdict) = verdict {
                seen.add(place, verdict, part);
            }
        }
        chances.others
    }
}

/// What a look came to in the end.
fn verdict(
    look: &Visit,
    chances: &PathExplorer,
    failures: &[Failure],
    attempt: &mut usize,
    is_on_way: bool,
    resort: bool,
) -> Option<Verdict> {
    Some(match look.observation {
        Observation::Tried => {
            let failure = failures.get(*attempt);
            *attempt += 1;
            match failure {
                Some(failure) => Verdict::Failed(failure.class()),
                None => Verdict::Next(look.after),
            }
        }
        Observation::PassedOver(class) if is_on_way && resort => Verdict::LastResort(class),
        Observation::PassedOver(class) => Verdict::PassedOver(class),
        Observation::LeftOut(why) => Verdict::LeftOut(why, look.after?),
        Observation::Repeated(class) => Verdict::Repeated(class),
        Observation::Entered(group) => {
            match chances.ended.iter().find(|(left, _)| *left == group) {
                Some((_, class)) if is_on_way && resort => Verdict::LastResort(*class),
                Some((_, class)) => Verdict::CameTo(*class),
                None if is_on_way => Verdict::Next(look.after),
                // The request ended inside.
                None => Verdict::CameTo(failures.last()?.class()),
            }
        }
    })
}
