//! Admits a target that the step rule lets through, and begins its attempt.

use super::choices::{Choices, Found, alias_path};
use super::context::PlanContext;
use super::event::EventKind;
use super::limits::{Budget, Deadline, Limits, TimeLimit, least};
use super::machine::{LastResort, Plan, Stage};
use super::outcome::Outcome;
use super::rules::{Room, TargetGate};
use crate::base::money::Cost;
use crate::serve::state::{Cooling, Ticket};
use crate::table::AliasId;

impl Plan {
    /// Tries a target, unless its gate is closed.
    pub(super) fn try_target(
        &mut self,
        ctx: &PlanContext<'_>,
        path: &[AliasId],
        found: Found,
        gate: TargetGate,
    ) -> Option<Found> {
        match self.admit(ctx, path, found, gate) {
            Ok(ticket) => {
                let found = Found { ticket, ..found };
                self.begin_attempt(ctx, path, found);
                Some(found)
            }
            Err(outcome) => {
                let kind = EventKind::PassedOver(outcome.class);
                self.note(ctx, self.chosen_entry(), found.end(), kind);
                self.set_outcome(outcome);
                None
            }
        }
    }

    /// Permission to try a target, or the outcome of passing it over.
    fn admit(
        &mut self,
        ctx: &PlanContext<'_>,
        path: &[AliasId],
        found: Found,
        gate: TargetGate,
    ) -> Result<Ticket, Outcome> {
        let health = ctx.health(found.target);
        match gate {
            // Admission refuses a cooling target that is open because its alias ignores cooldowns: it is tried
            // without a ticket.
            TargetGate::Open => Ok(health.admit(|| ctx.now()).unwrap_or(Ticket::NONE)),
            // Another request may have become the probe meanwhile.
            TargetGate::Probe => {
                let admitted = health.admit(|| ctx.now());
                admitted.map_err(|cooling| self.pass_over_cooling(ctx, path, found, cooling))
            }
            TargetGate::Cooling(cooling) => Err(self.pass_over_cooling(ctx, path, found, cooling)),
            TargetGate::PassOver(class) => Err(Outcome::of(class)),
        }
    }

    /// Passes over a cooling target, and keeps it as the last resort if its cooldown ends before the others' and no
    /// alias on the way forbids it.
    fn pass_over_cooling(
        &mut self,
        ctx: &PlanContext<'_>,
        path: &[AliasId],
        found: Found,
        cooling: Cooling,
    ) -> Outcome {
        let until = cooling.until;
        self.first_return = least(self.first_return, Some(until));
        let ends_before = |first: &LastResort| until < first.until;
        if self.last_resort.as_ref().is_none_or(ends_before)
            && self.may_be_last_resort(ctx, found.choices)
        {
            let mut time = TimeLimit::written(ctx.snapshot.table.timeout(found.options));
            for (_, deadline) in self.deadlines(ctx, path) {
                time.add(deadline, false);
            }
            self.last_resort = Some(LastResort {
                until,
                found: Found {
                    last_resort: true,
                    ..found
                },
                alias: self.owner(ctx),
                time,
                budget: self.budget(ctx, path),
            });
        }
        Outcome::of_cooling(cooling)
    }

    /// Whether every alias on the way to a target allows it as the last resort. The builder decides if none says.
    fn may_be_last_resort(&self, ctx: &PlanContext<'_>, choices: Choices) -> bool {
        let table = &ctx.snapshot.table;
        let path = alias_path(table, self.root.alias, choices);
        let mut words = path.filter_map(|alias| table.aliases[alias as usize].last_resort);
        let Some(first) = words.next() else {
            return ctx.snapshot.last_resort;
        };
        first && words.all(|always| always)
    }

    /// Returns the cooling target whose cooldown ends first, if the request would end without an attempt.
    pub(super) fn take_last_resort(&mut self, ctx: &PlanContext<'_>) -> Option<Found> {
        self.stage = Stage::Over;
        if self.attempts > 0 {
            return None;
        }
        let LastResort {
            found,
            alias,
            time,
            budget,
            ..
        } = self.last_resort.take()?;
        self.attempts = 1;
        if self.is_attempts {
            self.time = time;
            self.open_attempt(ctx, found, budget);
            self.push_event(alias, found.end(), EventKind::Tried);
        }
        Some(found)
    }

