//! Notes usage, failures and events in a plan, and reads them back.

use std::time::Duration;

use super::choices::FIRST_STEP;
use super::context::PlanContext;
use super::event::{Event, EventKind};
use super::explorer::Visit;
use super::limits::TimeLimit;
use super::machine::{Plan, Stage};
use super::outcome::Outcome;
use crate::base::money::{Bill, Usage};
use crate::failure::{Failure, FailureClass, FallBack};
use crate::serve::health::fallbacks;
use crate::serve::snapshot::Snapshot;
use crate::table::{AliasId, End};

impl Plan {
    /// Notes the tokens that the last attempt took.
    pub(crate) fn used(&mut self, usage: Usage) {
        self.bill.used(usage);
    }

    /// The attempt under way ended the request: it served, was blocked, or was never reported.
    pub(crate) fn end(&mut self, kind: EventKind) {
        self.stage = Stage::Over;
        self.bill.end(None);
        if let Some(event) = self.events.last_mut() {
            event.kind = kind;
        }
    }

    /// The attempt under way failed.
    pub(crate) fn failed(&mut self, ctx: &PlanContext<'_>, failure: Failure) {
        let class = failure.class();
        self.bill.end(Some(class));
        let at = self.failures.len();
        let mut outcome = Outcome::of_failure(&failure, at, false);
        if let Some((target, tried)) = self.tried.last_mut() {
            let target = ctx.snapshot.table.target(*target);
            let passthrough = ctx.passthrough_model.is_some();
            let named_only = fallbacks(target, passthrough, class) == FallBack::Named;
            outcome = Outcome::of_failure(&failure, at, named_only);
            *tried = outcome;
        }
        self.failures.push(failure);
        if let Some(event) = self.events.last_mut() {
            event.kind = EventKind::Failed(u8::try_from(at).unwrap_or(u8::MAX));
        }
        self.set_outcome(outcome);
        if class.verdict().fall_back == FallBack::Never {
            self.stage = Stage::Over;
        }
    }

    /// How long the attempt under way may take.
    pub(crate) fn time(&self) -> TimeLimit {
        self.time
    }

    /// The events of the request.
    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// When the first of the targets that were looked at stops cooling, on the resolver's clock. Targets that are
    /// ruled out do not count.
    pub(crate) fn returns_at(&self, snapshot: &Snapshot) -> Option<Duration> {
        let ruled_out = EventKind::PassedOver(FailureClass::NotAllowed);
        let events = self.events.iter().filter(|event| event.kind != ruled_out);
        let returns = events.filter_map(|event| match event.end {
            End::Target { target, .. } => {
                let health = snapshot.health(target);
                let cooling = health.cooling().filter(|_| !health.is_drained());
                cooling.map(|cooling| cooling.until)
            }
            End::Group(_) => None,
        });
        returns.min()
    }

    /// The time until the first of the targets that `resolve`, which notes no events, passed over stops cooling.
    pub(crate) fn cools_for(&self, snapshot: &Snapshot) -> Option<Duration> {
        let now = || snapshot.clock.now();
        self.first_return.map(|until| until.saturating_sub(now()))
    }

    /// The failures of its attempts, in their order.
    pub(crate) fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// The cost of the request so far.
    pub(crate) fn bill(&self) -> Bill {
        self.bill.to_bill()
    }

    /// Notes what happened to an entry of the innermost alias.
    pub(super) fn note(&mut self, ctx: &PlanContext<'_>, entry: usize, end: End, kind: EventKind) {
        self.visit(entry, end, Some(kind));
        self.push_event(self.owner(ctx), end, kind);
    }

    pub(super) fn push_event(&mut self, alias: AliasId, end: End, kind: EventKind) {
        if self.is_attempts {
            self.events.push(Event { alias, end, kind });
        }
    }

    /// The alias whose entries are looked at; the one asked if it leads to one target only.
    pub(super) fn owner(&self, ctx: &PlanContext<'_>) -> AliasId {
        match self.frames.last() {
            Some(frame) => ctx.snapshot.table.group(frame.group).alias,
            None => self.root.alias,
        }
    }

    /// The entry that was chosen last in the innermost alias.
    pub(super) fn chosen_entry(&self) -> usize {
        let level = self.frames.depth().checked_sub(1);
        level.map_or(0, |level| self.choices.get(level).into())
    }

    /// Records for the explorer that an entry was looked at.
    pub(super) fn visit(&mut self, entry: usize, end: End, event: Option<EventKind>) {
        if let Some(explorer) = &mut self.explorer {
            let frame = self.frames.last();
            let is_fallback = entry >= usize::from(FIRST_STEP);
            let fallback_of = frame.filter(|_| is_fallback);
            explorer.visits.push(Visit {
                group: frame.map(|frame| frame.group),
                entry,
                end,
                event,
                after: fallback_of.map(|frame| frame.position.outcome.class),
            });
        }
    }
}
