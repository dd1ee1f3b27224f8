//! The step in which an alias chooses among its members.

use super::super::super::view::{Identity, Step};
use super::super::State;
use super::super::way::weight;
use super::super::words::Fall;
use super::{Frame, Stop, Walk};

impl Walk<'_> {
    /// Step 0: one of the members, and where the alias goes on among them, another.
    pub(super) fn members(&mut self, alias: usize) -> Result<Fall, Stop> {
        let planner = self.planner;
        let members: Vec<&Step<'_>> = planner
            .group(alias)
            .primary()
            .filter(|step| weight(step.node) != "0")
            .collect();
        let mut tried: Vec<usize> = Vec::new();
        let mut last: Option<Fall> = None;
        loop {
            let left: Vec<usize> = (0..members.len())
                .filter(|at| !tried.contains(at) && self.is_left(members[*at]))
                .collect();
            if left.is_empty() {
                let Some(fall) = last else {
                    return self.nobody(alias, &members);
                };
                if fall.was_tried
                    || fall.is_nothing
                    || !members.iter().any(|member| self.is_refused(member))
                {
                    return Ok(fall);
                }
                return Ok(Fall::passed_over("not_allowed", None).joined(fall));
            }
            let left = self.least_loaded(alias, &members, left);
            let member = left[self.script.choose(left.len())];
            tried.push(member);
            let made = self.made;
            let fall = self.enter(alias, members[member])?;
            let is_free = self.made == made;
            if !planner.goes_on(alias) || !self.may_choose_again(&fall, is_free) {
                return Ok(match last {
                    Some(last) => last.joined(fall),
                    None => fall,
                });
            }
            last = Some(match last {
                Some(last) => last.joined(fall),
                None => fall,
            });
        }
    }

    /// Those of some members that may be the least loaded, where that decides.
    fn least_loaded(&self, alias: usize, members: &[&Step<'_>], left: Vec<usize>) -> Vec<usize> {
        let balance = self.planner.group(alias).node.get("load_balance");
        let algorithm = balance.and_then(|balance| balance.text_at("algorithm"));
        // What is supposed may find the world a little different.
        if algorithm != Some("least_connections") || self.supposed.is_some_and(|s| s.has_happened) {
            return left;
        }
        let loads: Vec<(usize, usize, usize)> = left
            .iter()
            .filter_map(|&at| {
                let identity = self.planner.view.identity(members[at])?;
                let (least, most) = self.world().load(self.planner, &identity);
                Some((least, most, weight(members[at].node).parse().ok()?))
            })
            .collect();
        let may_be = |&(least, _, weight): &(usize, usize, usize)| {
            let mut others = loads.iter();
            others.all(|&(_, most, other)| least * other <= most * weight)
        };
        let chosen = left.iter().zip(&loads);
        let chosen = chosen.filter(|(_, load)| may_be(load));
        chosen.map(|(&at, _)| at).collect()
    }

    /// Whether a member may be drawn: neither touched or walked, nor ruled out.
    fn is_left(&self, member: &Step<'_>) -> bool {
        let identity = self.planner.view.identity(member);
        let way = self.planner.way(member);
        identity.is_some_and(|one| self.met(&one).is_none())
            && way.is_some_and(|way| self.planner.leads_anywhere(&way, self.asked, self.world()))
    }

    /// Whether the request rules a member out.
    fn is_refused(&self, member: &Step<'_>) -> bool {
        let Some(way) = self.planner.way(member) else {
            return false;
        };
        let is_drained = self.planner.drained_name(member, self.world()).is_some();
        !is_drained && !self.planner.leads_anywhere(&way, self.asked, self.world())
    }

    /// Outcome of a step when no member is eligible.
    fn nobody(&mut self, alias: usize, members: &[&Step<'_>]) -> Result<Fall, Stop> {
        let identities: Vec<Identity> = members
            .iter()
            .filter_map(|member| self.planner.view.identity(member))
            .collect();
        let mut met = self.met.iter().rev();
        let (touched, walked): (Vec<_>, Vec<_>) = met
            .by_ref()
            .filter(|(identity, _)| identities.contains(identity))
            .partition(|(identity, _)| matches!(identity, Identity::Model { .. }));
        // The outcome of a target is preferred to that of an alias.
        let last = touched.first().or(walked.first());
        let name = self.planner.name(alias);
        if let Some((_, fall)) = last {
            let fall = fall.clone();
            self.line(Some(alias), name, State::Repeated(fall.class), None)?;
            return Ok(fall.repeated());
        }
        let mut are_drained = true;
        for member in members {
            match self.planner.drained_name(member, self.world()) {
                Some(name) => self.line(Some(alias), name, State::Drained, None)?,
                None => are_drained = false,
            }
        }
        if are_drained {
            return Ok(Fall::nothing());
        }
        let fall = Fall::passed_over("not_allowed", None);
        let state = State::PassedOver("not_allowed");
        self.line(Some(alias), name, state, None)?;
        Ok(fall)
    }

    /// Whether another member is chosen: after what was passed over always, after a failure if
    /// `any` names it and every later step can still have an attempt. `is_free` says that the member
    /// took no attempt.
    fn may_choose_again(&self, fall: &Fall, is_free: bool) -> bool {
        if is_free {
            return !fall.was_tried || fall.is_any();
        }
        let spare = |(depth, frame): (usize, &Frame)| {
            let later: usize = self.frames[depth..].iter().map(|inner| inner.later).sum();
            frame
                .max_attempts
                .is_none_or(|most| most > frame.made + later)
        };
        fall.is_any() && self.frames.iter().enumerate().all(spare)
    }
}
