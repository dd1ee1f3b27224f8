//! Counters that tell whether the health of a target must be read.

use crate::serve::shim::{AtomicU64, Ordering};

/// Counts the marks: the cooldowns, also those that wait for a probe, and the drains. While there is none,
/// which is nearly always, a request reads this counter instead of the marks of its target.
///
/// Every `Health` raises it when a mark begins, and lowers it when the mark ends or the health is dropped. So a
/// cooling target that a reload removes does not keep the alarm on.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Alarm {
    marks: AtomicU64,
    pub(super) drained: AtomicU64,
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
    pub(super) fn raise(&self) {
        self.marks.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn lower(&self) {
        self.marks.fetch_sub(1, Ordering::Relaxed);
    }
}
