//! The effect of a report on its target: counts, cooldowns and penalties.

use std::time::Duration;

use crate::failure::{Failure, FailureClass, FallBack, HealthVerdict};
use crate::serve::snapshot::Snapshot;
use crate::serve::state::{Cause, Health, Ticket};
use crate::table::{NONE, Target};

/// The number of consecutive counted failures that start a cooldown.
const FAILURES_BEFORE_COOLDOWN: u32 = 5;

/// The first cooldown, before jitter; it doubles with each failed probe.
const FIRST_COOLDOWN: Duration = Duration::from_secs(5);

/// The longest cooldown, before jitter, unless the provider asks for more.
const LONGEST_COOLDOWN: Duration = Duration::from_mins(1);

/// A report about the target of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HealthReport<'r> {
    pub(crate) target: &'r Target,
    /// Whether the model id came from the name asked, through a wildcard, the catalog or a default.
    pub(crate) passthrough: bool,
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

    /// Lets another request probe.
    pub(crate) fn release_probe(&self, snapshot: &Snapshot) {
        self.health(snapshot).end_probe(self.ticket);
    }

    /// Notes a failure. Returns whether it adds a penalty for least connections.
    pub(crate) fn failed(&self, snapshot: &Snapshot, failure: &Failure) -> bool {
        let effect = effect(self.target, self.passthrough, failure);
        match effect {
            HealthEffect::Nothing => self.release_probe(snapshot),
            HealthEffect::Alive => self.succeeded(snapshot),
            HealthEffect::Counts | HealthEffect::Cools | HealthEffect::CoolsKey => {
                self.count(snapshot, failure, effect);
                return true;
            }
        }
        false
    }

    fn count(&self, snapshot: &Snapshot, failure: &Failure, effect: HealthEffect) {
        let health = self.health(snapshot);
        let in_a_row = health.fail();
        if self.ticket.is_probe() {
            health.double_cooldown();
        }
        let at_once = effect != HealthEffect::Counts;
        if at_once || self.ticket.is_probe() || in_a_row >= FAILURES_BEFORE_COOLDOWN {
            let length = cooldown_length(health.doublings(), failure, snapshot.entropy.next_u64());
            let until = snapshot.clock.now().saturating_add(length);
            let cause = Cause {
                class: failure.class(),
                status: failure.http_status(),
                is_cut: failure.asks_for_too_long(),
            };
            health.cool(until, cause);
            if effect == HealthEffect::CoolsKey {
                for &other in &snapshot.table.key_groups[self.target.key_group as usize] {
                    snapshot.live.health[other as usize].cool(until, cause);
                }
            }
        }
        // Last, so that no other request may probe before the target cools.
        health.end_probe(self.ticket);
    }
}

/// What a failure does to the health of its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HealthEffect {
    Nothing,
    /// The target is alive, as after a success.
    Alive,
    /// It counts towards a cooldown.
    Counts,
    /// It starts a cooldown at once.
    Cools,
    /// The same for every target with the access key.
    CoolsKey,
}

/// What a failure does to the health of its target. `passthrough` says that the model id came from the name asked.
pub(crate) fn effect(target: &Target, passthrough: bool, failure: &Failure) -> HealthEffect {
    let class = failure.class();
    if caused_by_client(target, passthrough, class) {
        return HealthEffect::Nothing;
    }
    let is_harmless = failure.may_be_quoted() || concerns_client_key(target, failure);
    match class.verdict().health {
        HealthVerdict::Silent => HealthEffect::Nothing,
        HealthVerdict::Alive => HealthEffect::Alive,
        HealthVerdict::Counts | HealthVerdict::Cools if is_harmless => HealthEffect::Nothing,
        HealthVerdict::Counts => HealthEffect::Counts,
        HealthVerdict::Cools if concerns_key(target, failure) => HealthEffect::CoolsKey,
        HealthVerdict::Cools => HealthEffect::Cools,
    }
}

/// Whether every target with the same access key would fail too. A 403 is about one model.
fn concerns_key(target: &Target, failure: &Failure) -> bool {
    let key = match failure.class() {
        FailureClass::QuotaExhausted => true,
        FailureClass::AuthFailed => failure.http_status() != Some(403),
        _ => false,
    };
    key && target.key_group != NONE
}

