//! One try of one target.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use super::progress::Progress;
use super::serving::Serving;
use crate::base::limits::Guardrails;
use crate::base::money::Usage;
use crate::base::value::Value;
use crate::failure::{Failure, FailureClass};
use crate::serve::plan::Fate;
use crate::table::provider::Provider;
use crate::table::target::TargetRef;
use crate::table::{Alias, Target};

/// One try of one target.
///
/// It counts as a request under way there until it is reported, dropped, or handed on as a
/// [`Serving`]. `Debug` shows no secret.
#[must_use = "report what became of it; dropped, it ends the request"]
pub struct Attempt<'a> {
    pub(super) progress: &'a mut Progress,
    pub(super) reported: bool,
}

impl Attempt<'_> {
    /// The name asked for.
    pub fn asked(&self) -> &str {
        self.progress.brought.asked(&self.progress.snapshot)
    }

    /// The aliases on the way, the one asked first; none for a model.
    pub fn alias_path(&self) -> impl Iterator<Item = &str> {
        self.aliases().map(|alias| &*alias.name)
    }

    /// The provider entry, all its fields.
    #[inline]
    pub fn provider(&self) -> &Provider {
        &self.at().provider
    }

    /// The model id to send.
    #[inline]
    pub fn model(&self) -> &str {
        let Progress {
            snapshot, brought, ..
        } = &*self.progress;
        match brought.open(snapshot) {
            Some(model) => model,
            None => &self.at().model,
        }
    }

    /// Where to send it: the target's endpoint, else the entry's `base_url`, else none.
    #[inline]
    pub fn endpoint(&self) -> Option<&str> {
        self.at().endpoint.as_deref()
    }

    /// The target as text, as [`Resolution::target`](crate::Resolution::target) gives it. Safe to log.
    pub fn target(&self) -> Cow<'_, str> {
        self.seen().text()
    }

    /// The `params` written for the target, unread.
    pub fn params(&self) -> Option<&IndexMap<String, Value>> {
        let extras = self.progress.current.extras;
        let extras = self.progress.snapshot.table.extras.get(extras as usize);
        extras?.params.as_deref()
    }

    /// How long it may take: to the first byte of a stream, else to the end of the answer. `None` where
    /// nothing limits it.
    ///
    /// That is the `timeout` written for the target, else half of what is left of each `max_latency`
    /// on the way as long as a timeout can still lead to another attempt, else all of that; never more
    /// than is left.
    #[inline]
    pub fn timeout(&self) -> Option<Duration> {
        self.progress.current.timeout
    }

    /// The guardrails in force: those of every alias on the way, outermost first. All of them
    /// hold.
    pub fn guardrails(&self) -> impl Iterator<Item = &Guardrails> {
        self.aliases()
            .filter_map(|alias| alias.guardrails.as_deref())
    }

    /// Whether every target was cooling and this is the one that returns first.
    pub fn is_last_resort(&self) -> bool {
        self.progress.current.last_resort
    }

    /// Says how many tokens the attempt took, as the provider counts them; before its end is reported.
    pub fn used(&mut self, usage: Usage) {
        self.progress.way.used(usage);
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
        let tab = self.progress.way.tab();
        self.serve();
        let Progress {
            snapshot,
            brought,
            current,
            ..
        } = &mut *self.progress;
        let model = brought.open(snapshot);
        Serving::new(
            Arc::clone(snapshot),
            current.target,
            model.map(Into::into),
            current.lease.take(),
            tab,
        )
    }

    #[inline]
    fn serve(&mut self) {
        self.reported = true;
        self.progress.note_success();
        self.progress.end(Fate::Served);
    }

    fn fail(&mut self, failure: Failure) {
        self.reported = true;
        self.progress.fail(failure);
    }

    #[inline]
    fn at(&self) -> &Target {
        self.progress.current.target(&self.progress.snapshot)
    }

    fn seen(&self) -> TargetRef<'_> {
        let Progress {
            snapshot, brought, ..
        } = &*self.progress;
        TargetRef::new(self.at(), brought.open(snapshot))
    }

    fn aliases(&self) -> impl Iterator<Item = &Alias> {
        let table = &self.progress.snapshot.table;
        let way = self.progress.current.lease.way(table);
        way.map(|alias| &table.aliases[alias as usize])
    }
}

impl Drop for Attempt<'_> {
    #[inline]
    fn drop(&mut self) {
        if !self.reported {
            self.leave();
        }
        self.progress.release();
    }
}

impl Attempt<'_> {
    /// Nobody said what became of it.
    #[cold]
    fn leave(&mut self) {
        if self.progress.current.is_over(&self.progress.snapshot) {
            self.fail(FailureClass::Timeout.into());
        } else {
            self.progress.end(Fate::Unreported);
        }
    }
}

impl fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("asked", &crate::base::text::cut(self.asked()))
            .field("target", &self.target())
            .field("model", &crate::base::text::cut(self.model()))
            .field("timeout", &self.timeout())
            .finish_non_exhaustive()
    }
}
