//! A whole request: one target after the other, until one serves or none is left.

mod attempt;
mod brought;
mod content;
mod current;
mod error;
mod progress;
mod serving;
mod way;

use std::fmt;
use std::time::Duration;

use crate::base::money::Bill;
use crate::failure::{Failure, FailureClass};
use crate::serve::error::ResolveError;
use crate::serve::plan::{self, Event, Fate, Subject};
use crate::serve::request::Request;
use crate::serve::resolver::AliasResolver;
use crate::serve::snapshot::Snapshot;
use crate::table::Deprecation;
pub use attempt::Attempt;
pub use error::{AttemptsError, StepReport, StepState};
use progress::Progress;
pub use serving::Serving;
use way::Way;

impl AliasResolver {
    /// Begins a request that goes on to the next target when one fails.
    ///
    /// The targets come from [`Attempts::next_attempt`], chosen by the version of the configuration that
    /// this resolver has, whatever is loaded meanwhile.
    ///
    /// # Errors
    ///
    /// [`ResolveError::UnknownName`] and [`ResolveError::AmbiguousName`], as for
    /// [`resolve`](Self::resolve). What is found out later comes from [`Attempts::into_error`].
    ///
    /// # Complexity
    ///
    /// As [`resolve`](Self::resolve); allocates nothing for an alias, but for a copy of the sticky
    /// key where the resolver has selectors. From the first failure on it allocates what the way takes;
    /// with a `max_latency`, a rule of the request or a cooling target on the way, from the start.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Attempt, Config, Failure, FailureClass};
    ///
    /// # fn send(attempt: &Attempt<'_>) -> Result<(), Failure> {
    /// #     match attempt.model() {
    /// #         "gpt-4o-mini" => Err(Failure::new(FailureClass::Timeout)),
    /// #         _ => Ok(()),
    /// #     }
    /// # }
    /// let config = Config::from_yaml("config.yaml", "
    /// model_providers: [{model: openai/gpt-4o-mini}, {model: ollama/llama3.1}]
    /// model_aliases:
    ///   chat: {target: gpt-4o-mini, fallbacks: [{target: llama3.1, conditions: [timeout]}]}
    /// ")?;
    /// let resolver = AliasResolver::new(config)?;
    ///
    /// let mut attempts = resolver.attempts("chat")?;
    /// let mut served = None;
    /// while let Some(attempt) = attempts.next_attempt() {
    ///     match send(&attempt) {
    ///         Ok(()) => {
    ///             served = Some(attempt.model().to_owned());
    ///             attempt.succeeded();
    ///         }
    ///         Err(failure) => attempt.failed(failure),
    ///     }
    /// }
    /// assert_eq!(served.as_deref(), Some("llama3.1"));
    /// # Ok(())
    /// # }
    /// ```
    #[expect(
        clippy::inline_always,
        reason = "put together in the caller: moved through memory it costs as much again"
    )]
    #[inline(always)]
    pub fn attempts<'q>(&self, request: impl Into<Request<'q>>) -> Result<Attempts, ResolveError> {
        Ok(Attempts(Progress::begin(self.snapshot(), request.into())?))
    }
}

/// One request and the targets that it may go to, handed out one at a time.
///
/// Owned, so that it may be held across an `.await`; bound to one version of the configuration. Splits,
/// balancers and fallbacks are walked as [`next_attempt`](Self::next_attempt) is called, each choice made
/// when its turn comes. Dropped, it gives back whatever it holds.
#[must_use = "the request is over when it is dropped"]
pub struct Attempts(Progress);

