//! Compares provider entries.

use indexmap::{IndexMap, IndexSet};

use super::fields::FieldDiff;
use super::parts::Change;
use crate::base::text::QuotedKey;
use crate::table::RoutingTable;
use crate::table::provider::Provider;

/// Returns the entries that differ.
pub(super) fn changes(before: &RoutingTable, after: &RoutingTable) -> Vec<Change> {
    let (before, after) = (entries(before), entries(after));
    let names: IndexSet<&String> = after.keys().chain(before.keys()).collect();
    let changes = names.into_iter().filter_map(|name| {
        let (old, new) = (before.get(name).copied(), after.get(name).copied());
        let fields = fields(old, new);
        let differs = old.is_none() || new.is_none() || !fields.is_empty();
        differs.then(|| Change {
            name: crate::base::text::escaped(name).into(),
            existed: old.is_some(),
            exists: new.is_some(),
            // For a removed entry the name is enough.
            fields: if new.is_some() { fields } else { Vec::new() },
        })
    });
    changes.collect()
}

/// Returns the entries by name. Of two equal wildcards the later one counts, because it serves.
fn entries(table: &RoutingTable) -> IndexMap<String, &Provider> {
    let entries = table.providers.iter();
    entries
        .map(|entry| (entry.text(&entry.id), &**entry))
        .collect()
}

fn fields(old: Option<&Provider>, new: Option<&Provider>) -> Vec<super::parts::FieldChange> {
    let mut fields = FieldDiff::default();
    // List the model only if the entry has a separate name; otherwise the model is the name already shown.
    let model = |entry: Option<&Provider>| {
        let entry = entry?;
        let full = format!("{}/{}", entry.provider, entry.id);
        (entry.text(&entry.id) != full).then_some(full)
    };
    let flag = |entry: Option<&Provider>, flag: fn(&Provider) -> bool| entry.is_some_and(flag);
    fields.shown("model", model(old), model(new));
    fields.shown(
        "provider_interface",
        old.and_then(|entry| entry.provider_interface.as_deref()),
        new.and_then(|entry| entry.provider_interface.as_deref()),
    );
    fields.hidden(
        "access_key",
        old.and_then(Provider::access_key),
        new.and_then(Provider::access_key),
    );
    fields.url(
        "base_url",
        old.and_then(Provider::base_url),
        new.and_then(Provider::base_url),
    );
    fields.shown(
        "http_host",
        old.and_then(Provider::http_host),
        new.and_then(Provider::http_host),
    );
    for (field, read) in [
        ("default", Provider::is_default as fn(&Provider) -> bool),
        ("passthrough_auth", Provider::passes_auth),
        ("internal", Provider::is_internal),
    ] {
        fields.flag(field, flag(old, read), flag(new, read));
    }
    let headers = |entry: Option<&Provider>| entry.map(|entry| entry.headers.clone());
    let (before, after) = (
        headers(old).unwrap_or_default(),
        headers(new).unwrap_or_default(),
    );
    for name in union(&after, &before) {
        let field = format!("header {}", QuotedKey(name));
        fields.hidden(field, before.get(name), after.get(name));
    }
    let pricing = |entry: Option<&Provider>| Some(format!("{:?}", entry?.pricing?));
    fields.shown("pricing", pricing(old), pricing(new));
    fields.shown(
        "context_window",
        old.and_then(Provider::context_window),
        new.and_then(Provider::context_window),
    );
    // Unknown fields: show only the key, because the value may be a secret under a misspelt key.
    let extra = |entry: Option<&Provider>| entry.map(|entry| entry.extra.clone());
    let (before, after) = (
        extra(old).unwrap_or_default(),
        extra(new).unwrap_or_default(),
    );
    for key in union(&after, &before) {
        let field = QuotedKey(key).to_string();
        fields.hidden(field, before.get(key), after.get(key));
    }
    fields.0
}

/// Returns the keys of both, without duplicates.
fn union<'m, K: std::hash::Hash + Eq, V>(
    first: &'m IndexMap<K, V>,
    second: &'m IndexMap<K, V>,
) -> IndexSet<&'m K> {
    first.keys().chain(second.keys()).collect()
}
