//! What a report about a target does: counts, cooldowns and penalties.

use std::time::Duration;

use crate::failure::{COUNTED, Failure, FailureClass, HealthVerdict};
use crate::serve::snapshot::Snapshot;
use crate::serve::state::{Cause, Health, Ticket};
use crate::table::{NONE, Target};

/// So many counted failures in a row make a target cool.
const PATIENCE: u32 = 5;

/// The first time to cool; it doubles with each probe that fails.
const SHORTEST: Duration = Duration::from_secs(5);

/// The longest time to cool that the provider did not ask for.
const LONGEST: Duration = Duration::from_mins(1);

/// The target of a request, as far as its health is concerned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HealthReport<'r> {
    pub(crate) target: &'r Target,
    /// Whether the name asked was sent on as it stood, by a wildcard, the catalog or a default.
    pub(crate) open: bool,
    pub(crate) ticket: Ticket,
}

impl HealthReport<'_> {
    fn health<'r>(&self, snapshot: &'r Snapshot) -> &'r Health {
        &snapshot.live.health[self.target.health as usize]
    }

    /// Notes that the target did what it was asked.
    #[inline]
    pub(crate) fn succeeded(&self, snapshot: &Snapshot) {
        let health = self.health(snapshot);
        health.succeed(|| snapshot.clock.now());
        health.end_probe(self.ticket);
    }

    /// Gives back the turn of a probe and says nothing else.
    pub(crate) fn unreported(&self, snapshot: &Snapshot) {
        self.health(snapshot).end_probe(self.ticket);
    }

    /// Notes a failure. Returns whether it weighs on whoever balances by connections.
    pub(crate) fn failed(&self, snapshot: &Snapshot, failure: &Failure) -> bool {
        let class = failure.class();
        if caused_by_client(self.target, self.open, class) {
            self.unreported(snapshot);
            return false;
        }
        match class.verdict().health {
            HealthVerdict::Silent => self.unreported(snapshot),
            HealthVerdict::Alive => self.succeeded(snapshot),
            HealthVerdict::Counts | HealthVerdict::Cools => self.count(snapshot, failure),
        }
        COUNTED.contains(class)
    }

    fn count(&self, snapshot: &Snapshot, failure: &Failure) {
        let health = self.health(snapshot);
        let in_a_row = health.fail();
        if self.ticket.is_probe() {
            health.raise_level();
        }
        let at_once = failure.class().verdict().health == HealthVerdict::Cools;
        if at_once || self.ticket.is_probe() || in_a_row >= PATIENCE {
            let pause = pause(health.level(), failure, snapshot.entropy.next_u64());
            let until = snapshot.clock.now().saturating_add(pause);
            let cause = Cause {
                class: failure.class(),
                status: failure.http_status(),
            };
            health.cool(until, cause);
            if self.concerns_key(failure) {
                for &other in &snapshot.table.rings[self.target.ring as usize] {
                    snapshot.live.health[other as usize].cool(until, cause);
                }
            }
        }
        // Last, so that nobody takes the turn before the target cools.
        health.end_probe(self.ticket);
    }

    /// Whether every target with the same access key would fail alike. A 403 speaks of what a key
    /// may do with one model.
    fn concerns_key(&self, failure: &Failure) -> bool {
        let key = match failure.class() {
            FailureClass::QuotaExhausted => true,
            FailureClass::AuthFailed => failure.http_status() != Some(403),
            _ => false,
        };
        key && self.target.ring != NONE
    }
}

/// Whether a failure is due to what the client brought: its own credentials, or a name that nobody
/// wrote into the configuration. Such a failure says nothing about the target, and goes to a
/// fallback only where a condition names it.
pub(crate) fn caused_by_client(target: &Target, open: bool, class: FailureClass) -> bool {
    match class {
        FailureClass::AuthFailed | FailureClass::QuotaExhausted | FailureClass::RateLimited => {
            target.provider.passthrough_auth
        }
        FailureClass::NotFound => open || target.provider.is_wildcard(),
        _ => false,
    }
}

/// How long a target cools: 5 s, doubled `level` times, at most 60 s, give or take a fifth. What the
/// provider asks for is a minimum, which chance only lengthens: requests that wait for the same
/// moment must not come back together.
fn pause(level: u32, failure: &Failure, bits: u64) -> Duration {
    let base = SHORTEST.saturating_mul(1 << level.min(8)).min(LONGEST);
    // Thousandths, evenly from 0 to 399.
    let chance = u32::try_from((u128::from(bits) * 400) >> 64).unwrap_or(0);
    let own = base * (800 + chance) / 1000;
    match failure.pause() {
        Some(asked) => own.max(asked * (1000 + chance / 2) / 1000),
        None => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute_give_or_take_a_fifth() {
        let failure = Failure::new(FailureClass::Timeout);
        for (level, base) in [(0, 5), (1, 10), (2, 20), (3, 40), (4, 60), (99, 60)] {
            let base = Duration::from_secs(base);
            assert_eq!(pause(level, &failure, 0), base * 4 / 5);
            let most = pause(level, &failure, u64::MAX);
            assert!(most < base * 6 / 5 && most > base * 119 / 100);
        }
    }

    #[test]
    fn what_a_provider_asks_for_is_a_minimum_up_to_ten_minutes() {
        let asks = |seconds| {
            Failure::new(FailureClass::RateLimited).retry_after(Duration::from_secs(seconds))
        };
        for (seconds, least) in [(1, 4), (30, 30), (600, 600), (86_400, 600)] {
            let least = Duration::from_secs(least);
            assert_eq!(pause(0, &asks(seconds), 0), least, "{seconds}");
            let most = pause(0, &asks(seconds), u64::MAX);
            assert!(most > least && most < least * 3 / 2, "{seconds}");
        }
    }
}
