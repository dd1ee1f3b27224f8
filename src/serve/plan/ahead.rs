//! What could come next: how much time an attempt gets, and whether a failure here could still lead
//! to another attempt.

use std::time::Duration;

use super::Plan;
use super::cost::{Budget, is_too_costly};
use super::frame::{Deadline, Frame, Limits, Outcome, holds, least};
use super::ground::Ground;
use crate::base::money::Cost;
use crate::failure::FailureClass;
use crate::serve::select::Mask;
use crate::table::{AliasId, Choice, End, Group, GroupId, Hop};

impl Plan {
    /// Whether one attempt is left for each later step of every limited alias, once another member
    /// of the innermost of the first `depth` groups had its own.
    pub(super) fn spares_one(&self, depth: usize) -> bool {
        let mut later = 0;
        // From the inside out, so that the later steps of each alias are those inside it.
        self.frames.first(depth).rev().all(|frame| {
            later += frame.fallbacks - frame.next_fallback();
            let used = self.attempts - frame.before;
            frame
                .limit
                .is_none_or(|limit| usize::from(limit.saturating_sub(used)) > later)
        })
    }

    /// The time limits of an attempt that a path leads to, with the depth of the alias that each
    /// belongs to; none is longer than the path that it belongs to.
    fn deadlines(
        &self,
        ground: &Ground<'_>,
        path: &[AliasId],
    ) -> impl Iterator<Item = (usize, Deadline)> {
        let depth = self.frames.depth();
        let frames = self.frames.first(depth).enumerate();
        let own = Limits::of(&ground.snapshot.table, path).latency;
        let own = own.map(|latency| {
            let start = if depth == 0 { self.start } else { ground.now() };
            (depth, Deadline { start, latency })
        });
        frames
            .filter_map(|(at, frame)| frame.deadline.map(|deadline| (at, deadline)))
            .chain(own)
    }

    /// What is left of the strictest limit of an attempt that a path leads to.
    pub(super) fn time_left(&self, ground: &Ground<'_>, path: &[AliasId]) -> Option<Duration> {
        self.deadlines(ground, path)
            .map(|(_, deadline)| deadline.left(ground.now()))
            .min()
    }

    pub(super) fn time_is_short(&self, ground: &Ground<'_>, path: &[AliasId]) -> bool {
        let least_time = ground.snapshot.least_time;
        self.deadlines(ground, path)
            .any(|(_, deadline)| deadline.is_short(ground.now(), least_time))
    }

    /// How long an attempt may take: as long as is written for it, else half of what is left of each
    /// limit while a timeout can still lead to another attempt under it, else all of that.
    pub(super) fn time_for(
        &self,
        ground: &Ground<'_>,
        path: &[AliasId],
        extras: u32,
    ) -> Option<Duration> {
        let written = ground.snapshot.table.timeout(extras);
        self.deadlines(ground, path)
            .map(|(at, deadline)| {
                let left = deadline.left(ground.now());
                let half = left / 2;
                // What is left then would be too little for anybody.
                let shared = written.is_none()
                    && half >= ground.snapshot.least_time
                    && self.leads_on(ground, at);
                if shared { half } else { left }
            })
            .fold(written, |least_yet, time| least(least_yet, Some(time)))
    }

    /// Whether a timeout of the attempt under way could lead to another attempt inside the alias at
    /// some depth: whether some way of chance gets there.
    fn leads_on(&self, ground: &Ground<'_>, from: usize) -> bool {
        let mut ends = vec![Outcome::of(FailureClass::Timeout)];
        let mut ahead = Ahead {
            walked: Vec::new(),
            spent: self.spent_at_worst(),
            budget: None,
        };
        // An alias whose attempts are used up ends with all inside it.
        let spent = self.frames.all().position(|frame| self.is_spent(frame));
        for depth in (from..self.frames.depth()).rev() {
            let Some(frame) = self.frames.first(depth + 1).next_back() else {
                return false;
            };
            if spent.is_none_or(|spent| depth < spent) {
                ahead.budget = frame.budget;
                match self.goes_on(ground, frame, depth + 1, &ends, &mut ahead) {
                    Some(come_to) => ends = come_to,
                    None => return true,
                }
            }
            ahead
                .walked
                .push(Walked::surely(frame.group, None, ends.clone()));
        }
        false
    }

