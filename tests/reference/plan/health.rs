//! The state that a plan reads: the time, and the health of every target.
//!
//! The length of a cooldown is random within bounds. The world knows the bounds; [`World::pin`] tells it
//! the length that was drawn and refuses one out of bounds. Everything after that is exact.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::super::view::{Home, Identity};
use super::{Failure, Outcome, Planner, Target};

/// Counted failures in a row that start a cooldown.
const PATIENCE: u32 = 5;

/// How long a failure counts as load under `least_connections`: at least, and at most.
const PENALTY: (Duration, Duration) = (Duration::from_secs(5), Duration::from_millis(5_750));

/// How long a probe blocks other requests.
const PROBE: Duration = Duration::from_secs(10);

const SHORTEST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_mins(1);
const LONGEST_ASKED: Duration = Duration::from_mins(10);

/// Targets with equal keys share their health.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) entry: usize,
    /// `*` for all names under a wildcard.
    pub(crate) id: String,
    pub(crate) endpoint: Option<String>,
}

/// A cooldown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pause {
    /// The earliest and the latest end; equal once it is known.
    pub(crate) until: (Duration, Duration),
    pub(crate) class: &'static str,
    pub(crate) status: Option<u16>,
    /// Whether the provider asked for more than the longest time.
    is_cut: bool,
}

/// Whether a target may be tried now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Level {
    Well,
    Cooling(Pause),
    /// Its cooldown is over, and the next attempt is a probe.
    Awaited(Pause),
    /// Its cooldown is over, and a probe is under way.
    Probed(Pause),
}

#[derive(Debug, Clone, Default)]
struct State {
    /// Counted failures in a row.
    failures: u32,
    level: u32,
    /// One, or two while it is not known which ends later; the later one counts.
    pauses: Vec<Pause>,
    /// The attempt that is the probe, and when its turn expires.
    probe: Option<(u64, Duration)>,
}

/// An attempt that is under way, or a body that is being sent.
#[derive(Debug, Clone)]
pub(crate) struct Lease {
    number: u64,
    target: Target,
    path: Vec<String>,
    /// When the caller began it, and how long it may take from then on.
    pub(crate) begun: Option<(Duration, Option<Duration>)>,
    /// Whether it found out if the target is well. One that takes too long lets others try, and
    /// its failure is that of a probe all the same.
    pub(crate) is_probe: bool,
}

/// Everything that changes while requests are served.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) now: Duration,
    states: BTreeMap<Key, State>,
    drained: BTreeSet<Key>,
    /// The attempts under way, by number.
    active: BTreeMap<u64, Load>,
    /// What failed, and when.
    penalties: Vec<(Duration, Load)>,
    begun: u64,
}

/// A target with the aliases that led there.
#[derive(Debug, Clone)]
struct Load {
    /// Nothing once the target was reset: the aliases go on to bear it.
    key: Option<Key>,
    path: Vec<String>,
}

impl Load {
    /// Whether it weighs on this member of a group.
    fn is_of(&self, planner: &Planner<'_>, member: &Identity) -> bool {
        match member {
            Identity::Group(name) => self.path.contains(name),
            Identity::Model {
                entry,
                id,
                endpoint,
            } => {
                let is_wildcard = planner.view.entries[*entry].is_wildcard();
                self.key.as_ref().is_some_and(|key| {
                    key.entry == *entry
                        && (is_wildcard || key.id == *id)
                        && key.endpoint == *endpoint
                })
            }
        }
    }
}

impl World {
    /// A world in which nothing has happened.
    pub(crate) fn new(planner: &Planner<'_>) -> Self {
        let targets = planner.targets();
        let mut keys: Vec<Key> = targets.iter().map(|target| planner.key(target)).collect();
        for (entry, one) in planner.view.entries.iter().enumerate() {
            if let Home::Wildcard { .. } = one.home {
                let id = "*".to_owned();
                let endpoint = None;
                keys.push(Key {
                    entry,
                    id,
                    endpoint,
                });
            }
        }
        let states = keys.into_iter().map(|key| (key, State::default()));
        Self {
            now: Duration::ZERO,
            states: states.collect(),
            drained: BTreeSet::new(),
            active: BTreeMap::new(),
            penalties: Vec::new(),
            begun: 0,
        }
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.states.keys()
    }

    /// How many attempts are under way there.
    pub(crate) fn active(&self, key: &Key) -> usize {
        let active = self.active.values();
        let here = active.filter(|load| load.key.as_ref() == Some(key));
        here.count()
    }

