//! Compiles a checked configuration into a table.

use std::borrow::Cow;
use std::sync::Arc;

use super::entry::{alias, provider, weights};
use super::names::names;
use super::schedule::Schedules;
use super::targets::{Targets, number};
use crate::base::rendezvous::{member_id, salt_seed};
use crate::load::check::{AliasGraph, CheckedConfig, Link};
use crate::load::config::Config;
use crate::load::config::entry::{AliasBody, AliasEntry, RuleEntry, TargetEntry};
use crate::table::provider::Provider;
use crate::table::{
    Alias, CatalogEntry, Choice, End, Group, HealthId, HealthKey, Hop, HotGroup, HotRivals,
    Limited, Member, NONE, RoutingTable, Step, TargetOptions, Turns, room,
};

/// The registered selectors, as far as the table depends on them.
pub(crate) struct RegisteredSelectors<'h> {
    /// The names of the selectors, in the order of registration.
    pub(crate) names: &'h [String],
    /// Whether a selector replaces the weighted draw. Such a selector reads the number of active
    /// requests of each member of a split.
    pub(crate) replaces_draw: bool,
}

/// Compiles a configuration without errors.
///
/// # Complexity
///
/// Linear in the configuration.
pub(crate) fn compile(
    config: &Config,
    checked: &CheckedConfig<'_>,
    selectors: &RegisteredSelectors<'_>,
) -> RoutingTable {
    let providers: Box<[Arc<Provider>]> = config
        .provider_entries()
        .iter()
        .map(|entry| Arc::new(provider(entry)))
        .collect();
    let mut compiler = Compiler::new(config, &checked.graph, selectors, &providers);
    for &alias in &checked.graph.order {
        let hop = compiler.alias(alias);
        compiler.hops[alias] = Some(hop);
    }
    compiler.mark_counted();
    let key_groups = compiler.targets.key_groups();
    let (names, ambiguous) = names(&checked.index, &compiler.hops);
    let wildcards = checked.index.wildcards.iter();
    let catalog = checked.index.catalog.iter();
    let entries = config.alias_entries().iter();
    let (aliases, limited): (Vec<Alias>, Vec<Limited>) = entries
        .zip(compiler.hops)
        .zip(compiler.limited)
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
                    [one] => CatalogEntry::One(number(checked.index.wildcards[one])),
                    many => CatalogEntry::Many(
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
        counts_aliases: compiler.groups.iter().any(|group| group.health != NONE),
        targets: compiler.targets.list.into(),
        target_options: compiler.target_options.into(),
        hot_groups: compiler.groups.iter().map(HotGroup::of).collect(),
        hot_rivals: compiler.groups.iter().map(HotRivals::of).collect(),
        groups: compiler.groups.into(),
        schedules: compiler.schedules.list.into(),
        key_groups,
        health_keys: compiler.targets.healths.into(),
        rotation_keys: compiler.rotations.into(),
        failure_rules: config
            .rule_entries()
            .iter()
            .map(RuleEntry::to_rule)
            .collect(),
        providers,
    }
}

/// The parts of a table while it is compiled.
struct Compiler<'a> {
    graph: &'a AliasGraph<'a>,
    entries: &'a [AliasEntry],
    selectors: &'a RegisteredSelectors<'a>,
    targets: Targets<'a>,
    target_options: Vec<TargetOptions>,
    groups: Vec<Group>,
    rotations: Vec<Arc<str>>,
    schedules: Schedules,
    /// The hop of each alias. An alias is compiled after those that it leads to.
    hops: Vec<Option<Hop>>,
    /// The limits that each alias sets, itself or through an alias that it leads to.
    limited: Vec<Limited>,
}

impl<'a> Compiler<'a> {
    fn new(
        config: &'a Config,
        graph: &'a AliasGraph<'a>,
        selectors: &'a RegisteredSelectors<'a>,
        providers: &'a [Arc<Provider>],
    ) -> Self {
        let entries = config.alias_entries();
        Self {
            graph,
            entries,
            selectors,
            targets: Targets::new(providers),
            target_options: Vec::new(),
            groups: Vec::new(),
            rotations: Vec::new(),
            schedules: Schedules::default(),
            hops: vec![None; entries.len()],
            limited: vec![Limited::default(); entries.len()],
        }
    }

