//! Converts entries of the configuration to their form in the table.

use std::sync::Arc;

use crate::load::config::entry::{AliasBody, AliasEntry, ProviderEntry, TargetEntry};
use crate::table::provider::Provider;
use crate::table::{Alias, Deprecation, Hop, Limited};

pub(super) fn provider(entry: &ProviderEntry) -> Provider {
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

pub(super) fn alias(entry: &AliasEntry, hop: Hop) -> Alias {
    let body = &entry.body;
    Alias {
        name: Arc::clone(&entry.name),
        hop,
        guardrails: body
            .guardrails
            .get()
            .map(|guardrails| Box::new(guardrails.to_guardrails())),
        max_attempts: body.max_attempts.value(),
        last_resort: body.last_resort.value(),
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

/// The weights of an alias's members: hundredths of a percent in a split, as written in a balancer.
pub(super) fn weights(body: &AliasBody) -> Vec<u32> {
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
    /// Which limits the guardrails of an alias set.
    pub(super) fn of(body: &AliasBody) -> Self {
        let guardrails = body.guardrails.get();
        Self {
            time: guardrails.is_some_and(|all| all.max_latency.value().is_some()),
            cost: guardrails.is_some_and(|all| all.max_cost_per_request.value().is_some()),
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self {
            time: self.time || other.time,
            cost: self.cost || other.cost,
        }
    }
}
