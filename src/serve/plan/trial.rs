//! Whether a target is tried, and what speaks against it.

use super::chances::Sight;
use super::event::Fate;
use super::frame::Outcome;
use super::ground::Ground;
use super::{Found, Plan, Resort};
use crate::failure::FailureClass;
use crate::serve::state::{Admission, Cause, Cooling, Ticket};
use crate::table::{AliasId, Choice, End, Group};

impl Plan {
    pub(super) fn try_target(
        &mut self,
        ground: &Ground<'_>,
        path: &[AliasId],
        found: Found,
    ) -> Option<Found> {
        let ticket = match self.speaks_against(ground, path, found) {
            Ok(ticket) => ticket,
            Err(outcome) => {
                let Found { target, extras, .. } = found;
                let end = End::Target { target, extras };
                self.look_here(Sight::PassedOver(outcome.class));
                self.note(ground, end, Fate::PassedOver(outcome.class));
                self.come_to(outcome);
                return None;
            }
        };
        let found = Found { ticket, ..found };
        self.attempt(ground, path, found);
        Some(found)
    }

    /// Why a target is passed over, or the right to try it. Cooling comes last: whoever is passed
    /// over for another reason is no last resort.
    pub(super) fn speaks_against(
        &mut self,
        ground: &Ground<'_>,
        path: &[AliasId],
        found: Found,
    ) -> Result<Ticket, Outcome> {
        if ground.rules_out() && !ground.allows_target(found.target) {
            return Err(Outcome::of(FailureClass::NotAllowed));
        }
        if self.whole && self.is_too_costly(ground, path, found.target) {
            return Err(Outcome::of(FailureClass::CostExceeded));
        }
        if self.whole && self.time_is_short(ground, path) {
            return Err(Outcome::of(FailureClass::LatencyExceeded));
        }
        let health = ground.snapshot.table.target(found.target).health;
        let health = &ground.snapshot.live.health[health as usize];
        let Some(cooling) = health.cooling() else {
            return Ok(Ticket::NONE);
        };
        let panics = self.frames.last().is_some_and(|frame| frame.panics);
        if panics && shows_no_fault(cooling.cause) {
            return Ok(Ticket::NONE);
        }
        match health.admit(ground.now()) {
            Admission::Open => Ok(Ticket::NONE),
            Admission::Probe(ticket) => Ok(ticket),
            Admission::Closed(Cooling { until, cause }) => {
                let resort = self.resort.as_ref();
                if resort.is_none_or(|resort| until < resort.until) {
                    let last_resort = true;
                    self.resort = Some(Resort {
                        until,
                        found: Found {
                            last_resort,
                            ..found
                        },
                        alias: self.owner(ground),
                        left: self.time_left(ground, path),
                        budget: self.budget(ground, path),
                    });
                }
                let status = cause.status;
                Err(Outcome {
                    status,
                    ..Outcome::of(cause.class)
                })
            }
        }
    }

    /// Begins an attempt.
    pub(super) fn attempt(&mut self, ground: &Ground<'_>, path: &[AliasId], found: Found) {
        self.attempts = self.attempts.saturating_add(1);
        if self.whole {
            // Until it is reported: what an unreported one comes to in the end.
            let outcome = Outcome::of(FailureClass::Timeout);
            self.touched.push((found.target, outcome));
            // What may follow depends on what this one may cost.
            self.open_bill(ground, found.target, self.budget(ground, path));
            self.timeout = self.time_for(ground, path, found.extras);
            let Found { target, extras, .. } = found;
            self.look_here(Sight::Tried);
            self.note(ground, End::Target { target, extras }, Fate::Tried);
        }
    }
}

/// Whether a cooldown may be the network's fault.
fn shows_no_fault(cause: Cause) -> bool {
    matches!(
        cause.class,
        FailureClass::Timeout
            | FailureClass::ConnectError
            | FailureClass::ServerError
            | FailureClass::Overloaded
    )
}

/// Whether so many members of a balanced group cool that cooldowns are ignored.
pub(super) fn panics(ground: &Ground<'_>, group: &Group) -> bool {
    let Some(threshold) = ground.snapshot.panic_threshold else {
        return false;
    };
    if matches!(group.choice, Choice::Only | Choice::Split) {
        return false;
    }
    let live = &ground.snapshot.live;
    let cools = |end: End| match end {
        End::Target { target, .. } => {
            let health = ground.snapshot.table.target(target).health;
            let cooling = live.health[health as usize].cooling();
            cooling.is_some_and(|cooling| {
                shows_no_fault(cooling.cause) && cooling.until > ground.now()
            })
        }
        End::Group(_) => false,
    };
    let members = group.members.iter().filter(|member| member.weight > 0);
    let cooling = members.clone().filter(|member| cools(member.end)).count();
    cooling * 100 > members.count() * usize::from(threshold)
}