/// Whether a status is about the client's own key, whatever class a rule gives it.
fn concerns_client_key(target: &Target, failure: &Failure) -> bool {
    target.provider.passthrough_auth && matches!(failure.http_status(), Some(401 | 402 | 403 | 429))
}

/// Whether the client caused a failure: by its own credentials, or by a name that is not in the
/// configuration. Such a failure says nothing about the target.
fn caused_by_client(target: &Target, passthrough: bool, class: FailureClass) -> bool {
    match class {
        FailureClass::AuthFailed | FailureClass::QuotaExhausted | FailureClass::RateLimited => {
            target.provider.passthrough_auth
        }
        FailureClass::NotFound => passthrough || target.provider.is_wildcard(),
        _ => false,
    }
}

/// Which fallbacks may follow a failure. `auth_failed` and `not_found` that the client caused match neither `any` nor
/// a positional condition, only one that names their class or status, or is custom; after a rate limit or quota of
/// the client the request falls back as usual.
pub(crate) fn fallbacks(target: &Target, passthrough: bool, class: FailureClass) -> FallBack {
    let is_named = matches!(class, FailureClass::AuthFailed | FailureClass::NotFound);
    if is_named && caused_by_client(target, passthrough, class) {
        return FallBack::Named;
    }
    class.verdict().fall_back
}

/// The length of a cooldown: 5 s, doubled `doublings` times, at most 60 s, plus or minus a fifth. The
/// time that the provider asks for is a minimum; after a rate limit it replaces the computed length. Jitter only
/// lengthens it: requests that wait for the same moment must not come back together.
fn cooldown_length(doublings: u32, failure: &Failure, bits: u64) -> Duration {
    let base = FIRST_COOLDOWN
        .saturating_mul(1 << doublings.min(8))
        .min(LONGEST_COOLDOWN);
    // Thousandths, evenly from 0 to 399.
    let chance = u32::try_from((u128::from(bits) * 400) >> 64).unwrap_or(0);
    let own = base * (800 + chance) / 1000;
    let asked = failure.pause().filter(|asked| !asked.is_zero());
    let asked = asked.map(|asked| asked * (1000 + chance / 2) / 1000);
    match asked {
        Some(asked) if failure.class() == FailureClass::RateLimited => asked,
        Some(asked) => own.max(asked),
        None => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute_give_or_take_a_fifth() {
        let failure = Failure::new(FailureClass::Timeout);
        for (doublings, base) in [(0, 5), (1, 10), (2, 20), (3, 40), (4, 60), (99, 60)] {
            let base = Duration::from_secs(base);
            assert_eq!(cooldown_length(doublings, &failure, 0), base * 4 / 5);
            let most = cooldown_length(doublings, &failure, u64::MAX);
            assert!(most < base * 6 / 5 && most > base * 119 / 100);
        }
    }

    #[test]
    fn what_a_provider_asks_for_counts_up_to_ten_minutes() {
        use FailureClass::{Overloaded, RateLimited};
        for (class, seconds, least) in [
            (Overloaded, 1, 4),
            (Overloaded, 30, 30),
            (Overloaded, 86_400, 600),
            // The time of a rate limit is known, so it counts alone.
            (RateLimited, 2, 2),
            (RateLimited, 30, 30),
            (RateLimited, 86_400, 600),
            // No time.
            (RateLimited, 0, 4),
        ] {
            let failure = Failure::new(class).retry_after(Duration::from_secs(seconds));
            let least = Duration::from_secs(least);
            assert_eq!(cooldown_length(0, &failure, 0), least, "{seconds}");
            let most = cooldown_length(0, &failure, u64::MAX);
            assert!(most > least && most < least * 3 / 2, "{seconds}");
            // A later doubling changes nothing about a known time.
            let doubled = cooldown_length(3, &failure, 0);
            assert_eq!(
                doubled == least,
                class == RateLimited && seconds > 0 || seconds > 40
            );
        }
    }
}
