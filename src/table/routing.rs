//! The immutable routing table, and the look-ups in it.
//!
//! Everything is flattened when the table is built: chains of plain aliases end in their target, so that four
//! hops cost what one costs.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use super::entries::{
    Alias, AliasId, Answer, CatalogEntry, Choice, End, Group, GroupId, HealthId, Limited, NONE,
    ProviderId, Target, TargetId, TargetOptions,
};
use super::hot::{HotGroup, HotRivals};
use super::names::{Known, Names};
use super::provider::Provider;
use crate::base::money::Usage;
use crate::base::value::Value;
use crate::failure::classify::FailureRule;

/// The key of one live state, by which the next version of the configuration finds it.
#[derive(Debug, Clone)]
pub(crate) enum HealthKey {
    /// A provider entry, and the endpoint that an alias writes. All models under one wildcard share the state of its
    /// entry.
    Target {
        provider: Arc<Provider>,
        endpoint: Option<Arc<str>>,
    },
    Alias(Arc<str>),
}

/// A compiled configuration.
#[derive(Debug)]
pub(crate) struct RoutingTable {
    pub(crate) providers: Box<[Arc<Provider>]>,
    pub(crate) targets: Box<[Target]>,
    pub(crate) target_options: Box<[TargetOptions]>,
    pub(crate) aliases: Box<[Alias]>,
    /// By the positions of the aliases.
    pub(crate) limited: Box<[Limited]>,
    pub(crate) groups: Box<[Group]>,
    /// The parts of each group that its first choice reads.
    pub(crate) hot_groups: Box<[HotGroup]>,
    pub(crate) hot_rivals: Box<[HotRivals]>,
    /// The members of balancers in the order of their picks; equal schedules are stored once.
    pub(crate) schedules: Box<[Box<[u8]>]>,
    /// Whether the active requests of any alias are counted.
    pub(crate) counts_aliases: bool,
    /// The full names behind each ambiguous name.
    pub(crate) ambiguous: Box<[Box<[Box<str>]>]>,
    pub(crate) names: Names<Answer>,
    /// The wildcard entry of each provider.
    pub(crate) wildcards: HashMap<Arc<str>, ProviderId, FixedState>,
    pub(crate) catalog: HashMap<Box<str>, CatalogEntry, FixedState>,
    pub(crate) default: Option<ProviderId>,
    /// In the order in which they are asked.
    pub(crate) failure_rules: Box<[FailureRule]>,
    /// Positions of the live state that share an access key.
    pub(crate) key_groups: Box<[Box<[HealthId]>]>,
    /// The key of each position of the live state.
    pub(crate) health_keys: Box<[HealthKey]>,
    /// The alias that each rotation belongs to.
    pub(crate) rotation_keys: Box<[Arc<str>]>,
}

impl RoutingTable {
    /// The answer for a name in the table.
    #[inline(never)]
    pub(crate) fn answer(&self, name: &str) -> Option<&Known<Answer>> {
        self.known(name)
    }

    /// As [`answer`](Self::answer), but inlined into [`AliasResolver::resolve`](crate::AliasResolver::resolve):
    /// it is the larger half of that.
    #[expect(clippy::inline_always, reason = "a call costs an eighth of an answer")]
    #[inline(always)]
    pub(crate) fn known(&self, name: &str) -> Option<&Known<Answer>> {
        self.names.get(name)
    }

    /// Whether an alias has this name.
    pub(crate) fn is_alias(&self, name: &str) -> bool {
        let known = self.names.get(name);
        known.is_some_and(
            |known| matches!(known.answer, Answer::Route { alias, .. } if alias != NONE),
        )
    }

    /// The wildcard entry that covers `provider/<id>`, and the offset of the id.
    pub(crate) fn wildcard(&self, name: &str) -> Option<(ProviderId, usize)> {
        let slash = name.find('/')?;
        let id = &name[slash + 1..];
        // The pattern itself is no name.
        if id.is_empty() || id == "*" {
            return None;
        }
        let provider = self.wildcards.get(&name[..slash])?;
        Some((*provider, slash + 1))
    }

