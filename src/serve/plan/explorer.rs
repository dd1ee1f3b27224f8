//! One sequence of random choices through a plan, and its probability.
//!
//! A plan with a [`PathExplorer`] takes no turn, and no bits from the resolver's source. It follows the choices
//! of a script, then the first possible choice, and collects the alternatives. A caller that follows those too
//! sees every path. The plan itself walks, so an explanation cannot differ from what requests get.

use super::context::PlanContext;
use super::event::EventKind;
use crate::base::fraction::Fraction;
use crate::failure::FailureClass;
use crate::serve::select::{Draws, Mask, Pick, least_loaded};
use crate::table::{Choice, End, Group, GroupId};

/// One sequence of random choices.
#[derive(Debug)]
pub(crate) struct PathExplorer {
    /// The members chosen so far, those of the script first.
    script: Vec<usize>,
    taken: usize,
    /// The probability of the path.
    pub(crate) probability: Fraction,
    /// The paths that branch off after the script that was given: for each, the script up to and including its other
    /// choice, and the probability.
    pub(crate) others: Vec<(Vec<usize>, Fraction)>,
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
    /// A path that begins with these choices.
    pub(crate) fn new(script: Vec<usize>) -> Self {
        Self {
            script,
            taken: 0,
            probability: Fraction::ONE,
            others: Vec::new(),
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
        let probabilities = probabilities(ctx, group, mask);
        let written = self.script.get(self.taken).copied();
        let found = match written {
            Some(member) => probabilities.iter().find(|(at, _)| *at == member),
            None => probabilities.first(),
        };
        let Some(&(member, part)) = found else {
            return Pick::None;
        };
        if written.is_none() {
            for &(other, part) in &probabilities[1..] {
                let mut script = self.script.clone();
                script.push(other);
                self.others.push((script, self.probability.times(part)));
            }
            self.script.push(member);
        }
        self.taken += 1;
        self.probability = self.probability.times(part);
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

/// The probability of each member: by its weight, for turns as well as for draws. Weights stand in for a
/// selector of the embedder, as in `distribution`.
fn probabilities(ctx: &PlanContext<'_>, group: &Group, mask: Mask) -> Vec<(usize, Fraction)> {
    let mask = match group.choice {
        Choice::LeastConnections(_) => least_loaded(&ctx.select, group, mask),
        _ => mask,
    };
    let hooked = ctx.is_chosen_by_selector(group);
    let weight = |at: usize| u128::from(group.members[at].weight);
    let total = mask.members().map(weight).sum();
    mask.members()
        .filter(|&at| weight(at) > 0)
        .map(|at| {
            let part = Fraction::new(weight(at), total);
            (at, if hooked { part.inexact() } else { part })
        })
        .collect()
}

/// The probability of each member while all of them may be tried.
pub(crate) fn first_probabilities(
    ctx: &PlanContext<'_>,
    group: &Group,
    draws: &mut Draws<'_>,
) -> Vec<(usize, Fraction)> {
    let all = Mask::all(group);
    if !is_decided(ctx, group, draws) {
        return probabilities(ctx, group, all);
    }
    match ctx.choose(group, draws, all, None) {
        Pick::Member(member) => vec![(member, Fraction::ONE)],
        Pick::None | Pick::Fault(_) => Vec::new(),
    }
}
