//! Counts the allocations of a piece of work. It counts per thread, so tests can run in parallel.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The allocations of one piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allocated {
    /// Successful allocations, reallocations included.
    pub(crate) calls: usize,
    /// Bytes requested. Reallocations count the added bytes; frees subtract nothing.
    pub(crate) bytes: usize,
    /// The most bytes that were held at once, beyond those held before.
    pub(crate) peak: usize,
}

/// Runs some work and returns its result with its allocations.
pub(crate) fn counted<T>(work: impl FnOnce() -> T) -> (T, Allocated) {
    let before = COUNT.get();
    COUNT.set(Count {
        peak: before.held,
        ..before
    });
    let result = work();
    let after = COUNT.get();
    COUNT.set(Count {
        peak: after.peak.max(before.peak),
        ..after
    });
    let allocated = Allocated {
        calls: after.calls - before.calls,
        bytes: after.bytes - before.bytes,
        peak: (after.peak - before.held).unsigned_abs(),
    };
    (result, allocated)
}

/// The allocations of one thread.
#[derive(Clone, Copy)]
struct Count {
    calls: usize,
    bytes: usize,
    /// Below zero on a thread that frees what others allocated.
    held: isize,
    peak: isize,
}

thread_local! {
    static COUNT: Cell<Count> = const {
        Cell::new(Count { calls: 0, bytes: 0, held: 0, peak: 0 })
    };
}

fn note(bytes: usize, freed: usize) {
    // The count is gone while its thread ends.
    let _ = COUNT.try_with(|count| {
        let old = count.get();
        let held = old.held + bytes.cast_signed() - freed.cast_signed();
        count.set(Count {
            calls: old.calls + 1,
            bytes: old.bytes + bytes.saturating_sub(freed),
            held,
            peak: old.peak.max(held),
        });
    });
}

/// Notes what is freed, which is no call.
fn free(bytes: usize) {
    let _ = COUNT.try_with(|count| {
        let old = count.get();
        count.set(Count {
            held: old.held - bytes.cast_signed(),
            ..old
        });
    });
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call passes to the system's allocator unchanged. Counting allocates nothing, because the count is
// a `const` thread-local without a destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size, layout.size());
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        free(layout.size());
        unsafe { System.dealloc(memory, layout) }
    }
}

#[test]
fn work_is_counted_on_its_own_thread() {
    let (sum, none) = counted(|| 1 + 1);
    assert_eq!((sum, none.calls, none.bytes), (2, 0, 0));
    let (text, one) = counted(|| String::from("three"));
    assert_eq!((one.calls, one.bytes), (1, 5));
    let ((), freed) = counted(|| drop(text));
    assert_eq!((freed.calls, freed.peak), (0, 0));
    let ((), twice) = counted(|| {
        drop(vec![0_u8; 70]);
        drop(vec![0_u8; 100]);
    });
    assert_eq!((twice.bytes, twice.peak), (170, 100));
    let elsewhere = std::thread::spawn(|| String::from("x").repeat(1_000_000).len());
    let (length, here) = counted(|| elsewhere.join().ok());
    assert_eq!(length, Some(1_000_000));
    assert!(here.bytes < 1_000, "{here:?}");
}
