//! The choice among the members of an alias, given the outcomes of the others.

use super::choices::{Found, NO_MEMBER};
use super::context::PlanContext;
use super::event::EventKind;
use super::frame::Frame;
use super::machine::Plan;
use super::outcome::Outcome;
use super::rules::{Gate, TargetGate, gate};
use crate::failure::FailureClass;
use crate::serve::error::ResolveError;
use crate::serve::select::{Draws, Mask, Pick};
use crate::table::{End, Group, GroupId, Hop};

impl Plan {
    /// Chooses a member; `None` if none can be drawn.
    pub(super) fn choose_member(
        &mut self,
        ctx: &PlanContext<'_>,
        group: &Group,
        frame: Frame,
        draws: &mut Draws<'_>,
    ) -> Result<Option<usize>, ResolveError> {
        let prior = self.prior_choice(frame.took_turn);
        // The outcome of an attempt under way changes nothing about the choice that led there.
        let (mask, turns) = if prior.is_some() && self.replays {
            (frame.left, frame.left)
        } else {
            self.pass_over_members(ctx, group, frame)
        };
        let turns = (!frame.took_turn && prior.is_none()).then_some(turns);
        let pick = match prior {
            Some(NO_MEMBER) => Pick::None,
            Some(member) if mask.has(member) => Pick::Member(member),
            _ => {
                self.prior.levels = 0;
                self.choose_among(ctx, group, draws, mask, turns)
            }
        };
        match pick {
            Pick::Member(member) => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.took_turn = true;
                    frame.before_member = self.attempts;
                    frame.left.remove(member);
                }
                Ok(Some(member))
            }
            Pick::None => {
                let suits_none = mask.members().any(|at| group.is_drawn(at));
                let suits_none = suits_none || prior == Some(NO_MEMBER);
                if suits_none && !frame.position.has_chosen() {
                    self.set_outcome(Outcome::of(FailureClass::NotAllowed));
                    let kind = EventKind::PassedOver(FailureClass::NotAllowed);
                    self.push_event(group.alias, End::Group(frame.group), kind);
                }
                Ok(None)
            }
            Pick::Fault(position) => {
                let alias = &ctx.snapshot.table.aliases[group.alias as usize];
                Err(ResolveError::selector_fault(&alias.name, position))
            }
        }
    }

    fn choose_among(
        &mut self,
        ctx: &PlanContext<'_>,
        group: &Group,
        draws: &mut Draws<'_>,
        mask: Mask,
        turns: Option<Mask>,
    ) -> Pick {
        match &mut self.explorer {
            _ if mask.0 == 0 => Pick::None,
            Some(explorer) => explorer.choose(ctx, group, draws, mask),
            None => ctx.choose(group, draws, mask, turns),
        }
    }

    /// Passes over the members that the request cannot go to, each once. Returns those that may be chosen, and those
    /// that take turns: the ones that neither cool nor are drained, whatever this request rules out.
    ///
    /// What is drained or not allowed leaves every choice. What cools, or is too expensive or too late, leaves the
    /// choice where another member is tried instead; a split keeps its share, and a selector is asked about it. What
    /// was tried or walked elsewhere in this request is not listed again.
    fn pass_over_members(
        &mut self,
        ctx: &PlanContext<'_>,
        group: &Group,
        frame: Frame,
    ) -> (Mask, Mask) {
        let tries_others = group.tries_others();
        let is_choice_ours = tries_others && !ctx.is_chosen_by_selector(group);
        let (mut refuses, mut is_untouched) = (false, !frame.position.has_chosen());
        let (mut left, mut turns) = (frame.left, Mask::all(group));
        for at in frame.left.members().filter(|&at| group.is_drawn(at)) {
            let end = group.members[at].end;
            if self.repeated(end).is_some() {
                continue;
            }
            if ctx.is_drained(end) {
                turns.remove(at);
                self.push_event(group.alias, end, EventKind::Drained);
            } else if !ctx.leaves_any(end) {
                refuses = true;
                let kind = EventKind::PassedOver(FailureClass::NotAllowed);
                self.push_event(group.alias, end, kind);
                if tries_others {
                    self.set_outcome(Outcome::of(FailureClass::NotAllowed));
                }
            } else if is_choice_ours
                && let Some(gate) = self.pass_over_target(ctx, group, at, frame.group)
            {
                is_untouched = false;
                if matches!(gate, TargetGate::Cooling(_)) {
                    turns.remove(at);
                }
            } else {
                continue;
            }
            left.remove(at);
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.left = left;
        }
        let mask = self.candidates(ctx, group, left);
        let drawn = mask.members().filter(|&at| group.is_drawn(at)).count();
        if drawn == 0
            && is_untouched
            && let Some(outcome) = self.repeated_member(group)
        {
            if let Some(frame) = self.frames.last_mut() {
                frame.position.outcome = outcome;
            }
            let kind = EventKind::Repeated(outcome.class);
            self.push_event(group.alias, End::Group(frame.group), kind);
        } else if refuses && !tries_others && drawn < 2 {
            // A split with another member to draw has only the reason of that one.
            self.set_outcome(Outcome::of(FailureClass::NotAllowed));
        }
        (mask, turns)
    }

    /// Passes over a member that is a target, if it may not be tried now. Returns its gate then.
    fn pass_over_target(
        &mut self,
        ctx: &PlanContext<'_>,
        group: &Group,
        at: usize,
        id: GroupId,
    ) -> Option<TargetGate> {
        let Hop { path, end } = &group.hops[at];
        let room = self.room(ctx, path);
        let Gate::Target(target, options, gate) = gate(ctx, Some(id), *end, None, room) else {
            return None;
        };
        if matches!(gate, TargetGate::Open | TargetGate::Probe) {
            return None;
        }
        self.choose_entry(at);
        let found = Found::new(self.choices, target, options);
        self.try_target(ctx, path, found, gate);
        Some(gate)
    }

    /// The choice that was made here before there was a plan.
    fn prior_choice(&mut self, took_turn: bool) -> Option<usize> {
        let level = self.frames.depth().checked_sub(1)?;
        // Each is used once. All are dropped once the walk leaves the recorded path.
        if level >= self.prior.levels {
            return None;
        }
        let is_last = level + 1 == self.prior.levels;
        if took_turn || is_last {
            self.prior.levels = 0;
        }
        (!took_turn).then(|| usize::from(self.prior.choices.get(level)))
    }

    /// The members that may be chosen of those left here: not tried or walked elsewhere in this request, and not
    /// ruled out.
    pub(super) fn candidates(&self, ctx: &PlanContext<'_>, group: &Group, left: Mask) -> Mask {
        let mut mask = left;
        let rules_out = ctx.rules_out();
        if self.tried.is_empty() && self.finished.is_empty() && !rules_out {
            return mask;
        }
        for at in left.members() {
            let end = group.members[at].end;
            if self.repeated(end).is_some() || rules_out && !ctx.leaves_any(end) {
                mask.remove(at);
            }
        }
        mask
    }

    /// The outcome of an entry that was tried, or walked, before.
    pub(crate) fn repeated(&self, end: End) -> Option<Outcome> {
        match end {
            End::Target { target, .. } => {
                let mut tried = self.tried.iter();
                tried.find(|(at, _)| *at == target).map(|(_, o)| *o)
            }
            End::Group(group) => {
                let mut finished = self.finished.iter();
                finished.find(|(at, _)| *at == group).map(|(_, o)| o)
            }
        }
    }

    /// The outcome of the member target that was tried last; without one, of the member alias that ended last.
    pub(super) fn repeated_member(&self, group: &Group) -> Option<Outcome> {
        let is_member = |end: &dyn Fn(End) -> bool| {
            let mut members = group.members.iter().enumerate();
            members.any(|(at, member)| group.is_drawn(at) && end(member.end))
        };
        let tried = self.tried.iter().rev().find(|(tried, _)| {
            is_member(&|end| matches!(end, End::Target { target, .. } if target == *tried))
        });
        let walked = || {
            let mut finished = self.finished.iter().rev();
            let is_walked = |id: GroupId| is_member(&|end| end == End::Group(id));
            finished.find(|(id, _)| is_walked(*id)).map(|(_, o)| o)
        };
        tried.map(|(_, outcome)| *outcome).or_else(walked)
    }
}
