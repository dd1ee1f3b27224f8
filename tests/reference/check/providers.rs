//! The provider section.

use super::super::tree::Tree;
use super::super::view::{Home, View};
use super::{Findings, scalars};

const FIELDS: &[&str] = &[
    "model",
    "name",
    "provider",
    "provider_interface",
    "access_key",
    "base_url",
    "http_host",
    "headers",
    "passthrough_auth",
    "default",
    "internal",
    "pricing",
    "context_window",
];

pub(super) fn check(view: &View<'_>, found: &mut Findings) {
    for (index, entry) in view.entries.iter().enumerate() {
        for (key, value) in entry.node.fields() {
            field(key, value, found);
        }
        if let Home::Broken(code) = entry.home {
            found.error(code);
        }
        let default = is_default(entry.node);
        found.error_if(default && entry.is_wildcard(), "wildcard-default");
        for later in &view.entries[index + 1..] {
            found.error_if(default && is_default(later.node), "multiple-defaults");
            let same_name = entry.name.is_some() && entry.name == later.name;
            // The rendered form repeats a wildcard's pattern as its name, which is not a real name.
            let pattern = entry.is_wildcard() && entry.home == later.home;
            found.error_if(same_name && !pattern, "duplicate-name");
            if entry.home == later.home {
                match entry.home {
                    Home::Model { .. } => {
                        let named = entry.name.is_some() && later.name.is_some();
                        found.error_if(!named, "duplicate-model");
                    }
                    Home::Wildcard { .. } => found.warn_if(true, "duplicate-wildcard"),
                    Home::Broken(_) => {}
                }
            }
        }
    }
}

fn is_default(node: &Tree) -> bool {
    node.get("default") == Some(&Tree::Bool(true))
}

fn field(key: &str, value: &Tree, found: &mut Findings) {
    match key {
        "model" => {} // judged with the prefix
        "name" | "provider" | "provider_interface" | "access_key" | "http_host" => {
            found.text(value);
        }
        "base_url" => found.url(value),
        "headers" => {
            for (_, header) in found.map(value) {
                found.text(header);
            }
        }
        "passthrough_auth" | "default" | "internal" => found.bool(value),
        "pricing" => pricing(value, found),
        "context_window" => found.whole(value, 1, i64::MAX),
        unknown => found.warn_if(scalars::resembles_field(unknown, FIELDS), "misspelt-field"),
    }
}

/// Requires both prices; other keys of the map are ignored.
fn pricing(value: &Tree, found: &mut Findings) {
    let shaped = !found.map(value).is_empty() || matches!(value, Tree::Map(_));
    for price in ["input", "output"] {
        match value.get(price) {
            Some(amount) => {
                found.amount(amount, 6);
                let is_valid = scalars::exact(amount).is_some_and(|n| n.fraction.len() <= 6);
                let is_small = scalars::is_below_a_thousandth(amount);
                found.warn_if(is_valid && is_small, "price-per-token");
            }
            None => found.error_if(shaped, "missing-field"),
        }
    }
}
