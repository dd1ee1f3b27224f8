//! Failure rules.

use super::super::tree::Tree;
use super::super::view::{Home, View};
use super::Findings;

const CLASSES: [&str; 11] = [
    "timeout",
    "rate_limited",
    "quota_exhausted",
    "overloaded",
    "server_error",
    "connect_error",
    "auth_failed",
    "not_found",
    "context_length_exceeded",
    "content_filtered",
    "invalid_request",
];

pub(super) fn check(section: &Tree, view: &View<'_>, found: &mut Findings) {
    if *section == Tree::Null {
        return;
    }
    let Tree::List(rules) = section else {
        found.error("wrong-type");
        return;
    };
    found.error_if(rules.len() > 256, "too-many-entries");
    let mut sound: Vec<&Tree> = Vec::new();
    for rule in rules {
        let before = found.errors.len();
        one(rule, view, found);
        if found.errors.len() > before {
            continue;
        }
        if let Some(first) = sound.iter().find(|first| covers(first, rule)) {
            let is_same = covers(rule, first);
            let contradicts = is_same && first.get("class") != rule.get("class");
            found.error_if(contradicts, "contradictory-rule");
            found.warn_if(!contradicts, "hidden-rule");
        }
        sound.push(rule);
    }
}

fn one(rule: &Tree, view: &View<'_>, found: &mut Findings) {
    for (key, value) in found.map(rule) {
        match key.as_str() {
            "status" => match value {
                Tree::List(items) => {
                    found.error_if(items.is_empty(), "empty-list");
                    for item in items {
                        found.whole(item, 200, 599);
                    }
                }
                _ => found.whole(value, 200, 599),
            },
            "code" if matches!(value, Tree::Int(_)) => {}
            "code" | "says" | "provider" => {
                if let Some(text) = found.text(value) {
                    found.error_if(text.trim().is_empty(), "invalid-value");
                    let is_known = view.entries.iter().any(|entry| {
                        let prefix = match &entry.home {
                            Home::Model { prefix, .. } | Home::Wildcard { prefix } => &**prefix,
                            Home::Broken(_) => "",
                        };
                        prefix == text || entry.name == Some(text)
                    });
                    found.warn_if(key == "provider" && !is_known, "unknown-provider");
                }
            }
            "class" => found.word(value, &CLASSES),
            _ => found.error("unknown-field"),
        }
    }
    if rule.fields().iter().all(|(key, _)| key != "class") {
        found.error("missing-field");
    }
    let narrows = |(key, _): &(String, Tree)| key == "status" || key == "code";
    found.error_if(!rule.fields().iter().any(narrows), "missing-field");
}

/// Whether every failure that `other` is about is one that `rule` is about.
fn covers(rule: &Tree, other: &Tree) -> bool {
    let text = |rule: &Tree, field: &str| match rule.get(field)? {
        Tree::Int(number) => Some(number.to_string()),
        value => value.as_text().map(str::to_ascii_lowercase),
    };
    let statuses = |rule: &Tree| -> Option<Vec<Tree>> {
        rule.get("status").map(|status| match status {
            Tree::List(items) => items.clone(),
            one => vec![one.clone()],
        })
    };
    let is_status = statuses(rule).is_none_or(|own| {
        statuses(other).is_some_and(|others| others.iter().all(|status| own.contains(status)))
    });
    let is_same = |field: &str| text(rule, field).is_none_or(|own| text(other, field) == Some(own));
    let is_provider = rule
        .get("provider")
        .is_none_or(|own| other.get("provider") == Some(own));
    let says = text(rule, "says");
    is_status
        && is_same("code")
        && is_provider
        && says.is_none_or(|own| text(other, "says").is_some_and(|words| words.contains(&own)))
}
