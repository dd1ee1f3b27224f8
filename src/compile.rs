//! A checked configuration becomes a table. Nothing can fail here: what could has been found.

mod schedule;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use crate::check::{Checked, Graph, Index, Link, ModelSlot};
use crate::config::Config;
use crate::config::entry::{AliasBody, AliasEntry, ProviderEntry, TargetEntry};
use crate::provider::Provider;
use crate::rendezvous::{member_id, salt_seed};
use crate::secret::PublicUrl;
use crate::table::{
    Alias, Answer, Choice, Deprecation, End, Extras, Front, Group, HealthId, HealthKey, Hop,
    Limited, Listed, Member, NONE, Names, Rivals, RoutingTable, Step, Target, TargetId, Turns,
};
use schedule::Schedules;

/// What the embedder registered that the table must know of.
pub(crate) struct Hooks<'h> {
    /// The names of the selectors, in their order.
    pub(crate) selectors: &'h [String],
    /// Whether a selector replaces the weighted draw, and so reads the counts of every split.
    pub(crate) replaces_draw: bool,
}

/// Compiles a configuration without errors.
///
/// # Complexity
///
/// Linear in the configuration.
pub(crate) fn compile(config: &Config, checked: &Checked<'_>, hooks: &Hooks<'_>) -> RoutingTable {
    let providers: Box<[Arc<Provider>]> = config
        .provider_entries()
        .iter()
        .map(|entry| Arc::new(provider(entry)))
        .collect();
    let mut compiled = Compiler::new(config, &checked.graph, hooks, &providers);
    for &alias in &checked.graph.order {
        let hop = compiled.alias(alias);
        compiled.hops[alias] = Some(hop);
    }
    compiled.count();
    let rings = compiled.targets.rings();
    let (names, ambiguous) = names(&checked.index, &compiled.hops);
    let wildcards = checked.index.wildcards.iter();
    let catalog = checked.index.catalog.iter();
    let entries = config.alias_entries().iter();
    let (aliases, limited): (Vec<Alias>, Vec<Limited>) = entries
        .zip(compiled.hops)
        .zip(compiled.limited)
        .filter_map(|((entry, hop), limited)| Some((alias(entry, hop?), limited)))
        .unzip();
    RoutingTable {
        names,
        ambiguous,
        wildcards: wildcards
            .map(|(&provider, &at)| (provider.into(), number(at)))
            .collect(),
        catalog: catalog
            .map(|(&id, owners)| {
                let listed = match owners.as_slice() {
                    [one] => Listed::One(number(checked.index.wildcards[one])),
                    many => Listed::Many(
                        many.iter()
                            .map(|provider| format!("{provider}/{id}").into())
                            .collect(),
                    ),
                };
                (id.into(), listed)
            })
            .collect(),
        default: providers.iter().position(|entry| entry.default).map(number),
        aliases: aliases.into(),
        limited: limited.into(),
        counts_aliases: compiled.groups.iter().any(|group| group.health != NONE),
        targets: compiled.targets.list.into(),
        extras: compiled.extras.into(),
        fronts: compiled.groups.iter().map(Front::of).collect(),
        rivals: compiled.groups.iter().map(Rivals::of).collect(),
        groups: compiled.groups.into(),
        schedules: compiled.schedules.list.into(),
        rings,
        health_keys: compiled.targets.healths.into(),
        rotation_keys: compiled.rotations.into(),
        providers,
    }
}

/// Positions fit: the node budget keeps every list far below 2³².
fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}

fn provider(entry: &ProviderEntry) -> Provider {
    let (provider, id) = entry.parts().unwrap_or_default();
    let headers = entry.headers.get().into_iter().flat_map(|all| all.iter());
    Provider {
        name: entry.name.get().cloned(),
        model: entry.model().unwrap_or_default().into(),
        provider: provider.into(),
        id: id.into(),
        provider_interface: entry.provider_interface.get().cloned(),
        access_key: entry.access_key.get().cloned(),
        base_url: entry.base_url.get().cloned(),
        http_host: entry.http_host.get().cloned(),
        default: entry.default.value().unwrap_or(false),
        passthrough_auth: entry.passthrough_auth.value().unwrap_or(false),
        internal: entry.internal.value().unwrap_or(false),
        headers: headers
            .map(|(name, value)| (Arc::clone(name), value.value.clone()))
            .collect(),
        pricing: entry.pricing.value(),
        context_window: entry.context_window.value(),
        extra: entry.extra.clone(),
    }
}

