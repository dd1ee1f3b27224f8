//! Compares aliases.

use std::collections::HashMap;

use indexmap::{IndexMap, IndexSet};

use super::fields::FieldDiff;
use super::parts::{Change, FieldChange};
use crate::base::duration;
use crate::base::limits::{FilterAction, GuardrailMode, Guardrails, OnUnverifiable};
use crate::failure::Condition;
use crate::serve::snapshot::Snapshot;
use crate::table::{Alias, Choice, Deprecation, End, Group, Hop, RoutingTable, TargetOptions};

/// Returns the aliases that differ.
pub(super) fn changes(before: &Snapshot, after: &Snapshot) -> Vec<Change> {
    let (before, after) = (views(before), views(after));
    let names: IndexSet<&str> = after.keys().chain(before.keys()).copied().collect();
    let changes = names.into_iter().filter_map(|name| {
        let (old, new) = (before.get(name), after.get(name));
        let fields = fields(old, new);
        let differs = old.is_none() || new.is_none() || !fields.is_empty();
        differs.then(|| Change {
            name: name.into(),
            existed: old.is_some(),
            exists: new.is_some(),
            // For a removed alias the name is enough.
            fields: if new.is_some() { fields } else { Vec::new() },
        })
    });
    changes.collect()
}

/// A member or fallback of an alias, as it is compared.
struct EntryView<'t> {
    /// The full endpoint as written; the text form shows only its public part.
    endpoint: Option<&'t str>,
    options: Option<&'t TargetOptions>,
    weight_or_conditions: String,
}

/// Entries by their text. Repeated ones (a fallback may repeat) are numbered.
type Entries<'t> = IndexMap<String, EntryView<'t>>;

/// An alias as it is compared.
struct AliasView<'t> {
    alias: &'t Alias,
    group: Option<&'t Group>,
    algorithm: Option<&'t str>,
    members: Entries<'t>,
    fallbacks: Entries<'t>,
}

fn views(snapshot: &Snapshot) -> IndexMap<&str, AliasView<'_>> {
    let table = &*snapshot.table;
    let numbered = (0..).zip(&table.aliases);
    numbered
        .map(|(at, alias)| {
            let group = match alias.hop.end {
                End::Group(group) => Some(table.group(group)).filter(|own| own.alias == at),
                End::Target { .. } => None,
            };
            let members = match group {
                None => entries(table, 1, [(&alias.hop, "100%".to_owned())]),
                Some(group) => {
                    let weights = group
                        .members
                        .iter()
                        .map(|member| weight(group, member.weight));
                    entries(table, 0, group.hops.iter().zip(weights))
                }
            };
            let steps = group.into_iter().flat_map(|group| &group.steps);
            let view = AliasView {
                alias,
                group,
                algorithm: group.and_then(|group| snapshot.hooks.algorithm(&group.choice)),
                members,
                fallbacks: entries(
                    table,
                    0,
                    steps.map(|step| (&step.hop, conditions(step.conditions.as_deref()))),
                ),
            };
            (&*alias.name, view)
        })
        .collect()
}

/// Builds entries from hops. Index `at` of a hop's path holds the alias that the entry names.
fn entries<'t>(
    table: &'t RoutingTable,
    at: usize,
    hops: impl IntoIterator<Item = (&'t Hop, String)>,
) -> Entries<'t> {
    let mut entries = Entries::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (hop, weight_or_conditions) in hops {
        let (text, endpoint, options) = match (hop.path.get(at), hop.end) {
            (Some(&alias), _) => (table.aliases[alias as usize].name.to_string(), None, None),
            (None, End::Target { target, options }) => {
                let target = table.target(target);
                let entry = target.provider.text(&target.model);
                // Ignore the URL of the provider entry: only the target's own endpoint counts.
                let written = *target.text != *entry;
                let endpoint = target.endpoint.as_deref().filter(|_| written);
                let options = table.target_options.get(options as usize);
                (target.text.to_string(), endpoint, options)
            }
            // Unreachable: a path to a group ends with the alias that owns it.
            (None, End::Group(_)) => continue,
        };
        let count = seen.entry(text.clone()).or_insert(0);
        *count += 1;
        let key = match *count {
            1 => text,
            count => format!("{text} ({count})"),
        };
        let entry = EntryView {
            endpoint,
            options,
            weight_or_conditions,
        };
        entries.insert(key, entry);
    }
    entries
}

