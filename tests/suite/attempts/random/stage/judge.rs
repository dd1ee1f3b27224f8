//! What was seen beside what the rules say.

use model_aliases::{AttemptsError, Bill, FailureClass, StepReport};

use super::super::seen;
use super::{Record, Stage};
use crate::laws::reference::plan::{End, Line, Outcome, Seen};

impl Stage<'_> {
    /// A request has no target left, or never had one.
    pub(super) fn exhausted(&mut self, record: &Record, error: &AttemptsError) {
        self.note(format!("#{} gets no attempt", record.number));
        let world = &record.calls[0].world;
        if self.planner.refusal(&record.asked, world).is_some() {
            self.tally.count("end not allowed");
            self.check(
                error.is_not_allowed(),
                "nothing is allowed, and the error is silent",
            );
        }
        let failure = error.failure().map(seen::failure);
        let class = error.class().map_or("none", FailureClass::as_str);
        let end = End::Exhausted(class, failure);
        self.finish(record, error.steps(), end, error.bill());
    }

    /// The handle of a request was given up.
    pub(super) fn dropped(&mut self, record: &Record, error: &AttemptsError) {
        let last = record.calls.last().and_then(|call| call.outcome.as_ref());
        let end = match last {
            Some(Outcome::Dropped) => End::Cancelled,
            _ => End::Open,
        };
        self.finish(record, error.steps(), end, error.bill());
    }

    /// Judges a request that is over, and counts it.
    pub(super) fn finish(&mut self, record: &Record, steps: &[StepReport], end: End, bill: Bill) {
        self.note(format!("#{} is over", record.number));
        let seen = self.judge(record, steps, end, bill);
        self.tally.note(&seen);
    }

    /// Compares what was seen of a request with the rules.
    pub(super) fn judge(
        &self,
        record: &Record,
        steps: &[StepReport],
        end: End,
        bill: Bill,
    ) -> Seen {
        let (number, asked) = (record.number, &record.asked);
        let found = Seen {
            calls: record.calls.clone(),
            lines: seen::lines(steps, &record.tried),
            end,
            bill: seen::bill(bill),
        };
        if let Err(other) = self.planner.judge(asked, &found) {
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
        found
    }

    /// Tells the world how long chance lets targets cool.
    pub(super) fn pin(&mut self) {
        let keys: Vec<_> = self.world.keys().cloned().collect();
        // A drained target does not show whether it cools down.
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