    /// Begins an attempt.
    pub(super) fn begin_attempt(&mut self, ctx: &PlanContext<'_>, path: &[AliasId], found: Found) {
        self.attempts = self.attempts.saturating_add(1);
        if self.is_attempts {
            let budget = self.budget(ctx, path);
            self.open_attempt(ctx, found, budget);
            // What may follow depends on what this one may cost.
            self.time = self.time_for(ctx, path, found.options);
            self.note(ctx, self.chosen_entry(), found.end(), EventKind::Tried);
        }
    }

    fn open_attempt(&mut self, ctx: &PlanContext<'_>, found: Found, budget: Option<Budget>) {
        // The outcome until the attempt is reported: the look-ahead asks what a timeout leads to.
        let outcome = Outcome::TIMEOUT;
        self.tried.push((found.target, outcome));
        self.bill
            .open(ctx.pricing(found.target), ctx.bound(found.options), budget);
    }

    /// The time and money left on a path.
    pub(super) fn room(&self, ctx: &PlanContext<'_>, path: &[AliasId]) -> Room {
        if !self.is_attempts {
            return Room {
                is_short_of_time: false,
                spent: Cost::ZERO,
                budget: None,
            };
        }
        let least_time = ctx.snapshot.least_time;
        Room {
            is_short_of_time: self
                .deadlines(ctx, path)
                .any(|(_, deadline)| deadline.is_short(ctx.now(), least_time)),
            spent: self.bill.spent(),
            budget: self.budget(ctx, path),
        }
    }

    /// The budget on a path.
    pub(super) fn budget(&self, ctx: &PlanContext<'_>, path: &[AliasId]) -> Option<Budget> {
        let outer = self.frames.last().and_then(|frame| frame.budget);
        let own = Limits::of(&ctx.snapshot.table, path);
        Budget::within(outer, own, self.bill.spent())
    }

    /// The deadlines on a path, with the depth of the alias that sets each.
    fn deadlines(
        &self,
        ctx: &PlanContext<'_>,
        path: &[AliasId],
    ) -> impl Iterator<Item = (usize, Deadline)> {
        let depth = self.frames.depth();
        let frames = self.frames.first(depth).enumerate();
        let own = Limits::of(&ctx.snapshot.table, path).latency;
        let own = own.map(|latency| {
            let start = if depth == 0 { self.start } else { ctx.now() };
            (depth, Deadline { start, latency })
        });
        frames
            .filter_map(|(at, frame)| frame.deadline.map(|deadline| (at, deadline)))
            .chain(own)
    }

    /// The time limits of an attempt: its written timeout, and every deadline. Half of a deadline is kept
    /// while a timeout can still lead to another attempt under it.
    ///
    /// From the inside out: where half would be too little, the attempt may use up the whole deadline, and
    /// then nothing inside that alias follows its timeout.
    fn time_for(&self, ctx: &PlanContext<'_>, path: &[AliasId], options: u32) -> TimeLimit {
        let written = ctx.snapshot.table.timeout(options);
        let mut time = TimeLimit::written(written);
        let mut used_up = None;
        let deadlines: Vec<_> = self.deadlines(ctx, path).collect();
        for (depth, deadline) in deadlines.into_iter().rev() {
            let is_divisible = deadline.left(ctx.now()) / 2 >= ctx.snapshot.least_time;
            let is_halved = written.is_none() && is_divisible && self.leads_on(ctx, depth, used_up);
            time.add(deadline, is_halved);
            if !is_divisible {
                used_up = Some(depth);
            }
        }
        time
    }

    /// Whether one more attempt at this depth leaves one for each later fallback, under every limit.
    pub(super) fn affords_attempt(&self, depth: usize) -> bool {
        let mut later = 0;
        // From the inside out, so that `later` counts the fallbacks of an alias and of all inside it.
        self.frames.first(depth).rev().all(|frame| {
            later += frame.fallbacks - frame.position.next_fallback();
            let used = self.attempts - frame.before;
            frame
                .limit
                .is_none_or(|limit| usize::from(limit.saturating_sub(used)) > later)
        })
    }
}
