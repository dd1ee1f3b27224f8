//! One version of the configuration, with everything that serving needs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::base::money::Pricing;
use crate::base::problem::Problem;
use crate::content::guardrails::ContentRules;
use crate::failure::Failure;
use crate::failure::classify::Classifier;
use crate::serve::clock::Clock;
use crate::serve::entropy::Source;
use crate::serve::select::{Hooks, SelectContext};
use crate::serve::state::{Health, LiveState};
use crate::table::{End, GroupId, RoutingTable, Target, TargetId, TargetRef};

/// What happens to an unknown name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum UnknownNames {
    /// It is an error.
    #[default]
    Refuse,
    /// It goes to the provider entry with `default: true`, with the name as the model id.
    DefaultProvider,
    /// It goes to the own model of the provider entry with `default: true`.
    DefaultModel,
}

/// A table, and everything else that serving needs.
pub(crate) struct Snapshot {
    pub(crate) table: Arc<RoutingTable>,
    pub(crate) live: LiveState,
    pub(crate) entropy: Source,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) hooks: Arc<Hooks>,
    pub(crate) content: Arc<ContentRules>,
    /// The failure rules of the configuration, then the embedder's.
    pub(crate) classifier: Arc<Classifier>,
    /// How long the penalty of a failure lasts.
    pub(crate) penalty: Duration,
    /// The timeout of targets without one.
    pub(crate) default_timeout: Option<Duration>,
    /// Whether a target may be tried as the last resort if its aliases do not say.
    pub(crate) last_resort: bool,
    /// With less time left than this a target is passed over.
    pub(crate) least_time: Duration,
    /// In percent: if more of a balanced group cool, cooldowns there are ignored.
    pub(crate) panic_threshold: Option<u8>,
    /// The embedder's own prices.
    pub(crate) prices: Option<Arc<Prices>>,
    pub(crate) unknown_names: UnknownNames,
    pub(crate) warnings: Vec<Problem>,
}

/// A function that prices targets.
pub(crate) type Prices = dyn Fn(TargetRef<'_>) -> Option<Pricing> + Send + Sync;

impl Snapshot {
    /// The price of a target: the embedder's, else the configuration's.
    pub(crate) fn pricing(&self, target: TargetRef<'_>) -> Option<Pricing> {
        let asked = self.prices.as_ref().and_then(|prices| prices(target));
        asked.or(target.provider().pricing())
    }

    /// Classifies a failed response of a target.
    pub(crate) fn classify(
        &self,
        target: &Target,
        status: u16,
        headers: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>,
        body: impl AsRef<[u8]>,
    ) -> Failure {
        let names = target.provider.names();
        self.classifier.http_of(names, status, headers, body)
    }

    /// The timeout of an attempt at a target with these options: its own, else the default.
    #[inline]
    pub(crate) fn timeout(&self, options: u32) -> Option<Duration> {
        self.table.timeout(options).or(self.default_timeout)
    }

    /// The live state of a target.
    #[inline]
    pub(crate) fn health(&self, target: TargetId) -> &Health {
        &self.live.health[self.table.target(target).health as usize]
    }

    /// Whether a target cools, waits for a probe or is drained.
    #[inline]
    pub(crate) fn is_marked(&self, target: TargetId) -> bool {
        // The alarm first: one counter, which is always cached.
        self.live.alarm.is_on() && self.health(target).is_marked()
    }

    /// Whether a member of a group is marked, so that a plan must choose and list what is passed over.
    #[inline]
    pub(crate) fn has_marked_member(&self, group: GroupId) -> bool {
        self.live.alarm.is_on() && self.find_marked_member(group)
    }

    #[cold]
    fn find_marked_member(&self, group: GroupId) -> bool {
        let mut members = self.table.group(group).members.iter();
        members.any(|member| match member.end {
            End::Target { target, .. } => self.health(target).is_marked(),
            End::Group(_) => self.is_drained(member.end),
        })
    }

    /// Whether an operator has drained every target below an entry.
    pub(crate) fn is_drained(&self, end: End) -> bool {
        let mut drained = self.live.alarm.has_drained();
        if drained {
            self.table.each_target(end, |target| {
                drained = drained && self.health(target).is_drained();
            });
        }
        drained
    }

    /// The context of choices.
    #[inline]
    pub(crate) fn select_context(&self) -> SelectContext<'_> {
        SelectContext {
            table: &self.table,
            live: &self.live,
            clock: &*self.clock,
            penalty: self.penalty,
        }
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}
