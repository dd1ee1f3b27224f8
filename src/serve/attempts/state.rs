//! The state of one request: what it asked, where it is, and what happened to it.

use std::sync::Arc;
use std::time::Duration;

use super::current::CurrentAttempt;
use super::error::{self, AttemptsError, Details, StepReport};
use super::phase::AttemptPhase;
use super::saved_request::SavedRequest;
use crate::base::money::Bill;
use crate::base::text::cut;
use crate::content::guardrails::Violation;
use crate::failure::{Failure, FailureClass};
use crate::serve::begin::{Descent, Reached, finish, first_target, look_up, walk_saved};
use crate::serve::error::ResolveError;
use crate::serve::plan::{EventKind, Found, Plan, Root, TimeLimit};
use crate::serve::request::Request;
use crate::serve::select::SavedDraws;
use crate::serve::snapshot::Snapshot;
use crate::table::{Alias, Target, TargetRef};

/// What a request is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// An attempt is under way and not reported.
    UnderWay,
    /// A target serves; the lease is held for its body.
    Serving,
    Over,
}

/// The handle of one request, which goes on to the next target when one fails.
///
/// There is always a current target: the one to send to or, after the end of the request, the last one.
/// Owned, `Send` and `Sync`: keep it in a struct, pass it on, hold it across an `.await`.
///
/// | The caller | What it means |
/// |---|---|
/// | calls [`failed`](Self::failed) | The target failed. The next one is current, if the result is true. |
/// | calls [`commit`](Self::commit) or [`succeeded`](Self::succeeded) | The target served. |
/// | calls `failed` once the request is over | Nothing: the result is false. |
/// | calls [`used`](Self::used) once the request is over | It counts, for the last attempt. |
/// | calls `commit` once the request is over | Nothing is reported, and the [`Serving`](crate::Serving) does not count as active. |
/// | drops it after [`begin`](Self::begin), when its time is over | The target timed out. |
/// | drops it otherwise | The client left. That says nothing about the target. |
#[must_use = "report what happened; dropped, it ends the request"]
pub struct Attempts {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) saved: SavedRequest,
    pub(super) phase: AttemptPhase,
    pub(super) attempt: CurrentAttempt,
    pub(super) progress: Progress,
    /// What ended the request, if that is no outcome of an attempt. Boxed, as few requests have it.
    ended_by: Option<Box<EndedBy>>,
}

enum EndedBy {
    /// A selector's fault.
    Fault(ResolveError),
    /// A guardrail.
    Blocked(Violation),
}

