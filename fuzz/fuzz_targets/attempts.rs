//! Any events on any configuration: requests end, touch nothing twice, keep their limits and give back
//! what they took.
//!
//! The configuration goes up to the first NUL, the events are what follows. One that does not load
//! is replaced, so that no input is wasted.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use model_aliases::{
    AliasResolver, Attempts, Config, Failure, FailureClass, FakeClock, Request, Serving,
};

/// Nesting, balancing, conditions and limits in one.
const INSTEAD: &str = "
model_providers:
  - {model: a/one, access_key: $KEY}
  - {model: a/two, access_key: $KEY}
  - {model: b/one, name: mine}
  - {model: b/one, name: yours, passthrough_auth: true}
  - model: c/*
model_aliases:
  pool:
    load_balance: {algorithm: least_connections}
    targets: [{model: a/one}, {model: mine}, {model: c/x}]
    fallbacks: [{target: a/two, conditions: [timeout, 5xx]}, c/y]
    max_attempts: 3
  split:
    targets: [{model: pool, weight: 90}, {model: yours, weight: 10}]
    redistribute: true
    guardrails: {max_latency: 2s}
  all:
    target: split
    fallbacks:
      - {target: pool, conditions: [rate_limited, content_filtered]}
      - {target: a/two, timeout: 1s, conditions: [primary_and_first_fallback_failed, any]}
      - c/z
    guardrails: {max_latency: 10s}
";

/// The most attempts of any request.
const MOST: usize = 8;

/// What an event is made of: zeros once the input is used up.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((&first, rest)) => {
                self.0 = rest;
                first
            }
            None => 0,
        }
    }

    fn is_used_up(&self) -> bool {
        self.0.is_empty()
    }

    fn failure(&mut self) -> Failure {
        let classes = FailureClass::ALL;
        let class = classes[usize::from(self.byte()) % classes.len()];
        let status = 400 + u16::from(self.byte());
        let failure = Failure::new(class).status(status);
        match self.byte() {
            seconds @ 0..32 => failure.retry_after(Duration::from_secs(u64::from(seconds) * 30)),
            _ => failure,
        }
    }
}

/// A request under way.
struct Live {
    call: Attempts,
    touched: Vec<String>,
}

impl Live {
    /// Looks at the attempt and ends it. Returns the request if it goes on, or a body.
    fn go_on(
        mut self,
        input: &mut Input<'_>,
        clock: &FakeClock,
    ) -> (Option<Self>, Option<Serving>) {
        let call = &mut self.call;
        let target = call.target().into_owned();
        assert!(!self.touched.contains(&target), "a target is touched twice");
        self.touched.push(target);
        assert!(
            self.touched.len() <= MOST,
            "more attempts than any request may have"
        );
        let timeout = match input.byte() % 4 {
            0 => call.timeout(),
            _ => call.begin(),
        };
        for limit in call.guardrails().filter_map(|limits| limits.max_latency()) {
            let fits = timeout.is_some_and(|timeout| timeout <= limit);
            assert!(fits, "an attempt gets more time than there is");
        }
        let _ = format!("{call:?}");
        match input.byte() % 8 {
            0 => (None, Some(self.call.commit())),
            1 => {
                self.call.succeeded();
                (None, None)
            }
            2 => {
                // Given up by its client, or timed out.
                let waited = timeout.filter(|_| input.byte() % 2 == 0);
                clock.advance(waited.unwrap_or_default());
                if input.byte() % 2 == 0 {
                    end(self.call);
                }
                (None, None)
            }
            _ => {
                clock.advance(Duration::from_millis(u64::from(input.byte()) * 16));
                let failure = input.failure();
                // With no time left nothing was sent, and any failure is `latency_exceeded`.
                let ends = failure.class() == FailureClass::InvalidRequest
                    && timeout.is_none_or(|time| !time.is_zero());
                if call.failed(failure) {
                    assert!(!ends, "an attempt after the end");
                    return (Some(self), None);
                }
                let again = call.failed(FailureClass::Timeout);
                assert!(!again, "an attempt after the end");
                end(self.call);
                (None, None)
            }
        }
    }

    /// Goes on until the request is over.
    fn finish(self, input: &mut Input<'_>, clock: &FakeClock) {
        let mut live = Some(self);
        while let Some(one) = live {
            (live, _) = one.go_on(input, clock);
        }
    }
}

/// Ends a request that nothing serves.
fn end(call: Attempts) {
    let steps = call.steps();
    let _ = format!("{steps:?}");
    let error = call.into_error();
    let _ = format!("{error} {error:?}");
    assert_eq!(error.steps().len(), steps.len());
}

/// A resolver and the names of its aliases, if a text gives any.
fn resolver(text: &[u8], clock: &FakeClock) -> Option<(AliasResolver, Vec<String>)> {
    let config = Config::from_yaml("fuzz.yaml", text).ok()?;
    let names = config.aliases().map(|alias| alias.name().to_owned());
    let names: Vec<String> = names.collect();
    let resolver = AliasResolver::builder(config).seed(1).clock(clock.clone());
    let resolver = resolver.build().ok()?;
    (!names.is_empty()).then_some((resolver, names))
}

fuzz_target!(|bytes: &[u8]| {
    let (text, events) = match bytes.iter().position(|&byte| byte == 0) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (&b""[..], bytes),
    };
    let clock = FakeClock::new();
    let made = resolver(text, &clock).or_else(|| resolver(INSTEAD.as_bytes(), &clock));
    let (resolver, names) = made.expect("what stands in for a configuration loads");
    let status = resolver.status();
    let targets = status.iter().map(|status| status.target().to_owned());
    let targets: Vec<String> = targets.collect();
    let mut input = Input(events);
    let mut live: Vec<Live> = Vec::new();
    let mut bodies: Vec<Serving> = Vec::new();
    while !input.is_used_up() {
        let event = input.byte();
        let which = usize::from(input.byte());
        match event % 8 {
            0 | 1 => {
                let name = &names[which % names.len()];
                let refused = input.byte();
                let rule = |target: model_aliases::TargetRef<'_>| {
                    refused < 128 || target.text().len() % 4 != usize::from(refused % 4)
                };
                let request = Request::new(name).entropy(u64::from(event)).allow(&rule);
                match resolver.attempts(request) {
                    Ok(call) => live.push(Live {
                        call,
                        touched: Vec::new(),
                    }),
                    Err(error) => drop(format!("{error} {error:?}")),
                }
            }
            2 | 3 if !live.is_empty() => {
                let one = live.swap_remove(which % live.len());
                let (one, body) = one.go_on(&mut input, &clock);
                live.extend(one);
                bodies.extend(body);
            }
            4 if !live.is_empty() => {
                let one = live.swap_remove(which % live.len());
                if input.byte() % 4 != 0 {
                    one.finish(&mut input, &clock);
                }
            }
            5 if !bodies.is_empty() => {
                let body = bodies.swap_remove(which % bodies.len());
                match input.byte() % 3 {
                    0 => body.finished(),
                    1 => body.broken(input.failure()),
                    _ => drop(body),
                }
            }
            6 if !targets.is_empty() => {
                let target = &targets[which % targets.len()];
                let is_there = match input.byte() % 4 {
                    0 => resolver.drain(target),
                    1 => resolver.reset(target),
                    _ => resolver.undrain(target),
                };
                assert!(is_there, "an operator does not find a target");
            }
            _ => clock.advance(Duration::from_millis((which as u64).pow(2))),
        }
    }
    for one in live {
        one.finish(&mut input, &clock);
    }
    drop(bodies);
    for status in resolver.status() {
        assert_eq!(status.active(), 0, "a request is still counted");
    }
});
