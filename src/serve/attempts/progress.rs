//! How far a request has come, and on to its next target.

use std::sync::Arc;
use std::time::Duration;

use super::brought::Brought;
use super::current::Current;
use super::way::Way;
use crate::content::guardrails::Violation;
use crate::failure::Failure;
use crate::serve::error::ResolveError;
use crate::serve::plan::{Fate, Found, Made, Plan};
use crate::serve::request::Request;
use crate::serve::resolver::{Reached, Walked, arrive, finish, walk_saved};
use crate::serve::select::Draws;
use crate::serve::snapshot::Snapshot;
use crate::table::End;

/// One request: what it brought, where it is, and what it went through.
///
/// Everything is kept here and nothing is handed out but a way to it: fields that are stored one by one
/// and moved in pairs stall the processor, which cost as much as everything else together.
pub(super) struct Progress {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) brought: Brought,
    pub(super) way: Way,
    pub(super) current: Current,
    /// Boxed, so that a request is not moved with the room for it.
    pub(super) fault: Option<Box<ResolveError>>,
    /// The guardrail that ended the request.
    pub(super) blocked: Option<Box<Violation>>,
}

impl Progress {
    #[expect(
        clippy::inline_always,
        reason = "put together in the caller: moved through memory it costs as much again"
    )]
    #[inline(always)]
    pub(super) fn begin(
        snapshot: &Arc<Snapshot>,
        request: Request<'_>,
    ) -> Result<Self, ResolveError> {
        let brought = Brought::new(snapshot, request)?;
        Ok(Self {
            snapshot: Arc::clone(snapshot),
            brought,
            way: Way::Fresh,
            current: Current::none(),
            fault: None,
            blocked: None,
        })
    }

    /// Goes to the next target, if there is one.
    #[expect(
        clippy::inline_always,
        reason = "put together in the caller: moved through memory it costs as much again"
    )]
    #[inline(always)]
    pub(super) fn advance(&mut self) -> bool {
        let Self {
            snapshot, brought, ..
        } = self;
        if !matches!(self.way, Way::Fresh) || brought.is_watched(snapshot) {
            return self.go_on(None);
        }
        let walked = match brought.root.end {
            End::Target { target, extras } => arrive(snapshot, 0, 0, target, extras),
            End::Group(group) => walk_saved(snapshot, group, &mut brought.draws),
        };
        let Some(found) = walked.found() else {
            return self.go_on(Some(walked));
        };
        self.way = Way::First {
            fate: Fate::Tried,
            used: None,
        };
        let timeout = snapshot.table.timeout(found.extras);
        self.current = Current::begin(snapshot, brought.root.alias, found, timeout);
        true
    }

    /// Goes on where a walk ended early, or after an attempt.
    #[cold]
    fn go_on(&mut self, walked: Option<Walked>) -> bool {
        if self.fault.is_some() {
            return false;
        }
        match self.choose(walked) {
            Ok(Some((found, timeout))) => {
                let alias = self.brought.root.alias;
                self.current = Current::begin(&self.snapshot, alias, found, timeout);
                true
            }
            Ok(None) => false,
            Err(error) => {
                self.fault = Some(Box::new(error));
                false
            }
        }
    }

    /// Finds the next target, and how long it may take: by a plan, which begins with the choices that
    /// were made.
    fn choose(
        &mut self,
        walked: Option<Walked>,
    ) -> Result<Option<(Found, Option<Duration>)>, ResolveError> {
        let Self {
            snapshot,
            brought,
            way,
            ..
        } = self;
        let mut draws = Draws::resumed(&snapshot.entropy, brought.draws);
        if matches!(way, Way::Fresh) {
            let made = match walked {
                Some(walked) => {
                    let request = brought.request(snapshot);
                    let reached = finish(snapshot, brought.root.end, request, &mut draws, walked)?;
                    brought.draws = draws.saved();
                    match reached {
                        Reached::Target(found) => {
                            *way = Way::First {
                                fate: Fate::Tried,
                                used: None,
                            };
                            let timeout = snapshot.table.timeout(found.extras);
                            return Ok(Some((found, timeout)));
                        }
                        Reached::Amiss(made) => made,
                    }
                }
                None => Made::default(),
            };
            let plan = Plan::for_request(brought.root, made, brought.start);
            *way = Way::Planned(Box::new(plan));
        }
        let Way::Planned(plan) = way else {
            return Ok(None);
        };
        let found = plan.next(&brought.ground(snapshot), &mut draws);
        brought.draws = draws.saved();
        Ok(found?.map(|found| (found, plan.timeout())))
    }

    /// The attempt under way did what was asked.
    #[inline]
    pub(super) fn note_success(&mut self) {
        let target = self.current.target(&self.snapshot);
        let open = self.brought.is_open();
        self.current.lease.succeeded(&self.snapshot, target, open);
    }

    /// The attempt under way failed.
    pub(super) fn fail(&mut self, failure: Failure) {
        let Self {
            snapshot,
            brought,
            way,
            current,
            blocked,
            ..
        } = self;
        let target = current.target(snapshot);
        let open = brought.is_open();
        current.lease.failed(snapshot, target, open, &failure);
        if blocked.is_none() {
            way.failed(snapshot, brought, current, failure);
        }
    }

    /// The attempt under way ended the request. What a guardrail ended stays ended, whatever was sent all
    /// the same.
    #[inline]
    pub(super) fn end(&mut self, fate: Fate) {
        if self.blocked.is_none() {
            self.way.end(&self.snapshot, &self.brought, fate);
        }
    }

    /// Gives back what the attempt under way holds.
    #[inline]
    pub(super) fn release(&mut self) {
        let health = self.current.target(&self.snapshot).health;
        let lease = self.current.lease.take();
        if lease.holds() {
            lease.end(&self.snapshot, health);
        }
    }
}