    /// Everything that a group may end with in which a step came to one of these; nothing if another
    /// attempt could be made there.
    fn goes_on(
        &self,
        ground: &Ground<'_>,
        frame: &Frame,
        depth: usize,
        ends: &[Outcome],
        ahead: &mut Ahead,
    ) -> Option<Vec<Outcome>> {
        let group = ground.snapshot.table.group(frame.group);
        let again = frame.step == 0 && group.goes_on() && self.spares_one(depth);
        let mut states = Vec::new();
        for &outcome in ends {
            let others = if again && outcome.is_any() {
                self.members(ground, group, frame.left, ahead)?
            } else {
                Vec::new()
            };
            if others.is_empty() {
                add(&mut states, (outcome, frame.failed | 1));
            }
            for outcome in others {
                add(&mut states, (outcome, frame.failed | 1));
            }
        }
        self.fallbacks(ground, group, frame.next_fallback(), states, ahead)
    }

    /// Everything that the members of a group may come to among which one is chosen, or one after
    /// the other; nothing if one of them could be tried.
    fn members(
        &self,
        ground: &Ground<'_>,
        group: &Group,
        left: Mask,
        ahead: &mut Ahead,
    ) -> Option<Vec<Outcome>> {
        let before = ahead.walked.len();
        let mut chosen: Vec<Chosen> = Vec::new();
        for member in self.candidates(ground, group, left).members() {
            let end = group.members[member].end;
            if is_drawn(group, member) && !ahead.has_walked(end) {
                let so_far = ahead.walked.len();
                let ends = self.reach(ground, &group.hops[member], ahead)?;
                let walked = &mut ahead.walked[so_far..];
                let inside = walked.iter().filter(|walked| walked.is_sure());
                let inside = inside.map(|walked| End::Group(walked.group)).collect();
                // Another one may be chosen first, or alone.
                for walked in walked {
                    walked.doubts += 1;
                }
                chosen.push(Chosen { end, ends, inside });
            }
        }
        // Whoever is passed over is followed by all the others where the group goes on.
        let all = chosen.len() == 1 || group.goes_on();
        if all {
            for walked in &mut ahead.walked[before..] {
                walked.doubts -= 1;
            }
        }
        let mut come_to = Vec::new();
        for one in &chosen {
            // One that another walks on its way is not chosen after that, and so never last.
            let others = || chosen.iter().filter(|other| other.end != one.end);
            let is_last = !all || !others().any(|other| other.inside.contains(&one.end));
            for &outcome in &one.ends {
                if is_last || !outcome.is_any() {
                    add(&mut come_to, outcome);
                }
            }
        }
        Some(come_to)
    }

    /// Everything that a group may end with whose steps before a fallback came to these, with those
    /// that failed; nothing if a fallback could be tried.
    fn fallbacks(
        &self,
        ground: &Ground<'_>,
        group: &Group,
        from: usize,
        mut states: Vec<(Outcome, u32)>,
        ahead: &mut Ahead,
    ) -> Option<Vec<Outcome>> {
        for (at, step) in group.steps.iter().enumerate().skip(from) {
            let mut next = Vec::new();
            for (outcome, failed) in states {
                let conditions = step.conditions.as_deref();
                let holds = holds(conditions, outcome, failed, at, &self.failures);
                if !holds || Self::is_too_small(ground, step.hop.end) {
                    add(&mut next, (outcome, failed));
                    continue;
                }
                for outcome in self.reach(ground, &step.hop, ahead)? {
                    add(&mut next, (outcome, failed | 1 << (at + 1)));
                }
            }
            states = next;
        }
        let mut ends = Vec::new();
        for (outcome, _) in states {
            add(&mut ends, outcome);
        }
        Some(ends)
    }

