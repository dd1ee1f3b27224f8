//! Live state: everything that changes while a table serves, and every atomic of it.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only counts.
#[derive(Debug)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn new(start: u64) -> Self {
        Self(AtomicU64::new(start))
    }

    /// Adds a step and returns the count before it.
    pub(crate) fn step(&self, by: u64) -> u64 {
        // ORDERING: each caller needs a number of its own and nothing else is published by it.
        self.0.fetch_add(by, Ordering::Relaxed)
    }
}
