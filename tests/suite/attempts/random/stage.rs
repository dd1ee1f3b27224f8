//! One case: a resolver, the world of the reference beside it, and what happens to both.

use std::collections::BTreeSet;
use std::time::Duration;

use model_aliases::{
    AliasResolver, Attempt, Attempts, Config, FailureClass, FakeClock, Request, ResolveError, Serving,
    UnknownNames, Vocabulary,
};
use rand::RngExt;
use rand::rngs::StdRng;

use super::requests::{self, Mood, pick};
use super::{Tally, seen};
use crate::laws::reference::plan::health::{Lease, World};
use crate::laws::reference::plan::{
    Asked, Call, End, Line, Outcome, Planner, Seen, Tried, Unknown,
};
use crate::laws::reference::tree::Tree;

/// How deep requests run inside each other's attempts.
const DEPTH: usize = 2;

/// A request under way.
struct Live {
    attempts: Attempts,
    record: Record,
}

/// What was seen of it.
struct Record {
    number: usize,
    asked: Asked,
    calls: Vec<Call>,
    tried: Vec<Tried>,
}

impl Record {
    /// How the last attempt ended; nothing before the first one or where there was none.
    fn last(&self) -> Option<&Outcome> {
        self.calls.last()?.outcome.as_ref()
    }

    fn is_over(&self) -> bool {
        match self.calls.last() {
            None => false,
            Some(call) => !matches!(call.outcome, Some(Outcome::Failed(_))),
        }
    }
}

/// An attempt under way, beside the record that it will be noted in.
struct Held<'l> {
    attempt: Attempt<'l>,
    lease: Lease,
    record: &'l mut Record,
}

/// A body that is being sent.
struct Body {
    serving: Serving,
    lease: Lease,
    number: usize,
}

pub(super) struct Stage<'t> {
    planner: Planner<'t>,
    resolver: AliasResolver,
    clock: FakeClock,
    world: World,
    rng: StdRng,
    tally: &'t mut Tally,
    names: Vec<String>,
    texts: Vec<String>,
    bodies: Vec<Body>,
    mood: Mood,
    /// Requests begun, and those that may still begin.
    begun: usize,
    budget: usize,
    head: String,
    events: Vec<String>,
}

impl<'t> Stage<'t> {
    pub(super) fn new(
        tree: &'t Tree,
        text: &str,
        number: u64,
        mut rng: StdRng,
        tally: &'t mut Tally,
    ) -> Self {
        let millis = *pick(&mut rng, &[250_u64, 250, 50, 1_000]);
        let least_time = Duration::from_millis(millis);
        let entries = tree.get("model_providers").map_or(&[][..], Tree::items);
        let has_default = entries.iter().any(|entry| entry.get("default").is_some());
        let unknown = if has_default && rng.random_bool(0.5) {
            Unknown::DefaultProvider
        } else {
            Unknown::Refused
        };
        let clock = FakeClock::new();
        let words = requests::OWN_WORDS.iter();
        let vocabulary = words.fold(Vocabulary::new(), |known, word| known.condition(*word));
        let config = Config::from_yaml("config.yaml", text).unwrap();
        let resolver = AliasResolver::builder(config)
            .vocabulary(vocabulary)
            .seed(rng.random())
            .clock(clock.clone())
            .least_time(least_time)
            .unknown_names(match unknown {
                Unknown::Refused => UnknownNames::Refuse,
                Unknown::DefaultProvider => UnknownNames::DefaultProvider,
            })
            .build()
            .unwrap_or_else(|error| panic!("case {number}: {error}\n{text}"));
        let planner = Planner::new(tree, unknown, least_time);
        let world = World::new(&planner);
        let aliases = tree.get("model_aliases").map_or(&[][..], Tree::fields);
        // The last aliases lead to the most.
        let weighted = aliases.iter().enumerate();
        let weighted = weighted.flat_map(|(at, (name, _))| vec![name.clone(); at + 2]);
        let others = ["xai/else", "gpt-next", "openai/gpt-4o", "anthropic/haiku"];
        let others = others.into_iter().filter(|_| rng.random_bool(0.3));
        let names = weighted.chain(others.map(str::to_owned)).collect();
        let texts = world.keys().map(|key| planner.key_text(key)).collect();
        let budget = rng.random_range(2..6);
        let mood = Mood::new(&mut rng);
        Self {
            planner,
            resolver,
            clock,
            world,
            rng,
            tally,
            names,
            texts,
            bodies: Vec::new(),
            mood,
            begun: 0,
            budget,
            head: format!("case {number}, least time {least_time:?}, {unknown:?}\n{text}"),
            events: Vec::new(),
        }
    }

