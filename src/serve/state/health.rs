//! The health of one target: counts, cooldown, probe, penalties. An alias that is counted has one too.

use std::sync::Arc;
use std::time::Duration;

use super::alarm::Alarm;
use super::cooling::{Cause, Cooling};
use crate::serve::shim::{AtomicU32, AtomicU64, Ordering};

/// Penalties are kept in slices of time, so that each expires by itself.
const SLICES: usize = 8;

/// After this time another request may probe, even if the first probe has not ended.
const PROBE: Duration = Duration::from_secs(10);

/// Permission to probe a target; [`NONE`](Self::NONE) for an ordinary request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Ticket(u64);

impl Ticket {
    pub(crate) const NONE: Self = Self(0);

    #[inline]
    pub(crate) fn is_probe(self) -> bool {
        self != Self::NONE
    }
}

/// Whether a request may try a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    Open,
    /// By one request, as the probe.
    Probe,
    Closed(Cooling),
}

/// The health of one target or counted alias, through whichever alias it is reached.
#[derive(Debug)]
#[repr(C, align(128))]
pub(crate) struct Health {
    // The first cache line holds what a request reads.
    active: AtomicU32,
    /// Counted failures in a row.
    failures: AtomicU32,
    /// The end of the cooldown in nanoseconds of the clock; 0 if there is none. It stays after that time until a
    /// success, the first admission after a rate limit, or a reset clears it.
    cooling_until: AtomicU64,
    /// A time after which no penalty counts, in nanoseconds of the clock; 0 if there is none. A reader that finds
    /// the time over sets it to 0.
    penalized_until: AtomicU64,
    /// How often the cooldown was doubled.
    doublings: AtomicU32,
    drained: AtomicU32,
    /// The [`Cause`] of the cooldown.
    cause: AtomicU32,
    /// Until then only the current probe may try the target, in nanoseconds of the clock.
    probe_until: AtomicU64,
    alarm: Arc<Alarm>,
    /// For each slice of time its number and its penalties.
    penalties: [AtomicU64; SLICES],
}

impl Health {
    pub(crate) fn new(alarm: Arc<Alarm>) -> Self {
        Self {
            active: AtomicU32::new(0),
            failures: AtomicU32::new(0),
            cooling_until: AtomicU64::new(0),
            penalized_until: AtomicU64::new(0),
            doublings: AtomicU32::new(0),
            drained: AtomicU32::new(0),
            cause: AtomicU32::new(0),
            probe_until: AtomicU64::new(0),
            alarm,
            penalties: std::array::from_fn(|_| AtomicU64::new(0)),
        }
    }

    /// A copy that changes independently.
    pub(crate) fn copied(&self, alarm: Arc<Alarm>) -> Self {
        // ORDERING: numbers by themselves, and the cause as in `cooling`.
        let copied = |number: &AtomicU64| AtomicU64::new(number.load(Ordering::Relaxed));
        let word = |number: &AtomicU32| AtomicU32::new(number.load(Ordering::Relaxed));
        let until = self.cooling_until.load(Ordering::Acquire);
        let drained = self.is_drained();
        let copy = Self {
            active: word(&self.active),
            failures: word(&self.failures),
            cooling_until: AtomicU64::new(until),
            penalized_until: copied(&self.penalized_until),
            doublings: word(&self.doublings),
            cause: word(&self.cause),
            probe_until: copied(&self.probe_until),
            penalties: std::array::from_fn(|at| copied(&self.penalties[at])),
            drained: AtomicU32::new(0),
            alarm,
        };
        if until != 0 {
            copy.alarm.raise();
        }
        copy.drain(drained);
        copy
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
        // ORDERING: a stale value makes one choice on older state.
        self.penalized_until.load(Ordering::Relaxed) == 0
    }

