//! What could come next: how much time an attempt gets, and whether a failure here could still lead
//! to another attempt.

use std::time::Duration;

use super::Plan;
use super::frame::{Deadline, Frame, Limits, Outcome, holds, least};
use super::ground::Ground;
use crate::failure::FailureClass;
use crate::table::{AliasId, Choice, End, Group, GroupId};

impl Plan {
    /// Whether one attempt is left for each later step of every limited alias, once another member
    /// of the innermost of the first `depth` groups had its own.
    pub(super) fn spares_one(&self, depth: usize) -> bool {
        let mut later = 0;
        // From the inside out, so that the later steps of each alias are those inside it.
        self.frames.first(depth).rev().all(|frame| {
            later += frame.fallbacks - frame.next_fallback();
            let used = self.attempts - frame.before;
            frame
                .limit
                .is_none_or(|limit| usize::from(limit.saturating_sub(used)) > later)
        })
    }

    /// The time limits of an attempt that a path leads to, with the depth of the alias that each
    /// belongs to; none is longer than the path that it belongs to.
    fn deadlines(
        &self,
        ground: &Ground<'_>,
        path: &[AliasId],
    ) -> impl Iterator<Item = (usize, Deadline)> {
        let depth = self.frames.depth();
        let frames = self.frames.first(depth).enumerate();
        let own = Limits::of(&ground.snapshot.table, path).latency;
        let own = own.map(|latency| {
            let start = if depth == 0 { self.start } else { ground.now() };
            (depth, Deadline { start, latency })
        });
        frames
            .filter_map(|(at, frame)| frame.deadline.map(|deadline| (at, deadline)))
            .chain(own)
    }

    pub(super) fn time_is_short(&self, ground: &Ground<'_>, path: &[AliasId]) -> bool {
        let least_time = ground.snapshot.least_time;
        self.deadlines(ground, path)
            .any(|(_, deadline)| deadline.is_short(ground.now(), least_time))
    }

    /// How long an attempt may take: as long as is written for it, else half of what is left of each
    /// limit while a timeout can still lead to another attempt under it, else all of that.
    pub(super) fn time_for(
        &self,
        ground: &Ground<'_>,
        path: &[AliasId],
        extras: u32,
    ) -> Option<Duration> {
        let written = ground.snapshot.table.timeout(extras);
        self.deadlines(ground, path)
            .map(|(at, deadline)| {
                let left = deadline.left(ground.now());
                let half = left / 2;
                // What is left then would be too little for anybody.
                let shared = written.is_none()
                    && half >= ground.snapshot.least_time
                    && self.leads_on(ground, at);
                if shared { half } else { left }
            })
            .fold(written, |least_yet, time| least(least_yet, Some(time)))
    }

    /// Whether a timeout of the attempt under way could lead to another attempt inside the alias at
    /// some depth.
    fn leads_on(&self, ground: &Ground<'_>, from: usize) -> bool {
        let mut outcome = Outcome::of(FailureClass::Timeout);
        for depth in (from..self.frames.depth()).rev() {
            if self.frames.first(depth).any(|frame| self.is_spent(frame)) {
                return false;
            }
            let Some(frame) = self.frames.first(depth + 1).next_back() else {
                return false;
            };
            if self.is_spent(frame) {
                continue;
            }
            match self.goes_on(ground, frame, depth + 1, outcome) {
                Ok(()) => return true,
                Err(last) => outcome = last,
            }
        }
        false
    }

    /// Whether a group that is being walked could make another attempt after an outcome; if not,
    /// with what it would end.
    fn goes_on(
        &self,
        ground: &Ground<'_>,
        frame: &Frame,
        depth: usize,
        mut outcome: Outcome,
    ) -> Result<(), Outcome> {
        let group = ground.snapshot.table.group(frame.group);
        let mut seen = Vec::new();
        let mut failed = frame.failed;
        if frame.step == 0 {
            let another = group.goes_on() && outcome.is_any() && self.spares_one(depth);
            if another {
                let left = self.candidates(ground, group, frame.left);
                for member in left.members().filter(|&at| is_drawn(group, at)) {
                    if self
                        .reach(ground, group.members[member].end, &mut seen)
                        .is_ok()
                    {
                        return Ok(());
                    }
                }
            }
            failed |= 1;
        }
        for at in frame.next_fallback()..group.steps.len() {
            let step = &group.steps[at];
            if holds(
                step.conditions.as_deref(),
                outcome,
                failed,
                at,
                &self.failures,
            ) {
                failed |= 1 << (at + 1);
                match self.reach(ground, step.hop.end, &mut seen) {
                    Ok(()) => return Ok(()),
                    Err(last) => outcome = last,
                }
            }
        }
        Err(outcome)
    }

    /// Whether anything that an entry leads to could be tried now; if not, what the entry would
    /// come to. A path has at most 16 aliases, which bounds the recursion, and each alias is looked at
    /// once.
    fn reach(
        &self,
        ground: &Ground<'_>,
        end: End,
        seen: &mut Vec<(GroupId, Outcome)>,
    ) -> Result<(), Outcome> {
        if let Some(outcome) = self.stands(end) {
            return Err(outcome);
        }
        match end {
            End::Target { target, .. } => {
                if ground.rules_out() && !ground.allows_target(target) {
                    return Err(Outcome::of(FailureClass::NotAllowed));
                }
                let health = ground.snapshot.table.target(target).health;
                let health = &ground.snapshot.live.health[health as usize];
                match health.cooling() {
                    Some(cooling) if health.is_closed(ground.now()) => Err(Outcome {
                        status: cooling.cause.status,
                        ..Outcome::of(cooling.cause.class)
                    }),
                    _ => Ok(()),
                }
            }
            End::Group(id) => {
                if let Some((_, outcome)) = seen.iter().find(|(at, _)| *at == id) {
                    return Err(*outcome);
                }
                let outcome = self.reach_group(ground, id, seen);
                if let Err(outcome) = outcome {
                    seen.push((id, outcome));
                }
                outcome
            }
        }
    }

    fn reach_group(
        &self,
        ground: &Ground<'_>,
        id: GroupId,
        seen: &mut Vec<(GroupId, Outcome)>,
    ) -> Result<(), Outcome> {
        let group = ground.snapshot.table.group(id);
        let frame = Frame::new(id, group);
        let mut outcome = frame.outcome;
        let candidates = self.candidates(ground, group, frame.left);
        for member in candidates.members().filter(|&at| is_drawn(group, at)) {
            match self.reach(ground, group.members[member].end, seen) {
                Ok(()) => return Ok(()),
                Err(last) => outcome = last,
            }
        }
        if candidates.0 == 0 {
            let mut ends = group.members.iter().map(|member| member.end);
            outcome = ends
                .find_map(|end| self.stands(end))
                .unwrap_or(frame.outcome);
        }
        let mut failed = 1;
        for (at, step) in group.steps.iter().enumerate() {
            if holds(
                step.conditions.as_deref(),
                outcome,
                failed,
                at,
                &self.failures,
            ) {
                failed |= 1 << (at + 1);
                match self.reach(ground, step.hop.end, seen) {
                    Ok(()) => return Ok(()),
                    Err(last) => outcome = last,
                }
            }
        }
        Err(outcome)
    }
}

/// Whether a member is ever drawn.
fn is_drawn(group: &Group, member: usize) -> bool {
    matches!(group.choice, Choice::Only) || group.members[member].weight > 0
}
