//! One case: a resolver, the world of the reference beside it, and what happens to both.

mod events;
mod judge;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::time::Duration;

use model_aliases::{
    AliasResolver, Attempt, Attempts, Config, Cost, FakeClock, Pricing, Request, ResolveError,
    Serving, TargetRef, UnknownNames, Vocabulary,
};
use rand::RngExt;
use rand::rngs::StdRng;

use super::requests::{self, Mood, pick};
use super::{Tally, seen};
use crate::laws::reference::plan::cost::{Bill, Price, Tokens};
use crate::laws::reference::plan::health::{Lease, World};
use crate::laws::reference::plan::{Asked, Call, Outcome, Planner, Tried, Unknown};
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
    /// What the body took that was sent, and the bill with it.
    body: Option<(Tokens, Bill)>,
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
        let planner = Planner::new(tree, unknown, least_time);
        let prices = prices(&planner, &mut rng);
        let planner = planner.priced(prices.clone());
        let mut builder = AliasResolver::builder(config);
        if !prices.is_empty() {
            let prices = prices.clone();
            builder = builder.prices(move |target| {
                let price = prices.get(&*target.text())?;
                let [input, output] = [price.input, price.output].map(Cost::from_picodollars);
                Some(Pricing::per_token(input, output))
            });
        }
        let resolver = builder
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
            head: format!(
                "case {number}, least time {least_time:?}, {unknown:?}, prices {prices:?}\n{text}"
            ),
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
            self.check(
                status.active() == 0,
                "requests are still counted at the end",
            );
        }
    }

    fn note(&mut self, event: impl Display) {
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
            estimate: self
                .rng
                .random_bool(0.5)
                .then(|| requests::tokens(&mut self.rng)),
        };
        self.begun += 1;
        let number = self.begun;
        self.note(format!(
            "#{number} asks for {}, but none of {:?}, with {:?}",
            asked.name, asked.refused, asked.estimate
        ));
        let key = self
            .rng
            .random_bool(0.2)
            .then(|| self.rng.random::<u64>().to_le_bytes());
        let allows = |target: TargetRef<'_>| !asked.refused.contains(&*target.text());
        let mut request = Request::new(&asked.name);
        if let Some(key) = &key {
            request = request.sticky_key(key);
        }
        if !asked.refused.is_empty() {
            request = request.allow(&allows);
        }
        if let Some(tokens) = asked.estimate {
            request = request.estimate(seen::usage(tokens));
        }
        let found = self.resolver.attempts(request);
        match found {
            Ok(attempts) => {
                let record = Record {
                    number,
                    asked,
                    calls: Vec::new(),
                    tried: Vec::new(),
                    body: None,
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
            ResolveError::UnknownName { .. } => "unknown",
            ResolveError::AmbiguousName { .. } => "ambiguous",
            ResolveError::NotAllowed { .. } => "not allowed",
            ResolveError::SelectorFault { .. } => "the fault of a selector",
        };
        self.tally.count(format!("end {found}"));
        self.check(
            expected == Some(found),
            &format!("{error}, where the rules say {expected:?}"),
        );
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
                let (outcome, used) = (None, None);
                record.calls.push(Call {
                    world,
                    outcome,
                    used,
                });
            }
            return None;
        };
        let tried = seen::tried(&attempt);
        let timeout = tried.timeout;
        let last = if tried.is_last_resort {
            ", the last resort"
        } else {
            ""
        };
        self.note(format!(
            "#{number} tries {} for {timeout:?}{last}",
            tried.target
        ));
        self.check(!was_over, "an attempt after the end");
        let twice = record
            .tried
            .iter()
            .any(|other| other.target == tried.target);
        self.check(!twice, "a target is touched twice");
        self.check(
            record.tried.len() < 8,
            "more attempts than any request may have",
        );
        let left = self.planner.time_left(&record.asked, world.now);
        self.check(
            seen::fits(timeout, left),
            "an attempt gets more time than there is",
        );
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
            used: None,
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
            mut attempt,
            mut lease,
            record,
        } = held;
        let number = record.number;
        let mut used = None;
        // The last word counts.
        while let Some(tokens) = requests::usage(&mut self.rng) {
            attempt.used(seen::usage(tokens));
            self.note(format!("#{number} takes {tokens:?}"));
            self.tally.count("usage reported");
            used = Some(tokens);
        }
        let mut outcome = requests::outcome(&mut self.rng, self.mood);
        let mut body = None;
        match &outcome {
            Outcome::Served if self.rng.random_bool(0.5) => {
                let serving = attempt.commit();
                let tokens = requests::tokens(&mut self.rng);
                let bill = serving.bill(seen::usage(tokens));
                self.note(format!("#{number} commits; its body takes {tokens:?}"));
                record.body = Some((tokens, seen::bill(bill)));
                body = Some(serving);
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
            call.used = used;
        }
        self.pin();
        self.compare();
    }
}

/// What the embedder says that some targets cost, by their texts; in most cases nothing.
fn prices(planner: &Planner<'_>, rng: &mut StdRng) -> BTreeMap<String, Price> {
    let share = *pick(rng, &[0.0, 0.0, 0.5]);
    let mut prices = BTreeMap::new();
    for target in planner.targets() {
        if rng.random_bool(share) {
            prices.insert(target.text, requests::price(rng));
        }
    }
    prices
}