/// What makes two targets one.
type Identity<'a> = (usize, &'a str, Option<&'a str>);

/// The targets, each identity once; those of the entries themselves come first.
struct Targets<'a> {
    providers: &'a [Arc<Provider>],
    list: Vec<Target>,
    known: HashMap<Identity<'a>, TargetId, FixedState>,
    /// The endpoint that the alias writes for each target.
    written: Vec<Option<&'a str>>,
    healths: Vec<HealthKey>,
}

impl<'a> Targets<'a> {
    fn new(providers: &'a [Arc<Provider>]) -> Self {
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

    fn get(&mut self, identity: Identity<'a>) -> TargetId {
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
                endpoint: written.map(Into::into),
            });
            number(self.healths.len() - 1)
        } else {
            let entry = self.get((at, &provider.id, written));
            self.list[entry as usize].health
        };
        let mut text = provider.text(id);
        if let Some(url) = written {
            text.push('@');
            text.push_str(&PublicUrl(url).to_string());
        }
        let target = number(self.list.len());
        self.list.push(Target {
            provider: Arc::clone(provider),
            model: if *id == *provider.id {
                Arc::clone(&provider.id)
            } else {
                id.into()
            },
            endpoint: written.or(provider.base_url()).map(Into::into),
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
    fn count_alike(&mut self) {
        let counted = self.list.iter().filter(|target| target.counted);
        let counted: HashSet<HealthId> = counted.map(|target| target.health).collect();
        for target in &mut self.list {
            target.counted = counted.contains(&target.health);
        }
    }

    /// Finds the targets that share an access key. A key that the client brings is none of ours.
    fn rings(&mut self) -> Box<[Box<[HealthId]>]> {
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
    fn hashed(&self, at: TargetId) -> Cow<'_, str> {
        let target = &self.list[at as usize];
        match self.written[at as usize] {
            None => (&*target.text).into(),
            Some(url) => format!("{}@{url}", target.provider.text(&target.model)).into(),
        }
    }
}

/// Everything that is being compiled.
struct Compiler<'a> {
    graph: &'a Graph<'a>,
    entries: &'a [AliasEntry],
    hooks: &'a Hooks<'a>,
    targets: Targets<'a>,
    extras: Vec<Extras>,
    groups: Vec<Group>,
    rotations: Vec<Arc<str>>,
    schedules: Schedules,
    /// Where each alias leads; those that others lead to are compiled first.
    hops: Vec<Option<Hop>>,
    /// What each alias limits, or those that it leads to.
    limited: Vec<Limited>,
}

impl<'a> Compiler<'a> {
    fn new(
        config: &'a Config,
        graph: &'a Graph<'a>,
        hooks: &'a Hooks<'a>,
        providers: &'a [Arc<Provider>],
    ) -> Self {
        let entries = config.alias_entries();
        Self {
            graph,
            entries,
            hooks,
            targets: Targets::new(providers),
            extras: Vec::new(),
            groups: Vec::new(),
            rotations: Vec::new(),
            schedules: Schedules::default(),
            hops: vec![None; entries.len()],
            limited: vec![Limited::default(); entries.len()],
        }
    }

