//! The answer of a target on its way to the client.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::base::money::{Bill, Cost, Usage};
use crate::failure::Failure;
use crate::serve::lease::Lease;
use crate::serve::plan::Tab;
use crate::serve::snapshot::Snapshot;
use crate::table::provider::Provider;
use crate::table::target::TargetRef;
use crate::table::{AliasId, TargetId};

/// A target that serves: keep it beside the body of the answer.
///
/// Owned, so that it travels with a streamed body. It counts as a request under way at the target until
/// it is finished, broken or dropped; dropped, the client left, which says nothing about the target.
#[must_use = "the target counts as idle when it is dropped"]
pub struct Serving {
    pub(super) snapshot: Arc<Snapshot>,
    target: TargetId,
    /// The model id of a name that was sent on as it stood.
    model: Option<Box<str>>,
    lease: Lease,
    tab: Tab,
}

impl Serving {
    pub(super) fn new(
        snapshot: Arc<Snapshot>,
        target: TargetId,
        model: Option<Box<str>>,
        lease: Lease,
        tab: Tab,
    ) -> Self {
        Self {
            snapshot,
            target,
            model,
            lease,
            tab,
        }
    }

    /// The provider entry that serves.
    pub fn provider(&self) -> &Provider {
        &self.snapshot.table.target(self.target).provider
    }

    /// The model id that was sent.
    pub fn model(&self) -> &str {
        match &self.model {
            Some(model) => model,
            None => &self.snapshot.table.target(self.target).model,
        }
    }

    /// The target as text. Safe to log, and to tell the client which model serves.
    pub fn target(&self) -> Cow<'_, str> {
        match &self.model {
            Some(model) => format!("{}/{model}", self.provider().provider()).into(),
            None => (&*self.snapshot.table.target(self.target).text).into(),
        }
    }

    /// What the whole request has cost, once the provider has said how many tokens this answer took.
    pub fn bill(&self, usage: Usage) -> Bill {
        let target = self.snapshot.table.target(self.target);
        let target = TargetRef::new(target, self.model.as_deref());
        let pricing = self.snapshot.pricing(target);
        let cost = pricing.map_or(Cost::ZERO, |pricing| pricing.cost(usage));
        self.tab.bill(cost)
    }

    /// Reports that the body was delivered whole.
    pub fn finished(self) {
        drop(self);
    }

    /// Reports that the target broke off. It counts against the target, and nothing else is tried.
    pub fn broken(mut self, failure: impl Into<Failure>) {
        let target = self.snapshot.table.target(self.target);
        let open = self.model.is_some();
        self.lease
            .failed(&self.snapshot, target, open, &failure.into());
    }

    /// The aliases on the way to the target.
    pub(super) fn way(&self) -> impl Iterator<Item = AliasId> {
        self.lease.way(&self.snapshot.table)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let lease = self.lease.take();
        if lease.holds() {
            let target = self.snapshot.table.target(self.target);
            lease.end(&self.snapshot, target.health);
        }
    }
}

impl fmt::Debug for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving")
            .field("target", &crate::base::text::cut(&self.target()))
            .finish_non_exhaustive()
    }
}