impl Attempts {
    /// The next target to send the request to; `None` once one has served, or when none is left.
    ///
    /// Each target is handed out once. Report what became of it: what follows depends on that. An
    /// attempt that is dropped unreported after its [`timeout`](Attempt::timeout) counts as timed
    /// out; one that is dropped before ends the request, as the client has left.
    ///
    /// To ask [`steps`](Self::steps) or [`bill`](Self::bill) inside the loop, take it by
    /// `let Some(attempt) = attempts.next_attempt() else { break };`: a `while let` keeps the borrow to
    /// the end of its body.
    #[expect(
        clippy::inline_always,
        reason = "put together in the caller: moved through memory it costs as much again"
    )]
    #[inline(always)]
    pub fn next_attempt(&mut self) -> Option<Attempt<'_>> {
        if !self.0.advance() {
            return None;
        }
        Some(Attempt {
            progress: &mut self.0,
            reported: false,
        })
    }

    /// The name asked for.
    pub fn asked(&self) -> &str {
        self.0.brought.asked(&self.0.snapshot)
    }

    /// That the alias asked is deprecated.
    pub fn deprecation(&self) -> Option<&Deprecation> {
        let aliases = &self.0.snapshot.table.aliases;
        let alias = aliases.get(self.0.brought.root.alias as usize)?;
        alias.deprecation.as_deref()
    }

    /// What the request went through so far: a step for each target that was tried, passed over or
    /// left out, in that order. For logs, and to say which model served.
    pub fn steps(&self) -> Vec<StepReport> {
        let report = |event: &Event, failures: &[Failure]| {
            error::step(
                &self.0.snapshot.table,
                self.0.brought.open(&self.0.snapshot),
                event,
                failures,
                self.0.blocked.as_deref(),
            )
        };
        match &self.0.way {
            Way::Fresh => Vec::new(),
            Way::First { fate, .. } => {
                let made = self.0.current.made(&self.0.snapshot);
                let event = Event {
                    alias: plan::owner(&self.0.snapshot.table, self.0.brought.root, made),
                    subject: Subject::Target(self.0.current.target),
                    fate: *fate,
                };
                vec![report(&event, &[])]
            }
            Way::Planned(plan) => {
                let events = plan.events().iter();
                events.map(|event| report(event, plan.failures())).collect()
            }
        }
    }

    /// What the request has cost so far, over all its attempts.
    ///
    /// One that timed out, broke off or got a `server_error` counts at its upper bound, by the request's
    /// [`estimate`](Request::estimate), until [`Attempt::used`] says what it took; one that was refused
    /// or not sent costs nothing.
    pub fn bill(&self) -> Bill {
        self.0
            .way
            .bill(&self.0.snapshot, &self.0.brought, &self.0.current)
    }

    /// Why no target served: each step with its reason, the last failure, and when a target returns; or
    /// which guardrail blocked what.
    pub fn into_error(self) -> AttemptsError {
        let (events, failures): (&[Event], &[Failure]) = match &self.0.way {
            Way::Planned(plan) => (plan.events(), plan.failures()),
            Way::Fresh | Way::First { .. } => (&[], &[]),
        };
        let returns_in = self.returns_in(events);
        AttemptsError::new(
            self.asked(),
            self.steps(),
            failures.last().cloned(),
            returns_in,
            self.0.fault.as_deref().cloned(),
        )
    }

    /// When the first of the targets that the request came to stops cooling; one that is ruled out
    /// does not return.
    fn returns_in(&self, events: &[Event]) -> Option<Duration> {
        let Snapshot {
            table, live, clock, ..
        } = &*self.0.snapshot;
        let ruled_out = Fate::PassedOver(FailureClass::NotAllowed);
        let events = events.iter().filter(|event| event.fate != ruled_out);
        let returns = events.filter_map(|event| match event.subject {
            Subject::Target(at) => {
                let health = &live.health[table.target(at).health as usize];
                let cooling = health.cooling().filter(|_| !health.is_drained());
                cooling.map(|cooling| cooling.until)
            }
            Subject::Alias(_) => None,
        });
        let first = returns.min()?;
        Some(first.saturating_sub(clock.now()))
    }
}

impl fmt::Debug for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempts")
            .field("asked", &crate::base::text::cut(self.asked()))
            .field("steps", &self.steps())
            .finish_non_exhaustive()
    }
}
