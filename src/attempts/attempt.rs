//! One try of one target.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use super::brought::Brought;
use super::serving::Serving;
use super::way::Way;
use crate::failure::{Failure, FailureClass};
use crate::guardrails::Violation;
use crate::limits::Guardrails;
use crate::money::Usage;
use crate::plan::Fate;
use crate::provider::Provider;
use crate::resolver::Resolution;
use crate::snapshot::Snapshot;
use crate::table::TargetId;
use crate::value::Value;

/// One try of one target.
///
/// It counts as a request under way there until it is reported, dropped, or handed on as a
/// [`Serving`]. `Debug` shows no secret.
#[must_use = "report what became of it; dropped, it ends the request"]
pub struct Attempt<'a> {
    pub(super) route: Resolution<'a>,
    pub(super) target: TargetId,
    pub(super) timeout: Option<Duration>,
    /// When it began, if it may time out.
    pub(super) began: Option<Duration>,
    pub(super) reported: bool,
    pub(super) snapshot: &'a Arc<Snapshot>,
    pub(super) brought: &'a Brought,
    pub(super) way: &'a mut Way,
    /// The guardrail that ended the request.
    pub(super) blocked: &'a mut Option<Box<Violation>>,
}

impl Attempt<'_> {
    /// The name asked for.
    pub fn asked(&self) -> &str {
        self.route.asked()
    }

    /// The aliases on the way, the one asked first; none for a model.
    pub fn alias_path(&self) -> impl Iterator<Item = &str> {
        self.route.alias_path()
    }

    /// The provider entry, all its fields.
    #[inline]
    pub fn provider(&self) -> &Provider {
        self.route.provider()
    }

    /// The model id to send.
    #[inline]
    pub fn model(&self) -> &str {
        self.route.model()
    }

    /// Where to send it: the target's endpoint, else the entry's `base_url`, else none.
    #[inline]
    pub fn endpoint(&self) -> Option<&str> {
        self.route.endpoint()
    }

    /// The target as text, as [`Resolution::target`](crate::Resolution::target) gives it. Safe to log.
    pub fn target(&self) -> Cow<'_, str> {
        self.route.target()
    }

    /// The `params` written for the target, unread.
    pub fn params(&self) -> Option<&IndexMap<String, Value>> {
        self.route.params()
    }

    /// How long it may take: to the first byte of a stream, else to the end of the answer. `None` where
    /// nothing limits it.
    ///
    /// That is the `timeout` written for the target, else half of what is left of each `max_latency`
    /// on the way as long as a timeout can still lead to another attempt, else all of that; never more
    /// than is left.
    #[inline]
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// The guardrails in force: those of every alias on the way, outermost first. All of them
    /// hold.
    pub fn guardrails(&self) -> impl Iterator<Item = &Guardrails> {
        self.route.guardrails()
    }

    /// Whether every target was cooling and this is the one that returns first.
    pub fn is_last_resort(&self) -> bool {
        self.route.is_last_resort()
    }

    /// Says how many tokens the attempt took, as the provider counts them; before its end is reported.
    pub fn used(&mut self, usage: Usage) {
        self.way.used(usage);
    }

    /// Reports that the target answered, whole.
    #[inline]
    pub fn succeeded(mut self) {
        self.serve();
    }

    /// Reports that the target failed; [`Attempts::next_attempt`](crate::Attempts::next_attempt) goes on from there.
    pub fn failed(mut self, failure: impl Into<Failure>) {
        self.fail(failure.into());
    }

    /// Commits to this target: the first byte goes to the client, so nothing else can be tried any
    /// more. Keep what it returns beside the body until that ends.
    pub fn commit(mut self) -> Serving {
        let tab = self.way.tab();
        self.serve();
        let model = self.brought.open(self.snapshot);
        Serving::new(
            Arc::clone(self.snapshot),
            self.target,
            model.map(Into::into),
            self.route.give_lease(),
            tab,
        )
    }

    fn serve(&mut self) {
        self.reported = true;
        self.route.note_success();
        // What a guardrail ended stays ended, whatever was sent all the same.
        if self.blocked.is_none() {
            self.way.end(self.snapshot, self.brought, Fate::Served);
        }
    }

    fn fail(&mut self, failure: Failure) {
        self.reported = true;
        self.route.note_failure(&failure);
        if self.blocked.is_none() {
            self.way.failed(self.snapshot, self.brought, failure);
        }
    }
}

impl Drop for Attempt<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.reported {
            return;
        }
        let over = self
            .timeout
            .zip(self.began)
            .is_some_and(|(time, began)| self.snapshot.clock.now().saturating_sub(began) >= time);
        if over {
            self.fail(FailureClass::Timeout.into());
        } else {
            self.way.end(self.snapshot, self.brought, Fate::Unreported);
        }
    }
}

impl fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("route", &self.route)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
