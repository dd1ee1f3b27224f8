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
}

/// Runs some work and returns its result with its allocations.
pub(crate) fn counted<T>(work: impl FnOnce() -> T) -> (T, Allocated) {
    let before = COUNT.get();
    let result = work();
    let after = COUNT.get();
    let allocated = Allocated {
        calls: after.calls - before.calls,
        bytes: after.bytes - before.bytes,
    };
    (result, allocated)
}

thread_local! {
    static COUNT: Cell<Allocated> = const { Cell::new(Allocated { calls: 0, bytes: 0 }) };
}

fn note(bytes: usize) {
    // The count is gone while its thread ends.
    let _ = COUNT.try_with(|count| {
        let Allocated { calls, bytes: sum } = count.get();
        count.set(Allocated {
            calls: calls + 1,
            bytes: sum + bytes,
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
        note(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size.saturating_sub(layout.size()));
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
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
    assert_eq!(freed.calls, 0);
    let elsewhere = std::thread::spawn(|| String::from("x").repeat(1_000_000).len());
    let (length, here) = counted(|| elsewhere.join().ok());
    assert_eq!(length, Some(1_000_000));
    assert!(here.bytes < 1_000, "{here:?}");
}
