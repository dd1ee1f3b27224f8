//! A request whose target serves.

use std::borrow::Cow;
use std::fmt;

use super::error::StepReport;
use super::state::{Attempts, Progress};
use crate::base::money::{Bill, Usage};
use crate::failure::Failure;
use crate::table::provider::Provider;

/// A request whose target serves: keep it beside the body of the reply.
///
/// Owned and `Send`, so that it travels with a streamed body. It counts as an active request at the target until it
/// is finished, broken or dropped. Dropping it means that the client left, which says nothing about the target.
#[must_use = "the target counts as idle when it is dropped"]
pub struct Serving(pub(super) Attempts);

impl Serving {
    /// Reports that the body was delivered whole.
    #[inline]
    pub fn finished(self) {
        drop(self);
    }

    /// Reports that the target broke off. The failure counts against the target, and no other target is tried.
    pub fn broken(mut self, failure: impl Into<Failure>) {
        if self.0.progress == Progress::Serving {
            self.0.report_failure(&failure.into());
        }
    }

    /// Classifies a failed HTTP response of the target, or an error inside its stream: by the failure rules of the configuration, the
    /// [classifier](crate::ResolverBuilder::classifier) of the embedder, and what the crate knows, in this order.
    ///
    /// Otherwise like [`Failure::from_http`], which knows no rules. Pass the result to [`broken`](Self::broken).
    pub fn classify(
        &self,
        status: u16,
        headers: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>,
        body: impl AsRef<[u8]>,
    ) -> Failure {
        self.0.classify(status, headers, body)
    }

    /// Reports how many tokens this attempt took, as the provider counts them. The last report counts.
    pub fn used(&mut self, usage: Usage) {
        self.0.phase.used(usage);
    }

    /// The cost of the whole request: all its attempts, and this one at its upper bound until
    /// [`used`](Self::used) says what it took.
    pub fn bill(&self) -> Bill {
        self.0.bill()
    }

    /// The steps of the request: each target that was tried, passed over or left out, in order.
    pub fn steps(&self) -> Vec<StepReport> {
        self.0.steps()
    }

    /// The requested name.
    pub fn asked(&self) -> &str {
        self.0.asked()
    }

    /// The provider entry that serves.
    pub fn provider(&self) -> &Provider {
        &self.0.current_target().provider
    }

    /// The model id that was sent.
    pub fn model(&self) -> &str {
        self.0.model()
    }

    /// The target as text. Safe to log. It may hold an endpoint of the configuration: to tell the client which
    /// model served, use [`model`](Self::model).
    pub fn target(&self) -> Cow<'_, str> {
        self.0.target()
    }

    /// The target as text, for a label of metrics, as [`Resolution::label`](crate::Resolution::label) gives it.
    pub fn label(&self) -> &str {
        self.0.label()
    }
}

impl fmt::Debug for Serving {
    /// Shows no secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving")
            .field("asked", &crate::base::text::cut(self.asked()))
            .field("target", &crate::base::text::cut(&self.target()))
            .finish_non_exhaustive()
    }
}