    /// Compiles an alias. A plain alias ends where its only entry ends; any other gets a group.
    fn alias(&mut self, alias: usize) -> Hop {
        let body = &self.entries[alias].body;
        let links = &self.graph.links[alias];
        let member_links = &links.members;
        let mut limited = Limited::of(body);
        for link in member_links.iter().chain(&links.fallbacks) {
            if let Link::Alias(alias) = *link {
                limited = limited.or(self.limited[alias]);
            }
        }
        self.limited[alias] = limited;
        let mut path = vec![number(alias)];
        if self.graph.is_plain(alias) {
            let only = self.hop(&member_links[0], &body.targets()[0]);
            path.extend(only.path.iter());
            return Hop {
                path: path.into(),
                end: only.end,
            };
        }
        let hops = self.hops(member_links, body.targets());
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
        let is_drawn = |at: usize| weights.len() == 1 || weights[at] > 0;
        let drawn = hops.iter().enumerate().filter(|(at, _)| is_drawn(*at));
        let ends = drawn
            .map(|(_, hop)| hop)
            .chain(steps.iter().map(|step| &step.hop));
        let room = ends.filter_map(|hop| self.room(hop)).max();
        let group = number(self.groups.len());
        self.groups.push(Group {
            room,
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
        let selector = self.selectors.names.iter().position(|s| s == algorithm);
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

    fn hops(&mut self, links: &'a [Link<'a>], entries: &'a [TargetEntry]) -> Vec<Hop> {
        links
            .iter()
            .zip(entries)
            .map(|(link, entry)| self.hop(link, entry))
            .collect()
    }

    fn hop(&mut self, link: &Link<'a>, entry: &'a TargetEntry) -> Hop {
        match *link {
            Link::Model { provider, id } => {
                let endpoint = entry.endpoint.get();
                Hop {
                    path: Box::default(),
                    end: End::Target {
                        target: self.targets.get((provider, id, endpoint)),
                        options: self.target_options(entry),
                    },
                }
            }
            // INVARIANT: in a configuration without errors no link is wrong, and an alias is
            // compiled after those that it leads to.
            Link::Alias(alias) => self.hops[alias].clone().unwrap_or_else(nowhere),
            Link::Wrong => nowhere(),
        }
    }

    fn target_options(&mut self, entry: &TargetEntry) -> u32 {
        let params = entry.params.get().map(|params| (**params).clone());
        let options = TargetOptions {
            timeout: entry.timeout.value(),
            params: params.filter(|params| !params.is_empty()).map(Box::new),
        };
        if options.params.is_none() && options.timeout.is_none() {
            return NONE;
        }
        self.target_options.push(options);
        number(self.target_options.len() - 1)
    }

    /// The most tokens that a prompt may have to fit a target below a hop.
    fn room(&self, hop: &Hop) -> Option<u64> {
        match hop.end {
            End::Target { target, options } => {
                let options = self.target_options.get(options as usize);
                let params = options.and_then(|options| options.params.as_deref());
                {
                    let target = &self.targets.list[target as usize];
                    room(target.provider.context_window, params)
                }
            }
            End::Group(group) => self.groups[group as usize].room,
        }
    }

    /// The number of steps on the longest path from a hop.
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
            // Set by `mark_counted` for groups whose active requests a selector or `least_connections`
            // reads.
            End::Group(_) => NONE,
        }
    }

    /// Marks the targets and groups that need active counts: the members of every group whose
    /// choice reads them.
    fn mark_counted(&mut self) {
        for at in 0..self.groups.len() {
            let reads = match self.groups[at].choice {
                Choice::LeastConnections(_) | Choice::Hook(_) => true,
                Choice::Split => self.selectors.replaces_draw,
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
        self.targets.count_shared();
    }
}

/// A placeholder for links that a configuration without errors cannot have.
fn nowhere() -> Hop {
    Hop {
        path: Box::default(),
        end: End::Target {
            target: 0,
            options: NONE,
        },
    }
}
