//! Atomics, from the standard library or from the model checker.

#[cfg(not(model_aliases_loom))]
pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

#[cfg(model_aliases_loom)]
pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering};