    /// The configuration and everything that happened.
    pub(super) fn story(&self) -> String {
        format!("{}\n{}", self.head, self.events.join("\n"))
    }

    /// Plays the whole case.
    pub(super) fn play(&mut self) {
        let mut live: Vec<Live> = Vec::new();
        while self.budget > 0 || !live.is_empty() {
            while self.budget > 0 && (live.is_empty() || self.rng.random_bool(0.3)) {
                self.budget -= 1;
                live.extend(self.ask());
            }
            self.happen();
            self.run(&mut live, 0);
            let mut at = 0;
            while at < live.len() {
                if live[at].record.is_over() || self.rng.random_bool(0.01) {
                    let one = live.swap_remove(at);
                    self.finish(one);
                } else {
                    at += 1;
                }
            }
        }
        while let Some(body) = self.bodies.pop() {
            self.end_body(body);
        }
        for status in self.resolver.status() {
            self.check(status.active() == 0, "requests are still counted at the end");
        }
    }

    fn note(&mut self, event: String) {
        let now = self.world.now;
        self.events.push(format!("{now:?}: {event}"));
    }

    #[track_caller]
    fn check(&self, holds: bool, why: &str) {
        assert!(holds, "{why}\n{}", self.story());
    }

    /// Begins a request.
    fn ask(&mut self) -> Option<Live> {
        let name = pick(&mut self.rng, &self.names).clone();
        let mut refused = BTreeSet::new();
        if self.rng.random_bool(0.15) {
            let share = *pick(&mut self.rng, &[0.2, 0.5, 1.0]);
            let targets = self.planner.targets();
            for target in targets {
                if self.rng.random_bool(share) {
                    refused.insert(target.text);
                }
            }
        }
        let asked = Asked {
            name,
            refused,
            began: self.world.now,
        };
        self.begun += 1;
        let number = self.begun;
        self.note(format!("#{number} asks for {}, but none of {:?}", asked.name, asked.refused));
        let key = self.rng.random_bool(0.2).then(|| self.rng.random::<u64>().to_le_bytes());
        let refuses = |target: model_aliases::TargetRef<'_>| !asked.refused.contains(&*target.text());
        let mut request = Request::new(&asked.name);
        if let Some(key) = &key {
            request = request.sticky_key(key);
        }
        if !asked.refused.is_empty() {
            request = request.allow(&refuses);
        }
        let found = self.resolver.attempts(request);
        match found {
            Ok(attempts) => {
                let record = Record {
                    number,
                    asked,
                    calls: Vec::new(),
                    tried: Vec::new(),
                };
                Some(Live { attempts, record })
            }
            Err(error) => {
                self.refused(&asked, &error);
                None
            }
        }
    }

    /// A request that does not even begin.
    fn refused(&mut self, asked: &Asked, error: &ResolveError) {
        let expected = self.planner.refusal(asked, &self.world);
        let found = match error {
            ResolveError::UnknownName(_) => "unknown",
            ResolveError::AmbiguousName(_) => "ambiguous",
            ResolveError::NotAllowed(_) => "not allowed",
            _ => "another error",
        };
        self.tally.count(format!("end {found}"));
        self.check(expected == Some(found), &format!("{error}, where the rules say {expected:?}"));
    }

