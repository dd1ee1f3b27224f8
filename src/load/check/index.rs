//! The index of names: what each name means as a reference and as a requested name.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::providers::RepeatedEntries;
use crate::base::name::ModelName;
use crate::base::suggest::closest;
use crate::base::text::{Quoted, list};
use crate::base::vocabulary::Vocabulary;
use crate::load::config::Config;

/// The provider entries that a name refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ModelSlot {
    /// The position of a provider entry.
    One(usize),
    /// Several entries share the name.
    Many(Vec<usize>),
}

/// What a name refers to. The `name` of an entry takes precedence over full names, and a full name
/// over bare ids.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    rank: u8,
    pub(crate) model: Option<ModelSlot>,
    pub(crate) alias: Option<usize>,
}

/// The result of looking up a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Link<'c> {
    /// A model of the provider entry at this position.
    Model { provider: usize, id: &'c str },
    /// The alias at this position.
    Alias(usize),
    /// A mistake that is already reported.
    Wrong,
}

/// Why the look-up of a reference fails.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Miss {
    Unknown,
    /// The pattern of a wildcard, which is not a name.
    Pattern,
    /// Several models match. The text lists the first full names.
    Ambiguous(String),
}

/// The index of the names of a configuration.
pub(crate) struct Index<'c> {
    config: &'c Config,
    pub(crate) slots: HashMap<Arc<str>, Slot, FixedState>,
    /// The position of the wildcard entry of each provider.
    pub(crate) wildcards: HashMap<&'c str, usize, FixedState>,
    /// Bare ids of the catalog that a wildcard covers, with their providers.
    pub(crate) catalog: HashMap<&'c str, Vec<&'c str>, FixedState>,
    /// The names and models of entries that declare nothing because of their own mistakes.
    broken: HashSet<&'c str, FixedState>,
    /// Aliases with the name of a declared model.
    pub(super) shadowing: Vec<usize>,
    /// For each provider entry, whether another one has the same provider and model.
    twins: Vec<bool>,
    /// The number of comparisons left for suggestions.
    comparisons: Cell<usize>,
}

/// The maximum number of comparisons for all suggestions together: enough for a thousand unknown
/// names among a thousand. Without the limit, a file of nothing but mistakes would take time
/// quadratic in its size. A comparison of similar names takes up to half a microsecond.
const COMPARISONS: usize = 1_000_000;

/// The maximum number of names in one message.
const LISTED: usize = 8;

// Ranks of names; a higher one hides a lower one: the `name` of an entry, its full name
// `provider/model`, its bare model id.
const NAME: u8 = 3;
const FULL: u8 = 2;
const BARE: u8 = 1;

impl<'c> Index<'c> {
    pub(super) fn new(
        config: &'c Config,
        vocabulary: &'c Vocabulary,
        repeated: &RepeatedEntries,
    ) -> Self {
        let room = config.alias_entries().len() + 3 * config.provider_entries().len();
        let mut index = Self {
            config,
            slots: HashMap::with_capacity_and_hasher(room, FixedState::default()),
            wildcards: HashMap::default(),
            catalog: HashMap::default(),
            broken: HashSet::default(),
            shadowing: Vec::new(),
            twins: vec![false; config.provider_entries().len()],
            comparisons: Cell::new(COMPARISONS),
        };
        let mut seen: HashMap<_, usize, FixedState> = HashMap::default();
        for (at, entry) in config.provider_entries().iter().enumerate() {
            let plain = |part: &str| !part.is_empty() && !part.contains('*');
            let (provider, id) = match entry.parts() {
                Some((provider, "*")) if plain(provider) => {
                    index.wildcards.insert(provider, at);
                    continue;
                }
                Some((provider, id)) if plain(provider) && plain(id) => (provider, id),
                _ => {
                    let names = [entry.name(), entry.model()];
                    index.broken.extend(names.into_iter().flatten());
                    continue;
                }
            };
            if let Some(name) = entry.name.get()
                && !repeated.names.contains(&at)
            {
                index.insert(Arc::clone(name), NAME, at);
            }
            if let Some(first) = seen.insert((provider, id), at) {
                index.twins[first] = true;
                index.twins[at] = true;
            }
            if repeated.models.contains(&at) {
                continue;
            }
            index.insert(format!("{provider}/{id}").into(), FULL, at);
            index.insert(id.into(), BARE, at);
        }
        index.tell_internal_entries_apart();
        for (at, entry) in config.alias_entries().iter().enumerate() {
            let slot = index.slots.entry(Arc::clone(&entry.name)).or_default();
            slot.alias.get_or_insert(at);
            if slot.model.is_some() {
                index.shadowing.push(at);
            }
        }
        for (provider, id) in &vocabulary.catalog {
            if index.wildcards.contains_key(provider.as_str()) {
                let providers = index.catalog.entry(id).or_default();
                if !providers.contains(&provider.as_str()) {
                    providers.push(provider);
                }
            }
        }
        index
    }

    fn insert(&mut self, name: Arc<str>, rank: u8, provider: usize) {
        let slot = self.slots.entry(name).or_default();
        match &mut slot.model {
            Some(_) if slot.rank > rank => {}
            Some(model) if slot.rank == rank => match model {
                ModelSlot::One(other) if *other == provider => {}
                ModelSlot::One(other) => *model = ModelSlot::Many(vec![*other, provider]),
                ModelSlot::Many(others) => others.push(provider),
            },
            _ => {
                slot.rank = rank;
                slot.model = Some(ModelSlot::One(provider));
            }
        }
    }

