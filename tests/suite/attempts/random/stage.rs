//! One case: a resolver, the world of the reference beside it, and what happens to both.

mod events;
mod judge;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::time::Duration;

use model_aliases::{
    AliasResolver, Attempts, Config, Cost, FailureClass, FakeClock, Pricing, Request, ResolveError,
    Serving, TargetRef, UnknownNames, Vocabulary,
};
use rand::RngExt;
use rand::rngs::StdRng;

use super::requests::{self, Mood, pick};
use super::{Tally, seen};
use crate::laws::reference::plan::cost::{Price, Tokens};
use crate::laws::reference::plan::health::{Lease, World};
use crate::laws::reference::plan::{Asked, Call, End, Failure, Outcome, Planner, Tried, Unknown};
use crate::laws::reference::tree::Tree;

/// A request under way: the handle, at an attempt.
struct Live {
    call: Attempts,
    lease: Lease,
    record: Record,
    /// Whether no time was left to begin the attempt.
    is_late: bool,
}

/// What was seen of a request.
struct Record {
    number: usize,
    asked: Asked,
    calls: Vec<Call>,
    tried: Vec<Tried>,
}

impl Record {
    /// The resolver chooses, while everything is like this.
    fn asks(&mut self, world: &World) {
        self.calls.push(Call {
            world: world.clone(),
            outcome: None,
            used: None,
        });
    }

