//! The targets of a table, each identity once.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use crate::base::secret::{PublicUrl, Secret};
use crate::table::provider::Provider;
use crate::table::{HealthId, HealthKey, NONE, Target, TargetId};

/// Positions fit: the node budget keeps every list far below 2³².
pub(super) fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}

/// What makes two targets one.
type TargetIdentity<'a> = (usize, &'a str, Option<&'a Secret>);

/// The targets, each identity once; those of the entries themselves come first.
pub(super) struct Targets<'a> {
    providers: &'a [Arc<Provider>],
    pub(super) list: Vec<Target>,
    known: HashMap<TargetIdentity<'a>, TargetId, FixedState>,
    /// The endpoint that the alias writes for each target.
    written: Vec<Option<&'a Secret>>,
    pub(super) healths: Vec<HealthKey>,
}

impl<'a> Targets<'a> {
    pub(super) fn new(providers: &'a [Arc<Provider>]) -> Self {
        let mut targets = Self {
            providers,
            list: Vec::with_capacity(providers.len()),
            known: HashMap::default(),
            written: Vec::with_capacity(providers.len()),
            healths: Vec::with_capacity(providers.len()),
        };
        for (at, provider) in providers.iter().enumerate() {
            targets.get((at, &provider.id, None));
        }
        targets
    }

    pub(super) fn get(&mut self, identity: TargetIdentity<'a>) -> TargetId {
        if let Some(&known) = self.known.get(&identity) {
            return known;
        }
        let (at, id, written) = identity;
        let provider = &self.providers[at];
        // Names that only a wildcard covers share the state of its entry, so that state never
        // grows with what clients ask.
        let health = if *id == *provider.id {
            self.healths.push(HealthKey::Target {
                provider: Arc::clone(provider),
                endpoint: written.map(|url| url.as_written().into()),
            });
            number(self.healths.len() - 1)
        } else {
            let entry = self.get((at, &provider.id, written));
            self.list[entry as usize].health
        };
        let mut text = provider.text(id);
        if let Some(url) = written {
            text.push('@');
            text.push_str(&PublicUrl(url.as_written()).to_string());
        }
        let target = number(self.list.len());
        self.list.push(Target {
            provider: Arc::clone(provider),
            model: if *id == *provider.id {
                Arc::clone(&provider.id)
            } else {
                id.into()
            },
            endpoint: written
                .map(Secret::best)
                .or(provider.base_url())
                .map(Into::into),
            text: text.into(),
            health,
            counted: false,
            ring: NONE,
        });
        self.written.push(written);
        self.known.insert(identity, target);
        target
    }

    /// Names under a wildcard share its state, so all of them are counted where one is read.
    pub(super) fn count_alike(&mut self) {
        let counted = self.list.iter().filter(|target| target.counted);
        let counted: HashSet<HealthId> = counted.map(|target| target.health).collect();
        for target in &mut self.list {
            target.counted = counted.contains(&target.health);
        }
    }

    /// Finds the targets that share an access key. A key that the client brings is none of ours.
    pub(super) fn rings(&mut self) -> Box<[Box<[HealthId]>]> {
        let mut by_key: IndexMap<(bool, &str), Vec<TargetId>, FixedState> = IndexMap::default();
        for (at, target) in self.list.iter().enumerate() {
            let key = target.provider.access_key.as_ref();
            if let Some(key) = key.filter(|_| !target.provider.passthrough_auth) {
                by_key.entry(key.identity()).or_default().push(number(at));
            }
        }
        let mut rings = Vec::with_capacity(by_key.len());
        let rings_of_targets: Vec<Vec<TargetId>> = by_key.into_values().collect();
        for targets in rings_of_targets {
            let mut ring: Vec<HealthId> = Vec::with_capacity(targets.len());
            for target in targets {
                let target = &mut self.list[target as usize];
                target.ring = number(rings.len());
                ring.push(target.health);
            }
            ring.sort_unstable();
            ring.dedup();
            rings.push(ring.into());
        }
        rings.into()
    }

    /// The text that a choice by key hashes: the endpoint as written.
    pub(super) fn hashed(&self, at: TargetId) -> Cow<'_, str> {
        let target = &self.list[at as usize];
        match self.written[at as usize] {
            None => (&*target.text).into(),
            Some(url) => {
                let text = target.provider.text(&target.model);
                format!("{text}@{}", url.as_written()).into()
            }
        }
    }
}
