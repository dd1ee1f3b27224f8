//! One sequence of random choices through a plan, and its probability.
//!
//! A plan with a [`PathExplorer`] takes no turn, and no bits from the resolver's source. At each choice it takes the
//! member of the rank that its script says, else the most likely one, and notes the next rank as a branch. A caller
//! that follows the branches too sees every path, the most likely first. The plan itself walks, so an explanation
//! cannot differ from what requests get.

use std::cmp::{Ordering, Reverse};

use super::context::PlanContext;
use super::event::EventKind;
use crate::base::fraction::Fraction;
use crate::failure::FailureClass;
use crate::serve::select::{Draws, Mask, Pick, least_loaded};
use crate::table::{Choice, End, Group, GroupId};

/// A path that branches off from another one, with all of lower ranks at the same choice.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Branch {
    /// The probability that the path begins like this.
    pub(crate) probability: Fraction,
    /// The same for it and the lower ranks together.
    pub(crate) rest: Fraction,
    /// The rank of each choice: 0 for the most likely member.
    script: Vec<u8>,
}

impl Branch {
    /// Every path.
    pub(crate) fn root() -> Self {
        Self {
            probability: Fraction::ONE,
            rest: Fraction::ONE,
            script: Vec::new(),
        }
    }
}

impl Ord for Branch {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.probability.cmp(&other.probability);
        order.then_with(|| other.script.cmp(&self.script))
    }
}

impl PartialOrd for Branch {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// One sequence of random choices.
#[derive(Debug)]
pub(crate) struct PathExplorer {
    /// The ranks chosen so far, those of the branch first.
    script: Vec<u8>,
    /// How many ranks the branch gave.
    given: usize,
    taken: usize,
    /// The probability of the path.
    pub(crate) probability: Fraction,
    /// The paths that branch off at the last choice of the branch, or later.
    pub(crate) branches: Vec<Branch>,
    pub(crate) visits: Vec<Visit>,
}

/// A look at an entry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit {
    /// The alias whose entry it is; none if the name asked leads to one target.
    pub(crate) group: Option<GroupId>,
    pub(crate) entry: usize,
    pub(crate) end: End,
    /// `None` for an alias, which is walked then.
    pub(crate) event: Option<EventKind>,
    /// The last outcome before a fallback was looked at.
    pub(crate) after: Option<FailureClass>,
}

impl PathExplorer {
    /// The most likely path of a branch.
    pub(crate) fn new(branch: Branch) -> Self {
        Self {
            given: branch.script.len(),
            script: branch.script,
            taken: 0,
            probability: Fraction::ONE,
            branches: Vec::new(),
            visits: Vec::new(),
        }
    }

    /// Chooses among some members, as [`PlanContext::choose`] does in the long run.
    pub(super) fn choose(
        &mut self,
        ctx: &PlanContext<'_>,
        group: &Group,
        draws: &mut Draws<'_>,
        mask: Mask,
    ) -> Pick {
        if is_decided(ctx, group, draws) {
            return ctx.choose(group, draws, mask, None);
        }
        let ranked = RankedMembers::new(ctx, group, mask);
        let rank = self.script.get(self.taken).copied().unwrap_or(0);
        let Some(&(member, weight)) = ranked.members.get(usize::from(rank)) else {
            return Pick::None;
        };
        if self.taken == self.script.len() {
            self.script.push(rank);
        }
        self.taken += 1;
        let lower = &ranked.members[usize::from(rank) + 1..];
        if self.taken >= self.given
            && let [(_, next), ..] = lower
        {
            let mut script = self.script.clone();
            script[self.taken - 1] = rank + 1;
            let rest = lower.iter().map(|(_, weight)| weight).sum();
            self.branches.push(Branch {
                probability: self.probability.times(ranked.part(*next)),
                rest: self.probability.times(ranked.part(rest)),
                script,
            });
        }
        self.probability = self.probability.times(ranked.part(weight));
        Pick::Member(member)
    }
}

/// Whether the request itself decides, or only one member is there.
fn is_decided(ctx: &PlanContext<'_>, group: &Group, draws: &Draws<'_>) -> bool {
    match group.choice {
        Choice::Only => true,
        Choice::Split => draws.decide_splits() && (draws.is_keyed() || !ctx.snapshot.hooks.draws()),
        Choice::Sticky(_) => draws.is_keyed(),
        _ => false,
    }
}

/// The members that may be chosen with their weights, the most likely first. Weights decide for turns as well as for
/// draws, and stand in for a selector of the embedder, as in `distribution`.
struct RankedMembers {
    members: Vec<(usize, u64)>,
    total: u64,
    /// Whether a selector decides.
    is_inexact: bool,
}

impl RankedMembers {
    fn new(ctx: &PlanContext<'_>, group: &Group, mask: Mask) -> Self {
        let mask = match group.choice {
            Choice::LeastConnections(_) => least_loaded(&ctx.select, group, mask),
            _ => mask,
        };
        let weighted = mask
            .members()
            .map(|at| (at, u64::from(group.members[at].weight)));
        let mut members: Vec<(usize, u64)> = weighted.filter(|(_, weight)| *weight > 0).collect();
        members.sort_by_key(|(_, weight)| Reverse(*weight));
        Self {
            total: members.iter().map(|(_, weight)| weight).sum(),
            members,
            is_inexact: ctx.is_chosen_by_selector(group),
        }
    }

    /// The probability of members with this weight together.
    fn part(&self, weight: u64) -> Fraction {
        let part = Fraction::new(weight.into(), self.total.into());
        if self.is_inexact {
            part.inexact()
        } else {
            part
        }
    }
}

/// The probability of each member while all of them may be tried.
pub(crate) fn first_probabilities(
    ctx: &PlanContext<'_>,
    group: &Group,
    draws: &mut Draws<'_>,
) -> Vec<(usize, Fraction)> {
    let all = Mask::all(group);
    if !is_decided(ctx, group, draws) {
        let ranked = RankedMembers::new(ctx, group, all);
        let members = ranked.members.iter();
        let parts = members.map(|&(at, weight)| (at, ranked.part(weight)));
        let mut parts: Vec<_> = parts.collect();
        parts.sort_by_key(|(at, _)| *at);
        return parts;
    }
    match ctx.choose(group, draws, all, None) {
        Pick::Member(member) => vec![(member, Fraction::ONE)],
        Pick::None | Pick::Fault(_) => Vec::new(),
    }
}
