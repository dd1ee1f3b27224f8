//! The clock that cooldowns, penalties and deadlines are measured on.

use std::sync::Arc;
#[cfg(feature = "system")]
use std::sync::LazyLock;
use std::time::Duration;
#[cfg(feature = "system")]
use std::time::Instant;

use crate::serve::state::Counter;

/// A clock that never goes back, for cooldowns, penalties and deadlines.
///
/// A request reads it only if a failure starts a cooldown or adds a penalty, while a target cools or has a
/// penalty, and for an attempt with a time limit.
pub trait Clock: Send + Sync + 'static {
    /// Returns the time since a fixed moment before the first call.
    fn now(&self) -> Duration;
}

/// The monotonic clock of the operating system. All clocks of a process show the same time, so that a
/// resolver can take over the live state of another.
#[cfg(feature = "system")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock {
    start: Instant,
}

#[cfg(feature = "system")]
impl SystemClock {
    pub(crate) fn new() -> Self {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        Self { start: *START }
    }
}

#[cfg(feature = "system")]
impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A clock for tests, moved by hand. Clones show the same time.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use model_aliases::{Clock, FakeClock};
///
/// let clock = FakeClock::new();
/// let handed_in = clock.clone();
/// clock.advance(Duration::from_secs(5));
/// assert_eq!(handed_in.now(), Duration::from_secs(5));
/// ```
#[derive(Debug, Clone)]
pub struct FakeClock(Arc<Counter>);

impl FakeClock {
    /// A clock that shows zero.
    pub fn new() -> Self {
        Self(Arc::new(Counter::new(0)))
    }

    /// Moves the clock forwards, in whole nanoseconds.
    pub fn advance(&self, by: Duration) {
        self.0
            .step(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX));
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.get())
    }
}
