//! Explores the random choices of a plan, most likely path first.

use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexSet;

use super::findings::{EntryOutcome, WalkFindings};
use crate::base::fraction::Fraction;
use crate::failure::{AssumedFailure, Failure, FailureClass};
use crate::inspect::shares::spread;
use crate::serve::clock::FakeClock;
use crate::serve::entropy::{SeededEntropy, Source};
use crate::serve::lease::Lease;
use crate::serve::plan::{
    Branch, EventKind, PathExplorer, Plan, PlanContext, Root, Visit, entries, first_probabilities,
};
use crate::serve::request::Request;
use crate::serve::select::Draws;
use crate::serve::snapshot::Snapshot;
use crate::serve::state::LiveState;
use crate::table::{End, HealthId};

/// Maximum number of explored paths.
const MAX_PATHS: usize = 4_096;

/// How many branches may wait beyond twice those that can follow, so that they are seldom sorted.
const SLACK: usize = 1_024;

/// The table entry of the requested name, and the offset of the model id in that name.
pub(super) struct WalkStart {
    pub(super) root: Root,
    pub(super) model: u32,
}

/// Computes the first attempt while every target is healthy.
pub(super) fn while_healthy(
    snapshot: &Snapshot,
    request: Request<'_>,
    start: &WalkStart,
) -> WalkFindings {
    let mut findings = WalkFindings::new();
    let context = PlanContext::new(snapshot, request, None);
    let mut draws = Draws::new(&snapshot.entropy, request);
    let spread = spread(&snapshot.table, start.root.end, |group| {
        first_probabilities(&context, group, &mut draws)
    });
    if let End::Target { .. } = start.root.end {
        findings.add((None, 0), EntryOutcome::Next(None), Fraction::ONE);
    }
    for ((group, member), part) in spread.members {
        findings.add((Some(group), member), EntryOutcome::Next(None), part);
    }
    if spread.targets.is_empty() {
        findings.ends = Fraction::ONE;
    }
    findings.next = spread.targets;
    findings
}

/// Explores every path on a copy of the live state.
pub(super) struct ChanceWalk<'w> {
    request: Request<'w>,
    start: WalkStart,
    failures: &'w [AssumedFailure],
    /// The original state.
    state: LiveState,
    /// The copy that the plan changes.
    snapshot: Snapshot,
    /// Health states that the current path may have changed.
    changed: IndexSet<HealthId>,
    /// Health states that were cooling down, waiting for a probe or drained at the start. A path may start their
    /// probe.
    marked: Vec<HealthId>,
}

