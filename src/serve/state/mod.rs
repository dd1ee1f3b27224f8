//! Live state: everything that changes while a table serves. Every atomic of it is here.

mod health;
#[cfg(all(test, model_aliases_loom))]
mod model;

use std::sync::Arc;

use crate::serve::shim::{AtomicU64, Ordering};
pub(crate) use health::{Admission, Cause, Cooling, Health, Ticket};

/// A number that only counts.
#[derive(Debug)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn new(start: u64) -> Self {
        Self(AtomicU64::new(start))
    }

    /// Adds a step and returns the count before it.
    #[inline]
    pub(crate) fn step(&self, by: u64) -> u64 {
        // ORDERING: each caller needs a number of its own and nothing else is published by it.
        self.0.fetch_add(by, Ordering::Relaxed)
    }

    pub(crate) fn get(&self) -> u64 {
        // ORDERING: a number by itself.
        self.0.load(Ordering::Relaxed)
    }
}

/// The turn of one balancer, on cache lines of its own: two lines, because processors fetch
/// lines in pairs, and counters 64 bytes apart measured slower than counters 128 apart.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Rotation(Counter);

impl Rotation {
    /// Begins at a phase.
    pub(crate) fn new(phase: u64) -> Self {
        Self(Counter::new(phase))
    }

    /// Takes a turn.
    #[inline]
    pub(crate) fn turn(&self) -> u64 {
        self.0.step(1)
    }
}

/// How many identities cool, wait for a probe or are drained. As long as there is none, which is
/// nearly always, an answer reads this one word instead of the health of its target.
///
/// Every [`Health`] raises it when its marks begin and lowers it when they end or when it is dropped,
/// so that a target that a reload removes while it cools does not keep the alarm on.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Alarm {
    marks: AtomicU64,
    drained: AtomicU64,
}

impl Alarm {
    pub(crate) fn new() -> Self {
        Self {
            marks: AtomicU64::new(0),
            drained: AtomicU64::new(0),
        }
    }

    /// Whether a target may have to be passed over.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        // ORDERING: a stale value sends one more request to a target that just began to cool.
        self.marks.load(Ordering::Relaxed) != 0
    }

    /// Whether an operator has drained anything.
    pub(crate) fn has_drained(&self) -> bool {
        // ORDERING: as above.
        self.drained.load(Ordering::Relaxed) != 0
    }

    // ORDERING: counts by themselves. A mark that ends before its beginning was counted makes the
    // count wrap for a moment, which reads as on.
    fn raise(&self) {
        self.marks.fetch_add(1, Ordering::Relaxed);
    }

    fn lower(&self) {
        self.marks.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The live state of one table, by its positions. Shared with the version before it wherever
/// an identity is still there.
#[derive(Debug, Clone)]
pub(crate) struct LiveState {
    pub(crate) health: Box<[Arc<Health>]>,
    pub(crate) rotations: Box<[Arc<Rotation>]>,
    pub(crate) alarm: Arc<Alarm>,
}

impl LiveState {
    /// The same state once more, which goes on by itself; the balancers keep their places.
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

    /// A state in which nothing has happened, with the balancers at some phases.
    pub(crate) fn new(identities: usize, phases: Vec<u64>) -> Self {
        // A turn more than 2⁶³ away from its start is never reached, so no count wraps.
        let phases = phases.into_iter().map(|phase| phase >> 1);
        let alarm = Arc::new(Alarm::new());
        let health = || Arc::new(Health::new(Arc::clone(&alarm)));
        Self {
            health: (0..identities).map(|_| health()).collect(),
            rotations: phases.map(|phase| Arc::new(Rotation::new(phase))).collect(),
            alarm,
        }
    }
}