    /// The attempt that was chosen last ended.
    fn ends(&mut self, outcome: Outcome, used: Option<Tokens>) {
        if let Some(call) = self.calls.last_mut() {
            call.outcome = Some(outcome);
            call.used = used;
        }
    }
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
        // From the number, so that the other draws are what they were.
        let thresholds = [Some(0), Some(40), Some(60)];
        let threshold = thresholds.get(number as usize % 12).copied().flatten();
        let sheds = number.is_multiple_of(5);
        let planner = planner.priced(prices.clone());
        let planner = planner.panicking(threshold).shedding(sheds);
        let mut builder = AliasResolver::builder(config).last_resort(!sheds);
        if let Some(percent) = threshold {
            builder = builder.panic_threshold(percent);
        }
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
                "case {number}, least time {least_time:?}, {unknown:?}, panic {threshold:?}, sheds {sheds}, prices {prices:?}\n{text}"
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
            if live.is_empty() {
                continue;
            }
            let at = self.rng.random_range(0..live.len());
            match self.rng.random_range(0..14) {
                0..7 => self.happen(),
                7 => self.begin(&mut live[at]),
                8 => {
                    // To the end of an attempt's time, or just short of it.
                    let time = live[at].call.timeout();
                    let short = Duration::from_millis(u64::from(self.rng.random_bool(0.3)));
                    if let Some(time) = time.filter(|&time| time < Duration::from_secs(30)) {
                        self.advance(time.saturating_sub(short));
                    }
                }
                _ => {
                    let one = live.swap_remove(at);
                    live.extend(self.settle(one));
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
            context: self
                .rng
                .random_bool(0.2)
                .then(|| requests::tokens(&mut self.rng).input),
        };
        self.begun += 1;
        let number = self.begun;
        self.note(format!(
            "#{number} asks for {}, but none of {:?}, with {:?}, context {:?}",
            asked.name, asked.refused, asked.estimate, asked.context
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
        if let Some(tokens) = asked.context {
            request = request.context(tokens);
        }
        let mut record = Record {
            number,
            asked: asked.clone(),
            calls: Vec::new(),
            tried: Vec::new(),
        };
        record.asks(&self.world);
        match self.resolver.attempts(request) {
            Ok(call) => Some(self.attempt(call, record)),
            Err(error) => {
                match error.resolve_error() {
                    Some(error) => self.refused(&asked, error),
                    None => self.exhausted(&record, &error),
                }
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
            ResolveError::Cooling { .. } => "cooling",
            ResolveError::SelectorFault { .. } => "the fault of a selector",
        };
        self.tally.count(format!("end {found}"));
        self.check(
            expected == Some(found),
            &format!("{error}, where the rules say {expected:?}"),
        );
    }

    /// Looks at the attempt that a request is at.
    fn attempt(&mut self, mut call: Attempts, mut record: Record) -> Live {
        let number = record.number;
        let tried = seen::tried(&call);
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
        let twice = record
            .tried
            .iter()
            .any(|other| other.target == tried.target);
        self.check(!twice, "a target is touched twice");
        self.check(
            record.tried.len() < 8,
            "more attempts than any request may have",
        );
        let left = self.planner.time_left(&record.asked, self.world.now);
        self.check(
            seen::fits(timeout, left),
            "an attempt gets more time than there is",
        );
        let target = self.planner.target(&record.asked.name, &tried.target);
        let Some(target) = target else {
            panic!("no such target: {tried:?}\n{}", self.story());
        };
        self.check(call.model() == target.id, "the model is another one");
        let mut lease = self.world.begin(&self.planner, target, &tried.alias_path);
        if lease.is_probe {
            self.tally.count("probe");
        }
        if tried.is_last_resort {
            self.tally.count("last resort");
        }
        record.tried.push(tried);
        if self.rng.random_bool(0.7) {
            let time = call.begin();
            self.check(time == timeout, "the time shrinks before it runs");
            lease.begun = Some((self.world.now, time));
        }
        self.compare();
        Live {
            call,
            lease,
            record,
            is_late: false,
        }
    }

    /// Begins an attempt late, or once more.
    fn begin(&mut self, one: &mut Live) {
        let time = one.call.begin();
        let now = self.world.now;
        self.note(format!("#{} begins and has {time:?}", one.record.number));
        let left = self.planner.time_left(&one.record.asked, now);
        self.check(
            seen::fits(time, left),
            "an attempt that begins late gets more time than there is",
        );
        one.is_late = time.is_some_and(|time| time.is_zero());
        one.lease.begun = Some((now, time)).filter(|_| !one.is_late);
    }

    /// Ends an attempt. Returns the request if it goes on.
    fn settle(&mut self, one: Live) -> Option<Live> {
        let Live {
            mut call,
            mut lease,
            mut record,
            is_late,
        } = one;
        let number = record.number;
        if let Some((began, time)) = lease.begun {
            let passed = self.world.now.saturating_sub(began);
            let left = time.map(|time| time.saturating_sub(passed));
            self.check(call.timeout() == left, "the time runs otherwise");
        }
        let mut used = None;
        // The last word counts.
        while let Some(tokens) = requests::usage(&mut self.rng) {
            call.used(seen::usage(tokens));
            self.note(format!("#{number} takes {tokens:?}"));
            self.tally.count("usage reported");
            used = Some(tokens);
        }
        let mut outcome = requests::outcome(&mut self.rng, self.mood);
        let reported = outcome.clone();
        if let (Outcome::Failed(failure), true) = (&mut outcome, is_late) {
            // Nothing was sent, whatever the caller reports.
            *failure = Failure {
                class: "latency_exceeded",
                status: None,
                retry_after: None,
                words: Vec::new(),
            };
            self.tally.count("begun too late");
        }
        match &reported {
            Outcome::Served => {
                self.note(format!("#{number} is served"));
                let serving = call.commit();
                self.report(&mut lease, &outcome);
                record.ends(outcome, used);
                self.served(serving, lease, record);
                None
            }
            Outcome::Failed(failure) => {
                self.note(format!("#{number} fails: {failure}"));
                let goes_on = call.failed(seen::reported(failure));
                self.report(&mut lease, &outcome);
                self.world.end(&lease);
                self.pin();
                record.ends(outcome, used);
                record.asks(&self.world);
                if goes_on {
                    return Some(self.attempt(call, record));
                }
                let again = call.failed(FailureClass::Timeout);
                self.check(!again, "a request goes on after its end");
                self.exhausted(&record, &call.into_error());
                None
            }
            Outcome::Dropped => {
                let outcome = self.world.dropped(&lease);
                self.note(format!("#{number} is dropped"));
                let error = if self.rng.random_bool(0.5) {
                    Some(call.into_error())
                } else {
                    drop(call);
                    None
                };
                self.report(&mut lease, &outcome);
                self.world.end(&lease);
                self.pin();
                self.compare();
                record.ends(outcome, used);
                if let Some(error) = error {
                    self.dropped(&record, &error);
                }
                None
            }
        }
    }

    /// A target serves. Its body goes on for a while, or ends at once.
    fn served(&mut self, mut serving: Serving, lease: Lease, mut record: Record) {
        self.finish(&record, &serving.steps(), End::Served, serving.bill());
        if self.rng.random_bool(0.5) {
            let tokens = requests::tokens(&mut self.rng);
            serving.used(seen::usage(tokens));
            let number = record.number;
            self.note(format!("#{number} commits; its body takes {tokens:?}"));
            if let Some(call) = record.calls.last_mut() {
                call.used = Some(tokens);
            }
            self.judge(&record, &serving.steps(), End::Served, serving.bill());
            self.tally.count("body billed");
            self.bodies.push(Body {
                serving,
                lease,
                number,
            });
        } else {
            serving.finished();
            self.world.end(&lease);
        }
        self.pin();
        self.compare();
    }

    fn report(&mut self, lease: &mut Lease, outcome: &Outcome) {
        self.world.report(&self.planner, lease, outcome);
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
