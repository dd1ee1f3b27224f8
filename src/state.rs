//! Live state: everything that changes while a table serves. Every atomic of it is here.

use std::sync::Arc;
use std::time::Duration;

use crate::failure::FailureClass;
use crate::shim::{AtomicU32, AtomicU64, Ordering};

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

/// The latest end of any cooldown. As long as nothing cools, which is nearly always, an answer
/// reads this one word instead of the health of its target.
#[derive(Debug)]
pub(crate) struct Alarm(AtomicU64);

impl Alarm {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Whether something may be cooling.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        // ORDERING: a stale value sends one more request to a target that just began to cool.
        self.0.load(Ordering::Relaxed) != 0
    }

    /// Says that something cools until then.
    pub(crate) fn raise(&self, until: Duration) {
        // ORDERING: a number by itself.
        self.0.fetch_max(nanos(until), Ordering::Relaxed);
    }

    /// Turns it off once the last cooldown is over. If one began meanwhile that ends later, the
    /// exchange fails and it stays on; one that ends earlier is over, too.
    pub(crate) fn settle(&self, now: Duration) {
        let until = self.0.load(Ordering::Relaxed);
        if until <= nanos(now) {
            let _ = self
                .0
                .compare_exchange(until, 0, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}

/// Penalties are kept in slices of their time, so that each runs out by itself.
const SLICES: usize = 8;

/// What is known of one identity, whichever alias leads there.
///
/// In this order: what a choice by connections reads comes first and lies in one cache line.
#[derive(Debug)]
#[repr(C, align(128))]
pub(crate) struct Health {
    active: AtomicU32,
    /// Nanoseconds of the clock until which penalties may be there; 0 if there is none.
    penalized_until: AtomicU64,
    /// For each slice of time its number and the penalties given in it.
    penalties: [AtomicU64; SLICES],
    /// Nanoseconds of the clock until which the target cools; 0 if it does not.
    cooling_until: AtomicU64,
    /// The class that began the cooldown, as its position in [`FailureClass::ALL`].
    cooling_class: AtomicU32,
}

impl Health {
    pub(crate) fn new() -> Self {
        Self {
            active: AtomicU32::new(0),
            penalized_until: AtomicU64::new(0),
            penalties: std::array::from_fn(|_| AtomicU64::new(0)),
            cooling_until: AtomicU64::new(0),
            cooling_class: AtomicU32::new(0),
        }
    }

    /// Requests under way.
    #[inline]
    pub(crate) fn active(&self) -> u32 {
        // ORDERING: a count by itself; a choice may rest on a slightly older one.
        self.active.load(Ordering::Relaxed)
    }

    #[inline]
    pub(crate) fn begin(&self) {
        // ORDERING: as above; nothing is published by the count.
        self.active.fetch_add(1, Ordering::Relaxed);
    }

    /// INVARIANT: called exactly once for each [`begin`](Self::begin).
    #[inline]
    pub(crate) fn end(&self) {
        // ORDERING: as above.
        self.active.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether it carries no penalty, without asking for the time.
    #[inline]
    pub(crate) fn is_unpenalized(&self) -> bool {
        // ORDERING: a stale value means one choice made on older news.
        self.penalized_until.load(Ordering::Relaxed) == 0
    }

    /// Adds a penalty that lasts for `window`: at least that, at most an eighth longer.
    pub(crate) fn penalize(&self, now: Duration, window: Duration) {
        let slice = slice(now, window);
        let cell = &self.penalties[usize::try_from(slice).unwrap_or(0) % SLICES];
        // ORDERING: slice number and count travel in one word, so no other order matters.
        let add = |word: u64| {
            let count = if word >> 32 == slice {
                word & 0xffff_ffff
            } else {
                0
            };
            Some(slice << 32 | (count + 1).min(0xffff_ffff))
        };
        let _ = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        let until = nanos(now + window + window / 4);
        self.penalized_until.fetch_max(until, Ordering::Relaxed);
    }

    /// The penalties that still count.
    pub(crate) fn penalty(&self, now: Duration, window: Duration) -> u32 {
        let until = self.penalized_until.load(Ordering::Relaxed);
        if nanos(now) >= until {
            // ORDERING: if another penalty came meanwhile the exchange fails, and it stays.
            let _ = self.penalized_until.compare_exchange(
                until,
                0,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
            return 0;
        }
        let this = slice(now, window);
        self.penalties
            .iter()
            .map(|cell| cell.load(Ordering::Relaxed))
            .filter(|word| this.wrapping_sub(word >> 32) < SLICES as u64)
            .map(|word| u32::try_from(word & 0xffff_ffff).unwrap_or(u32::MAX))
            .fold(0, u32::saturating_add)
    }

    /// Whether it may be cooling, without asking for the time.
    #[inline]
    pub(crate) fn may_be_cooling(&self) -> bool {
        // ORDERING: a stale value sends one more request to a target that just began to cool.
        self.cooling_until.load(Ordering::Relaxed) != 0
    }

    /// Until when it cools, and why; `None` if it does not.
    pub(crate) fn cooling(&self, now: Duration) -> Option<(Duration, FailureClass)> {
        if !self.may_be_cooling() {
            return None;
        }
        // ORDERING: the class is written before the time is released.
        let until = Duration::from_nanos(self.cooling_until.load(Ordering::Acquire));
        if until <= now {
            // So that nobody asks for the time again. If it began to cool anew meanwhile, the
            // exchange fails and that stays.
            let _ = self.cooling_until.compare_exchange(
                nanos(until),
                0,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
            return None;
        }
        let class = self.cooling_class.load(Ordering::Relaxed) as usize;
        let class = FailureClass::ALL.get(class).copied();
        Some((until, class.unwrap_or(FailureClass::ServerError)))
    }

    /// Cools the target; of two times the later wins.
    pub(crate) fn cool(&self, until: Duration, class: FailureClass) {
        let until = nanos(until);
        if until > self.cooling_until.load(Ordering::Relaxed) {
            self.cooling_class.store(class as u32, Ordering::Relaxed);
        }
        // ORDERING: publishes the class; two reports at once may swap their reasons, which
        // both are true.
        self.cooling_until.fetch_max(until, Ordering::Release);
    }
}

/// The number of the slice of time that a moment is in.
fn slice(now: Duration, window: Duration) -> u64 {
    // One slice less than there are cells, so that a penalty lasts at least the window.
    let width = (window.as_nanos() / (SLICES as u128 - 1)).max(1);
    u64::try_from(now.as_nanos() / width).unwrap_or(u64::MAX) & 0xffff_ffff
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
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
    /// A state in which nothing has happened, with the balancers at some phases.
    pub(crate) fn new(identities: usize, phases: Vec<u64>) -> Self {
        // A turn more than 2⁶³ away from its start is never reached, so no count wraps.
        let phases = phases.into_iter().map(|phase| phase >> 1);
        Self {
            health: (0..identities).map(|_| Arc::new(Health::new())).collect(),
            rotations: phases.map(|phase| Arc::new(Rotation::new(phase))).collect(),
            alarm: Arc::new(Alarm::new()),
        }
    }
}

/// Every interleaving of the threads, by the model checker: `scripts/model`.
#[cfg(all(test, model_aliases_loom))]
mod model {
    use loom::sync::Arc;
    use loom::thread;

    use super::*;

    const WINDOW: Duration = Duration::from_secs(5);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn no_turn_is_taken_twice_or_lost() {
        loom::model(|| {
            let rotation = Arc::new(Rotation::new(7));
            let threads: Vec<_> = (0..2)
                .map(|_| {
                    let rotation = Arc::clone(&rotation);
                    thread::spawn(move || [rotation.turn(), rotation.turn()])
                })
                .collect();
            let mut turns: Vec<u64> = threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap())
                .collect();
            turns.sort_unstable();
            assert_eq!(turns, [7, 8, 9, 10]);
        });
    }

    #[test]
    fn leases_end_as_often_as_they_begin() {
        loom::model(|| {
            let health = Arc::new(Health::new());
            let threads: Vec<_> = (0..2)
                .map(|_| {
                    let health = Arc::clone(&health);
                    thread::spawn(move || {
                        health.begin();
                        assert!((1..=2).contains(&health.active()));
                        health.end();
                    })
                })
                .collect();
            for thread in threads {
                thread.join().unwrap();
            }
            assert_eq!(health.active(), 0);
        });
    }

    #[test]
    fn no_penalty_is_lost() {
        loom::model(|| {
            let health = Arc::new(Health::new());
            // One that has run out, which a reader may clear at any moment.
            health.penalize(at(1), WINDOW);
            let adds: Vec<_> = (0..2)
                .map(|_| {
                    let health = Arc::clone(&health);
                    thread::spawn(move || health.penalize(at(20), WINDOW))
                })
                .collect();
            assert!(health.penalty(at(20), WINDOW) <= 2);
            for thread in adds {
                thread.join().unwrap();
            }
            assert!(!health.is_unpenalized());
            assert_eq!(health.penalty(at(20), WINDOW), 2);
            assert_eq!(health.penalty(at(25), WINDOW), 2);
            assert_eq!(health.penalty(at(27), WINDOW), 0);
            assert!(health.is_unpenalized());
        });
    }

    #[test]
    fn the_alarm_stays_on_while_something_cools() {
        loom::model(|| {
            let alarm = Arc::new(Alarm::new());
            alarm.raise(at(1));
            let raised = Arc::clone(&alarm);
            let thread = thread::spawn(move || raised.raise(at(30)));
            alarm.settle(at(2));
            thread.join().unwrap();
            assert!(alarm.is_on());
            alarm.settle(at(29));
            assert!(alarm.is_on());
            alarm.settle(at(30));
            assert!(!alarm.is_on());
        });
    }

    #[test]
    fn the_later_end_of_a_cooldown_stays() {
        loom::model(|| {
            let health = Arc::new(Health::new());
            health.cool(at(1), FailureClass::Timeout);
            let cools: Vec<_> = [30, 40]
                .map(|until| {
                    let health = Arc::clone(&health);
                    thread::spawn(move || health.cool(at(until), FailureClass::RateLimited))
                })
                .into();
            // May find the old one over and clear it.
            let _ = health.cooling(at(2));
            for thread in cools {
                thread.join().unwrap();
            }
            assert!(health.may_be_cooling());
            let cooling = health.cooling(at(2));
            assert_eq!(cooling, Some((at(40), FailureClass::RateLimited)));
            assert_eq!(health.cooling(at(40)), None);
        });
    }
}

#[cfg(all(test, not(model_aliases_loom)))]
mod tests {
    use super::*;

    #[test]
    fn each_penalty_runs_out_by_itself() {
        let window = Duration::from_secs(5);
        let health = Health::new();
        for second in 0..4 {
            health.penalize(Duration::from_secs(10 + second), window);
        }
        let at = |second| health.penalty(Duration::from_secs(second), window);
        assert_eq!([at(13), at(15)], [4, 4]);
        // Each lasts at least the window, and at most a seventh longer.
        let counts: Vec<u32> = (16..=20).map(at).collect();
        assert_eq!(counts, [3, 2, 1, 0, 0]);
        assert!(health.is_unpenalized());
    }

    #[test]
    fn a_penalty_lasts_the_window_wherever_it_falls() {
        let window = Duration::from_secs(5);
        for offset in 0..2_000_u64 {
            let health = Health::new();
            let start = Duration::from_millis(100_000 + offset * 3);
            health.penalize(start, window);
            assert_eq!(health.penalty(start + window, window), 1, "{offset}");
            let late = start + window + window / 6;
            assert_eq!(health.penalty(late, window), 0, "{offset}");
        }
    }
}
