//! The immutable table: what a checked configuration becomes, and the look-ups in it.
//!
//! Everything is flattened when the table is built: chains of plain aliases end in their
//! target, so that four hops cost what one costs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::FixedState;
use indexmap::IndexMap;
use serde::ser::{Serialize, Serializer};

use crate::limits::Guardrails;
use crate::provider::Provider;
use crate::value::Value;

/// The most aliases on any path; a configuration with a longer one does not load.
pub(crate) const MAX_PATH: usize = 16;

pub(crate) type ProviderId = u32;
pub(crate) type TargetId = u32;
pub(crate) type AliasId = u32;

/// What a name that is known beforehand answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Alias(AliasId),
    Target(TargetId),
    /// The position in [`RoutingTable::ambiguous`].
    Ambiguous(u32),
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
}

/// What an entry of an alias adds to its target.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extras {
    pub(crate) params: IndexMap<String, Value>,
    pub(crate) timeout: Option<Duration>,
}

/// A reference, with the plain aliases behind it flattened.
#[derive(Debug)]
pub(crate) struct Hop {
    /// The aliases on the way, in their order.
    pub(crate) path: Box<[AliasId]>,
    pub(crate) end: End,
}

/// Where a chain of plain aliases ends.
#[derive(Debug, Clone)]
pub(crate) enum End {
    Target {
        target: TargetId,
        extras: Option<Arc<Extras>>,
    },
    /// An alias that chooses: the position in [`RoutingTable::groups`].
    Group(u32),
}

/// An alias that has several targets, or fallbacks.
#[derive(Debug)]
pub(crate) struct Group {
    /// Running sums of the weights; empty for a single member.
    pub(crate) cumulative: Box<[u32]>,
    pub(crate) members: Box<[Hop]>,
}

/// An alias.
#[derive(Debug)]
pub(crate) struct Alias {
    pub(crate) name: Arc<str>,
    pub(crate) hop: Hop,
    /// Boxed, as is `deprecation`: few aliases have them.
    pub(crate) guardrails: Option<Box<Guardrails>>,
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

/// A configuration, compiled.
#[derive(Debug)]
pub(crate) struct RoutingTable {
    pub(crate) providers: Box<[Arc<Provider>]>,
    pub(crate) targets: Box<[Target]>,
    pub(crate) aliases: Box<[Alias]>,
    pub(crate) groups: Box<[Group]>,
    /// The full names behind each ambiguous name.
    pub(crate) ambiguous: Box<[Box<[Box<str>]>]>,
    pub(crate) names: HashMap<Arc<str>, Answer, FixedState>,
    /// Provider to the entry of its wildcard.
    pub(crate) wildcards: HashMap<Arc<str>, ProviderId, FixedState>,
    pub(crate) catalog: HashMap<Box<str>, Listed, FixedState>,
    pub(crate) default: Option<ProviderId>,
}

impl RoutingTable {
    /// What a name asked for stands for, as far as it is known beforehand.
    #[inline]
    pub(crate) fn answer(&self, name: &str) -> Option<Answer> {
        self.names.get(name).copied()
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

    /// The target that stands for a provider entry itself: the first ones, in their order.
    pub(crate) fn entry_target(&self, provider: ProviderId) -> &Target {
        &self.targets[provider as usize]
    }
}
