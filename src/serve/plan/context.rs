//! The inputs of a plan: the resolver's state, the request, and the targets that it allows.

use std::time::Duration;

use super::below::{Below, Left};
use super::limits::Budget;
use crate::base::money::{Cost, Pricing, Usage};
use crate::serve::request::{Request, Rule};
use crate::serve::select::{Draws, Mask, Pick, SelectContext, choose};
use crate::serve::snapshot::Snapshot;
use crate::serve::state::Health;
use crate::serve::tokens::RequestTokens;
use crate::table::{Choice, End, Group, TargetId, TargetRef};

/// Which targets a request may go to.
#[derive(Clone, Copy)]
pub(crate) enum Allow<'a> {
    All,
    /// The request's own rule.
    Rule(&'a Rule<'a>),
    /// The results of the rule, asked beforehand: one bit for each target.
    Known(&'a [u64]),
}

/// The inputs of a plan.
pub(crate) struct PlanContext<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) select: SelectContext<'a>,
    /// For selectors.
    pub(crate) request: Request<'a>,
    pub(crate) allow: Allow<'a>,
    /// The model id from the requested name, if the target's own is not sent.
    pub(super) passthrough_model: Option<&'a str>,
    /// The tokens that the request may take.
    tokens: RequestTokens,
    below: Below,
}

impl<'a> PlanContext<'a> {
    /// For `attempts`.
    pub(crate) fn new(
        snapshot: &'a Snapshot,
        request: Request<'a>,
        passthrough_model: Option<&'a str>,
    ) -> Self {
        Self {
            snapshot,
            select: snapshot.select_context(),
            request,
            allow: request.rule().map_or(Allow::All, Allow::Rule),
            passthrough_model,
            tokens: request.tokens(),
            below: Below::default(),
        }
    }

    /// For `resolve`, which ignores the tokens.
    pub(crate) fn for_resolve(
        snapshot: &'a Snapshot,
        request: Request<'a>,
        passthrough_model: Option<&'a str>,
    ) -> Self {
        Self {
            tokens: RequestTokens::UNKNOWN,
            ..Self::new(snapshot, request, passthrough_model)
        }
    }

    /// Chooses among some members. `turns` are those that take turns, unless the request has taken its turn.
    pub(super) fn choose(
        &self,
        group: &Group,
        draws: &mut Draws<'_>,
        mask: Mask,
        turns: Option<Mask>,
    ) -> Pick {
        let (select, hooks) = (&self.select, &self.snapshot.hooks);
        choose(select, hooks, group, self.request, draws, mask, turns)
    }

    /// Whether a selector of the embedder chooses among the members of a group, unless a key does.
    pub(super) fn is_chosen_by_selector(&self, group: &Group) -> bool {
        match group.choice {
            Choice::Hook(_) => true,
            Choice::Split => self.snapshot.hooks.draws(),
            _ => false,
        }
    }

    /// The price of a target, if it is known.
    pub(super) fn pricing(&self, at: TargetId) -> Option<Pricing> {
        let target = TargetRef::new(self.snapshot.table.target(at), self.passthrough_model);
        self.snapshot.pricing(target)
    }

    /// The time. Read only where it matters.
    pub(super) fn now(&self) -> Duration {
        self.snapshot.clock.now()
    }

    pub(super) fn health(&self, at: TargetId) -> &'a Health {
        self.snapshot.health(at)
    }

    /// Whether any target may be ruled out.
    pub(super) fn rules_out(&self) -> bool {
        !matches!(self.allow, Allow::All) || self.snapshot.live.alarm.has_drained()
    }

    pub(super) fn allows_target(&self, at: TargetId) -> bool {
        let target = self.snapshot.table.target(at);
        let allowed = match self.allow {
            Allow::All => true,
            Allow::Rule(rule) => rule(TargetRef::new(target, self.passthrough_model)),
            Allow::Known(bits) => is_set(bits, at),
        };
        allowed && !self.health(at).is_drained()
    }

    /// Looks once at what the request and the operator leave of the targets below an entry.
    pub(crate) fn looking_below(mut self, end: End) -> Self {
        if self.rules_out() {
            let table = &self.snapshot.table;
            self.below = Below::of(table, end, &|target| self.target_left(target));
        }
        self
    }

    fn target_left(&self, target: TargetId) -> Left {
        Left {
            drained: self.health(target).is_drained(),
            allowed: self.allows_target(target),
        }
    }

    fn left(&self, end: End) -> Left {
        match end {
            End::Target { target, .. } => self.target_left(target),
            // Nothing is ruled out if nobody looked.
            End::Group(group) => self.below.group(group).unwrap_or(Left {
                drained: false,
                allowed: true,
            }),
        }
    }

    /// Whether an operator has drained every target below an entry.
    pub(crate) fn is_drained(&self, end: End) -> bool {
        self.left(end).drained
    }

    /// Whether the request rules out a member of a group that is ever drawn.
    pub(super) fn has_refused(&self, group: &Group) -> bool {
        let mut members = group.members.iter().enumerate();
        self.rules_out()
            && members.any(|(at, member)| {
                let end = member.end;
                group.is_drawn(at) && !self.leaves_any(end) && !self.is_drained(end)
            })
    }

    /// Whether every member of a group that is ever drawn is drained.
    pub(super) fn are_members_drained(&self, group: &Group) -> bool {
        let mut members = group.members.iter().enumerate();
        members.all(|(at, member)| !group.is_drawn(at) || self.is_drained(member.end))
    }

    /// Whether the request and the operator leave any target below an entry.
    pub(crate) fn leaves_any(&self, end: End) -> bool {
        self.left(end).allowed
    }

    /// The most tokens that the request may take at a target with these options.
    pub(super) fn bound(&self, options: u32) -> Option<Usage> {
        let estimate = self.tokens.estimate()?;
        Some(self.snapshot.table.bounded(estimate, options))
    }

    /// Whether an attempt at a target could exceed the budget after `spent`. Without an estimate nothing is
    /// refused.
    pub(super) fn is_too_costly(
        &self,
        at: TargetId,
        options: u32,
        spent: Cost,
        budget: Option<Budget>,
    ) -> bool {
        let Some((budget, bound)) = budget.zip(self.bound(options)) else {
            return false;
        };
        match self.pricing(at) {
            Some(pricing) => !budget.admits(spent.saturating_add(pricing.cost(bound))),
            None => budget.refuses_unpriced(),
        }
    }

    /// Whether no target below a fallback has a context window for the tokens of the request.
    pub(crate) fn is_too_small(&self, end: End) -> bool {
        let room = self.snapshot.table.room(end);
        let tokens = self.tokens.context();
        tokens.is_some_and(|tokens| room.is_none_or(|room| room < tokens))
    }
}

fn is_set(bits: &[u64], at: u32) -> bool {
    let word = bits.get(at as usize / 64).copied().unwrap_or(0);
    word >> (at % 64) & 1 == 1
}
