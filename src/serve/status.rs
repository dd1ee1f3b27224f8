//! The state of the targets, and the calls of an operator.

use std::time::Duration;

use crate::base::secret::PublicUrl;
use crate::failure::FailureClass;
use crate::serve::resolver::AliasResolver;
use crate::serve::state::Health;
use crate::table::HealthKey;

/// The state of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetStatus {
    target: Box<str>,
    active: u32,
    state: TargetState,
}

/// Whether a target may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TargetState {
    /// It is tried like any other target.
    Healthy,
    /// It is passed over for a while.
    Cooling {
        /// The failure that began the cooldown.
        class: FailureClass,
        /// The rest of the cooldown.
        returns_in: Duration,
    },
    /// The cooldown is over; one request at a time probes the target.
    Probing {
        /// The failure that began the cooldown.
        class: FailureClass,
    },
    /// An operator has taken it out.
    Drained,
}

impl TargetStatus {
    /// The target as text; `provider/*` stands for all names that only a wildcard covers.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The number of active requests. Those of [`attempts`](AliasResolver::attempts) always count; those of
    /// [`resolve`](AliasResolver::resolve) only if a balancer or a selector reads the count.
    pub fn active(&self) -> u32 {
        self.active
    }

    /// Whether it may be tried.
    pub fn state(&self) -> TargetState {
        self.state
    }
}

impl AliasResolver {
    /// Returns the state of every target: those of the provider entries in file order, then those with
    /// endpoints of their own, in the order in which aliases name them.
    ///
    /// # Complexity
    ///
    /// Linear in the targets. Reads the clock if one of them cools.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config, FailureClass, TargetState};
    ///
    /// let config = Config::from_yaml("config.yaml", "model_providers: [{model: openai/gpt-4o}]")?;
    /// let resolver = AliasResolver::new(config)?;
    /// resolver.resolve("gpt-4o")?.failed(FailureClass::RateLimited);
    /// let status = &resolver.status()[0];
    /// assert_eq!(status.target(), "openai/gpt-4o");
    /// assert!(matches!(status.state(), TargetState::Cooling { class: FailureClass::RateLimited, .. }));
    /// # Ok(())
    /// # }
    /// ```
    pub fn status(&self) -> Vec<TargetStatus> {
        let mut now = None;
        self.healths()
            .map(|(target, health)| {
                let state = if health.is_drained() {
                    TargetState::Drained
                } else if let Some(cooling) = health.cooling() {
                    let now = *now.get_or_insert_with(|| self.snapshot().clock.now());
                    let class = cooling.cause.class;
                    match cooling.until.checked_sub(now) {
                        Some(returns_in) if !returns_in.is_zero() => {
                            TargetState::Cooling { class, returns_in }
                        }
                        _ if cooling.cause.ends_by_itself() => TargetState::Healthy,
                        _ => TargetState::Probing { class },
                    }
                } else {
                    TargetState::Healthy
                };
                TargetStatus {
                    target,
                    active: health.active(),
                    state,
                }
            })
            .collect()
    }

    /// Stops new requests to a target; active ones go on. Splits and balancers choose among the others.
    /// [`state_from`](crate::ResolverBuilder::state_from) keeps it drained over a reload.
    ///
    /// A drained target counts as if it were deleted: the next fallback runs in its place, whatever failure it names.
    /// Only a fallback for `context_length_exceeded` or `content_filtered` alone waits for those. Each step that was
    /// skipped is a [`StepState::Drained`](crate::StepState::Drained).
    ///
    /// The target is named by its text, as [`status`](Self::status) lists it. Returns whether there is
    /// one.
    pub fn drain(&self, target: &str) -> bool {
        self.each(target, |health| health.drain(true))
    }

    /// Puts a drained target back. Returns whether there is such a target.
    pub fn undrain(&self, target: &str) -> bool {
        self.each(target, |health| health.drain(false))
    }

    /// Forgets every failure of a target, which ends its cooldown. Returns whether there is such a
    /// target.
    pub fn reset(&self, target: &str) -> bool {
        self.each(target, Health::reset)
    }

    /// Calls `act` for every target with this text: targets whose endpoints differ only in parts that are not
    /// printed have one text.
    fn each(&self, target: &str, act: impl Fn(&Health)) -> bool {
        let mut any = false;
        for (text, health) in self.healths() {
            if *text == *target {
                act(health);
                any = true;
            }
        }
        any
    }

    fn healths(&self) -> impl Iterator<Item = (Box<str>, &Health)> {
        let snapshot = self.snapshot();
        let keys = snapshot.table.health_keys.iter();
        keys.zip(&snapshot.live.health)
            .filter_map(|(key, health)| match key {
                HealthKey::Target { provider, endpoint } => {
                    let mut text = provider.text(&provider.id);
                    if let Some(url) = endpoint {
                        text.push('@');
                        text.push_str(&PublicUrl(url).to_string());
                    }
                    Some((text.into(), &**health))
                }
                HealthKey::Alias(_) => None,
            })
    }
}