    /// The least and the most that weighs on a member of a group: what is under way, and what
    /// failed a short time ago.
    pub(super) fn load(&self, planner: &Planner<'_>, member: &Identity) -> (usize, usize) {
        let active = self.active.values();
        let active = active.filter(|load| load.is_of(planner, member)).count();
        let weighs = |time: Duration| {
            let penalties = self.penalties.iter();
            let fresh = penalties.filter(|(at, _)| self.now <= *at + time);
            fresh
                .filter(|(_, load)| load.is_of(planner, member))
                .count()
        };
        (active + weighs(PENALTY.0), active + weighs(PENALTY.1))
    }

    pub(crate) fn is_drained(&self, key: &Key) -> bool {
        self.drained.contains(key)
    }

    pub(crate) fn drain(&mut self, key: &Key) {
        self.drained.insert(key.clone());
    }

    pub(crate) fn undrain(&mut self, key: &Key) {
        self.drained.remove(key);
    }

    /// Forgets what went wrong.
    pub(crate) fn reset(&mut self, key: &Key) {
        if let Some(state) = self.states.get_mut(key) {
            state.failures = 0;
            state.level = 0;
            state.pauses.clear();
            state.probe = None;
        }
        for (_, load) in &mut self.penalties {
            if load.key.as_ref() == Some(key) {
                load.key = None;
            }
        }
    }

    /// Whether a target may be tried.
    pub(crate) fn look(&self, key: &Key) -> Level {
        let state = &self.states[key];
        let [pause] = &state.pauses[..] else {
            assert!(state.pauses.is_empty(), "{key:?} was not pinned");
            return Level::Well;
        };
        assert_eq!(pause.until.0, pause.until.1, "{key:?} was not pinned");
        if self.now < pause.until.1 {
            return Level::Cooling(pause.clone());
        }
        match state.probe {
            _ if pause.class == "rate_limited" && !pause.is_cut => Level::Well,
            Some((_, ends)) if self.now < ends => Level::Probed(pause.clone()),
            _ => Level::Awaited(pause.clone()),
        }
    }

    /// Begins an attempt; the first after a cooldown is the probe.
    pub(crate) fn begin(
        &mut self,
        planner: &Planner<'_>,
        target: Target,
        path: &[String],
    ) -> Lease {
        let key = planner.key(&target);
        self.begun += 1;
        let is_probe = matches!(self.look(&key), Level::Awaited(_));
        if is_probe {
            let state = self.states.get_mut(&key);
            state.expect("it was looked at").probe = Some((self.begun, self.now + PROBE));
        }
        let path = path.to_vec();
        let load = Load {
            key: Some(key),
            path: path.clone(),
        };
        self.active.insert(self.begun, load);
        Lease {
            number: self.begun,
            target,
            path,
            begun: None,
            is_probe,
        }
    }

    /// Takes back the lease: the attempt, or the body, is over.
    pub(crate) fn end(&mut self, lease: &Lease) {
        let was_there = self.active.remove(&lease.number);
        assert!(was_there.is_some(), "an attempt ends once");
    }

    /// What dropping an attempt now means.
    pub(crate) fn dropped(&self, lease: &Lease) -> Outcome {
        match lease.begun {
            Some((began, Some(timeout))) if self.now >= began + timeout => {
                Outcome::Failed(Failure {
                    class: "timeout",
                    status: None,
                    retry_after: None,
                    words: Vec::new(),
                })
            }
            _ => Outcome::Dropped,
        }
    }

    /// Learns how an attempt ended, or how a body did.
    pub(crate) fn report(&mut self, planner: &Planner<'_>, lease: &mut Lease, outcome: &Outcome) {
        let key = planner.key(&lease.target);
        let is_probe = std::mem::take(&mut lease.is_probe);
        match outcome {
            Outcome::Served => self.succeed(&key),
            Outcome::Failed(failure) if is_client_own(planner, &lease.target, failure.class) => {}
            Outcome::Failed(failure) => match failure.class {
                "invalid_request" | "context_length_exceeded" | "content_filtered" => {
                    self.succeed(&key);
                }
                "cost_exceeded" | "latency_exceeded" | "not_allowed" => {}
                _ => {
                    self.fail(planner, &lease.target, failure, is_probe);
                    let path = lease.path.clone();
                    let key = Some(key.clone());
                    self.penalties.push((self.now, Load { key, path }));
                }
            },
            Outcome::Dropped => {}
        }
        let state = self.states.get_mut(&key).expect("every target has a state");
        if state
            .probe
            .is_some_and(|(number, _)| number == lease.number)
        {
            state.probe = None;
        }
    }

