//! A checked configuration becomes a table. Nothing can fail here: what could has been found.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use crate::check::{Checked, Graph, Index, Link, ModelSlot};
use crate::config::Config;
use crate::config::entry::{AliasEntry, ProviderEntry, TargetEntry};
use crate::provider::Provider;
use crate::secret::PublicUrl;
use crate::table::{
    Alias, Answer, Deprecation, End, Extras, Group, Hop, Listed, RoutingTable, Target, TargetId,
};

/// Compiles a configuration without errors.
///
/// # Complexity
///
/// Linear in the configuration.
pub(crate) fn compile(config: &Config, checked: &Checked<'_>) -> RoutingTable {
    let providers: Box<[Arc<Provider>]> = config
        .provider_entries()
        .iter()
        .map(|entry| Arc::new(provider(entry)))
        .collect();
    let mut targets = Targets::new(&providers);
    let (aliases, groups) = Aliases::compile(config, &checked.graph, &mut targets);
    let (names, ambiguous) = names(&checked.index);
    let wildcards = checked.index.wildcards.iter();
    let catalog = checked.index.catalog.iter();
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
        targets: targets.list.into(),
        aliases,
        groups,
        providers,
    }
}

/// Positions fit: the node budget keeps every list far below 2³².
fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn provider(entry: &ProviderEntry) -> Provider {
    let (provider, id) = entry.parts().unwrap_or_default();
    let headers = entry.headers.get().into_iter().flatten();
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
}

impl<'a> Targets<'a> {
    fn new(providers: &'a [Arc<Provider>]) -> Self {
        let mut targets = Self {
            providers,
            list: Vec::with_capacity(providers.len()),
            known: HashMap::default(),
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
        });
        self.known.insert(identity, target);
        target
    }
}

/// Aliases being compiled, those that others lead to first.
struct Aliases<'a, 't> {
    graph: &'a Graph<'a>,
    entries: &'a [AliasEntry],
    targets: &'t mut Targets<'a>,
    hops: Vec<Option<(Vec<u32>, End)>>,
    groups: Vec<Group>,
}

impl<'a> Aliases<'a, '_> {
    fn compile(
        config: &'a Config,
        graph: &'a Graph<'a>,
        targets: &mut Targets<'a>,
    ) -> (Box<[Alias]>, Box<[Group]>) {
        let entries = config.alias_entries();
        let mut aliases = Aliases {
            graph,
            entries,
            targets,
            hops: vec![None; entries.len()],
            groups: Vec::new(),
        };
        for &alias in &graph.order {
            let hop = aliases.hop_of(alias);
            aliases.hops[alias] = Some(hop);
        }
        let Aliases { hops, groups, .. } = aliases;
        let list = entries
            .iter()
            .zip(hops)
            .filter_map(|(entry, hop)| hop.map(|(path, end)| alias(entry, path, end)))
            .collect();
        (list, groups.into())
    }

    /// Where an alias leads: on to what its only entry leads to, or to a choice.
    fn hop_of(&mut self, alias: usize) -> (Vec<u32>, End) {
        let body = &self.entries[alias].body;
        let mut path = vec![number(alias)];
        let members: Vec<Hop> = self.graph.links[alias]
            .members
            .iter()
            .zip(body.targets())
            .map(|(link, entry)| self.hop(link, entry))
            .collect();
        let members = match <[Hop; 1]>::try_from(members) {
            Ok([only]) if self.graph.is_plain(alias) => {
                path.extend(only.path.iter());
                return (path, only.end);
            }
            Ok(only) => only.into(),
            Err(members) => members,
        };
        let group = number(self.groups.len());
        self.groups.push(Group {
            cumulative: cumulative(self.entries[alias].body.is_balanced(), body.targets()),
            members: members.into(),
        });
        (path, End::Group(group))
    }

    fn hop(&mut self, link: &Link<'a>, entry: &'a TargetEntry) -> Hop {
        match *link {
            Link::Model { provider, id } => {
                let endpoint = entry.endpoint.get().map(|url| &**url);
                let params = entry.params.get().filter(|params| !params.is_empty());
                let timeout = entry.timeout.value();
                let extras = (params.is_some() || timeout.is_some()).then(|| Extras {
                    params: params.map_or_else(IndexMap::new, |params| (**params).clone()),
                    timeout,
                });
                Hop {
                    path: Box::default(),
                    end: End::Target {
                        target: self.targets.get((provider, id, endpoint)),
                        extras: extras.map(Arc::new),
                    },
                }
            }
            Link::Alias(alias) => {
                let (path, end) = self.hops[alias]
                    .clone()
                    .unwrap_or((Vec::new(), End::Group(0)));
                Hop {
                    path: path.into(),
                    end,
                }
            }
            Link::Wrong => Hop {
                path: Box::default(),
                end: End::Group(0),
            },
        }
    }
}

/// Running sums of the weights, in hundredths for a split; empty where there is no choice.
fn cumulative(balanced: bool, members: &[TargetEntry]) -> Box<[u32]> {
    if members.len() < 2 {
        return Box::default();
    }
    let places = if balanced { 0 } else { 2 };
    members
        .iter()
        .scan(0_u32, |sum, entry| {
            let weight = entry.weight.value().map_or(Some(1), |w| w.scaled(places));
            *sum += weight.and_then(|w| u32::try_from(w).ok()).unwrap_or(0);
            Some(*sum)
        })
        .collect()
}

fn alias(entry: &AliasEntry, path: Vec<u32>, end: End) -> Alias {
    let body = &entry.body;
    Alias {
        name: Arc::clone(&entry.name),
        hop: Hop {
            path: path.into(),
            end,
        },
        guardrails: body
            .guardrails
            .get()
            .map(|guardrails| Box::new(guardrails.to_guardrails())),
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

type Names = HashMap<Arc<str>, Answer, FixedState>;
type FullNames = Box<[Box<[Box<str>]>]>;

/// What each known name answers: an alias first, then a model.
fn names(index: &Index<'_>) -> (Names, FullNames) {
    let mut ambiguous = Vec::new();
    let mut names = HashMap::with_capacity_and_hasher(index.slots.len(), FixedState::default());
    for (name, slot) in &index.slots {
        let answer = match (slot.alias, &slot.model) {
            (Some(alias), _) => Answer::Alias(number(alias)),
            (None, Some(ModelSlot::One(provider))) => Answer::Target(number(*provider)),
            (None, Some(ModelSlot::Many(providers))) => {
                let full = providers.iter().map(|&at| index.full_name(at).into());
                ambiguous.push(full.collect());
                Answer::Ambiguous(number(ambiguous.len() - 1))
            }
            (None, None) => continue,
        };
        names.insert(Arc::clone(name), answer);
    }
    (names, ambiguous.into())
}
