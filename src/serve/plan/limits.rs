//! The limits that aliases set on attempts, time and money.

use std::time::Duration;

use crate::base::limits::OnUnverifiable;
use crate::base::money::Cost;
use crate::serve::snapshot::Snapshot;
use crate::table::{AliasId, RoutingTable};

/// The limits of the aliases on a path, the strictest of each kind.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limits {
    pub(super) attempts: Option<u8>,
    pub(super) latency: Option<Duration>,
    pub(super) cost: Option<Cost>,
    /// Whether one of the cost limits refuses a target without a price.
    pub(super) refuses_unpriced: bool,
}

impl Limits {
    pub(super) fn of(table: &RoutingTable, path: &[AliasId]) -> Self {
        let mut limits = Self::default();
        for &alias in path {
            let alias = &table.aliases[alias as usize];
            limits.attempts = least(limits.attempts, alias.max_attempts);
            if let Some(guardrails) = &alias.guardrails {
                let cost = guardrails.max_cost_per_request;
                limits.latency = least(limits.latency, guardrails.max_latency);
                limits.cost = least(limits.cost, cost);
                limits.refuses_unpriced |=
                    cost.is_some() && guardrails.on_unverifiable == OnUnverifiable::Refuse;
            }
        }
        limits
    }
}

/// The lesser of two values, if there is one.
pub(super) fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// A running time limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    pub(super) start: Duration,
    pub(super) latency: Duration,
}

impl Deadline {
    pub(super) fn end(self) -> Duration {
        self.start + self.latency
    }

    pub(super) fn left(self, now: Duration) -> Duration {
        self.end().saturating_sub(now)
    }

    /// Whether too little is left for an attempt. A limit that is shorter than the least time still gets
    /// its first attempt.
    pub(super) fn is_short(self, now: Duration, least_time: Duration) -> bool {
        self.left(now) < least_time.min(self.latency / 4)
    }
}

/// The time limits of one attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TimeLimit {
    /// The `timeout` written for the target, from when the attempt begins.
    written: Option<Duration>,
    /// The end of the earliest deadline, on the resolver's clock.
    end: Option<Duration>,
    /// The end of the earliest deadline that is halved: half is kept for later attempts.
    halved_end: Option<Duration>,
}

impl TimeLimit {
    /// The limit of an attempt under no deadline.
    #[inline]
    pub(crate) fn written(written: Option<Duration>) -> Self {
        Self {
            written,
            end: None,
            halved_end: None,
        }
    }

    /// Adds a deadline; `is_halved` says that half of what is left of it is kept for later attempts.
    pub(super) fn add(&mut self, deadline: Deadline, is_halved: bool) {
        let end = Some(deadline.end());
        self.end = least(self.end, end);
        if is_halved {
            self.halved_end = least(self.halved_end, end);
        }
    }

    /// The time for an attempt that begins now. A deadline is not halved if half would be below the least
    /// time.
    pub(crate) fn at(self, now: Duration, snapshot: &Snapshot) -> Option<Duration> {
        let left = |end: Duration| end.saturating_sub(now);
        let half = self.halved_end.map(|end| left(end) / 2);
        let half = half.filter(|&half| half >= snapshot.least_time);
        let timeout = self.written.or(snapshot.default_timeout);
        least(least(timeout, self.end.map(left)), half)
    }

    /// Whether nothing limits the attempt, so that the clock need not be read.
    #[inline]
    pub(crate) fn is_none(self) -> bool {
        self.written.is_none() && self.end.is_none()
    }
}

/// A running cost limit: the most that the whole request may have spent. The strictest of the enclosing aliases'
/// limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Budget {
    upto: Cost,
    /// Whether a target without a price is passed over.
    refuses_unpriced: bool,
}

impl Budget {
    /// The budget inside aliases with these limits, entered after `spent`.
    pub(super) fn within(outer: Option<Self>, limits: Limits, spent: Cost) -> Option<Self> {
        let own = limits.cost.map(|most| Self {
            upto: spent.saturating_add(most),
            refuses_unpriced: limits.refuses_unpriced,
        });
        match (outer, own) {
            (Some(outer), Some(own)) => Some(Self {
                upto: outer.upto.min(own.upto),
                refuses_unpriced: outer.refuses_unpriced || own.refuses_unpriced,
            }),
            (outer, own) => outer.or(own),
        }
    }

    pub(super) fn admits(self, spent: Cost) -> bool {
        spent <= self.upto
    }

    pub(super) fn refuses_unpriced(self) -> bool {
        self.refuses_unpriced
    }
}
