//! Simulates many requests for a name without touching the live state.

use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use crate::base::fraction::Fraction;
use crate::inspect::shares::Share;
use crate::serve::clock::FakeClock;
use crate::serve::entropy::{Entropy, SeededEntropy, Source};
use crate::serve::error::ResolveError;
use crate::serve::request::Request;
use crate::serve::resolver::AliasResolver;
use crate::serve::snapshot::Snapshot;
use crate::serve::state::LiveState;

impl AliasResolver {
    /// Resolves a name `requests` times and returns each target with its exact share and its count.
    ///
    /// Requests run one after another, with all targets healthy. The live state is neither read nor changed.
    /// The same seed gives the same counts. Targets are in the order of [`distribution`](Self::distribution).
    ///
    /// # Errors
    ///
    /// As [`resolve`](Self::resolve).
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config};
    ///
    /// let config = Config::from_yaml("config.yaml", "
    /// model_providers: [{model: openai/gpt-4o}, {model: openai/o1}]
    /// model_aliases: {chat: {targets: [{model: gpt-4o, weight: 95}, {model: o1, weight: 5}]}}
    /// ")?;
    /// let counts = AliasResolver::new(config)?.simulate("chat", 1_000, 7)?;
    /// assert_eq!(counts.iter().map(|(_, got)| got).sum::<u64>(), 1_000);
    /// # Ok(())
    /// # }
    /// ```
    pub fn simulate(
        &self,
        name: &str,
        requests: u64,
        seed: u64,
    ) -> Result<Vec<(Share, u64)>, ResolveError> {
        self.tally(name, requests, seed, &self.distribution(name)?, |_| None)
    }

    /// Resolves a name once for each of `keys` different sticky keys.
    ///
    /// The keys are `key-0`, `key-1` and so on, so the counts are the same on every machine. The seed only
    /// affects choices that no key decides.
    ///
    /// # Errors
    ///
    /// As [`resolve`](Self::resolve).
    pub fn simulate_keys(
        &self,
        name: &str,
        keys: u64,
        seed: u64,
    ) -> Result<Vec<(Share, u64)>, ResolveError> {
        // A key decides, so no selector draws.
        let shares = self.shares(name, false)?;
        self.tally(name, keys, seed, &shares, |at| Some(format!("key-{at}")))
    }

    fn tally(
        &self,
        name: &str,
        requests: u64,
        seed: u64,
        shares: &[Share],
        key: impl Fn(u64) -> Option<String>,
    ) -> Result<Vec<(Share, u64)>, ResolveError> {
        let mut counts: IndexMap<Box<str>, (Fraction, u64)> = shares
            .iter()
            .map(|share| (share.target().into(), (share.probability(), 0)))
            .collect();
        let copy = self.isolated_copy(seed);
        for at in 0..requests {
            let key = key(at);
            let mut request = Request::new(name);
            if let Some(key) = &key {
                request = request.sticky_key(key);
            }
            let route = copy.resolve(request)?;
            // Only a selector can choose a target of weight 0.
            let count = counts
                .entry(route.target().into())
                .or_insert((Fraction::ZERO.inexact(), 0));
            count.1 += 1;
        }
        Ok(counts
            .into_iter()
            .map(|(target, (probability, got))| (Share::new(target.into(), probability), got))
            .collect())
    }

    /// Returns a copy of the resolver with a fresh live state, a fake clock and seeded entropy.
    pub(crate) fn isolated_copy(&self, seed: u64) -> Self {
        let snapshot = self.snapshot();
        let entropy = SeededEntropy::new(seed);
        let rotations = snapshot.live.rotations.iter();
        let phases = rotations.map(|_| entropy.next_u64()).collect();
        Self::from_snapshot(Snapshot {
            table: Arc::clone(&snapshot.table),
            live: LiveState::new(snapshot.live.health.len(), phases),
            entropy: Source::Custom(Box::new(entropy)),
            clock: Box::new(FakeClock::new()),
            hooks: Arc::clone(&snapshot.hooks),
            content: Arc::clone(&snapshot.content),
            classifier: Arc::clone(&snapshot.classifier),
            penalty: Duration::ZERO,
            default_timeout: None,
            last_resort: snapshot.last_resort,
            least_time: snapshot.least_time,
            panic_threshold: snapshot.panic_threshold,
            prices: None,
            unknown_names: snapshot.unknown_names,
            warnings: Vec::new(),
        })
    }
}
