//! What was seen beside what the rules say.

use model_aliases::FailureClass;

use super::super::seen;
use super::{Live, Stage};
use crate::laws::reference::plan::{Asked, End, Line, Outcome, Seen};

impl Stage<'_> {
    /// Ends a request, or leaves it where it is, and lets the planner judge it.
    pub(super) fn finish(&mut self, one: Live) {
        let Live {
            mut attempts,
            record,
        } = one;
        let number = record.number;
        let last = record.last().cloned();
        if matches!(last, Some(Outcome::Served | Outcome::Dropped)) {
            let more = attempts.next_attempt().is_some();
            self.check(!more, "an attempt after the end");
        }
        let bill = seen::bill(attempts.bill());
        let lines = seen::lines(&attempts.steps(), &record.tried);
        let end = match (record.calls.last(), last) {
            (None, _) | (_, Some(Outcome::Failed(_))) => End::Open,
            (_, Some(Outcome::Served)) => End::Served,
            (_, Some(Outcome::Dropped)) => End::Cancelled,
            (Some(first), None) => {
                let error = attempts.into_error();
                let world = &record.calls.first().unwrap_or(first).world;
                if self.planner.refusal(&record.asked, world).is_some() {
                    self.tally.count("end not allowed");
                    self.check(
                        error.is_not_allowed(),
                        "nothing is allowed, and the error is silent",
                    );
                }
                let failure = error.failure().map(seen::failure);
                let class = error.class().map_or("none", FailureClass::as_str);
                End::Exhausted(class, failure)
            }
        };
        let mut found = Seen {
            calls: record.calls,
            lines,
            end,
            bill,
        };
        self.note(format!("#{number} is over"));
        self.judge(number, &record.asked, &found);
        self.tally.note(&found);
        if let (Some((tokens, bill)), Some(last)) = (record.body, found.calls.last_mut()) {
            last.used = Some(tokens);
            found.bill = bill;
            self.judge(number, &record.asked, &found);
            self.tally.count("body billed");
        }
    }

    /// Compares what was seen of a request with the rules.
    fn judge(&self, number: usize, asked: &Asked, found: &Seen) {
        if let Err(other) = self.planner.judge(asked, found) {
            let trace = |lines: &[Line]| {
                let lines = lines.iter().map(|line| format!("  {line}"));
                lines.collect::<Vec<_>>().join("\n")
            };
            panic!(
                "#{number} asked for {}, and after {} lines the rules say otherwise\n\
                 seen:\n{}\n  {:?} {:?}\nthe rules:\n{}\n  {:?} {:?}\n{}",
                asked.name,
                other.agreed,
                trace(&found.lines),
                found.end,
                found.bill,
                trace(&other.lines),
                other.end,
                other.bill,
                self.story()
            );
        }
    }

    /// Tells the world how long chance lets targets cool.
    pub(super) fn pin(&mut self) {
        let keys: Vec<_> = self.world.keys().cloned().collect();
        // Whoever is drained does not show whether it cools.
        let drained: Vec<_> = keys.iter().map(|key| self.world.is_drained(key)).collect();
        let texts = self
            .texts
            .iter()
            .zip(&drained)
            .filter(|(_, drained)| **drained);
        for (text, _) in texts.clone() {
            self.resolver.undrain(text);
        }
        let statuses = self.resolver.status();
        for (text, _) in texts {
            self.resolver.drain(text);
        }
        for status in statuses {
            let at = self.texts.iter().position(|text| text == status.target());
            let Some(at) = at else { continue };
            let seen = seen::pause(&status, self.world.now);
            if let Err(why) = self.world.pin(&keys[at], seen) {
                panic!("{}: {why}\n{}", self.texts[at], self.story());
            }
        }
    }

    /// Compares the live state with the world.
    pub(super) fn compare(&self) {
        let mut compared = 0;
        for status in self.resolver.status() {
            let at = self.texts.iter().position(|text| text == status.target());
            let Some(key) = at.and_then(|at| self.world.keys().nth(at)) else {
                continue;
            };
            compared += 1;
            let active = self.world.active(key);
            let found = usize::try_from(status.active()).unwrap();
            self.check(found == active, "requests are counted wrong");
            let level = self.world.look(key);
            let drained = self.world.is_drained(key);
            let agrees = seen::agrees(&status, &level, drained, self.world.now);
            self.check(
                agrees,
                &format!("{status:?}, where the rules say {level:?}"),
            );
        }
        self.check(compared == self.texts.len(), "a target has no status");
    }
}
