//! Results of the exploration, per entry.

use indexmap::IndexMap;

use crate::base::fraction::Fraction;
use crate::failure::{Failure, FailureClass};
use crate::serve::plan::{Branch, LeftOut};
use crate::table::{GroupId, TargetId};

/// Result of an entry on some of the paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum EntryOutcome {
    /// The next attempt uses it. For a fallback: the outcome that led to it.
    Next(Option<FailureClass>),
    /// It is cooling down, but its cooldown ends first.
    LastResort(FailureClass),
    Failed(FailureClass),
    /// An alias that was entered and ended with this class.
    Ended(FailureClass),
    /// Not tried although it was chosen: cooling down, too costly, short of time or not allowed.
    PassedOver(FailureClass),
    /// A fallback whose conditions do not hold, or whose context window is too small.
    LeftOut(LeftOut, FailureClass),
    /// It already has an outcome in this request.
    Repeated(FailureClass),
}

/// Group and index of an entry. The group is `None` if the name leads to a single target.
pub(super) type EntryPlace = (Option<GroupId>, usize);

/// Results of all explored paths.
pub(super) struct WalkFindings {
    pub(super) outcomes: IndexMap<EntryPlace, IndexMap<EntryOutcome, Fraction>>,
    pub(super) next: IndexMap<TargetId, Fraction>,
    /// The failures of the most likely path.
    pub(super) failures: Vec<Failure>,
    /// The assumed answers, each by its position and by the target that it comes from.
    pub(super) answers: IndexMap<(usize, TargetId), Failure>,
    pub(super) ends: Fraction,
    pub(super) unexplored: Fraction,
}

impl WalkFindings {
    pub(super) fn new() -> Self {
        Self {
            outcomes: IndexMap::new(),
            next: IndexMap::new(),
            failures: Vec::new(),
            answers: IndexMap::new(),
            ends: Fraction::ZERO,
            unexplored: Fraction::ZERO,
        }
    }

    /// Returns whether the alias at this entry is entered on some path.
    pub(super) fn is_entered(&self, place: EntryPlace) -> bool {
        let is_walked = |outcome: &EntryOutcome| {
            matches!(
                outcome,
                EntryOutcome::Next(_) | EntryOutcome::LastResort(_) | EntryOutcome::Ended(_)
            )
        };
        let outcomes = self.outcomes.get(&place);
        outcomes.is_some_and(|outcomes| outcomes.keys().any(is_walked))
    }

    /// Leaves branches unexplored.
    pub(super) fn leave_out(&mut self, branches: impl Iterator<Item = Branch>) {
        let parts = branches.map(|branch| branch.rest);
        self.unexplored = parts.fold(self.unexplored, Fraction::plus);
    }

    pub(super) fn add(&mut self, place: EntryPlace, outcome: EntryOutcome, part: Fraction) {
        let outcomes = self.outcomes.entry(place).or_default();
        let sum = outcomes.entry(outcome).or_insert(Fraction::ZERO);
        *sum = sum.plus(part);
    }
}
