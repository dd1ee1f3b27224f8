//! The parts of the routing table: targets, groups, fallbacks, aliases.

use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use serde::ser::{Serialize, Serializer};

use super::provider::Provider;
use crate::base::limits::Guardrails;
use crate::base::value::Value;
use crate::failure::Condition;

/// The most aliases on any path; a configuration with a longer one does not load.
pub(crate) const MAX_PATH: usize = 16;

pub(crate) type ProviderId = u32;
pub(crate) type TargetId = u32;
pub(crate) type AliasId = u32;
pub(crate) type GroupId = u32;
/// The position of a target's or an alias's live state.
pub(crate) type HealthId = u32;

/// The position of nothing.
pub(crate) const NONE: u32 = u32::MAX;

/// What the look-up of a name returns. 16 bytes, so that a name and its answer share a cache line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Route {
        /// [`NONE`] for a model.
        alias: AliasId,
        end: End,
    },
    /// The position in `RoutingTable::ambiguous`.
    Ambiguous(u32),
}

/// Where a chain of plain aliases ends: at a target, or at a group.
///
/// A plain alias has one target and no fallbacks. Any other alias has a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Target {
        target: TargetId,
        /// The position in `RoutingTable::target_options`, or [`NONE`].
        options: u32,
    },
    Group(GroupId),
}

/// A bare id of the catalog.
#[derive(Debug, Clone)]
pub(crate) enum CatalogEntry {
    One(ProviderId),
    Many(Box<[Box<str>]>),
}

/// A target.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) provider: Arc<Provider>,
    /// The id sent upstream; `*` for the provider entry of a wildcard.
    pub(crate) model: Arc<str>,
    /// The URL to send to: the one that the alias writes, else that of the provider entry.
    pub(crate) endpoint: Option<Arc<str>>,
    /// The printed form, without user info and query of the endpoint.
    pub(crate) text: Box<str>,
    pub(crate) health: HealthId,
    /// Whether `resolve` counts its active requests too, as a balancer or selector reads the count. `attempts`
    /// always does.
    pub(crate) counted: bool,
    /// The targets with the same access key, in `RoutingTable::key_groups`, or [`NONE`].
    pub(crate) key_group: u32,
}

/// The `timeout` and `params` that an entry of an alias adds to its target. 24 bytes: a request that may time
/// out reads it.
#[derive(Debug, Clone, Default)]
pub(crate) struct TargetOptions {
    pub(crate) timeout: Option<Duration>,
    /// Boxed, as few entries have any; never empty.
    pub(crate) params: Option<Box<IndexMap<String, Value>>>,
}

/// Whether time or cost is limited at an alias or below it. Stored separately from the aliases, which are large,
/// because a request reads it before its first attempt.
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
    /// The only member.
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

/// A balancer's schedule and its rotation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turns {
    /// The position in `RoutingTable::schedules`.
    pub(crate) schedule: u32,
    /// The position in the live state.
    pub(crate) rotation: u32,
}

/// A member of a group, as choices read it. The members stand side by side, so that a choice among three
/// reads two cache lines.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// The id under the group's salt, for choices by key.
    pub(crate) id: u64,
    pub(crate) end: End,
    /// Hundredths of a percent in a split, a share in a balancer.
    pub(crate) weight: u32,
    /// The sum of the weights up to this one.
    pub(crate) sum: u32,
    /// The live state of the target or alias; [`NONE`] for an alias that is not counted.
    pub(crate) health: HealthId,
}

/// The members and the fallbacks of an alias that is not plain. An entry of an alias is one or the other.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) choice: Choice,
    pub(crate) members: Box<[Member]>,
    /// The state that counts the requests under way through this alias, or [`NONE`].
    pub(crate) health: HealthId,
    /// Whether a split tries another member after one that failed or was passed over.
    pub(crate) redistribute: bool,
    pub(crate) alias: AliasId,
    /// The seed made from the salt, for choices by key.
    pub(crate) salt: u64,
    /// The way to each member.
    pub(crate) hops: Box<[Hop]>,
    pub(crate) steps: Box<[Step]>,
    /// The most tokens that a prompt may have to fit one of the targets below it; `None` if none fits.
    pub(crate) room: Option<u64>,
    /// The steps on the longest path through it; the default of `max_attempts`, within bounds.
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
    /// Whether a target of the alias may be tried as the last resort; the builder decides if it does not say.
    pub(crate) last_resort: Option<bool>,
    pub(crate) description: Option<Arc<str>>,
    pub(crate) hidden: bool,
    pub(crate) deprecation: Option<Box<Deprecation>>,
}

/// The notice of a deprecated alias.
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

    /// The owner's message.
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