    /// Where an alias leads: on to what its only entry leads to, or to a choice.
    fn alias(&mut self, alias: usize) -> Hop {
        let body = &self.entries[alias].body;
        let links = &self.graph.links[alias];
        let edges = &links.members;
        let mut limited = Limited::of(body);
        for link in edges.iter().chain(&links.fallbacks) {
            if let Link::Alias(alias) = *link {
                limited = limited.or(self.limited[alias]);
            }
        }
        self.limited[alias] = limited;
        let mut path = vec![number(alias)];
        if self.graph.is_plain(alias) {
            let only = self.hop(&edges[0], &body.targets()[0]);
            path.extend(only.path.iter());
            return Hop {
                path: path.into(),
                end: only.end,
            };
        }
        let hops = self.hops(edges, body.targets());
        let steps = self.hops(&links.fallbacks, body.fallbacks());
        let steps = steps.into_iter().zip(body.fallbacks());
        let steps = steps.map(|(hop, entry)| Step {
            hop,
            conditions: entry
                .conditions
                .get()
                .map(|conditions| conditions.iter().map(|at| at.value.clone()).collect()),
        });
        let weights = weights(body);
        let salt = body
            .sticky
            .get()
            .and_then(|salt| salt.get())
            .unwrap_or(&self.entries[alias].name);
        let salt = salt_seed(salt);
        let mut sum = 0;
        let members = hops
            .iter()
            .zip(&weights)
            .map(|(hop, &weight)| {
                sum += weight;
                Member {
                    id: member_id(salt, &self.text(hop)),
                    end: hop.end,
                    weight,
                    sum,
                    health: self.health(hop),
                }
            })
            .collect();
        let choice = self.choice(alias, body, &weights);
        let longest = hops.iter().map(|hop| self.length(hop)).max();
        let steps: Box<[Step]> = steps.collect();
        let length = steps
            .iter()
            .map(|step| self.length(&step.hop))
            .fold(longest.unwrap_or(1), u8::saturating_add);
        let group = number(self.groups.len());
        self.groups.push(Group {
            alias: number(alias),
            choice,
            redistribute: body.redistribute.value().unwrap_or(false),
            members,
            salt,
            hops: hops.into(),
            steps,
            length,
            health: NONE,
        });
        Hop {
            path: path.into(),
            end: End::Group(group),
        }
    }

    fn choice(&mut self, alias: usize, body: &AliasBody, weights: &[u32]) -> Choice {
        if !body.is_balanced() {
            return if weights.len() < 2 {
                Choice::Only
            } else {
                Choice::Split
            };
        }
        let algorithm = body
            .load_balance
            .get()
            .and_then(|balance| balance.algorithm.get())
            .map_or("round_robin", |algorithm| &**algorithm);
        let selector = self.hooks.selectors.iter().position(|s| s == algorithm);
        if let Some(selector) = selector {
            return Choice::Hook(number(selector));
        }
        let turns = Turns {
            schedule: self.schedules.get(weights),
            rotation: number(self.rotations.len()),
        };
        self.rotations.push(Arc::clone(&self.entries[alias].name));
        match algorithm {
            "least_connections" => Choice::LeastConnections(turns),
            "sticky" => Choice::Sticky(turns),
            _ => Choice::RoundRobin(turns),
        }
    }

    fn hops(&mut self, edges: &'a [Link<'a>], entries: &'a [TargetEntry]) -> Vec<Hop> {
        edges
            .iter()
            .zip(entries)
            .map(|(edge, entry)| self.hop(edge, entry))
            .collect()
    }

    fn hop(&mut self, link: &Link<'a>, entry: &'a TargetEntry) -> Hop {
        match *link {
            Link::Model { provider, id } => {
                let endpoint = entry.endpoint.get().map(|url| &**url);
                Hop {
                    path: Box::default(),
                    end: End::Target {
                        target: self.targets.get((provider, id, endpoint)),
                        extras: self.extras(entry),
                    },
                }
            }
            // INVARIANT: in a configuration without errors no edge is wrong, and an alias
            // comes after those it leads to.
            Link::Alias(alias) => self.hops[alias].clone().unwrap_or_else(nowhere),
            Link::Wrong => nowhere(),
        }
    }

    fn extras(&mut self, entry: &TargetEntry) -> u32 {
        let params = entry.params.get().map(|params| (**params).clone());
        let extras = Extras {
            timeout: entry.timeout.value(),
            params: params.filter(|params| !params.is_empty()).map(Box::new),
        };
        if extras.params.is_none() && extras.timeout.is_none() {
            return NONE;
        }
        self.extras.push(extras);
        number(self.extras.len() - 1)
    }

    /// The steps on the longest way from here.
    fn length(&self, hop: &Hop) -> u8 {
        match hop.end {
            End::Target { .. } => 1,
            End::Group(group) => self.groups[group as usize].length,
        }
    }

    /// The text form of the identity that a hop ends in.
    fn text(&self, hop: &Hop) -> Cow<'_, str> {
        match hop.end {
            End::Target { target, .. } => self.targets.hashed(target),
            End::Group(group) => {
                let owner = self.groups[group as usize].alias as usize;
                (&*self.entries[owner].name).into()
            }
        }
    }

    fn health(&self, hop: &Hop) -> HealthId {
        match hop.end {
            End::Target { target, .. } => self.targets.list[target as usize].health,
            // Filled in where something counts it.
            End::Group(_) => NONE,
        }
    }

    /// Marks what is counted: the members of every group whose choice reads counts.
    fn count(&mut self) {
        for at in 0..self.groups.len() {
            let reads = match self.groups[at].choice {
                Choice::LeastConnections(_) | Choice::Hook(_) => true,
                Choice::Split => self.hooks.replaces_draw,
                Choice::Only | Choice::RoundRobin(_) | Choice::Sticky(_) => false,
            };
            if !reads {
                continue;
            }
            for member in 0..self.groups[at].members.len() {
                match self.groups[at].members[member].end {
                    End::Target { target, .. } => {
                        self.targets.list[target as usize].counted = true;
                    }
                    End::Group(group) => {
                        let group = group as usize;
                        if self.groups[group].health == NONE {
                            let owner = self.groups[group].alias as usize;
                            let name = Arc::clone(&self.entries[owner].name);
                            self.targets.healths.push(HealthKey::Alias(name));
                            self.groups[group].health = number(self.targets.healths.len() - 1);
                        }
                        self.groups[at].members[member].health = self.groups[group].health;
                    }
                }
            }
        }
        self.targets.count_alike();
    }
}

