//! What happens beside attempts: time passes, bodies end, operators act, others ask for answers.

use std::collections::BTreeSet;
use std::time::Duration;

use rand::RngExt;

use super::super::requests::{self, pick};
use super::super::seen;
use super::{Body, Stage};
use crate::laws::reference::plan::{Asked, Outcome, Tried};

impl Stage<'_> {
    /// Something that is no attempt.
    pub(super) fn happen(&mut self) {
        match self.rng.random_range(0..12) {
            0..6 => {
                let pause = requests::pause(&mut self.rng);
                self.advance(pause);
            }
            6 => match self.rng.random_range(0..8) {
                0..3 => self.operate(),
                3..6 => self.fail_in_a_row(),
                _ => {}
            },
            7 => {
                let name = pick(&mut self.rng, &self.names).clone();
                let outcome = requests::outcome(&mut self.rng, self.mood);
                self.answer(name, &outcome);
            }
            8..11 if !self.bodies.is_empty() => {
                let at = self.rng.random_range(0..self.bodies.len());
                let body = self.bodies.swap_remove(at);
                self.end_body(body);
            }
            _ => {}
        }
    }

    /// Asks for one answer after the other of one model, which all fail alike.
    fn fail_in_a_row(&mut self) {
        let whole = self.texts.iter().filter(|text| !text.contains(['@', '*']));
        let names: Vec<String> = whole.cloned().collect();
        let name = pick(&mut self.rng, &names).clone();
        let failure = requests::slow_failure(&mut self.rng);
        for _ in 0..5 {
            self.answer(name.clone(), &Outcome::Failed(failure.clone()));
        }
    }

    /// Asks for one answer and reports that it ended like this.
    fn answer(&mut self, name: String, outcome: &Outcome) {
        let asked = Asked {
            name,
            refused: BTreeSet::new(),
            began: self.world.now,
            estimate: None,
            context: None,
        };
        if self.planner.refusal(&asked, &self.world).is_some() {
            return;
        }
        self.note(format!("an answer for {}", asked.name));
        let answers = self.planner.answers(&asked, &self.world);
        let resolver = self.resolver.clone();
        let route = match resolver.resolve(&asked.name) {
            Ok(route) => route,
            Err(error) => {
                self.check(answers.contains(&None), "there is an answer");
                self.tally.count(format!("no answer: {}", error.code()));
                return;
            }
        };
        let found = Tried {
            target: route.target().into_owned(),
            alias_path: route.alias_path().map(str::to_owned).collect(),
            timeout: route.timeout(),
            is_last_resort: route.is_last_resort(),
        };
        let why = format!("{found:?}, where the rules say {answers:?}");
        self.check(answers.contains(&Some(found.clone())), &why);
        let target = self.planner.target(&asked.name, &found.target);
        let target = target.unwrap_or_else(|| panic!("no such target: {found:?}"));
        let path = &found.alias_path;
        let mut lease = self.world.begin(&self.planner, target, path);
        match outcome {
            Outcome::Served => route.succeeded(),
            Outcome::Failed(failure) => route.failed(seen::reported(failure)),
            Outcome::Dropped => drop(route),
        }
        self.note(format!("  {found:?} ends: {outcome:?}"));
        self.world.report(&self.planner, &mut lease, outcome);
        self.world.end(&lease);
        self.tally.count("answer");
        self.pin();
        self.compare();
    }

    pub(super) fn advance(&mut self, pause: Duration) {
        self.clock.advance(pause);
        self.world.now += pause;
    }

    /// An operator does something to a target.
    fn operate(&mut self) {
        let at = self.rng.random_range(0..self.texts.len());
        let text = self.texts[at].clone();
        let keys: Vec<_> = self.world.keys().cloned().collect();
        let key = &keys[at];
        let is_there = match self.rng.random_range(0..4) {
            0 => {
                self.world.drain(key);
                self.note(format!("{text} is drained"));
                self.resolver.drain(&text)
            }
            1 => {
                self.world.reset(key);
                self.note(format!("{text} is reset"));
                self.resolver.reset(&text)
            }
            _ => {
                self.world.undrain(key);
                self.note(format!("{text} is undrained"));
                self.resolver.undrain(&text)
            }
        };
        self.check(is_there, "an operator does not find a target");
        self.compare();
    }

    pub(super) fn end_body(&mut self, body: Body) {
        let Body {
            serving,
            mut lease,
            number,
        } = body;
        match self.rng.random_range(0..3) {
            0 => {
                self.note(format!("#{number} is finished"));
                serving.finished();
            }
            1 => {
                let failure = requests::any_failure(&mut self.rng);
                self.note(format!("#{number} breaks: {failure}"));
                serving.broken(seen::reported(&failure));
                let outcome = Outcome::Failed(failure);
                self.world.report(&self.planner, &mut lease, &outcome);
            }
            _ => {
                self.note(format!("#{number} is left by its client"));
                drop(serving);
            }
        }
        self.world.end(&lease);
        self.pin();
        self.compare();
    }
}
