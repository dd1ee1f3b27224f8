//! The attempt under way.

use std::time::Duration;

use crate::serve::lease::Lease;
use crate::serve::plan::{Found, PriorChoices, TimeLimit};
use crate::serve::snapshot::Snapshot;
use crate::table::{AliasId, NONE, Target, TargetId};

/// The attempt under way, or the last one.
pub(super) struct CurrentAttempt {
    pub(super) target: TargetId,
    pub(super) options: u32,
    pub(super) last_resort: bool,
    time: TimeLimit,
    time_state: TimeState,
    pub(super) lease: Lease,
}

/// Whether the time of an attempt runs.
#[derive(Debug, Clone, Copy)]
enum TimeState {
    NotBegun,
    /// On the resolver's clock.
    Begun {
        end: Duration,
    },
    /// No time was left to begin it, so the target is not contacted.
    TooLate,
}

impl CurrentAttempt {
    /// A placeholder while the request has no target.
    pub(super) fn none() -> Self {
        Self {
            target: NONE,
            options: NONE,
            last_resort: false,
            time: TimeLimit::default(),
            time_state: TimeState::NotBegun,
            lease: Lease::nothing(),
        }
    }

    #[expect(
        clippy::inline_always,
        reason = "built in place, from values in registers"
    )]
    #[inline(always)]
    pub(super) fn new(snapshot: &Snapshot, alias: AliasId, found: Found, time: TimeLimit) -> Self {
        let target = snapshot.table.target(found.target);
        Self {
            target: found.target,
            options: found.options,
            last_resort: found.last_resort,
            time,
            time_state: TimeState::NotBegun,
            lease: Lease::begin(snapshot, target, alias, found, true),
        }
    }

    #[inline]
    pub(super) fn target<'a>(&self, snapshot: &'a Snapshot) -> &'a Target {
        snapshot.table.target(self.target)
    }

    /// Starts its time limit, if it has one. Returns the time.
    #[inline]
    pub(super) fn begin(&mut self, snapshot: &Snapshot) -> Option<Duration> {
        if self.time.is_none() && snapshot.default_timeout.is_none() {
            return None;
        }
        let now = snapshot.clock.now();
        let time = self.time.at(now, snapshot)?;
        self.time_state = if time.is_zero() {
            TimeState::TooLate
        } else {
            TimeState::Begun { end: now + time }
        };
        Some(time)
    }

    /// The time left for it.
    pub(super) fn time_left(&self, snapshot: &Snapshot) -> Option<Duration> {
        if self.time.is_none() && snapshot.default_timeout.is_none() {
            return None;
        }
        let now = snapshot.clock.now();
        match self.time_state {
            TimeState::Begun { end } => Some(end.saturating_sub(now)),
            TimeState::NotBegun | TimeState::TooLate => self.time.at(now, snapshot),
        }
    }

    /// Whether it was begun and its time is over.
    pub(super) fn is_timed_out(&self, snapshot: &Snapshot) -> bool {
        matches!(self.time_state, TimeState::Begun { end } if end <= snapshot.clock.now())
    }

    /// Whether no time was left when it was to begin.
    pub(super) fn is_too_late(&self) -> bool {
        matches!(self.time_state, TimeState::TooLate)
    }

    /// The choices that led to it.
    pub(super) fn prior_choices(&self, snapshot: &Snapshot) -> PriorChoices {
        let hops = self.lease.choices.hops(&snapshot.table, self.lease.alias);
        PriorChoices {
            choices: self.lease.choices,
            levels: hops.count().saturating_sub(1),
        }
    }
}
