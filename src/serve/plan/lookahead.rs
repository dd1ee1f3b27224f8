//! Whether a timeout of the attempt under way can still lead to another attempt.
//!
//! Walks on from where the plan stands with every outcome that each step could have, by the same step rule,
//! until a target may be tried.

use super::context::PlanContext;
use super::limits::{Budget, Limits};
use super::machine::Plan;
use super::outcome::Outcome;
use super::rules::{Gate, NextStep, Position, Room, TargetGate, gate, next_step};
use crate::base::money::Cost;
use crate::failure::FailureClass;
use crate::serve::select::Mask;
use crate::table::{End, Group, GroupId, Hop};

impl Plan {
    /// Whether a timeout of the attempt under way could lead to another attempt inside the alias at this
    /// depth, for some random choices. The aliases from depth `used_up` on have no time left then.
    pub(super) fn leads_on(
        &self,
        ctx: &PlanContext<'_>,
        from: usize,
        used_up: Option<usize>,
    ) -> bool {
        let mut lookahead = Lookahead {
            plan: self,
            ctx,
            walked: Vec::new(),
            spent: self.bill.spent_at_worst(),
            budget: None,
            is_short_of_time: false,
        };
        let mut outcomes = vec![Outcome::TIMEOUT];
        // An alias whose attempts are used up ends with all inside it.
        let exhausted = self.frames.outermost_without_attempts(self.attempts);
        for depth in (from..self.frames.depth()).rev() {
            let Some(frame) = self.frames.first(depth + 1).next_back() else {
                return false;
            };
            if exhausted.is_none_or(|exhausted| depth < exhausted) {
                lookahead.budget = frame.budget;
                lookahead.is_short_of_time = used_up.is_some_and(|used_up| depth >= used_up);
                let positions = outcomes.into_iter();
                let positions = positions.map(|outcome| frame.position.with_outcome(outcome));
                let walk = GroupWalk {
                    id: frame.group,
                    group: ctx.snapshot.table.group(frame.group),
                    left: frame.left,
                    affords_attempt: self.affords_attempt(depth + 1),
                };
                match lookahead.steps(&walk, positions.collect()) {
                    Some(ends) => outcomes = ends,
                    None => return true,
                }
            }
            lookahead.walked.push(HypotheticalAlias {
                group: frame.group,
                budget: None,
                outcomes: outcomes.clone(),
                uncertain_choices: 0,
            });
        }
        false
    }
}

/// A hypothetical walk. Every method returns `None` as soon as a target may be tried.
struct Lookahead<'p> {
    plan: &'p Plan,
    ctx: &'p PlanContext<'p>,
    walked: Vec<HypotheticalAlias>,
    /// The amount spent so far. It does not grow: the walk ends with the first attempt.
    spent: Cost,
    /// The budget inside the alias that is walked now.
    budget: Option<Budget>,
    /// Whether no time is left there; how much is left elsewhere is not known.
    is_short_of_time: bool,
}

/// One alias on a hypothetical walk.
#[derive(Clone, Copy)]
struct GroupWalk<'p> {
    id: GroupId,
    group: &'p Group,
    left: Mask,
    affords_attempt: bool,
}

/// An alias that the hypothetical walk has finished.
struct HypotheticalAlias {
    group: GroupId,
    /// The budget there: under another one the outcomes may differ.
    budget: Option<Budget>,
    /// Every outcome that it may have had.
    outcomes: Vec<Outcome>,
    /// The number of enclosing choices that may not have led to it; 0 means that it was certainly walked.
    uncertain_choices: usize,
}

/// A member that the hypothetical walk has chosen.
struct HypotheticalMember {
    end: End,
    /// Every outcome that it may have had.
    outcomes: Vec<Outcome>,
    /// The aliases that are walked on every way through it, itself included.
    inside: Vec<End>,
}

impl HypotheticalMember {
    fn may_be_passed_over(&self) -> bool {
        self.outcomes.iter().any(|outcome| outcome.is_passed_over())
    }
}