/// Stands for what cannot be in a configuration without errors.
fn nowhere() -> Hop {
    Hop {
        path: Box::default(),
        end: End::Target {
            target: 0,
            extras: NONE,
        },
    }
}

/// The weights of an alias's members: hundredths in a split, as written in a balancer.
fn weights(body: &AliasBody) -> Vec<u32> {
    let places = if body.is_balanced() { 0 } else { 2 };
    let weight = |entry: &TargetEntry| match entry.weight.value() {
        None => 1,
        Some(weight) => weight
            .scaled(places)
            .and_then(|w| u32::try_from(w).ok())
            .unwrap_or(0),
    };
    body.targets().iter().map(weight).collect()
}

impl Limited {
    /// What the guardrails of an alias limit.
    fn of(body: &AliasBody) -> Self {
        let guardrails = body.guardrails.get();
        Self {
            time: guardrails.is_some_and(|all| all.max_latency.value().is_some()),
            cost: guardrails.is_some_and(|all| all.max_cost_per_request.value().is_some()),
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            time: self.time || other.time,
            cost: self.cost || other.cost,
        }
    }
}

fn alias(entry: &AliasEntry, hop: Hop) -> Alias {
    let body = &entry.body;
    Alias {
        name: Arc::clone(&entry.name),
        hop,
        guardrails: body
            .guardrails
            .get()
            .map(|guardrails| Box::new(guardrails.to_guardrails())),
        max_attempts: body.max_attempts.value(),
        description: body.description.get().cloned(),
        hidden: body.hidden.value().unwrap_or(false),
        deprecation: body.deprecated.get().map(|deprecated| {
            Box::new(Deprecation {
                replacement: deprecated.replacement.get().cloned(),
                sunset: deprecated.sunset.get().cloned(),
                message: deprecated.message.get().cloned(),
            })
        }),
    }
}

type FullNames = Box<[Box<[Box<str>]>]>;

/// What each known name answers: an alias first, then a model.
fn names(index: &Index<'_>, hops: &[Option<Hop>]) -> (Names<Answer>, FullNames) {
    let mut ambiguous = Vec::new();
    let mut names = Names::with_capacity(index.slots.len());
    for (name, slot) in &index.slots {
        let hop = slot.alias.and_then(|alias| hops[alias].as_ref());
        let answer = match (hop, &slot.model) {
            (Some(hop), _) => Answer::Route {
                alias: slot.alias.map_or(NONE, number),
                end: hop.end,
            },
            (None, Some(ModelSlot::One(provider))) => Answer::Route {
                alias: NONE,
                end: End::Target {
                    target: number(*provider),
                    extras: NONE,
                },
            },
            (None, Some(ModelSlot::Many(providers))) => {
                let full = providers.iter().map(|&at| index.full_name(at).into());
                ambiguous.push(full.collect());
                Answer::Ambiguous(number(ambiguous.len() - 1))
            }
            (None, None) => continue,
        };
        names.insert(name, answer);
    }
    (names, ambiguous.into())
}
