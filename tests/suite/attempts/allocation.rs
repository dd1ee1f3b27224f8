//! What requests allocate while all is well, and answers while something cools: rule 6.

use std::time::Duration;

use model_aliases::{Failure, FailureClass as Class, Request};

use super::{Scene, document};
use crate::counting::{Allocated, counted};

const ALIASES: &str = "  nested: {load_balance: {}, targets: [{model: x}, {model: split}, {model: bal}], fallbacks: [e]}
  x: {target: a, fallbacks: [b, {target: c, conditions: [timeout, 5xx]}]}
  split: {targets: [{model: a, weight: 60}, {model: b, weight: 40}], fallbacks: [c, d]}
  bal: {load_balance: {algorithm: least_connections}, targets: [{model: a}, {model: x}], fallbacks: [d]}
  nick: x\n";

const HOOK: &str =
    "  hooked: {load_balance: {algorithm: mine}, targets: [{model: a}, {model: b}]}\n";

/// A request whose first attempt serves.
fn serve(scene: &Scene, request: Request<'_>, commits: bool) -> Allocated {
    let (model, allocated) = counted(|| {
        let mut call = scene.resolver.attempts(request).unwrap();
        let read = call.model().len()
            + call.endpoint().map_or(0, str::len)
            + call.alias_path().count()
            + call.guardrails().count()
            + usize::from(call.begin().is_some())
            + usize::from(call.timeout().is_some());
        if commits {
            call.commit().finished();
        } else {
            call.succeeded();
        }
        read
    });
    assert!(model > 0);
    allocated
}

#[test]
fn a_request_whose_first_attempt_serves_allocates_nothing() {
    let plain = Scene::new(ALIASES);
    let hooked = Scene::of(&document(&(ALIASES.to_owned() + HOOK)), |builder| {
        builder.selector_fn("mine", |_, candidates| candidates.len().checked_sub(1))
    });
    for name in ["x", "split", "bal", "nick", "a", "pa/a"] {
        for round in 0..20_u64 {
            let key = round.to_le_bytes();
            let asked = Request::new(name);
            for (request, copies) in [
                (asked, 0),
                (asked.entropy(round << 58), 0),
                (asked.sticky_key(&key), 1),
            ] {
                for commits in [false, true] {
                    assert_eq!(serve(&plain, request, commits).calls, 0, "{name}");
                    // The key is kept where a selector may ask for it later.
                    let allocated = serve(&hooked, request, commits);
                    assert_eq!(
                        (allocated.calls, allocated.bytes),
                        (copies, copies * 8),
                        "{name}"
                    );
                }
            }
        }
    }
    for round in 0..20_u64 {
        let key = round.to_le_bytes();
        assert_eq!(
            serve(&hooked, Request::new("hooked").sticky_key(&key), true).calls,
            1
        );
    }
    // A name that only a wildcard covers is copied once, and its `Serving` keeps it as well.
    assert_eq!(serve(&plain, Request::new("wild/one"), false).calls, 1);
}

#[test]
fn an_answer_allocates_nothing_while_a_target_cools() {
    let scene = Scene::new(ALIASES);
    let failure = Failure::new(Class::RateLimited).retry_after(Duration::from_mins(5));
    for cooling in ["a", "b", "c"] {
        scene.cool(cooling, failure.clone());
        for name in ["x", "split", "bal", "nick", "a", "nested"] {
            for round in 0..20_u64 {
                let key = round.to_le_bytes();
                let asked = Request::new(name);
                for request in [asked, asked.sticky_key(&key)] {
                    let (route, allocated) = counted(|| scene.resolver.resolve(request).unwrap());
                    let model = route.model().to_owned();
                    assert_eq!(allocated.calls, 0, "{name} with {cooling} cooling: {model}");
                    if !route.is_last_resort() {
                        assert!(scene.is_healthy(&model), "{model}");
                    }
                }
            }
        }
    }
}
