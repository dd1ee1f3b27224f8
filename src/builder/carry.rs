//! Builds the live state of a new table, and carries over the state of targets, counted aliases and rotations that
//! are still there.

use std::collections::HashMap;
use std::sync::Arc;

use crate::serve::entropy::Source;
use crate::serve::state::{Alarm, Health, LiveState, Rotation};
use crate::table::provider::Provider;
use crate::table::{HealthKey, RoutingTable};

/// A health key as text, the same in every version of a configuration.
#[derive(PartialEq, Eq, Hash)]
enum HealthName<'a> {
    Target {
        name: Option<&'a str>,
        provider: &'a str,
        id: &'a str,
        endpoint: Option<&'a str>,
    },
    Alias(&'a str),
}

fn health_name(key: &HealthKey) -> HealthName<'_> {
    match key {
        HealthKey::Target { provider, endpoint } => HealthName::Target {
            name: provider.name(),
            provider: provider.provider(),
            id: &provider.id,
            endpoint: endpoint.as_deref(),
        },
        HealthKey::Alias(name) => HealthName::Alias(name),
    }
}

/// Whether a target still has the same URL and access key. If not, the change was most likely a
/// repair, and what was learnt about the target no longer holds.
fn unchanged(now: &HealthKey, before: &HealthKey) -> bool {
    let url_and_key = |provider: &Provider| {
        (
            provider.base_url().map(str::to_owned),
            provider.access_key().cloned(),
        )
    };
    match (now, before) {
        (
            HealthKey::Target { provider: now, .. },
            HealthKey::Target {
                provider: before, ..
            },
        ) => url_and_key(now) == url_and_key(before),
        _ => true,
    }
}

/// Builds the live state of a table. `before` is the previous table with its state.
pub(super) fn live_state(
    table: &RoutingTable,
    before: Option<(&RoutingTable, &LiveState)>,
    entropy: &Source,
) -> LiveState {
    let mut health_before = HashMap::new();
    let mut rotations_before = HashMap::new();
    if let Some((table, live)) = before {
        for (key, health) in table.health_keys.iter().zip(&live.health) {
            health_before.insert(health_name(key), (key, health));
        }
        for (alias, rotation) in table.rotation_keys.iter().zip(&live.rotations) {
            rotations_before.insert(&**alias, rotation);
        }
    }
    let alarm = match before {
        Some((_, live)) => Arc::clone(&live.alarm),
        None => Arc::new(Alarm::new()),
    };
    let health = table.health_keys.iter().map(|key| {
        let carried = health_before.get(&health_name(key));
        match carried {
            Some((before, health)) if unchanged(key, before) => Arc::clone(health),
            // A drain applies to the target, not only to its old key, so it is kept.
            carried => {
                let health = Health::new(Arc::clone(&alarm));
                health.drain(carried.is_some_and(|(_, health)| health.is_drained()));
                Arc::new(health)
            }
        }
    });
    let rotations = table.rotation_keys.iter().map(|alias| {
        // Starts at a random phase. Without it, a fleet that restarts together sends the first
        // endpoint eight times its share (measured).
        match rotations_before.get(&**alias) {
            Some(rotation) => Arc::clone(rotation),
            None => Arc::new(Rotation::new(entropy.next_u64() >> 1)),
        }
    });
    LiveState {
        health: health.collect(),
        rotations: rotations.collect(),
        alarm,
    }
}
