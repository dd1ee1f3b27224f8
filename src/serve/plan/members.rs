//! Which member of a group is next, given what became of the others.

use super::event::{Event, Fate, Subject};
use super::frame::Outcome;
use super::ground::Ground;
use super::picks::NOBODY;
use super::{Plan, ahead, fault};
use crate::failure::FailureClass;
use crate::serve::error::ResolveError;
use crate::serve::select::{Draws, Mask, Pick, choose};
use crate::table::{End, Group, GroupId};

impl Plan {
    /// Chooses a member; `None` ends the members' step.
    pub(super) fn member(
        &mut self,
        ground: &Ground<'_>,
        group: &Group,
        draws: &mut Draws<'_>,
    ) -> Result<Option<usize>, ResolveError> {
        let attempts = self.attempts;
        let Some(frame) = self.frames.last().copied() else {
            return Ok(None);
        };
        if frame.chosen {
            // Whatever is passed over is in `any`; what was tried before and stands may not be.
            let is_free = attempts == frame.before_member;
            let again = frame.outcome.is_any() && (is_free || self.spares_one(self.frames.depth()));
            if !group.goes_on() || !again {
                return Ok(None);
            }
        }
        let mut turned = frame.turned;
        loop {
            let made = self.made_choice();
            // What has become of a member since its attempt began changes nothing about the choice.
            let mask = if made.is_some() && self.under_way {
                frame.left
            } else {
                self.candidates(ground, group, frame.left)
            };
            let pick = match made {
                Some(NOBODY) => Pick::None,
                Some(member) => Pick::Member(member),
                None if mask.0 == 0 => Pick::None,
                None => match &mut self.chances {
                    Some(chances) => chances.choose(ground, group, draws, mask),
                    None => choose(&ground.scene, group, ground.request, draws, mask, turned),
                },
            };
            turned = true;
            match pick {
                Pick::Member(member) if !mask.has(member) => self.made.levels = 0,
                Pick::Member(member) => {
                    if let Some(frame) = self.frames.last_mut() {
                        frame.chosen = true;
                        frame.turned = true;
                        frame.before_member = attempts;
                        frame.left.remove(member);
                    }
                    return Ok(Some(member));
                }
                Pick::None => {
                    if !frame.chosen {
                        let is_drawn = mask.members().any(|at| ahead::is_drawn(group, at));
                        self.nobody(group, made == Some(NOBODY) || is_drawn);
                    }
                    return Ok(None);
                }
                Pick::Fault(position) => return Err(fault(&ground.scene, group, position)),
            }
        }
    }

    /// A choice that was made before the plan was.
    pub(super) fn made_choice(&mut self) -> Option<usize> {
        let level = self.frames.depth().checked_sub(1)?;
        // Each is used once, and none is left after the walk went another way.
        if level >= self.made.levels {
            return None;
        }
        let pick = usize::from(self.made.picks.get(level));
        let used = self.frames.last().is_some_and(|frame| frame.turned);
        let last = level + 1 == self.made.levels;
        if used {
            self.made.levels = 0;
            return None;
        }
        if last {
            self.made.levels = 0;
        }
        Some(pick)
    }

    /// The members that may be drawn: neither used up, nor touched in this request, nor ruled out.
    pub(super) fn candidates(&self, ground: &Ground<'_>, group: &Group, left: Mask) -> Mask {
        let mut mask = left;
        let rules_out = ground.rules_out();
        if self.touched.is_empty() && self.visited.is_empty() && !rules_out {
            return mask;
        }
        for at in left.members() {
            let end = group.members[at].end;
            if self.stands(end).is_some() || rules_out && !ground.allows(end) {
                mask.remove(at);
            }
        }
        mask
    }

    /// What came of an entry that was tried, or walked, before.
    pub(super) fn stands(&self, end: End) -> Option<Outcome> {
        match end {
            End::Target { target, .. } => {
                let mut touched = self.touched.iter();
                touched.find(|(at, _)| *at == target).map(|(_, o)| *o)
            }
            End::Group(group) => {
                let mut visited = self.visited.iter();
                visited.find(|(at, _)| *at == group).map(|(_, o)| o)
            }
        }
    }

    /// What came of the member that was touched last, or walked.
    pub(super) fn stands_for(&self, group: &Group) -> Option<Outcome> {
        let is_member = |end: &dyn Fn(End) -> bool| {
            let mut members = group.members.iter().enumerate();
            members.any(|(at, member)| ahead::is_drawn(group, at) && end(member.end))
        };
        let touched = self.touched.iter().rev().find(|(touched, _)| {
            is_member(&|end| matches!(end, End::Target { target, .. } if target == *touched))
        });
        let walked = || {
            let mut visited = self.visited.iter().rev();
            let is_walked = |id: GroupId| is_member(&|end| end == End::Group(id));
            visited.find(|(id, _)| is_walked(*id)).map(|(_, o)| o)
        };
        touched.map(|(_, outcome)| *outcome).or_else(walked)
    }

    /// Nothing can be drawn: the step fails with the failure seen there last, or is passed over.
    pub(super) fn nobody(&mut self, group: &Group, by_selector: bool) {
        let stands = self.stands_for(group);
        let (outcome, fate) = match stands.filter(|_| !by_selector) {
            Some(outcome) => (outcome, Fate::Repeated(outcome.class)),
            None => (
                Outcome::of(FailureClass::NotAllowed),
                Fate::PassedOver(FailureClass::NotAllowed),
            ),
        };
        self.come_to(outcome);
        if self.whole {
            let alias = group.alias;
            self.events.push(Event {
                alias,
                subject: Subject::Alias(alias),
                fate,
            });
        }
    }
}
