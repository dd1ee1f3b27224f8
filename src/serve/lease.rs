//! The lease of a request: what it holds at its target until it is over.

use crate::failure::Failure;
use crate::serve::health::HealthReport;
use crate::serve::plan::{Choices, Found, alias_path};
use crate::serve::snapshot::Snapshot;
use crate::serve::state::{Health, Ticket};
use crate::table::{AliasId, End, HealthId, NONE, RoutingTable, Target};

/// The counts that a request raised at its target and at the aliases that led there, and its permission to
/// probe.
///
/// Plain integers, so that it lives in registers and moves with a streamed body. It is `Copy`, so its owner must
/// call [`end`](Self::end) once. After [`take`](Self::take) it holds nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lease {
    /// The alias asked, or [`NONE`].
    pub(crate) alias: AliasId,
    /// Whether the target's active count was raised, to be lowered once.
    counts: bool,
    /// Whether the counts of the aliases on the way were raised.
    counts_aliases: bool,
    ticket: Ticket,
    pub(crate) choices: Choices,
}

impl Lease {
    /// A lease that holds nothing.
    #[inline]
    pub(crate) fn nothing() -> Self {
        Self {
            alias: NONE,
            counts: false,
            counts_aliases: false,
            ticket: Ticket::NONE,
            choices: Choices::default(),
        }
    }

    /// Raises the counts. Nothing is counted before the choice is complete, so a selector that panics leaves
    /// nothing behind. `always` counts the target even if nothing reads its count.
    #[inline]
    pub(crate) fn begin(
        snapshot: &Snapshot,
        target: &Target,
        alias: AliasId,
        found: Found,
        always: bool,
    ) -> Self {
        let counts = always || target.counted;
        if counts {
            snapshot.live.health[target.health as usize].begin();
        }
        let counts_aliases = snapshot.table.counts_aliases && alias != NONE;
        if counts_aliases {
            each_alias_health(snapshot, alias, found.choices, Health::begin);
        }
        Self {
            alias,
            counts,
            counts_aliases,
            ticket: found.ticket,
            choices: found.choices,
        }
    }

    /// Notes that the target succeeded. `passthrough` says that the model id came from the name asked.
    #[inline]
    pub(crate) fn succeeded(&mut self, snapshot: &Snapshot, target: &Target, passthrough: bool) {
        self.health_report(target, passthrough).succeeded(snapshot);
        self.ticket = Ticket::NONE;
    }

    /// Notes that the target failed.
    pub(crate) fn failed(
        &mut self,
        snapshot: &Snapshot,
        target: &Target,
        passthrough: bool,
        failure: &Failure,
    ) {
        if self
            .health_report(target, passthrough)
            .failed(snapshot, failure)
        {
            self.penalize(snapshot, target.health);
        }
        self.ticket = Ticket::NONE;
    }

    fn health_report(self, target: &Target, passthrough: bool) -> HealthReport<'_> {
        HealthReport {
            target,
            passthrough,
            ticket: self.ticket,
        }
    }

    fn penalize(self, snapshot: &Snapshot, target: HealthId) {
        if !self.counts && !self.counts_aliases {
            return;
        }
        let now = snapshot.clock.now();
        let window = snapshot.penalty;
        if self.counts {
            snapshot.live.health[target as usize].penalize(now, window);
        }
        if self.counts_aliases {
            each_alias_health(snapshot, self.alias, self.choices, |health| {
                health.penalize(now, window);
            });
        }
    }

    /// Takes what it holds.
    pub(crate) fn take(&mut self) -> Self {
        let taken = *self;
        self.counts = false;
        self.counts_aliases = false;
        self.ticket = Ticket::NONE;
        taken
    }

    /// Whether there is anything to give back.
    #[inline]
    pub(crate) fn holds(&self) -> bool {
        self.counts || self.counts_aliases || self.ticket.is_probe()
    }

    /// Gives back what it holds.
    #[inline]
    pub(crate) fn end(self, snapshot: &Snapshot, target: HealthId) {
        let alias = if self.counts_aliases {
            self.alias
        } else {
            NONE
        };
        // By value, so that the lease stays in registers.
        give_back(
            snapshot,
            target,
            self.counts,
            alias,
            self.choices,
            self.ticket,
        );
    }

    /// The aliases on the way to the target.
    pub(crate) fn alias_path(self, table: &RoutingTable) -> impl Iterator<Item = AliasId> {
        alias_path(table, self.alias, self.choices)
    }
}

/// Calls `act` for the state of every counted alias on the way.
#[inline(never)]
fn each_alias_health(snapshot: &Snapshot, alias: AliasId, choices: Choices, act: impl Fn(&Health)) {
    let table = &snapshot.table;
    for hop in choices.hops(table, alias) {
        if let End::Group(group) = hop.end
            && let Some(health) = snapshot.live.health.get(table.group(group).health as usize)
        {
            act(health);
        }
    }
}

/// Lowers the counts of a target and of the aliases that led there, and lets another request probe.
#[inline(never)]
fn give_back(
    snapshot: &Snapshot,
    target: HealthId,
    counts: bool,
    alias: AliasId,
    choices: Choices,
    ticket: Ticket,
) {
    if let Some(health) = snapshot.live.health.get(target as usize) {
        if counts {
            health.end();
        }
        health.end_probe(ticket);
    }
    if alias != NONE {
        each_alias_health(snapshot, alias, choices, Health::end);
    }
}