impl Attempts {
    /// Begins a request at its first target.
    #[expect(
        clippy::inline_always,
        reason = "inlined so that the request is built in place: a copy costs as much again"
    )]
    #[inline(always)]
    pub(super) fn first(
        snapshot: &Arc<Snapshot>,
        request: Request<'_>,
    ) -> Result<Self, AttemptsError> {
        let start = match look_up(snapshot, request.asked()) {
            Ok(start) => start,
            Err(error) => return Err(AttemptsError::refused(request.asked(), error)),
        };
        let mut draws = SavedDraws::new(request);
        let limited = snapshot.table.limited(start.root.alias);
        let first = if request.rule().is_some() || limited.time || limited.cost {
            Err(Descent::not_walked())
        } else {
            first_target(snapshot, start.root.end, |group| {
                walk_saved(snapshot, group, &mut draws)
            })
        };
        match first {
            Ok(found) => {
                let time = TimeLimit::written(snapshot.table.timeout(found.options));
                Ok(Self {
                    snapshot: Arc::clone(snapshot),
                    saved: SavedRequest::new(
                        snapshot,
                        (start.root, start.model_offset),
                        request,
                        draws,
                    ),
                    phase: AttemptPhase::first(),
                    attempt: CurrentAttempt::new(snapshot, start.root.alias, found, time),
                    progress: Progress::UnderWay,
                    ended_by: None,
                })
            }
            Err(descent) => Self::first_planned(
                snapshot,
                (start.root, start.model_offset),
                request,
                draws,
                descent,
            ),
        }
    }

    /// Begins a request whose first walk stopped early, or which must be planned from its first step on.
    #[cold]
    fn first_planned(
        snapshot: &Arc<Snapshot>,
        start: (Root, u32),
        request: Request<'_>,
        draws: SavedDraws,
        descent: Descent,
    ) -> Result<Self, AttemptsError> {
        let mut saved = SavedRequest::new(snapshot, start, request, draws);
        let mut draws = saved.draws(snapshot);
        let ctx = saved.context(snapshot);
        let mut phase = AttemptPhase::first();
        let found = match finish(&ctx, saved.root, &mut draws, descent) {
            Ok(Reached::Target(found)) => {
                let time = TimeLimit::written(snapshot.table.timeout(found.options));
                Ok(Some((found, time)))
            }
            Ok(Reached::Obstacle(prior)) => {
                let start = if snapshot.table.limited(saved.root.alias).time {
                    snapshot.clock.now()
                } else {
                    Duration::ZERO
                };
                let mut plan = Plan::for_attempts(saved.root, start).after(prior);
                let found = plan.next(&ctx, &mut draws);
                let time = plan.time();
                phase = AttemptPhase::Planned(Box::new(plan));
                found.map(|found| found.map(|found| (found, time)))
            }
            Err(error) => Err(error),
        };
        saved.save_draws(&mut draws);
        let mut request = Self {
            snapshot: Arc::clone(snapshot),
            saved,
            phase,
            attempt: CurrentAttempt::none(),
            progress: Progress::Over,
            ended_by: None,
        };
        if request.go_to(found) {
            Ok(request)
        } else {
            Err(request.to_error())
        }
    }

    /// Goes to a target that was found. Returns whether there is one.
    fn go_to(&mut self, found: Result<Option<(Found, TimeLimit)>, ResolveError>) -> bool {
        match found {
            Ok(Some((found, time))) => {
                let alias = self.saved.root.alias;
                self.attempt = CurrentAttempt::new(&self.snapshot, alias, found, time);
                self.progress = Progress::UnderWay;
                true
            }
            Ok(None) => false,
            Err(error) => {
                self.ended_by = Some(Box::new(EndedBy::Fault(error)));
                false
            }
        }
    }

    pub(super) fn is_under_way(&self) -> bool {
        self.progress == Progress::UnderWay
    }

    /// The attempt under way failed: goes to the next target. Returns whether there is one.
    pub(super) fn fail(&mut self, failure: Failure) -> bool {
        if !self.is_under_way() {
            return false;
        }
        let failure = if self.attempt.is_too_late() {
            FailureClass::LatencyExceeded.into()
        } else {
            failure
        };
        self.report_failure(&failure);
        self.release();
        self.phase
            .failed(&self.snapshot, &self.saved, &self.attempt, failure);
        let AttemptPhase::Planned(plan) = &mut self.phase else {
            return false;
        };
        let mut draws = self.saved.draws(&self.snapshot);
        let found = plan.next(&self.saved.context(&self.snapshot), &mut draws);
        let found = found.map(|found| found.map(|found| (found, plan.time())));
        self.saved.save_draws(&mut draws);
        self.go_to(found)
    }

    /// The attempt under way serves.
    #[inline]
    pub(super) fn serve(&mut self) {
        if self.is_under_way() {
            self.report_success();
            self.phase.end(EventKind::Served);
            self.progress = Progress::Serving;
        }
    }

    /// A guardrail blocked the text sent to the target, or its reply: the request is over.
    pub(super) fn block(&mut self, violation: &Violation) {
        self.ended_by = Some(Box::new(EndedBy::Blocked(violation.clone())));
        self.phase.end(EventKind::Blocked);
        self.release();
    }

    /// Ends the request for [`to_error`](Self::to_error).
    pub(super) fn abandon(&mut self) {
        if !self.is_under_way() {
            return;
        }
        match self.end_unreported() {
            Some(failure) => {
                self.phase
                    .failed(&self.snapshot, &self.saved, &self.attempt, failure);
            }
            None => self.phase.end(EventKind::Unreported),
        }
    }

    /// Ends an attempt that was not reported. If it was begun and its time is over, it timed out. Otherwise the
    /// client left, which says nothing about the target.
    #[cold]
    fn end_unreported(&mut self) -> Option<Failure> {
        let is_timed_out = self.attempt.is_timed_out(&self.snapshot);
        let failure = is_timed_out.then(|| Failure::from(FailureClass::Timeout));
        if let Some(failure) = &failure {
            self.report_failure(failure);
        }
        self.release();
        failure
    }

    /// Notes at the target that it did what was asked.
    #[inline]
    pub(super) fn report_success(&mut self) {
        let target = self.attempt.target(&self.snapshot);
        let passthrough = self.saved.is_passthrough();
        let lease = &mut self.attempt.lease;
        lease.succeeded(&self.snapshot, target, passthrough);
    }

    /// Notes at the target that it failed.
    pub(super) fn report_failure(&mut self, failure: &Failure) {
        let target = self.attempt.target(&self.snapshot);
        let passthrough = self.saved.is_passthrough();
        let lease = &mut self.attempt.lease;
        lease.failed(&self.snapshot, target, passthrough, failure);
    }

    /// Gives back what the attempt holds.
    #[inline]
    pub(super) fn release(&mut self) {
        self.progress = Progress::Over;
        let lease = self.attempt.lease.take();
        if lease.holds() {
            let health = self.attempt.target(&self.snapshot).health;
            lease.end(&self.snapshot, health);
        }
    }

    /// The requested name.
    pub fn asked(&self) -> &str {
        self.saved.asked(&self.snapshot)
    }

    #[inline]
    pub(super) fn current_target(&self) -> &Target {
        self.attempt.target(&self.snapshot)
    }

    /// The model id to send.
    #[inline]
    pub fn model(&self) -> &str {
        match self.saved.passthrough_model(&self.snapshot) {
            Some(model) => model,
            None => &self.current_target().model,
        }
    }

    /// Classifies a failed HTTP response of the current target: by the failure rules of the configuration, the
    /// [classifier](crate::ResolverBuilder::classifier) of the embedder, and what the crate knows, in this order.
    ///
    /// Otherwise like [`Failure::from_http`], which knows no rules. Pass the result to [`failed`](Self::failed).
    ///
    /// # Complexity
    ///
    /// Linear in the body for each rule. Only the first 64 KiB are read.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config, FailureClass};
    ///
    /// let config = Config::from_yaml("config.yaml", "
    /// model_providers: [{model: fireworks/qwen3}]
    /// model_failure_rules:
    ///   - {provider: fireworks, status: 412, says: spending limit, class: quota_exhausted}
    /// ")?;
    /// let resolver = AliasResolver::new(config)?;
    /// let call = resolver.attempts("qwen3")?;
    /// let failure = call.classify(412, [("server", "x")], "Monthly spending limit reached.");
    /// assert_eq!(failure.class(), FailureClass::QuotaExhausted);
    /// # Ok(())
    /// # }
    /// ```
    pub fn classify(
        &self,
        status: u16,
        headers: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>,
        body: impl AsRef<[u8]>,
    ) -> Failure {
        let target = self.current_target();
        self.snapshot.classify(target, status, headers, body)
    }

    pub(super) fn target_ref(&self) -> TargetRef<'_> {
        TargetRef::new(
            self.current_target(),
            self.saved.passthrough_model(&self.snapshot),
        )
    }

    /// The aliases on the way to the target.
    pub(super) fn aliases(&self) -> impl Iterator<Item = &Alias> {
        let table = &self.snapshot.table;
        let path = self.attempt.lease.alias_path(table);
        path.map(|alias| &table.aliases[alias as usize])
    }

    /// The cost of the request so far, over all attempts that have ended.
    ///
    /// Until [`used`](Self::used) reports its tokens, an attempt counts at the cost of the request's
    /// [`estimate`](Request::estimate) if it served, had its reply blocked, was not reported, or failed with `timeout`
    /// or `server_error`. Other failed attempts cost nothing unless `used` reports tokens.
    pub fn bill(&self) -> Bill {
        self.phase.bill(&self.snapshot, &self.saved, &self.attempt)
    }

    /// The steps of the request so far: each target that was tried, passed over or left out, in order.
    pub fn steps(&self) -> Vec<StepReport> {
        let (snapshot, saved) = (&self.snapshot, &self.saved);
        let model = saved.passthrough_model(snapshot);
        let blocked = match self.ended_by.as_deref() {
            Some(EndedBy::Blocked(violation)) => Some(violation),
            _ => None,
        };
        let (events, failures) = self.phase.events(snapshot, saved, &self.attempt);
        let step = |event| error::step(&snapshot.table, model, event, failures, blocked);
        events.iter().map(step).collect()
    }

    /// Why no target served.
    pub(super) fn to_error(&self) -> AttemptsError {
        let failure = match &self.phase {
            AttemptPhase::Planned(plan) => plan.failures().last().cloned(),
            AttemptPhase::First { .. } => None,
        };
        let fault = match self.ended_by.as_deref() {
            Some(EndedBy::Fault(error)) => Some(error.clone()),
            _ => None,
        };
        let steps = match (&self.phase, &fault) {
            // A selector's fault before there was a plan.
            (AttemptPhase::First { .. }, Some(_)) => Vec::new(),
            _ => self.steps(),
        };
        AttemptsError::new(Details {
            asked: cut(self.asked()).into(),
            steps,
            failure,
            returns_in: self.returns_in(),
            bill: self.bill(),
            cause: fault,
        })
    }

    /// The time until the first of the targets that the request looked at stops cooling. Targets that are ruled
    /// out do not count.
    fn returns_in(&self) -> Option<Duration> {
        let AttemptPhase::Planned(plan) = &self.phase else {
            return None;
        };
        plan.returns_at(&self.snapshot)
            .map(|at| at.saturating_sub(self.snapshot.clock.now()))
    }
}

impl Drop for Attempts {
    #[inline]
    fn drop(&mut self) {
        if self.is_under_way() {
            self.end_unreported();
        }
        self.release();
    }
}
