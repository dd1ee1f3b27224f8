//! The targets of a table, each identity once.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use crate::base::secret::{PublicUrl, Secret};
use crate::table::provider::Provider;
use crate::table::{HealthId, HealthKey, NONE, Target, TargetId};

/// Converts a position. It always fits: every list is far below 2³², in a document because of its node
/// limit.
pub(super) fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}

/// Provider entry, model id and written endpoint. Targets with equal identities are one target.
type TargetIdentity<'a> = (usize, &'a str, Option<&'a Secret>);

/// The targets, each identity once. Those of the provider entries come first.
pub(super) struct Targets<'a> {
    providers: &'a [Arc<Provider>],
    pub(super) list: Vec<Target>,
    known: HashMap<TargetIdentity<'a>, TargetId, FixedState>,
    /// For each target, its endpoint as the alias writes it.
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
        // Names that only a wildcard covers share the state of its entry, so that state does not
        // grow with the names that clients ask for.
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
                .map(Secret::value_or_written)
                .or(provider.base_url())
                .map(Into::into),
            text: text.into(),
            health,
            counted: false,
            key_group: NONE,
        });
        self.written.push(written);
        self.known.insert(identity, target);
        target
    }

    /// Marks every target that shares its state with a counted one, as names under a wildcard do.
    pub(super) fn count_shared(&mut self) {
        let counted = self.list.iter().filter(|target| target.counted);
        let counted: HashSet<HealthId> = counted.map(|target| target.health).collect();
        for target in &mut self.list {
            target.counted = counted.contains(&target.health);
        }
    }

    /// Groups the targets that share an access key. Targets that pass on the client's key belong to
    /// no group.
    pub(super) fn key_groups(&mut self) -> Box<[Box<[HealthId]>]> {
        let mut by_key: IndexMap<(bool, &str), Vec<TargetId>, FixedState> = IndexMap::default();
        for (at, target) in self.list.iter().enumerate() {
            let key = target.provider.access_key.as_ref();
            if let Some(key) = key.filter(|_| !target.provider.passthrough_auth) {
                by_key.entry(key.identity()).or_default().push(number(at));
            }
        }
        let mut key_groups = Vec::with_capacity(by_key.len());
        let targets_by_key: Vec<Vec<TargetId>> = by_key.into_values().collect();
        for targets in targets_by_key {
            let mut key_group: Vec<HealthId> = Vec::with_capacity(targets.len());
            for target in targets {
                let target = &mut self.list[target as usize];
                target.key_group = number(key_groups.len());
                key_group.push(target.health);
            }
            key_group.sort_unstable();
            key_group.dedup();
            key_groups.push(key_group.into());
        }
        key_groups.into()
    }

    /// The text that a choice by sticky key hashes. It holds the endpoint as written.
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
