//! What a plan is walked in, and which targets it may come to.

use std::time::Duration;

use crate::base::money::{Pricing, Usage};
use crate::serve::request::{Request, Rule};
use crate::serve::select::Scene;
use crate::serve::snapshot::Snapshot;
use crate::table::target::TargetRef;
use crate::table::{End, TargetId};

/// Which targets a request may go to.
#[derive(Clone, Copy)]
pub(crate) enum Allow<'a> {
    All,
    /// As the request says.
    Rule(&'a Rule<'a>),
    /// As the request said beforehand, one bit for each target.
    Known(&'a [u64]),
}

impl<'a> From<Option<&'a Rule<'a>>> for Allow<'a> {
    fn from(rule: Option<&'a Rule<'a>>) -> Self {
        rule.map_or(Self::All, Self::Rule)
    }
}

/// What a plan is walked in.
pub(crate) struct Ground<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) scene: Scene<'a>,
    /// For selectors.
    pub(super) request: Request<'a>,
    allow: Allow<'a>,
    /// The model id of a name that is sent on as it stands.
    pub(super) open: Option<&'a str>,
    /// The tokens that the request may take at most.
    pub(super) estimate: Option<Usage>,
}

impl<'a> Ground<'a> {
    pub(crate) fn new(
        snapshot: &'a Snapshot,
        request: Request<'a>,
        allow: Allow<'a>,
        open: Option<&'a str>,
    ) -> Self {
        Self {
            snapshot,
            scene: snapshot.scene(),
            request,
            allow,
            open,
            estimate: request.given_estimate(),
        }
    }

    /// What a target costs, as far as anybody knows.
    pub(super) fn pricing(&self, at: TargetId) -> Option<Pricing> {
        let target = TargetRef::new(self.snapshot.table.target(at), self.open);
        self.snapshot.pricing(target)
    }

    /// The time, asked for only where it matters.
    pub(super) fn now(&self) -> Duration {
        self.snapshot.clock.now()
    }

    /// Whether any target may be ruled out.
    pub(super) fn rules_out(&self) -> bool {
        !matches!(self.allow, Allow::All) || self.snapshot.live.alarm.has_drained()
    }

    pub(super) fn allows_target(&self, at: TargetId) -> bool {
        let target = self.snapshot.table.target(at);
        let allowed = match self.allow {
            Allow::All => true,
            Allow::Rule(rule) => rule(TargetRef::new(target, self.open)),
            Allow::Known(bits) => is_set(bits, at),
        };
        allowed && !self.snapshot.live.health[target.health as usize].is_drained()
    }

    /// Whether anything that an entry leads to may be tried.
    pub(super) fn allows(&self, end: End) -> bool {
        if !self.rules_out() {
            return true;
        }
        let mut allowed = false;
        self.snapshot.table.each_target(end, |target| {
            allowed = allowed || self.allows_target(target);
        });
        allowed
    }
}

fn is_set(bits: &[u64], at: u32) -> bool {
    let word = bits.get(at as usize / 64).copied().unwrap_or(0);
    word >> (at % 64) & 1 == 1
}
