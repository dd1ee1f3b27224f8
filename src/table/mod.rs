//! The immutable table: what a checked configuration becomes, and the look-ups in it.
//!
//! Everything is flattened when the table is built: chains of plain aliases end in their
//! target, so that four hops cost what one costs.

mod front;
mod names;
pub(crate) mod provider;
pub(crate) mod target;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::FixedState;
use indexmap::IndexMap;
use serde::ser::{Serialize, Serializer};

use crate::base::limits::Guardrails;
use crate::base::value::Value;
use crate::failure::Condition;
use crate::table::provider::Provider;

pub(crate) use front::{Front, Place, Rivals};
pub(crate) use names::{Known, Names};
pub use target::TargetRef;

/// The most aliases on any path; a configuration with a longer one does not load.
pub(crate) const MAX_PATH: usize = 16;

pub(crate) type ProviderId = u32;
pub(crate) type TargetId = u32;
pub(crate) type AliasId = u32;
pub(crate) type GroupId = u32;
/// The position of an identity in the live state.
pub(crate) type HealthId = u32;

/// The position that nothing has.
pub(crate) const NONE: u32 = u32::MAX;

/// What a name that is known beforehand answers. 16 bytes, so that a name and its answer
/// share a cache line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Route {
        /// [`NONE`] for a model.
        alias: AliasId,
        end: End,
    },
    /// The position in [`RoutingTable::ambiguous`].
    Ambiguous(u32),
}

/// Where a chain of plain aliases ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Target {
        target: TargetId,
        /// The position in [`RoutingTable::extras`], or [`NONE`].
        extras: u32,
    },
    /// An alias that chooses.
    Group(GroupId),
}

/// A bare id of the catalog.
#[derive(Debug, Clone)]
pub(crate) enum Listed {
    One(ProviderId),
    Many(Box<[Box<str>]>),
}

/// Where a request can go.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) provider: Arc<Provider>,
    /// The id sent upstream; `*` for the entry of a wildcard.
    pub(crate) model: Arc<str>,
    /// The URL to send to: the target's own, else the entry's.
    pub(crate) endpoint: Option<Arc<str>>,
    /// How the target is printed, without user info and query of its endpoint.
    pub(crate) text: Box<str>,
    pub(crate) health: HealthId,
    /// Whether its active requests are counted for every answer.
    pub(crate) counted: bool,
    /// Those that share its access key, in [`RoutingTable::rings`], or [`NONE`].
    pub(crate) ring: u32,
}

/// What an entry of an alias adds to its target. 24 bytes: a request that may time out reads it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extras {
    pub(crate) timeout: Option<Duration>,
    /// Boxed, as few entries have any; never empty.
    pub(crate) params: Option<Box<IndexMap<String, Value>>>,
}

/// What is limited at an alias or at anything that it leads to. Beside the aliases, which are wide: a
/// request reads it before its first attempt.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limited {
    pub(crate) time: bool,
    pub(crate) cost: bool,
}

/// A reference, with the plain aliases behind it flattened.
#[derive(Debug, Clone)]
pub(crate) struct Hop {
    /// The aliases on the way, in their order.
    pub(crate) path: Box<[AliasId]>,
    pub(crate) end: End,
}

/// How a group chooses.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Choice {
    /// There is one member.
    Only,
    /// By weight, independently, or by key.
    Split,
    RoundRobin(Turns),
    LeastConnections(Turns),
    /// By key, and by turns without one.
    Sticky(Turns),
    /// A selector of the embedder, by its position.
    Hook(u32),
}

/// A balancer's schedule and its place in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turns {
    /// The position in [`RoutingTable::schedules`].
    pub(crate) schedule: u32,
    /// The position in the live state.
    pub(crate) rotation: u32,
}

/// A member of a group, as choices read it: side by side, so that a choice among three reads
/// two cache lines.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// The id under the group's salt, for choices by key.
    pub(crate) id: u64,
    pub(crate) end: End,
    /// Hundredths of a percent in a split, a share in a balancer.
    pub(crate) weight: u32,
    /// The sum of the weights up to this one.
    pub(crate) sum: u32,
    /// The live state of its identity; [`NONE`] for an alias that nothing counts.
    pub(crate) health: HealthId,
}

/// An alias that has several targets, or fallbacks.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) choice: Choice,
    pub(crate) members: Box<[Member]>,
    /// The state that counts the requests under way through this alias, or [`NONE`].
    pub(crate) health: HealthId,
    /// Whether the share of a member that cools goes to the others.
    pub(crate) redistribute: bool,
    pub(crate) alias: AliasId,
    /// The seed that the salt gives, for choices by key.
    pub(crate) salt: u64,
    /// The way to each member.
    pub(crate) hops: Box<[Hop]>,
    pub(crate) steps: Box<[Step]>,
    /// The steps on the longest way through it.
    pub(crate) length: u8,
}

impl Group {
    /// Whether another member is tried after one that failed or was passed over.
    pub(crate) fn tries_others(&self) -> bool {
        match self.choice {
            Choice::Only | Choice::Split => self.redistribute,
            Choice::RoundRobin(_)
            | Choice::LeastConnections(_)
            | Choice::Sticky(_)
            | Choice::Hook(_) => true,
        }
    }

    /// Whether a member is ever drawn.
    pub(crate) fn is_drawn(&self, member: usize) -> bool {
        matches!(self.choice, Choice::Only) || self.members[member].weight > 0
    }
}

/// A fallback.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) hop: Hop,
    /// `None` stands for `any`.
    pub(crate) conditions: Option<Box<[Condition]>>,
}

/// An alias.
#[derive(Debug)]
pub(crate) struct Alias {
    pub(crate) name: Arc<str>,
    pub(crate) hop: Hop,
    /// Boxed, as is `deprecation`: few aliases have them.
    pub(crate) guardrails: Option<Box<Guardrails>>,
    pub(crate) max_attempts: Option<u8>,
    pub(crate) description: Option<Arc<str>>,
    pub(crate) hidden: bool,
    pub(crate) deprecation: Option<Box<Deprecation>>,
}

/// That an alias is on its way out, and what to use instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deprecation {
    pub(crate) replacement: Option<Arc<str>>,
    pub(crate) sunset: Option<Arc<str>>,
    pub(crate) message: Option<Arc<str>>,
}

impl Deprecation {
    /// The name to use instead.
    pub fn replacement(&self) -> Option<&str> {
        self.replacement.as_deref()
    }

    /// The day on which it ends, as `2027-01-31`.
    pub fn sunset(&self) -> Option<&str> {
        self.sunset.as_deref()
    }

    /// What its owner says about it.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

impl Serialize for Deprecation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = [
            ("replacement", &self.replacement),
            ("sunset", &self.sunset),
            ("message", &self.message),
        ];
        let written = fields.into_iter().filter_map(|(name, value)| {
            let value = value.as_deref()?;
            Some((name, value))
        });
        serializer.collect_map(written)
    }
}

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
