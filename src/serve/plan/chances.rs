//! The ways of chance through a plan: whom each choice may fall on, and how likely that is.
//!
//! A plan that is given a [`Chances`] draws nothing and takes no turn: it follows the choices written
//! down beforehand, then the first that is possible, and notes where it could have gone instead. Whoever
//! follows those too has seen every way. It is the plan itself that walks, so that what is said about
//! requests cannot differ from what becomes of them.

use super::ground::Ground;
use super::{Outcome, Picks};
use crate::base::fraction::Fraction;
use crate::failure::FailureClass;
use crate::serve::select::{Draws, Mask, Pick, choose, least_loaded};
use crate::table::{Choice, End, Group, GroupId, RoutingTable};

/// One way.
#[derive(Debug)]
pub(crate) struct Chances {
    /// The members chosen so far, behind those that were written down.
    script: Vec<usize>,
    taken: usize,
    /// How likely the way is.
    pub(crate) probability: Fraction,
    /// The beginnings of the ways that leave it where nothing was written down.
    pub(crate) others: Vec<(Vec<usize>, Fraction)>,
    pub(crate) looks: Vec<Look>,
    /// What the aliases that were walked to their end came to.
    pub(crate) left: Vec<(GroupId, FailureClass)>,
}

/// A look at an entry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// Whose entry it is; none where the name asked leads to one target.
    pub(crate) group: Option<GroupId>,
    pub(crate) entry: usize,
    pub(crate) sight: Sight,
    /// The last outcome before a fallback was looked at.
    pub(crate) after: Option<FailureClass>,
}

/// What a look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Sight {
    Tried,
    /// An alias, which is walked then.
    Entered(GroupId),
    PassedOver(FailureClass),
    LeftOut,
    Repeated(FailureClass),
}

impl Chances {
    /// A way that begins with these choices.
    pub(crate) fn new(script: Vec<usize>) -> Self {
        Self {
            script,
            taken: 0,
            probability: Fraction::ONE,
            others: Vec::new(),
            looks: Vec::new(),
            left: Vec::new(),
        }
    }

    /// Chooses among some members, as [`choose`] does in the long run.
    pub(super) fn choose(
        &mut self,
        ground: &Ground<'_>,
        group: &Group,
        draws: &mut Draws<'_>,
        mask: Mask,
    ) -> Pick {
        if decided(ground, group, draws) {
            return choose(&ground.scene, group, ground.request, draws, mask, true);
        }
        let parts = parts(ground, group, mask);
        let written = self.script.get(self.taken).copied();
        let found = match written {
            Some(member) => parts.iter().find(|(at, _)| *at == member),
            None => parts.first(),
        };
        let Some(&(member, part)) = found else {
            return Pick::None;
        };
        if written.is_none() {
            for &(other, part) in &parts[1..] {
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

    pub(super) fn look(&mut self, at: (Option<GroupId>, usize), sight: Sight, after: Outcome) {
        let (group, entry) = at;
        let is_fallback = entry >= usize::from(super::FIRST_STEP);
        self.looks.push(Look {
            group,
            entry,
            sight,
            after: is_fallback.then_some(after.class),
        });
    }

    pub(super) fn leave(&mut self, group: GroupId, outcome: Outcome) {
        self.left.push((group, outcome.class));
    }
}

/// Whether the request itself decides, or there is nothing to decide.
fn decided(ground: &Ground<'_>, group: &Group, draws: &Draws<'_>) -> bool {
    match group.choice {
        Choice::Only => true,
        Choice::Split => draws.decide_splits() && (draws.is_keyed() || !ground.scene.hooks.draws()),
        Choice::Sticky(_) => draws.is_keyed(),
        _ => false,
    }
}

/// How likely each of some members is chosen: by its weight, for turns as well as for draws. For a
/// selector of the embedder weights stand in, as in `distribution`.
fn parts(ground: &Ground<'_>, group: &Group, mask: Mask) -> Vec<(usize, Fraction)> {
    let mask = match group.choice {
        Choice::LeastConnections(_) => least_loaded(&ground.scene, group, mask),
        _ => mask,
    };
    let hooked = match group.choice {
        Choice::Hook(_) => true,
        Choice::Split => ground.scene.hooks.draws(),
        _ => false,
    };
    let weight = |at: usize| u128::from(group.members[at].weight);
    let total = mask.members().map(weight).sum();
    mask.members()
        .filter(|&at| weight(at) > 0)
        .map(|at| {
            let part = Fraction::new(weight(at), total);
            (at, if hooked { part.marked() } else { part })
        })
        .collect()
}

/// How likely each member is chosen while nothing speaks against any of them.
pub(crate) fn first_parts(
    ground: &Ground<'_>,
    group: &Group,
    draws: &mut Draws<'_>,
) -> Vec<(usize, Fraction)> {
    let all = Mask::all(group);
    if !decided(ground, group, draws) {
        return parts(ground, group, all);
    }
    match choose(&ground.scene, group, ground.request, draws, all, true) {
        Pick::Member(member) => vec![(member, Fraction::ONE)],
        Pick::None | Pick::Fault(_) => Vec::new(),
    }
}

/// The group and the entry at each level of the way to a target.
pub(crate) fn entries(table: &RoutingTable, start: End, picks: Picks) -> Vec<(GroupId, usize)> {
    let mut entries = Vec::new();
    let mut end = start;
    while let End::Group(id) = end {
        let group = table.group(id);
        entries.push((id, usize::from(picks.get(entries.len()))));
        end = picks.hop(entries.len() - 1, group).end;
    }
    entries
}
