//! The choice among the members of an alias, given the outcomes of the others.

use super::choices::NO_MEMBER;
use super::context::PlanContext;
use super::event::EventKind;
use super::frame::Frame;
use super::machine::Plan;
use super::outcome::Outcome;
use crate::failure::FailureClass;
use crate::serve::error::ResolveError;
use crate::serve::select::{Draws, Mask, Pick};
use crate::table::{End, Group, GroupId};

impl Plan {
    /// Chooses a member; `None` if none can be drawn.
    pub(super) fn choose_member(
        &mut self,
        ctx: &PlanContext<'_>,
        group: &Group,
        frame: Frame,
        draws: &mut Draws<'_>,
    ) -> Result<Option<usize>, ResolveError> {
        let mut took_turn = frame.took_turn;
        loop {
            let prior = self.prior_choice(frame.took_turn);
            // The outcome of an attempt under way changes nothing about the choice that led there.
            let mask = if prior.is_some() && self.replays {
                frame.left
            } else {
                self.candidates(ctx, group, frame.left)
            };
            let pick = match prior {
                Some(NO_MEMBER) => Pick::None,
                Some(member) => Pick::Member(member),
                None if mask.0 == 0 => Pick::None,
                None => match &mut self.explorer {
                    Some(explorer) => explorer.choose(ctx, group, draws, mask),
                    None => ctx.choose(group, draws, mask, took_turn),
                },
            };
            took_turn = true;
            match pick {
                Pick::Member(member) if !mask.has(member) => self.prior.levels = 0,
                Pick::Member(member) => {
                    if let Some(frame) = self.frames.last_mut() {
                        frame.took_turn = true;
                        frame.before_member = self.attempts;
                        frame.left.remove(member);
                    }
                    return Ok(Some(member));
                }
                Pick::None => {
                    if frame.position.has_chosen() {
                        if ctx.has_refused(group)
                            && let Some(frame) = self.frames.last_mut()
                        {
                            let outcome = frame.position.outcome.or_not_allowed();
                            frame.position.outcome = outcome;
                        }
                    } else {
                        let refused = mask.members().any(|at| group.is_drawn(at));
                        let refused = refused || prior == Some(NO_MEMBER);
                        self.pass_over_members(ctx, frame.group, group, refused);
                    }
                    return Ok(None);
                }
                Pick::Fault(position) => {
                    let alias = &ctx.snapshot.table.aliases[group.alias as usize];
                    return Err(ResolveError::selector_fault(&alias.name, position));
                }
            }
        }
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

    /// The members that may be drawn: not chosen here, not tried or walked elsewhere in this request, and not
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

    /// Passes over the members when none can be drawn: with the failure seen there last, or as drained or not
    /// allowed. `refused` says that a selector found none suitable.
    fn pass_over_members(
        &mut self,
        ctx: &PlanContext<'_>,
        id: GroupId,
        group: &Group,
        refused: bool,
    ) {
        let repeated = self.repeated_member(group).filter(|_| !refused);
        if let Some(outcome) = repeated {
            self.set_outcome(outcome);
            let kind = EventKind::Repeated(outcome.class);
            return self.push_event(group.alias, End::Group(id), kind);
        }
        for (at, member) in group.members.iter().enumerate() {
            if group.is_drawn(at) && ctx.is_drained(member.end) {
                self.note(ctx, at, member.end, EventKind::Drained);
            }
        }
        if !ctx.are_members_drained(group) {
            self.set_outcome(Outcome::of(FailureClass::NotAllowed));
            let kind = EventKind::PassedOver(FailureClass::NotAllowed);
            self.push_event(group.alias, End::Group(id), kind);
        }
    }
}