    /// Lets internal entries, which a gateway adds for itself, make no name ambiguous. They give way to others.
    /// Among internal entries those win whose `model` is the name; of entries for one model, the one with the
    /// least `name`, whatever the order of the file.
    fn tell_internal_entries_apart(&mut self) {
        let entries = self.config.provider_entries();
        for (name, slot) in &mut self.slots {
            let Some(ModelSlot::Many(providers)) = &mut slot.model else {
                continue;
            };
            let is_internal = |at: &usize| entries[*at].internal.value() == Some(true);
            if providers.iter().all(is_internal) {
                let is_declared = |at: &usize| entries[*at].model() == Some(&**name);
                if providers.iter().any(is_declared) {
                    providers.retain(is_declared);
                }
                let is_same = |at: &usize| entries[*at].parts() == entries[providers[0]].parts();
                if providers.iter().all(is_same) {
                    let least = providers
                        .iter()
                        .copied()
                        .min_by_key(|at| entries[*at].name());
                    slot.model = least.map(ModelSlot::One);
                }
                continue;
            }
            providers.retain(|at| !is_internal(at));
            if let [one] = providers[..] {
                slot.model = Some(ModelSlot::One(one));
            }
        }
    }

    /// Looks up a reference: a declared model first, then a wildcard, the catalog, and an alias.
    pub(super) fn reference(&self, reference: &'c str) -> Result<Link<'c>, Miss> {
        let slot = self.slots.get(reference);
        match slot.and_then(|slot| slot.model.as_ref()) {
            Some(ModelSlot::One(provider)) => {
                let entry = &self.config.provider_entries()[*provider];
                let id = entry.parts().map_or("", |(_, id)| id);
                return Ok(Link::Model {
                    provider: *provider,
                    id,
                });
            }
            Some(ModelSlot::Many(providers)) => {
                return Err(Miss::Ambiguous(self.list_names(providers, "or")));
            }
            None if self.broken.contains(reference) => return Ok(Link::Wrong),
            None => {}
        }
        if let Some(model) = ModelName::split(reference)
            && let Some(&provider) = self.wildcards.get(model.provider)
        {
            match model.id {
                "*" => return Err(Miss::Pattern),
                "" => {}
                id => return Ok(Link::Model { provider, id }),
            }
        }
        if let Some(providers) = self.catalog.get(reference) {
            return match providers.as_slice() {
                [provider] => Ok(Link::Model {
                    provider: self.wildcards[provider],
                    id: reference,
                }),
                providers => {
                    let names = providers
                        .iter()
                        .map(|provider| format!("{provider}/{reference}"));
                    Err(Miss::Ambiguous(list_first(names, "or")))
                }
            };
        }
        slot.and_then(|slot| slot.alias)
            .map(Link::Alias)
            .ok_or(Miss::Unknown)
    }

    pub(super) fn is_wildcard(&self, provider: usize) -> bool {
        self.config.provider_entries()[provider].is_wildcard()
    }

    /// Whether a client can ask for a name.
    pub(super) fn knows(&self, name: &'c str) -> bool {
        self.slots
            .get(name)
            .is_some_and(|slot| slot.alias.is_some())
            || self.reference(name).is_ok()
    }

    /// Lists the first few declared models with this name, and tells whether there are several; `None` if
    /// there are none.
    pub(super) fn models_named(&self, name: &str) -> Option<(String, bool)> {
        match self.slots.get(name)?.model.as_ref()? {
            ModelSlot::One(at) => {
                let (provider, id) = self.config.provider_entries()[*at].parts()?;
                Some((Quoted(&format!("{provider}/{id}")).to_string(), false))
            }
            ModelSlot::Many(providers) => Some((self.list_names(providers, "and"), true)),
        }
    }

    fn list_names(&self, providers: &[usize], last: &str) -> String {
        list_first(providers.iter().map(|&at| self.full_name(at)), last)
    }

    /// Returns a name that identifies an entry: its full name, or its `name` if other entries share
    /// the full name.
    pub(crate) fn full_name(&self, provider: usize) -> String {
        let entry = &self.config.provider_entries()[provider];
        match (entry.name(), entry.parts()) {
            (Some(name), _) if self.twins[provider] => name.to_owned(),
            (_, Some((provider, id))) => format!("{provider}/{id}"),
            (name, None) => name.unwrap_or_default().to_owned(),
        }
    }

    /// Returns the known name that an unknown one was probably meant to be: one that differs only
    /// in case, else a similar one, else the bare id after its prefix, if one declared model has it. Ties go to
    /// the earlier name, models before aliases. Returns `None` once the comparisons are used up.
    pub(super) fn suggestion<'s>(&'s self, name: &'s str) -> Option<&'s str> {
        let left = self.comparisons.get().checked_sub(self.slots.len())?;
        self.comparisons.set(left);
        let aliases = self.config.alias_entries().iter().map(|entry| &*entry.name);
        let models = self
            .config
            .provider_entries()
            .iter()
            .filter(|entry| !entry.is_wildcard())
            .flat_map(|entry| {
                let id = entry.parts().map(|(_, id)| id);
                [entry.name(), id, entry.model()]
            })
            .flatten();
        let names = models.chain(aliases);
        closest(name, names).or_else(|| {
            let id = ModelName::split(name)?.id;
            let slot = self.slots.get(id)?;
            matches!(slot.model, Some(ModelSlot::One(_))).then_some(id)
        })
    }
}

/// Lists the first few names and the number of the others.
fn list_first(names: impl ExactSizeIterator<Item = String>, last: &str) -> String {
    let more = names.len().saturating_sub(LISTED);
    let shown: Vec<String> = names.take(LISTED).collect();
    let shown = shown.iter().map(String::as_str);
    if more > 0 {
        let shown: Vec<String> = shown.map(|name| Quoted(name).to_string()).collect();
        format!("{} {last} {more} more", shown.join(", "))
    } else {
        list(shown, last)
    }
}
