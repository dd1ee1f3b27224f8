//! The step in which an alias chooses among its members.

use super::super::super::view::{Identity, Step};
use super::super::State;
use super::super::way::{Way, WayEnd, weight};
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
        // Those that were tried here, or passed over.
        let mut gone: Vec<usize> = Vec::new();
        let mut last: Option<Fall> = None;
        loop {
            let (passed, is_refused) = self.pass_over(alias, &members, &mut gone)?;
            let left: Vec<usize> = (0..members.len())
                .filter(|at| !gone.contains(at) && self.is_left(members[*at]))
                .collect();
            if left.is_empty() && last.is_none() && (passed.is_none() || is_refused) {
                return self.nobody(alias, &members, passed);
            }
            // A split with another member to draw has only that one's reason.
            if planner.goes_on(alias) || left.len() < 2 {
                last = match (last, passed) {
                    (Some(last), Some(passed)) => Some(last.joined(passed)),
                    (last, passed) => last.or(passed),
                };
            }
            if left.is_empty() {
                return Ok(last.unwrap_or_else(Fall::nothing));
            }
            let left = self.least_loaded(alias, &members, left);
            let member = left[self.script.choose(left.len())];
            gone.push(member);
            let made = self.made;
            let fall = self.enter(alias, members[member])?;
            let is_free = self.made == made;
            let goes_on = planner.goes_on(alias) && self.may_choose_again(&fall, is_free);
            let fall = match last {
                Some(last) => last.joined(fall),
                None => fall,
            };
            if !goes_on {
                return Ok(fall);
            }
            last = Some(fall);
        }
    }

    /// Passes over the members that may not be chosen: those that are drained or refused, and where the alias
    /// goes on among its members, those that may not be tried now. The reasons, and whether all of them are
    /// refusals.
    fn pass_over(
        &mut self,
        alias: usize,
        members: &[&Step<'_>],
        gone: &mut Vec<usize>,
    ) -> Result<(Option<Fall>, bool), Stop> {
        let planner = self.planner;
        let mut last: Option<Fall> = None;
        let mut is_refused = true;
        for (at, member) in members.iter().enumerate() {
            let identity = planner.view.identity(member);
            if gone.contains(&at) || identity.is_none_or(|one| self.met(&one).is_some()) {
                continue;
            }
            let Some(way) = planner.way(member) else {
                return Err(Stop::Off);
            };
            if let Some(name) = planner.drained_name(member, self.world()) {
                gone.push(at);
                self.line(Some(alias), name, State::Drained, None)?;
                continue;
            }
            let fall = if planner.leads_anywhere(&way, self.asked, self.world()) {
                let fall = self.is_closed(alias, &way);
                is_refused &= fall.is_none();
                fall
            } else {
                Some(Fall::passed_over("not_allowed", None))
            };
            let Some(fall) = fall else {
                continue;
            };
            gone.push(at);
            let state = State::PassedOver(fall.class);
            self.line(Some(alias), planner.written(&way), state, None)?;
            last = Some(match last {
                Some(last) => last.joined(fall),
                None => fall,
            });
        }
        Ok((last, is_refused))
    }

    /// Why a member may not be tried now, where another one is tried instead.
    fn is_closed(&mut self, alias: usize, way: &Way) -> Option<Fall> {
        let WayEnd::Target(target) = &way.end else {
            return None;
        };
        if !self.planner.goes_on(alias) {
            return None;
        }
        let depth = self.frames.len();
        for &plain in &way.plain {
            self.push(plain, false);
        }
        let reason = self.reason_against(Some(alias), target);
        self.frames.truncate(depth);
        reason
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

    /// Outcome of a step when no member is eligible and none was passed over for another reason than a refusal.
    fn nobody(
        &mut self,
        alias: usize,
        members: &[&Step<'_>],
        refused: Option<Fall>,
    ) -> Result<Fall, Stop> {
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
        Ok(refused.unwrap_or_else(Fall::nothing))
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
