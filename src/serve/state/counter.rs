//! Counters, and the turns of balancers.

use crate::serve::shim::{AtomicU64, Ordering};

/// A counter.
#[derive(Debug)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn new(start: u64) -> Self {
        Self(AtomicU64::new(start))
    }

    /// Adds a step and returns the count before.
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

/// The turn of one balancer, on two cache lines of its own: processors fetch lines in pairs, and counters 64
/// bytes apart measured slower than counters 128 apart.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Rotation(Counter);

impl Rotation {
    /// Begins at this phase.
    pub(crate) fn new(phase: u64) -> Self {
        Self(Counter::new(phase))
    }

    /// Takes a turn.
    #[inline]
    pub(crate) fn turn(&self) -> u64 {
        self.0.step(1)
    }
}