    /// Adds a penalty that lasts at least `window`, at most a seventh longer.
    pub(crate) fn penalize(&self, now: Duration, window: Duration) {
        let slice = slice(now, window);
        let cell = &self.penalties[usize::try_from(slice).unwrap_or(0) % SLICES];
        // ORDERING: slice number and count are one integer, so no other order matters.
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

    /// The penalties that have not expired.
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

    /// Whether it cools, waits for a probe or is drained, without asking for the time.
    #[inline]
    pub(crate) fn is_marked(&self) -> bool {
        // ORDERING: a stale value sends one more request to a target that just began to cool.
        self.cooling_until.load(Ordering::Relaxed) != 0 || self.is_drained()
    }

    /// Whether an operator has taken it out.
    #[inline]
    pub(crate) fn is_drained(&self) -> bool {
        // ORDERING: a flag by itself.
        self.drained.load(Ordering::Relaxed) != 0
    }

    /// Whether a request may try the target now. Changes nothing. After a cooldown one request at a time is a
    /// probe, except after a rate limit whose time was not cut.
    pub(crate) fn admission(&self, now: impl FnOnce() -> Duration) -> Admission {
        let Some(cooling) = self.cooling() else {
            return Admission::Open;
        };
        let now = now();
        // ORDERING: a stale value is found out by the exchange in `admit`.
        let is_probed = || self.probe_until.load(Ordering::Relaxed) > nanos(now);
        if cooling.until > now {
            Admission::Closed(cooling)
        } else if cooling.cause.ends_by_itself() {
            Admission::Open
        } else if is_probed() {
            Admission::Closed(cooling)
        } else {
            Admission::Probe
        }
    }

    /// Takes permission to try the target now, after a cooldown as its probe. Fails while the target cools or
    /// another request probes it.
    pub(crate) fn admit(&self, now: impl FnOnce() -> Duration) -> Result<Ticket, Cooling> {
        let Some(cooling) = self.cooling() else {
            return Ok(Ticket::NONE);
        };
        let now = now();
        match self.admission(|| now) {
            Admission::Closed(cooling) => Err(cooling),
            Admission::Open => {
                self.recover(cooling.until);
                Ok(Ticket::NONE)
            }
            Admission::Probe => {
                let turn = nanos(now + PROBE);
                // ORDERING: the request that makes the exchange is the probe; it publishes nothing else.
                let probing = self.probe_until.load(Ordering::Relaxed);
                let is_taken = probing > nanos(now)
                    || self
                        .probe_until
                        .compare_exchange(probing, turn, Ordering::Relaxed, Ordering::Relaxed)
                        .is_err();
                if is_taken {
                    Err(cooling)
                } else {
                    Ok(Ticket(turn))
                }
            }
        }
    }

    /// The cooldown, also one that waits for a probe.
    #[inline]
    pub(crate) fn cooling(&self) -> Option<Cooling> {
        // ORDERING: the cause is written before the time is released.
        let until = self.cooling_until.load(Ordering::Acquire);
        (until != 0).then(|| Cooling {
            until: Duration::from_nanos(until),
            cause: Cause::from_word(self.cause.load(Ordering::Relaxed)),
        })
    }

    /// Ends a probe, unless another request has become the probe meanwhile.
    #[inline]
    pub(crate) fn end_probe(&self, ticket: Ticket) {
        if ticket.is_probe() {
            // ORDERING: as where it was taken.
            let _ = self.probe_until.compare_exchange(
                ticket.0,
                0,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
        }
    }

    /// Notes a success: failures are counted from 0, and a cooldown whose time has come is over.
    /// Asks for the time only where there was one.
    #[inline]
    pub(crate) fn succeed(&self, now: impl FnOnce() -> Duration) {
        // ORDERING: counts by themselves; read first, so that successes write nothing.
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
        if self.doublings.load(Ordering::Relaxed) != 0 {
            self.doublings.store(0, Ordering::Relaxed);
        }
        if let Some(cooling) = self.cooling()
            && cooling.until <= now()
        {
            self.recover(cooling.until);
        }
    }

    /// Ends the cooldown that lasts until then. If it became longer meanwhile the exchange fails, and it stays.
    fn recover(&self, until: Duration) {
        // ORDERING: a number by itself.
        let until = nanos(until);
        let ended =
            self.cooling_until
                .compare_exchange(until, 0, Ordering::Relaxed, Ordering::Relaxed);
        if ended.is_ok() {
            self.alarm.lower();
        }
    }

    /// Counts a failure and returns how many came in a row.
    pub(crate) fn fail(&self) -> u32 {
        // ORDERING: a count by itself.
        self.failures
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1)
    }

    /// How often the cooldown was doubled.
    pub(crate) fn doublings(&self) -> u32 {
        self.doublings.load(Ordering::Relaxed)
    }

    /// Doubles the time to cool.
    pub(crate) fn double_cooldown(&self) {
        // ORDERING: a count by itself.
        self.doublings.fetch_add(1, Ordering::Relaxed);
    }

    /// Cools the target; of two times the later wins.
    pub(crate) fn cool(&self, until: Duration, cause: Cause) {
        let until = nanos(until).max(1);
        if until > self.cooling_until.load(Ordering::Relaxed) {
            self.cause.store(cause.to_word(), Ordering::Relaxed);
        }
        // ORDERING: publishes the cause. Of two reports at once either cause may remain; both are true.
        if self.cooling_until.fetch_max(until, Ordering::Release) == 0 {
            self.alarm.raise();
        }
    }

    /// Takes the target out, or puts it back.
    pub(crate) fn drain(&self, drained: bool) {
        // ORDERING: the call that changes the flag counts the change.
        let before = self.drained.swap(u32::from(drained), Ordering::Relaxed) != 0;
        match (before, drained) {
            (false, true) => {
                self.alarm.drained.fetch_add(1, Ordering::Relaxed);
                self.alarm.raise();
            }
            (true, false) => {
                self.alarm.drained.fetch_sub(1, Ordering::Relaxed);
                self.alarm.lower();
            }
            _ => {}
        }
    }

    /// Forgets every failure: cooldown, counts and penalties.
    pub(crate) fn reset(&self) {
        // ORDERING: numbers by themselves; a report at the same time may come before or after.
        self.failures.store(0, Ordering::Relaxed);
        self.doublings.store(0, Ordering::Relaxed);
        self.probe_until.store(0, Ordering::Relaxed);
        self.penalized_until.store(0, Ordering::Relaxed);
        for penalty in &self.penalties {
            penalty.store(0, Ordering::Relaxed);
        }
        if self.cooling_until.swap(0, Ordering::Relaxed) != 0 {
            self.alarm.lower();
        }
    }
}

impl Drop for Health {
    fn drop(&mut self) {
        self.drain(false);
        self.reset();
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

#[cfg(all(test, not(model_aliases_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_reset_lowers_the_alarm_that_a_cooldown_raised() {
        let alarm = Arc::new(Alarm::new());
        let health = Health::new(Arc::clone(&alarm));
        let cause = Cause::from_word(0);
        health.cool(Duration::from_secs(5), cause);
        health.cool(Duration::from_secs(9), cause);
        assert!(alarm.is_on());
        health.reset();
        assert!(!alarm.is_on());
        health.reset();
        health.cool(Duration::from_secs(5), cause);
        assert!(alarm.is_on(), "once for each cooldown");
    }

    #[test]
    fn each_penalty_runs_out_by_itself() {
        let window = Duration::from_secs(5);
        let health = Health::new(Arc::new(Alarm::new()));
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
            let health = Health::new(Arc::new(Alarm::new()));
            let start = Duration::from_millis(100_000 + offset * 3);
            health.penalize(start, window);
            assert_eq!(health.penalty(start + window, window), 1, "{offset}");
            let late = start + window + window / 6;
            assert_eq!(health.penalty(late, window), 0, "{offset}");
        }
    }
}
