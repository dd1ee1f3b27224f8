//! What a request went through, and what its attempts report.

use std::time::Duration;

use super::chances::Sight;
use super::event::{Event, Fate, Subject};
use super::frame::Outcome;
use super::ground::Ground;
use super::{Plan, Stage};
use crate::failure::{Failure, FailureClass, FallBack};
use crate::serve::health::brought_by_client;
use crate::table::End;

impl Plan {
    /// Tells whoever asks what may happen about the entry that was chosen.
    pub(super) fn look_here(&mut self, sight: Sight) {
        let level = self.frames.depth().checked_sub(1);
        self.look(level.map_or(0, |level| self.picks.get(level).into()), sight);
    }

    pub(super) fn look(&mut self, entry: usize, sight: Sight) {
        if let Some(chances) = &mut self.chances {
            let frame = self.frames.last();
            let outcome =
                frame.map_or(Outcome::of(FailureClass::NotAllowed), |frame| frame.outcome);
            chances.look((frame.map(|frame| frame.group), entry), sight, outcome);
        }
    }

    pub(super) fn note(&mut self, ground: &Ground<'_>, end: End, fate: Fate) {
        if !self.whole {
            return;
        }
        let table = &ground.snapshot.table;
        let alias = self.owner(ground);
        let subject = match end {
            End::Target { target, .. } => Subject::Target(target),
            End::Group(group) => Subject::Alias(table.group(group).alias),
        };
        self.events.push(Event {
            alias,
            subject,
            fate,
        });
    }

    /// How long the attempt under way may take.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// What the request went through.
    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// The failures of its attempts, in their order.
    pub(crate) fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// The attempt under way ended the request: well, or without a word.
    pub(crate) fn end(&mut self, ground: &Ground<'_>, fate: Fate) {
        self.stage = Stage::Over;
        self.close_bill(ground, None);
        if let Some(event) = self.events.last_mut() {
            event.fate = fate;
        }
    }

    /// The attempt under way failed.
    pub(crate) fn failed(&mut self, ground: &Ground<'_>, failure: Failure) {
        let class = failure.class();
        self.close_bill(ground, Some(class));
        let at = self.failures.len();
        let mut outcome = Outcome {
            class,
            status: failure.http_status(),
            failure: Some(at),
            named_only: false,
        };
        if let Some((target, touched)) = self.touched.last_mut() {
            let target = ground.snapshot.table.target(*target);
            // Quota and rate limits of the client's are gone round like ours.
            outcome.named_only = matches!(class, FailureClass::AuthFailed | FailureClass::NotFound)
                && brought_by_client(target, ground.open.is_some(), class);
            *touched = outcome;
        }
        self.failures.push(failure);
        if let Some(event) = self.events.last_mut() {
            event.fate = Fate::Failed(u8::try_from(at).unwrap_or(u8::MAX));
        }
        self.come_to(outcome);
        if class.verdict().fall_back == FallBack::Never {
            self.stage = Stage::Over;
        }
    }
}