impl<'w> ChanceWalk<'w> {
    pub(super) fn new(
        snapshot: &Snapshot,
        request: Request<'w>,
        start: WalkStart,
        failures: &'w [AssumedFailure],
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
                // The entropy only affects the lengths of cooldowns, which do not matter because no time
                // passes.
                entropy: Source::Custom(Box::new(SeededEntropy::new(0))),
                clock: Box::new(clock),
                hooks: Arc::clone(&snapshot.hooks),
                content: Arc::clone(&snapshot.content),
                classifier: Arc::clone(&snapshot.classifier),
                penalty: snapshot.penalty,
                default_timeout: snapshot.default_timeout,
                last_resort: snapshot.last_resort,
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

    pub(super) fn all(mut self) -> WalkFindings {
        let mut findings = WalkFindings::new();
        let mut waiting = BinaryHeap::from([Branch::root()]);
        for left in (0..MAX_PATHS).rev() {
            let Some(branch) = waiting.pop() else {
                break;
            };
            waiting.extend(self.one(branch, &mut findings));
            self.restore();
            // No more than these can follow; each stands for the lower ranks as well.
            if waiting.len() > 2 * left + SLACK {
                let mut sorted = waiting.into_sorted_vec();
                let unlikely = sorted.drain(..sorted.len() - left);
                findings.leave_out(unlikely);
                waiting = sorted.into();
            }
        }
        findings.leave_out(waiting.into_iter());
        let by_part = |_: &_, one: &Fraction, _: &_, other: &Fraction| other.cmp(one);
        findings.next.sort_by(by_part);
        findings
    }

    /// Undoes the changes of one path.
    fn restore(&mut self) {
        let changed = self.changed.drain(..).chain(self.marked.iter().copied());
        for at in changed {
            let copy = self.state.health[at as usize].copied(Arc::clone(&self.snapshot.live.alarm));
            self.snapshot.live.health[at as usize] = Arc::new(copy);
        }
    }

    /// Runs the most likely path of a branch, and returns those that branch off.
    fn one(&mut self, branch: Branch, findings: &mut WalkFindings) -> Vec<Branch> {
        let Self {
            request,
            start,
            failures,
            snapshot,
            changed,
            ..
        } = self;
        let asked = request.asked();
        let passthrough_model = asked.get(start.model as usize..);
        let context = PlanContext::new(snapshot, *request, passthrough_model);
        let context = context.looking_below(start.root.end);
        let mut draws = Draws::new(&snapshot.entropy, *request);
        let began: Duration = snapshot.clock.now();
        let plan = Plan::for_attempts(start.root, began);
        let mut plan = plan.along(PathExplorer::new(branch));
        let mut failed: Vec<Failure> = Vec::new();
        let mut found = None;
        // INVARIANT: no selector is called, so `next` returns no error.
        while let Ok(Some(next)) = plan.next(&context, &mut draws) {
            let Some(assumed) = failures.get(failed.len()) else {
                found = Some(next);
                break;
            };
            let target = snapshot.table.target(next.target);
            let failure = assumed.of(&snapshot.classifier, target.provider.names());
            if assumed.is_answer() || failure.decided_by().is_some() {
                let place = (failed.len(), next.target);
                findings.answers.insert(place, failure.clone());
            }
            changed.insert(target.health);
            if let Some(key_group) = snapshot.table.key_groups.get(target.key_group as usize) {
                changed.extend(key_group.iter().copied());
            }
            let mut lease = Lease::begin(snapshot, target, start.root.alias, next, true);
            lease.failed(snapshot, target, passthrough_model.is_some(), &failure);
            lease.end(snapshot, target.health);
            plan.failed(&context, failure.clone());
            failed.push(failure);
        }
        let Some(explorer) = plan.take_explorer() else {
            return Vec::new();
        };
        let part = explorer.probability;
        let path = if let Some(found) = &found {
            let sum = findings.next.entry(found.target).or_insert(Fraction::ZERO);
            *sum = sum.plus(part);
            entries(&snapshot.table, start.root.end, found.choices)
        } else {
            findings.ends = findings.ends.plus(part);
            Vec::new()
        };
        let resort = found.is_some_and(|found| found.last_resort);
        let mut attempt = 0;
        for visit in &explorer.visits {
            let place = (visit.group, visit.entry);
            let is_on_way = visit
                .group
                .is_some_and(|group| path.contains(&(group, visit.entry)))
                || visit.group.is_none() && found.is_some();
            let outcome = self::outcome(visit, &plan, &failed, &mut attempt, is_on_way, resort);
            if let Some(outcome) = outcome {
                findings.add(place, outcome, part);
            }
        }
        if findings.failures.len() < failed.len() {
            findings.failures = failed;
        }
        explorer.branches
    }
}

/// Returns the result of a visit.
fn outcome(
    visit: &Visit,
    plan: &Plan,
    failures: &[Failure],
    attempt: &mut usize,
    is_on_way: bool,
    resort: bool,
) -> Option<EntryOutcome> {
    Some(match visit.event {
        Some(EventKind::Tried) => {
            let failure = failures.get(*attempt);
            *attempt += 1;
            match failure {
                Some(failure) => EntryOutcome::Failed(failure.class()),
                None => EntryOutcome::Next(visit.after),
            }
        }
        Some(EventKind::PassedOver(class)) if is_on_way && resort => {
            EntryOutcome::LastResort(class)
        }
        Some(EventKind::PassedOver(class)) => EntryOutcome::PassedOver(class),
        Some(EventKind::Drained) => EntryOutcome::PassedOver(FailureClass::NotAllowed),
        Some(EventKind::LeftOut(why)) => EntryOutcome::LeftOut(why, visit.after?),
        Some(EventKind::Repeated(class)) => EntryOutcome::Repeated(class),
        // Other kinds describe how an attempt ended; visits are recorded before that.
        Some(_) => return None,
        None => {
            let ended = plan.repeated(visit.end);
            match ended.map(|outcome| outcome.class) {
                Some(class) if is_on_way && resort => EntryOutcome::LastResort(class),
                Some(class) => EntryOutcome::Ended(class),
                None if is_on_way => EntryOutcome::Next(visit.after),
                // The request ended inside.
                None => EntryOutcome::Ended(failures.last()?.class()),
            }
        }
    })
}
