//! What the walks found out about each entry.

use indexmap::IndexMap;

use crate::base::fraction::Fraction;
use crate::failure::FailureClass;
use crate::serve::plan::LeftOut;
use crate::table::{GroupId, TargetId};

/// What became of an entry on some of the ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Verdict {
    /// The next attempt; for a fallback after some last outcome.
    Next(Option<FailureClass>),
    /// What cools, but returns before the others.
    LastResort(FailureClass),
    Failed(FailureClass),
    /// An alias that was walked and ended so.
    CameTo(FailureClass),
    PassedOver(FailureClass),
    LeftOut(LeftOut, FailureClass),
    Repeated(FailureClass),
}

/// An entry of a group; of no group where the name leads to one target.
pub(super) type Place = (Option<GroupId>, usize);

/// What was seen on all ways.
pub(super) struct Seen {
    pub(super) verdicts: IndexMap<Place, IndexMap<Verdict, Fraction>>,
    pub(super) next: IndexMap<TargetId, Fraction>,
    pub(super) ends: Fraction,
    pub(super) unexplored: Fraction,
}

impl Seen {
    pub(super) fn new() -> Self {
        Self {
            verdicts: IndexMap::new(),
            next: IndexMap::new(),
            ends: Fraction::ZERO,
            unexplored: Fraction::ZERO,
        }
    }

    /// Whether an alias is walked as what this entry is.
    pub(super) fn comes_to(&self, place: Place) -> bool {
        let is_walked = |verdict: &Verdict| {
            matches!(
                verdict,
                Verdict::Next(_) | Verdict::LastResort(_) | Verdict::CameTo(_)
            )
        };
        let verdicts = self.verdicts.get(&place);
        verdicts.is_some_and(|verdicts| verdicts.keys().any(is_walked))
    }

    pub(super) fn add(&mut self, place: Place, verdict: Verdict, part: Fraction) {
        let verdicts = self.verdicts.entry(place).or_default();
        let sum = verdicts.entry(verdict).or_insert(Fraction::ZERO);
        *sum = sum.plus(part);
    }
}