/// Every outcome of members that are all passed over, each for one of its reasons.
fn every_reason<'m>(members: impl Iterator<Item = &'m HypotheticalMember>) -> Vec<Outcome> {
    members.fold(Vec::new(), |joined, member| {
        let reasons = member.outcomes.iter().filter(|one| one.is_passed_over());
        let mut all = Vec::new();
        for &reason in reasons {
            if joined.is_empty() {
                add(&mut all, reason);
            }
            for outcome in &joined {
                add(&mut all, Outcome::joined(*outcome, reason));
            }
        }
        all
    })
}

impl Lookahead<'_> {
    /// Every outcome that an alias may end with from these positions.
    fn steps(&mut self, walk: &GroupWalk<'_>, start: Vec<Position>) -> Option<Vec<Outcome>> {
        let failures = &self.plan.failures;
        let mut ends = Vec::new();
        let mut positions = start;
        while !positions.is_empty() {
            let mut later = Vec::new();
            for position in positions {
                let affords_attempt = || walk.affords_attempt;
                let next = next_step(self.ctx, walk.group, position, failures, affords_attempt);
                let outcomes = match next {
                    NextStep::Member => self.members(walk, position)?,
                    NextStep::Fallback(at) => self.entry(&walk.group.steps[at].hop, walk.id)?,
                    NextStep::EndMembers | NextStep::LeaveOut(..) => vec![position.outcome],
                    NextStep::Done => {
                        add(&mut ends, position.outcome);
                        continue;
                    }
                };
                // The members are looked at all at once.
                let next = match next {
                    NextStep::Member => NextStep::EndMembers,
                    next => next,
                };
                for outcome in outcomes {
                    add(&mut later, position.with_outcome(outcome).after(next));
                }
            }
            positions = later;
        }
        Some(ends)
    }

    /// Every outcome that the members left can end with, if one of them or all of them are tried.
    fn members(&mut self, walk: &GroupWalk<'_>, position: Position) -> Option<Vec<Outcome>> {
        let GroupWalk { group, left, .. } = *walk;
        let before = self.walked.len();
        let mut chosen: Vec<HypotheticalMember> = Vec::new();
        for member in self.plan.candidates(self.ctx, group, left).members() {
            let end = group.members[member].end;
            if group.is_drawn(member) && !self.has_walked(end) {
                let first = self.walked.len();
                let outcomes = self.entry(&group.hops[member], walk.id)?;
                let walked = &mut self.walked[first..];
                let inside = walked.iter().filter(|walked| walked.uncertain_choices == 0);
                let inside = inside.map(|walked| End::Group(walked.group)).collect();
                // Another member may be chosen first, or alone.
                for walked in walked {
                    walked.uncertain_choices += 1;
                }
                chosen.push(HypotheticalMember {
                    end,
                    outcomes,
                    inside,
                });
            }
        }
        // If the alias tries its other members, all of them are walked, so none is uncertain.
        let walks_all = chosen.len() == 1 || group.tries_others();
        if walks_all {
            for walked in &mut self.walked[before..] {
                walked.uncertain_choices -= 1;
            }
        }
        let mut outcomes = Vec::new();
        for one in &chosen {
            // Once another member that always walks this alias was chosen, this alias is no candidate any more. So if
            // there is such a member, it is chosen later, and its failure replaces that of this alias.
            let others = chosen.iter().filter(|other| other.end != one.end);
            let mut containing = others.filter(|other| other.inside.contains(&one.end));
            let stands = !walks_all || containing.all(HypotheticalMember::may_be_passed_over);
            for &outcome in &one.outcomes {
                let is_reason = walks_all && outcome.is_passed_over();
                // An outcome that `any` does not cover ends the members at once.
                if !is_reason && (stands || !outcome.is_any()) {
                    add(&mut outcomes, outcome);
                }
            }
        }
        if walks_all && chosen.iter().all(HypotheticalMember::may_be_passed_over) {
            let is_inside = |end: End| {
                chosen
                    .iter()
                    .any(|one| one.end != end && one.inside.contains(&end))
            };
            // A member that another one walks is chosen before it, or not at all.
            let outermost = || chosen.iter().filter(|one| !is_inside(one.end));
            let has_refused = self.ctx.has_refused(group);
            for reasons in [every_reason(chosen.iter()), every_reason(outermost())] {
                for reason in reasons {
                    let reason = if has_refused {
                        reason.or_not_allowed()
                    } else {
                        reason
                    };
                    add(&mut outcomes, reason);
                }
            }
        }
        Some(match outcomes.is_empty() {
            true if position.has_chosen() => vec![position.outcome],
            true => self.no_member(group),
            false => outcomes,
        })
    }

    /// Every outcome of the members when none can be drawn.
    fn no_member(&self, group: &Group) -> Vec<Outcome> {
        let is_member = |id: GroupId| {
            let mut members = group.members.iter().enumerate();
            members.any(|(at, member)| group.is_drawn(at) && member.end == End::Group(id))
        };
        let mut walked = self.walked.iter().rev();
        let supposed =
            walked.find(|walked| walked.uncertain_choices == 0 && is_member(walked.group));
        match (self.plan.repeated_member(group), supposed) {
            (Some(outcome), _) => vec![outcome],
            (None, Some(walked)) => walked.outcomes.clone(),
            (None, None) if self.ctx.are_members_drained(group) => vec![Outcome::NOTHING],
            (None, None) => vec![Outcome::of(FailureClass::NotAllowed)],
        }
    }

    /// Every outcome of an entry. A path has at most 16 aliases, which bounds the recursion, and each alias
    /// is walked once for each budget.
    fn entry(&mut self, hop: &Hop, enclosing: GroupId) -> Option<Vec<Outcome>> {
        let limits = Limits::of(&self.ctx.snapshot.table, &hop.path);
        let budget = Budget::within(self.budget, limits, self.spent);
        let room = Room {
            is_short_of_time: self.is_short_of_time,
            spent: self.spent,
            budget,
        };
        let repeated = self.plan.repeated(hop.end);
        match gate(self.ctx, Some(enclosing), hop.end, repeated, room) {
            Gate::Enter(group) => self.alias(group, budget),
            Gate::Drained => Some(vec![Outcome::NOTHING]),
            Gate::Repeat(outcome) => Some(vec![outcome]),
            Gate::Target(_, _, gate) => match gate {
                TargetGate::Open | TargetGate::Probe => None,
                TargetGate::Cooling(cooling) => Some(vec![Outcome::of_cooling(cooling)]),
                TargetGate::PassOver(class) => Some(vec![Outcome::of(class)]),
            },
        }
    }

    fn alias(&mut self, id: GroupId, budget: Option<Budget>) -> Option<Vec<Outcome>> {
        let known = self.known(id, budget);
        let is_walked = self.has_walked(End::Group(id));
        let outcomes = if let Some(outcomes) = known {
            outcomes
        } else {
            let outer = std::mem::replace(&mut self.budget, budget);
            let group = self.ctx.snapshot.table.group(id);
            let walk = GroupWalk {
                id,
                group,
                left: Mask::all(group),
                affords_attempt: true,
            };
            let outcomes = self.steps(&walk, vec![Position::START])?;
            self.budget = outer;
            outcomes
        };
        if !is_walked {
            self.walked.push(HypotheticalAlias {
                group: id,
                budget,
                outcomes: outcomes.clone(),
                uncertain_choices: 0,
            });
        }
        Some(outcomes)
    }

    /// Whether an alias was certainly walked before this point.
    fn has_walked(&self, end: End) -> bool {
        let mut walked = self
            .walked
            .iter()
            .filter(|walked| walked.uncertain_choices == 0);
        walked.any(|walked| end == End::Group(walked.group))
    }

    /// The outcomes of an alias that was walked before: certainly, or possibly and under the same budget.
    fn known(&self, group: GroupId, budget: Option<Budget>) -> Option<Vec<Outcome>> {
        let mut walked = self.walked.iter();
        let known = walked.find(|walked| {
            walked.group == group && (walked.uncertain_choices == 0 || walked.budget == budget)
        });
        known.map(|walked| walked.outcomes.clone())
    }
}

/// Adds a value that is not there yet.
fn add<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if !list.contains(&one) {
        list.push(one);
    }
}