    /// Lets some requests have an attempt each, and everything happen meanwhile.
    fn run(&mut self, live: &mut [Live], depth: usize) {
        if live.is_empty() {
            return;
        }
        let count = self.rng.random_range(1..=live.len());
        let (now, rest) = live.split_at_mut(count);
        let mut held: Vec<Held<'_>> = Vec::new();
        for one in now {
            held.extend(self.next(one));
            if self.rng.random_bool(0.3) {
                self.happen();
            }
        }
        let mut inner = rest;
        while !held.is_empty() {
            match self.rng.random_range(0..10) {
                0..3 => self.happen(),
                3 if depth < DEPTH => self.run(inner, depth + 1),
                4 => {
                    // To the end of an attempt's time, or just short of it.
                    let at = self.rng.random_range(0..held.len());
                    let time = held[at].attempt.timeout();
                    let short = Duration::from_millis(u64::from(self.rng.random_bool(0.3)));
                    if let Some(time) = time.filter(|&time| time < Duration::from_secs(30)) {
                        self.advance(time.saturating_sub(short));
                    }
                }
                _ => {
                    let at = self.rng.random_range(0..held.len());
                    let one = held.swap_remove(at);
                    self.settle(one);
                }
            }
            inner = &mut inner[..];
        }
    }

    /// Asks for an attempt.
    fn next<'l>(&mut self, one: &'l mut Live) -> Option<Held<'l>> {
        let Live { attempts, record } = one;
        let was_over = record.is_over();
        let world = self.world.clone();
        let found = attempts.next_attempt();
        let number = record.number;
        let Some(attempt) = found else {
            self.note(format!("#{number} gets no attempt"));
            if !was_over {
                let outcome = None;
                record.calls.push(Call { world, outcome });
            }
            return None;
        };
        let tried = seen::tried(&attempt);
        let timeout = tried.timeout;
        let last = if tried.is_last_resort { ", the last resort" } else { "" };
        self.note(format!("#{number} tries {} for {timeout:?}{last}", tried.target));
        self.check(!was_over, "an attempt after the end");
        let twice = record.tried.iter().any(|other| other.target == tried.target);
        self.check(!twice, "a target is touched twice");
        self.check(record.tried.len() < 8, "more attempts than any request may have");
        let left = self.planner.time_left(&record.asked, world.now);
        self.check(seen::fits(timeout, left), "an attempt gets more time than there is");
        let target = self.planner.target(&record.asked.name, &tried.target);
        let Some(target) = target else {
            panic!("no such target: {tried:?}\n{}", self.story());
        };
        self.check(attempt.model() == target.id, "the model is another one");
        let path = &tried.alias_path;
        let lease = self.world.begin(&self.planner, target, path, timeout);
        if lease.is_probe {
            self.tally.count("probe");
        }
        if tried.is_last_resort {
            self.tally.count("last resort");
        }
        record.tried.push(tried);
        record.calls.push(Call {
            world,
            outcome: None,
        });
        self.compare();
        Some(Held {
            attempt,
            lease,
            record,
        })
    }

    /// Ends an attempt.
    fn settle(&mut self, held: Held<'_>) {
        let Held {
            attempt,
            mut lease,
            record,
        } = held;
        let number = record.number;
        let mut outcome = requests::outcome(&mut self.rng, self.mood);
        let mut body = None;
        match &outcome {
            Outcome::Served if self.rng.random_bool(0.5) => {
                self.note(format!("#{number} commits"));
                body = Some(attempt.commit());
            }
            Outcome::Served => {
                self.note(format!("#{number} succeeds"));
                attempt.succeeded();
            }
            Outcome::Failed(failure) => {
                self.note(format!("#{number} fails: {failure}"));
                attempt.failed(seen::reported(failure));
            }
            Outcome::Dropped => {
                outcome = self.world.dropped(&lease);
                self.note(format!("#{number} is dropped"));
                drop(attempt);
            }
        }
        self.world.report(&self.planner, &mut lease, &outcome);
        match body {
            Some(serving) => self.bodies.push(Body {
                serving,
                lease,
                number,
            }),
            None => self.world.end(&lease),
        }
        if let Some(call) = record.calls.last_mut() {
            call.outcome = Some(outcome);
        }
        self.pin();
        self.compare();
    }

    /// Something that is no attempt.
    fn happen(&mut self) {
        match self.rng.random_range(0..12) {
            0..6 => {
                let pause = requests::pause(&mut self.rng);
                self.advance(pause);
            }
            6 => match self.rng.random_range(0..8) {
                0..3 => self.operate(),
                3 | 4 => self.fail_in_a_row(),
                _ => {}
            },
            7 => {
                let name = pick(&mut self.rng, &self.names).clone();
                let outcome = requests::outcome(&mut self.rng, self.mood);
                self.answer(name, outcome);
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
            self.answer(name.clone(), Outcome::Failed(failure.clone()));
        }
    }

    /// Asks for one answer and reports that it ended like this.
    fn answer(&mut self, name: String, outcome: Outcome) {
        let asked = Asked {
            name,
            refused: BTreeSet::new(),
            began: self.world.now,
        };
        if self.planner.refusal(&asked, &self.world).is_some() {
            return;
        }
        self.note(format!("an answer for {}", asked.name));
        let answers = self.planner.answers(&asked, &self.world);
        let resolver = self.resolver.clone();
        let Ok(route) = resolver.resolve(&asked.name) else {
            self.check(answers.contains(&None), "there is an answer");
            return;
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
        let mut lease = self.world.begin(&self.planner, target, path, found.timeout);
        match &outcome {
            Outcome::Served => route.succeeded(),
            Outcome::Failed(failure) => route.failed(seen::reported(failure)),
            Outcome::Dropped => drop(route),
        }
        self.note(format!("  {found:?} ends: {outcome:?}"));
        self.world.report(&self.planner, &mut lease, &outcome);
        self.world.end(&lease);
        self.tally.count("answer");
        self.pin();
        self.compare();
    }

    fn advance(&mut self, pause: Duration) {
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

    fn end_body(&mut self, body: Body) {
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

    /// Ends a request, or leaves it where it is, and lets the planner judge it.
    fn finish(&mut self, one: Live) {
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
                    self.check(error.is_not_allowed(), "nothing is allowed, and the error is silent");
                }
                let failure = error.failure().map(seen::failure);
                let class = error.class().map_or("none", FailureClass::as_str);
                End::Exhausted(class, failure)
            }
        };
        let found = Seen {
            calls: record.calls,
            lines,
            end,
        };
        self.note(format!("#{number} is over"));
        if let Err(other) = self.planner.judge(&record.asked, &found) {
            let list = |lines: &[Line]| {
                let lines: Vec<String> = lines.iter().map(|line| format!("  {line}")).collect();
                lines.join("\n")
            };
            panic!(
                "#{number} asked for {}, and after {} lines the rules say otherwise\n\
                 seen:\n{}\n  {:?}\nthe rules:\n{}\n  {:?}\n{}",
                record.asked.name,
                other.agreed,
                list(&found.lines),
                found.end,
                list(&other.lines),
                other.end,
                self.story()
            );
        }
        self.tally.note(&found);
    }

    /// Tells the world how long chance lets targets cool.
    fn pin(&mut self) {
        let keys: Vec<_> = self.world.keys().cloned().collect();
        // Whoever is drained does not show whether it cools.
        let drained: Vec<_> = keys.iter().map(|key| self.world.is_drained(key)).collect();
        let texts = self.texts.iter().zip(&drained).filter(|(_, drained)| **drained);
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
    fn compare(&self) {
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
            if !seen::agrees(&status, &level, drained, self.world.now) {
                panic!("{status:?}, where the rules say {level:?}\n{}", self.story());
            }
        }
        self.check(compared == self.texts.len(), "a target has no status");
    }
}
