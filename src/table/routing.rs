//! The immutable routing table, and the look-ups in it.
//!
//! Everything is flattened when the table is built: chains of plain aliases end in their target, so that four
//! hops cost what one costs.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::FixedState;

use super::entries::{
    Alias, AliasId, Answer, Choice, End, Extras, Group, GroupId, HealthId, Limited, Listed, NONE,
    ProviderId, Target, TargetId,
};
use super::hot::{Front, Rivals};
use super::names::{Known, Names};
use super::provider::Provider;

/// What an identity's live state is found by in the next version of the configuration.
#[derive(Debug, Clone)]
pub(crate) enum HealthKey {
    /// An entry, the model if the entry declares it, and the endpoint written on the target.
    Target {
        provider: Arc<Provider>,
        endpoint: Option<Arc<str>>,
    },
    Alias(Arc<str>),
}

/// A configuration, compiled.
#[derive(Debug)]
pub(crate) struct RoutingTable {
    pub(crate) providers: Box<[Arc<Provider>]>,
    pub(crate) targets: Box<[Target]>,
    pub(crate) extras: Box<[Extras]>,
    pub(crate) aliases: Box<[Alias]>,
    /// By the positions of the aliases.
    pub(crate) limited: Box<[Limited]>,
    pub(crate) groups: Box<[Group]>,
    /// Beside each group what its first choice reads.
    pub(crate) fronts: Box<[Front]>,
    pub(crate) rivals: Box<[Rivals]>,
    /// The members of balancers in the order of their picks, equal ones once.
    pub(crate) schedules: Box<[Box<[u8]>]>,
    /// Whether any alias is counted for every answer.
    pub(crate) counts_aliases: bool,
    /// The full names behind each ambiguous name.
    pub(crate) ambiguous: Box<[Box<[Box<str>]>]>,
    pub(crate) names: Names<Answer>,
    /// Provider to the entry of its wildcard.
    pub(crate) wildcards: HashMap<Arc<str>, ProviderId, FixedState>,
    pub(crate) catalog: HashMap<Box<str>, Listed, FixedState>,
    pub(crate) default: Option<ProviderId>,
    /// Positions of the live state that share an access key.
    pub(crate) rings: Box<[Box<[HealthId]>]>,
    /// What each position of the live state belongs to.
    pub(crate) health_keys: Box<[HealthKey]>,
    /// The alias that each rotation belongs to.
    pub(crate) rotation_keys: Box<[Arc<str>]>,
}

impl RoutingTable {
    /// What a name asked for stands for, as far as it is known beforehand.
    #[inline(never)]
    pub(crate) fn answer(&self, name: &str) -> Option<&Known<Answer>> {
        self.known(name)
    }

    /// The same as a part of its caller: for [`AliasResolver::resolve`](crate::AliasResolver::resolve), of which
    /// it is the larger half.
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

    /// The wildcard entry that covers `provider/<id>`, and where the id begins.
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

    /// Calls for every target that an entry can lead to, through members that are ever chosen and
    /// through fallbacks.
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

    /// What is limited for whoever asks for an alias; nothing is for a model.
    #[inline]
    pub(crate) fn limited(&self, alias: AliasId) -> Limited {
        let limited = self.limited.get(alias as usize);
        limited.copied().unwrap_or_default()
    }

    /// The `timeout` that an entry writes.
    #[inline]
    pub(crate) fn timeout(&self, extras: u32) -> Option<Duration> {
        self.extras.get(extras as usize)?.timeout
    }

    #[inline]
    pub(crate) fn target(&self, target: TargetId) -> &Target {
        &self.targets[target as usize]
    }

    #[inline]
    pub(crate) fn front(&self, group: GroupId) -> &Front {
        &self.fronts[group as usize]
    }

    #[inline]
    pub(crate) fn rivals(&self, group: GroupId) -> &Rivals {
        &self.rivals[group as usize]
    }

    #[inline]
    pub(crate) fn group(&self, group: GroupId) -> &Group {
        &self.groups[group as usize]
    }
}