    /// Calls `act` for every target below an entry, through members with a weight and through fallbacks.
    ///
    /// # Complexity
    ///
    /// Each alias is walked once, however many paths lead there.
    pub(crate) fn each_target(&self, end: End, mut act: impl FnMut(TargetId)) {
        let mut ends = vec![end];
        let mut seen = HashSet::new();
        while let Some(end) = ends.pop() {
            match end {
                End::Target { target, .. } => act(target),
                End::Group(id) => {
                    if seen.insert(id) {
                        let group = self.group(id);
                        let alone = matches!(group.choice, Choice::Only);
                        let members = group.members.iter();
                        let members = members.filter(|member| alone || member.weight > 0);
                        ends.extend(members.map(|member| member.end));
                        ends.extend(group.steps.iter().map(|step| step.hop.end));
                    }
                }
            }
        }
    }

    /// Whether time or cost is limited for a request to an alias; neither is for a model.
    #[inline]
    pub(crate) fn limited(&self, alias: AliasId) -> Limited {
        let limited = self.limited.get(alias as usize);
        limited.copied().unwrap_or_default()
    }

    /// The `timeout` written for a target.
    #[inline]
    pub(crate) fn timeout(&self, options: u32) -> Option<Duration> {
        self.target_options.get(options as usize)?.timeout
    }

    /// The `params` written for a target.
    pub(crate) fn params(&self, options: u32) -> Option<&IndexMap<String, Value>> {
        self.target_options.get(options as usize)?.params.as_deref()
    }

    /// The most tokens that a request takes at a target, with an estimate that knows no `params`.
    pub(crate) fn bounded(&self, estimate: Usage, options: u32) -> Usage {
        let Some(params) = self.params(options) else {
            return estimate;
        };
        let output = most_output(params).unwrap_or(estimate.output());
        let replies = number(params, "n").unwrap_or(1).max(1);
        Usage::new(estimate.input(), output.saturating_mul(replies))
    }

    /// The most tokens that a prompt may have at an entry, so that it fits one of the targets below it; `None` if
    /// none fits.
    pub(crate) fn room(&self, end: End) -> Option<u64> {
        match end {
            End::Target { target, options } => {
                let window = self.target(target).provider.context_window;
                room(window, self.params(options))
            }
            End::Group(group) => self.group(group).room,
        }
    }

    #[inline]
    pub(crate) fn target(&self, target: TargetId) -> &Target {
        &self.targets[target as usize]
    }

    #[inline]
    pub(crate) fn hot(&self, group: GroupId) -> &HotGroup {
        &self.hot_groups[group as usize]
    }

    #[inline]
    pub(crate) fn hot_rivals(&self, group: GroupId) -> &HotRivals {
        &self.hot_rivals[group as usize]
    }

    #[inline]
    pub(crate) fn group(&self, group: GroupId) -> &Group {
        &self.groups[group as usize]
    }
}

/// The most tokens that a prompt may have in a context window, beside the reply that `params` allow; `None` if not
/// even an empty one fits.
pub(crate) fn room(window: Option<u64>, params: Option<&IndexMap<String, Value>>) -> Option<u64> {
    let output = params.and_then(|params| {
        let replies = number(params, "n").unwrap_or(1).max(1);
        Some(most_output(params)?.saturating_mul(replies))
    });
    match window {
        Some(window) => window.checked_sub(output.unwrap_or(0)),
        None => Some(u64::MAX),
    }
}

/// The most tokens of one reply that `params` allow.
fn most_output(params: &IndexMap<String, Value>) -> Option<u64> {
    let fields = ["max_tokens", "max_completion_tokens", "max_output_tokens"];
    let limits = fields.into_iter().filter_map(|field| number(params, field));
    limits.max()
}

fn number(params: &IndexMap<String, Value>, field: &str) -> Option<u64> {
    match params.get(field)? {
        Value::Int(number) => u64::try_from(*number).ok(),
        _ => None,
    }
}
