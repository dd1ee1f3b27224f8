//! Live state for a new table, taken over from the one before where an identity is still there.

use std::collections::HashMap;
use std::sync::Arc;

use crate::serve::entropy::Source;
use crate::serve::state::{Alarm, Health, LiveState, Rotation};
use crate::table::provider::Provider;
use crate::table::{HealthKey, RoutingTable};

/// What an identity is called across versions.
#[derive(PartialEq, Eq, Hash)]
enum IdentityName<'a> {
    Target {
        name: Option<&'a str>,
        provider: &'a str,
        id: &'a str,
        endpoint: Option<&'a str>,
    },
    Alias(&'a str),
}

fn name(key: &HealthKey) -> IdentityName<'_> {
    match key {
        HealthKey::Target { provider, endpoint } => IdentityName::Target {
            name: provider.name(),
            provider: provider.provider(),
            id: &provider.id,
            endpoint: endpoint.as_deref(),
        },
        HealthKey::Alias(name) => IdentityName::Alias(name),
    }
}

/// Whether an entry still reaches the same place with the same key. If not, whoever changed it
/// has most likely repaired it, and what was learnt about it is worth nothing.
fn unchanged(now: &HealthKey, before: &HealthKey) -> bool {
    let reached = |provider: &Provider| {
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
        ) => reached(now) == reached(before),
        _ => true,
    }
}

/// The live state of a table.
pub(super) fn live_state(
    table: &RoutingTable,
    before: Option<(&RoutingTable, &LiveState)>,
    entropy: &Source,
) -> LiveState {
    let mut known = HashMap::new();
    let mut turns = HashMap::new();
    if let Some((table, live)) = before {
        for (key, health) in table.health_keys.iter().zip(&live.health) {
            known.insert(name(key), (key, health));
        }
        for (alias, rotation) in table.rotation_keys.iter().zip(&live.rotations) {
            turns.insert(&**alias, rotation);
        }
    }
    let alarm = match before {
        Some((_, live)) => Arc::clone(&live.alarm),
        None => Arc::new(Alarm::new()),
    };
    let health = table.health_keys.iter().map(|key| {
        let carried = known.get(&name(key));
        match carried {
            Some((before, health)) if unchanged(key, before) => Arc::clone(health),
            // An operator who drained it did not mean its old key only.
            carried => {
                let health = Health::new(Arc::clone(&alarm));
                health.drain(carried.is_some_and(|(_, health)| health.is_drained()));
                Arc::new(health)
            }
        }
    });
    let rotations = table.rotation_keys.iter().map(|alias| {
        // A random phase, or a fleet that restarts together would hit the first endpoint
        // together: eight times its share was measured without one.
        match turns.get(&**alias) {
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
