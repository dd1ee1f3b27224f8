//! The live state of one table.

use std::sync::Arc;

use super::alarm::Alarm;
use super::counter::Rotation;
use super::health::Health;

/// The live state of one table, by its positions. What a reload keeps is shared with the live state
/// of the previous table.
#[derive(Debug, Clone)]
pub(crate) struct LiveState {
    pub(crate) health: Box<[Arc<Health>]>,
    pub(crate) rotations: Box<[Arc<Rotation>]>,
    pub(crate) alarm: Arc<Alarm>,
}

impl LiveState {
    /// A copy whose health changes independently; the balancers are shared.
    pub(crate) fn copied(&self) -> Self {
        let alarm = Arc::new(Alarm::new());
        let health = self.health.iter();
        Self {
            health: health
                .map(|health| Arc::new(health.copied(Arc::clone(&alarm))))
                .collect(),
            rotations: self.rotations.clone(),
            alarm,
        }
    }

    /// A state in which nothing has happened, with the balancers at the given phases.
    pub(crate) fn new(health_states: usize, phases: Vec<u64>) -> Self {
        // A turn more than 2⁶³ away from its start is never reached, so no count wraps.
        let phases = phases.into_iter().map(|phase| phase >> 1);
        let alarm = Arc::new(Alarm::new());
        let health = || Arc::new(Health::new(Arc::clone(&alarm)));
        Self {
            health: (0..health_states).map(|_| health()).collect(),
            rotations: phases.map(|phase| Arc::new(Rotation::new(phase))).collect(),
            alarm,
        }
    }
}