    fn succeed(&mut self, key: &Key) {
        let state = self.states.get_mut(key).expect("every target has a state");
        state.failures = 0;
        state.level = 0;
        let now = self.now;
        state.pauses.retain(|pause| now < pause.until.1);
    }

    fn fail(&mut self, planner: &Planner<'_>, target: &Target, failure: &Failure, is_probe: bool) {
        let key = planner.key(target);
        let state = self.states.get_mut(&key).expect("every target has a state");
        state.failures += 1;
        if is_probe {
            state.level += 1;
        }
        let at_once = ["rate_limited", "quota_exhausted", "auth_failed"].contains(&failure.class);
        if !at_once && !is_probe && state.failures < PATIENCE {
            return;
        }
        let (shortest, longest) = pause(state.level, failure);
        let pause = Pause {
            until: (self.now + shortest, self.now + longest),
            class: failure.class,
            status: failure.status,
            is_cut: failure
                .retry_after
                .is_some_and(|asked| asked > LONGEST_ASKED),
        };
        self.cool(&key, &pause);
        let of_key = failure.class == "quota_exhausted"
            || failure.class == "auth_failed" && failure.status != Some(403);
        let Some(secret) = planner.access_key(target.entry).filter(|_| of_key) else {
            return;
        };
        let keys: Vec<Key> = self.states.keys().cloned().collect();
        for other in keys.iter().filter(|&other| *other != key) {
            if planner.access_key(other.entry).as_ref() == Some(&secret) {
                self.cool(other, &pause);
            }
        }
    }

    /// Lets a target cool; of two times the later counts.
    fn cool(&mut self, key: &Key, new: &Pause) {
        let state = self.states.get_mut(key).expect("every target has a state");
        let mut pauses = std::mem::take(&mut state.pauses);
        pauses.push(new.clone());
        let certain = pauses.iter().map(|pause| pause.until.0).max();
        pauses.retain(|pause| certain.is_none_or(|certain| pause.until.1 >= certain));
        for pause in &mut pauses {
            pause.until.0 = pause.until.0.max(certain.unwrap_or_default());
        }
        state.pauses = pauses;
    }

    /// Is told until when a target cools, and why; nothing if it does not.
    pub(crate) fn pin(&mut self, key: &Key, seen: Option<(Duration, &str)>) -> Result<(), String> {
        let now = self.now;
        let state = self.states.get_mut(key).expect("every target has a state");
        let Some((until, class)) = seen else {
            let is_over = state.pauses.iter().all(|pause| pause.until.1 <= now);
            let pauses = &state.pauses;
            return if is_over {
                Ok(())
            } else {
                Err(format!("not cooling, where the rules say {pauses:?}"))
            };
        };
        let fits = |pause: &&Pause| {
            (pause.until.0..=pause.until.1).contains(&until) && pause.class == class
        };
        let Some(pause) = state.pauses.iter().find(fits).cloned() else {
            let pauses = &state.pauses;
            return Err(format!(
                "{class} until {until:?}, where the rules say {pauses:?}"
            ));
        };
        state.pauses = vec![Pause {
            until: (until, until),
            ..pause
        }];
        Ok(())
    }

    /// Lets every cooldown end as early as it may.
    pub(crate) fn pin_earliest(&mut self) {
        for state in self.states.values_mut() {
            if let Some(mut pause) = state.pauses.pop() {
                pause.until.1 = pause.until.0;
                state.pauses = vec![pause];
            }
        }
    }
}

/// Whether a failure is due to what the client brought, so that it says nothing about the target.
fn is_client_own(planner: &Planner<'_>, target: &Target, class: &str) -> bool {
    match class {
        "auth_failed" | "quota_exhausted" | "rate_limited" => planner.passes_auth(target.entry),
        "not_found" => target.is_open,
        _ => false,
    }
}

/// The bounds of a time to cool.
fn pause(level: u32, failure: &Failure) -> (Duration, Duration) {
    let doubled = (0..level).fold(SHORTEST, |base, _| (base * 2).min(LONGEST));
    let (mut shortest, mut longest) = (doubled * 4 / 5, doubled * 6 / 5);
    if let Some(asked) = failure.retry_after.filter(|asked| !asked.is_zero()) {
        let asked = asked.min(LONGEST_ASKED);
        if failure.class == "rate_limited" {
            return (asked, asked * 6 / 5);
        }
        shortest = shortest.max(asked);
        longest = longest.max(asked * 6 / 5);
    }
    (shortest, longest)
}