/// Writes a weight as in the configuration.
fn weight(group: &Group, weight: u32) -> String {
    match group.choice {
        Choice::Only => "100%".to_owned(),
        Choice::Split => {
            let text = format!("{}.{:02}", weight / 100, weight % 100);
            format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
        }
        Choice::RoundRobin(_)
        | Choice::LeastConnections(_)
        | Choice::Sticky(_)
        | Choice::Hook(_) => weight.to_string(),
    }
}

fn conditions(conditions: Option<&[Condition]>) -> String {
    let Some(conditions) = conditions else {
        return "any".to_owned();
    };
    let words: Vec<String> = conditions.iter().map(Condition::to_string).collect();
    words.join(", ")
}

fn fields(old: Option<&AliasView<'_>>, new: Option<&AliasView<'_>>) -> Vec<FieldChange> {
    let mut fields = FieldDiff::default();
    fields.shown(
        "algorithm",
        old.and_then(|view| view.algorithm),
        new.and_then(|view| view.algorithm),
    );
    members(&mut fields, old, new);
    fallbacks(&mut fields, old, new);
    let group = |view: Option<&AliasView<'_>>, flag: fn(&Group) -> bool| {
        view.and_then(|view| view.group).is_some_and(flag)
    };
    fields.flag(
        "redistribute",
        group(old, |group| group.redistribute),
        group(new, |group| group.redistribute),
    );
    // The salt is compared only if the alias has a group (several targets, or fallbacks) in both versions. The
    // table keeps only its hash.
    if let (Some(old), Some(new)) = (old.and_then(|v| v.group), new.and_then(|v| v.group)) {
        fields.hidden("salt of sticky", Some(old.salt), Some(new.salt));
    }
    let (old, new) = (old.map(|view| view.alias), new.map(|view| view.alias));
    fields.shown(
        "max_attempts",
        old.and_then(|alias| alias.max_attempts),
        new.and_then(|alias| alias.max_attempts),
    );
    let last_resort = |alias: Option<&Alias>| {
        let always = alias.and_then(|alias| alias.last_resort);
        always.map(|always| if always { "always" } else { "never" })
    };
    fields.shown("last_resort", last_resort(old), last_resort(new));
    let rails =
        |alias: Option<&'_ Alias>| alias.and_then(|alias| alias.guardrails.as_deref()).cloned();
    guardrails(&mut fields, rails(old).as_ref(), rails(new).as_ref());
    fields.shown(
        "description",
        old.and_then(|alias| alias.description.as_deref()),
        new.and_then(|alias| alias.description.as_deref()),
    );
    let hidden = |alias: Option<&Alias>| alias.is_some_and(|alias| alias.hidden);
    fields.flag("hidden", hidden(old), hidden(new));
    let deprecation = |alias: Option<&Alias>| alias.and_then(|alias| alias.deprecation.clone());
    deprecated(
        &mut fields,
        deprecation(old).as_deref(),
        deprecation(new).as_deref(),
    );
    fields.0
}

fn members(fields: &mut FieldDiff, old: Option<&AliasView<'_>>, new: Option<&AliasView<'_>>) {
    let none = Entries::new();
    let (before, after) = (
        old.map_or(&none, |view| &view.members),
        new.map_or(&none, |view| &view.members),
    );
    // Replacing a single target is one change, not two.
    let alone = |entries: &Entries<'_>| entries.len() < 2;
    if alone(before) && alone(after) {
        let only = |entries: &Entries<'_>| entries.keys().next().cloned();
        fields.shown("target", only(before), only(after));
    } else {
        for name in union(after, before) {
            let text = |entries: &Entries<'_>| {
                entries
                    .get(name)
                    .map(|entry| entry.weight_or_conditions.clone())
            };
            let field = match (before.get(name), after.get(name)) {
                (Some(_), Some(_)) => format!("weight of {name}"),
                _ => format!("target {name}"),
            };
            fields.shown(field, text(before), text(after));
        }
    }
    options(fields, before, after);
}

fn fallbacks(fields: &mut FieldDiff, old: Option<&AliasView<'_>>, new: Option<&AliasView<'_>>) {
    let none = Entries::new();
    let (before, after) = (
        old.map_or(&none, |view| &view.fallbacks),
        new.map_or(&none, |view| &view.fallbacks),
    );
    for name in union(after, before) {
        let text = |entries: &Entries<'_>| {
            entries
                .get(name)
                .map(|entry| entry.weight_or_conditions.clone())
        };
        let field = match (before.get(name), after.get(name)) {
            (Some(_), Some(_)) => format!("conditions of {name}"),
            _ => format!("fallback {name}"),
        };
        fields.shown(field, text(before), text(after));
    }
    // The order of the fallbacks that both versions have.
    let order = |entries: &Entries<'_>, others: &Entries<'_>| {
        let common = entries.keys().filter(|name| others.contains_key(*name));
        let common: Vec<&str> = common.map(String::as_str).collect();
        common.join(", ")
    };
    fields.shown(
        "order of fallbacks",
        Some(order(before, after)),
        Some(order(after, before)),
    );
    options(fields, before, after);
}

