//! One word that tells whether any target needs a closer look.

use crate::serve::shim::{AtomicU64, Ordering};

/// The number of identities that cool, wait for a probe or are drained. While that is 0, which is nearly
/// always, an answer reads this one word instead of the health of its target.
///
/// Every `Health` raises it when its marks begin, and lowers it when they end or when it is dropped. So a
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
