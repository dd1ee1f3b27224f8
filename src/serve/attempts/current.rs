//! The attempt under way.

use std::time::Duration;

use crate::serve::lease::Lease;
use crate::serve::plan::{Found, Made};
use crate::serve::snapshot::Snapshot;
use crate::table::{AliasId, NONE, Target, TargetId};

/// The attempt under way, or the last one. It is kept with the request and not handed out, so that it is
/// stored once; moved from hand to hand it cost a third of the first attempt.
pub(super) struct Current {
    pub(super) target: TargetId,
    pub(super) extras: u32,
    pub(super) last_resort: bool,
    pub(super) timeout: Option<Duration>,
    /// When it began, if it may time out.
    began: Duration,
    pub(super) lease: Lease,
}

impl Current {
    /// Before the first. No constant, which would be copied as a whole.
    #[inline]
    pub(super) fn none() -> Self {
        Self {
            target: NONE,
            extras: NONE,
            last_resort: false,
            timeout: None,
            began: Duration::ZERO,
            lease: Lease::nothing(),
        }
    }

    /// Begins an attempt.
    #[expect(
        clippy::inline_always,
        reason = "it is stored from registers, where it is found"
    )]
    #[inline(always)]
    pub(super) fn begin(
        snapshot: &Snapshot,
        alias: AliasId,
        found: Found,
        timeout: Option<Duration>,
    ) -> Self {
        let began = match timeout {
            Some(_) => snapshot.clock.now(),
            None => Duration::ZERO,
        };
        let target = snapshot.table.target(found.target);
        let lease = Lease::begin(snapshot, target, alias, found, true);
        Self {
            target: found.target,
            extras: found.extras,
            last_resort: found.last_resort,
            timeout,
            began,
            lease,
        }
    }

    #[inline]
    pub(super) fn target<'a>(&self, snapshot: &'a Snapshot) -> &'a Target {
        snapshot.table.target(self.target)
    }

    /// Whether its time is over.
    pub(super) fn is_over(&self, snapshot: &Snapshot) -> bool {
        self.timeout
            .is_some_and(|timeout| snapshot.clock.now().saturating_sub(self.began) >= timeout)
    }

    /// The choices that led to it.
    pub(super) fn made(&self, snapshot: &Snapshot) -> Made {
        let hops = self.lease.picks.hops(&snapshot.table, self.lease.alias);
        Made {
            picks: self.lease.picks,
            levels: hops.count().saturating_sub(1),
        }
    }
}