/// Compares the options beside a reference. Options of removed entries are not listed.
fn options(fields: &mut FieldDiff, before: &Entries<'_>, after: &Entries<'_>) {
    for (name, new) in after {
        let old = before.get(name);
        if let Some(old) = old {
            // The text is the same, so only the hidden part can differ.
            fields.hidden(format!("endpoint of {name}"), old.endpoint, new.endpoint);
        }
        let timeout = |entry: &EntryView<'_>| entry.options?.timeout.map(duration::write);
        fields.shown(
            format!("timeout of {name}"),
            old.and_then(timeout),
            timeout(new),
        );
        let params = |entry: &EntryView<'_>| entry.options?.params.clone();
        fields.hidden(
            format!("params of {name}"),
            old.and_then(params),
            params(new),
        );
    }
}

fn guardrails(fields: &mut FieldDiff, old: Option<&Guardrails>, new: Option<&Guardrails>) {
    let latency = |rails: Option<&Guardrails>| rails?.max_latency.map(duration::write);
    fields.shown("max_latency", latency(old), latency(new));
    fields.shown(
        "max_cost_per_request",
        old.and_then(|rails| rails.max_cost_per_request),
        new.and_then(|rails| rails.max_cost_per_request),
    );
    let unverifiable = |rails: Option<&Guardrails>| match rails?.on_unverifiable {
        OnUnverifiable::Refuse => None,
        OnUnverifiable::Allow => Some("allow"),
    };
    fields.shown("on_unverifiable", unverifiable(old), unverifiable(new));
    let mode = |rails: Option<&Guardrails>| match rails?.mode {
        GuardrailMode::Enforce => None,
        GuardrailMode::Monitor => Some("monitor"),
    };
    fields.shown("mode", mode(old), mode(new));
    let categories = |rails: Option<&Guardrails>| {
        let categories: Vec<&str> = rails?.block_categories.iter().map(AsRef::as_ref).collect();
        (!categories.is_empty()).then(|| categories.join(", "))
    };
    fields.shown("block_categories", categories(old), categories(new));
    let filters = |rails: Option<&Guardrails>| {
        let filters = rails?.content_filters.iter();
        let filters = filters.map(|filter| match filter.action {
            FilterAction::Redact => filter.kind.to_string(),
            FilterAction::Block => format!("{} (block)", filter.kind),
        });
        let filters: Vec<String> = filters.collect();
        (!filters.is_empty()).then(|| filters.join(", "))
    };
    if filters(old) == filters(new) {
        // Options are defined by the check that implements the filter, and may contain secrets.
        let filters = |rails: Option<&Guardrails>| rails.map(|rails| rails.content_filters.clone());
        let some = |filters: Option<Vec<_>>| filters.filter(|filters| !filters.is_empty());
        fields.hidden(
            "options of content_filters",
            some(filters(old)),
            some(filters(new)),
        );
    } else {
        fields.shown("content_filters", filters(old), filters(new));
    }
}

fn deprecated(fields: &mut FieldDiff, old: Option<&Deprecation>, new: Option<&Deprecation>) {
    let bare = |deprecation: &Deprecation| {
        let Deprecation {
            replacement,
            sunset,
            message,
        } = deprecation;
        replacement.is_none() && sunset.is_none() && message.is_none()
    };
    fields.flag("deprecated", old.is_some_and(bare), new.is_some_and(bare));
    for (field, read) in [
        (
            "replacement",
            Deprecation::replacement as fn(&Deprecation) -> Option<&str>,
        ),
        ("sunset", Deprecation::sunset),
        ("message of deprecated", Deprecation::message),
    ] {
        fields.shown(field, old.and_then(read), new.and_then(read));
    }
}

/// Returns the names of both, without duplicates.
fn union<'m>(first: &'m Entries<'_>, second: &'m Entries<'_>) -> IndexSet<&'m String> {
    first.keys().chain(second.keys()).collect()
}