    /// Everything that an entry may come to; nothing if a target that it leads to could be tried now. A
    /// path has at most 16 aliases, which bounds the recursion, and each alias is looked at once.
    fn reach(&self, ground: &Ground<'_>, hop: &Hop, ahead: &mut Ahead) -> Option<Vec<Outcome>> {
        if let Some(outcome) = self.stands(hop.end) {
            return Some(vec![outcome]);
        }
        let limits = Limits::of(&ground.snapshot.table, &hop.path);
        let budget = Budget::within(ahead.budget, limits, ahead.spent);
        match hop.end {
            End::Target { target, .. } => {
                if ground.rules_out() && !ground.allows_target(target) {
                    return Some(vec![Outcome::of(FailureClass::NotAllowed)]);
                }
                if is_too_costly(ground, target, ahead.spent, budget) {
                    return Some(vec![Outcome::of(FailureClass::CostExceeded)]);
                }
                let health = ground.snapshot.table.target(target).health;
                let health = &ground.snapshot.live.health[health as usize];
                let cooling = health.cooling()?;
                let status = cooling.cause.status;
                let outcome = Outcome::of(cooling.cause.class);
                health
                    .is_closed(ground.now())
                    .then(|| vec![Outcome { status, ..outcome }])
            }
            End::Group(id) => {
                if let Some(ends) = ahead.known(id, budget) {
                    if !ahead.has_walked(hop.end) {
                        ahead.walked.push(Walked::surely(id, budget, ends.clone()));
                    }
                    return Some(ends);
                }
                let outer = std::mem::replace(&mut ahead.budget, budget);
                let group = ground.snapshot.table.group(id);
                let mut ends = self.members(ground, group, Mask::all(group), ahead)?;
                if ends.is_empty() {
                    ends = self.nothing_left(group, ahead);
                }
                let states = ends.into_iter().map(|outcome| (outcome, 1)).collect();
                let ends = self.fallbacks(ground, group, 0, states, ahead)?;
                ahead.budget = outer;
                ahead.walked.push(Walked::surely(id, budget, ends.clone()));
                Some(ends)
            }
        }
    }

    /// What stands for members none of which can be drawn.
    fn nothing_left(&self, group: &Group, ahead: &Ahead) -> Vec<Outcome> {
        let is_member = |id: GroupId| group.members.iter().any(|m| m.end == End::Group(id));
        let mut walked = ahead.walked.iter().rev();
        let supposed = walked.find(|walked| walked.is_sure() && is_member(walked.group));
        match (self.stands_for(group), supposed) {
            (Some(outcome), _) => vec![outcome],
            (None, Some(walked)) => walked.ends.clone(),
            (None, None) => vec![Outcome::of(FailureClass::NotAllowed)],
        }
    }
}

/// A member that is supposed to have been chosen.
struct Chosen {
    end: End,
    /// Everything that it may come to.
    ends: Vec<Outcome>,
    /// The aliases that are walked on every way through it, itself included.
    inside: Vec<End>,
}

/// An alias that is supposed to have been walked.
struct Walked {
    group: GroupId,
    /// The limit of cost that held there: with another one it may come to something else.
    budget: Option<Budget>,
    /// Everything that it may have come to.
    ends: Vec<Outcome>,
    /// How many choices may have gone another way, past it.
    doubts: usize,
}

impl Walked {
    fn surely(group: GroupId, budget: Option<Budget>, ends: Vec<Outcome>) -> Self {
        Self {
            group,
            budget,
            ends,
            doubts: 0,
        }
    }

    fn is_sure(&self) -> bool {
        self.doubts == 0
    }
}

/// What stands at some point of a walk that is only supposed.
struct Ahead {
    walked: Vec<Walked>,
    /// What was spent by then. Nothing more is: the walk ends with the first attempt.
    spent: Cost,
    /// The limit of cost that holds there.
    budget: Option<Budget>,
}

impl Ahead {
    /// Whether every way to here has walked an entry.
    fn has_walked(&self, end: End) -> bool {
        let mut walked = self.walked.iter().filter(|walked| walked.is_sure());
        walked.any(|walked| end == End::Group(walked.group))
    }

    /// What an alias comes to that was walked before, here or under the same limit on another way, so
    /// that each is walked once for each limit.
    fn known(&self, group: GroupId, budget: Option<Budget>) -> Option<Vec<Outcome>> {
        let mut walked = self.walked.iter();
        let known = walked
            .find(|walked| walked.group == group && (walked.is_sure() || walked.budget == budget));
        known.map(|walked| walked.ends.clone())
    }
}

/// Adds what is not there yet.
fn add<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if !list.contains(&one) {
        list.push(one);
    }
}

/// Whether a member is ever drawn.
pub(super) fn is_drawn(group: &Group, member: usize) -> bool {
    matches!(group.choice, Choice::Only) || group.members[member].weight > 0
}
