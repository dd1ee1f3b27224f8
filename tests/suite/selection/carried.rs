//! The state that a resolver takes over from its predecessor: rule 32.

use std::time::Duration;

use model_aliases::{AliasResolver, Config, FailureClass, FakeClock};

use super::{cool, member, serves};

/// Consecutive versions of a configuration, on one clock.
struct Versions {
    clock: FakeClock,
    seed: u64,
}

impl Versions {
    fn new() -> Self {
        Self {
            clock: FakeClock::new(),
            seed: 0,
        }
    }

    fn next(&mut self, text: &str, before: Option<&AliasResolver>) -> AliasResolver {
        self.seed += 1;
        let config = Config::from_yaml("config.yaml", text).unwrap();
        let builder = AliasResolver::builder(config)
            .seed(self.seed)
            .clock(self.clock.clone());
        match before {
            Some(before) => builder.state_from(before).build().unwrap(),
            None => builder.build().unwrap(),
        }
    }
}

/// Two endpoints balanced by connections, with these fields on the first entry.
fn two(first: &str) -> String {
    format!(
        "model_providers: [{{model: p/m0{first}}}, {{model: p/m1}}, {{model: p/m2}}]
model_aliases:
  a: {{load_balance: {{algorithm: least_connections}}, targets: [{{model: m0}}, {{model: m1}}]}}
"
    )
}

/// How many of ten picks go to `m0`.
fn of_ten(resolver: &AliasResolver) -> usize {
    (0..10).filter(|_| serves(resolver, "a") == 0).count()
}

const KEY: &str = ", access_key: $ONE, base_url: 'https://one.example'";

/// Changes to the entry, and whether the target stays the same.
const CHANGES: [(&str, bool); 7] = [
    (KEY, true),
    (
        ", access_key: $ONE, base_url: 'https://one.example', pricing: {input: 1, output: 2}, default: true",
        true,
    ),
    (
        ", access_key: $ONE, base_url: 'https://one.example', passthrough_auth: true, x: 1",
        true,
    ),
    (", access_key: $TWO, base_url: 'https://one.example'", false),
    (
        ", access_key: literal, base_url: 'https://one.example'",
        false,
    ),
    (", access_key: $ONE, base_url: 'https://two.example'", false),
    ("", false),
];

#[test]
fn counts_stay_with_what_stays() {
    for (change, stays) in CHANGES {
        let mut versions = Versions::new();
        let old = versions.next(&two(KEY), None);
        let held: Vec<_> = (0..3).map(|_| old.resolve("m0").unwrap()).collect();
        let new = versions.next(&two(change), Some(&old));
        assert_eq!(of_ten(&new), if stays { 0 } else { 5 }, "{change}");
        // Leases that end on the old resolver lower the new one's count.
        drop(held);
        assert_eq!(of_ten(&new), 5, "{change}");
        let more = new.resolve("m0").unwrap();
        assert_eq!(of_ten(&old), if stays { 0 } else { 5 }, "{change}");
        drop(more);
    }
}

#[test]
fn cooldowns_and_penalties_stay_with_what_stays() {
    for (change, stays) in CHANGES {
        let mut versions = Versions::new();
        let old = versions.next(&two(KEY), None);
        cool(&old, 0, 30);
        let new = versions.next(&two(change), Some(&old));
        assert_eq!(new.resolve("m0").unwrap().is_last_resort(), stays);
        assert_eq!(of_ten(&new), if stays { 0 } else { 5 }, "{change}");
        // A cooldown is randomly up to a fifth longer.
        versions.clock.advance(Duration::from_secs(36));
        assert_eq!(of_ten(&new), 5, "{change}");
        // A failure penalty without a cooldown.
        let old = versions.next(&two(KEY), None);
        old.resolve("m0").unwrap().failed(FailureClass::Timeout);
        let new = versions.next(&two(change), Some(&old));
        assert_eq!(of_ten(&new), if stays { 0 } else { 5 }, "{change}");
    }
}

/// A cooling model is the last resort of an alias without another, before and after the reload.
#[test]
fn a_cooldown_is_seen_through_every_alias_of_the_new_version() {
    let mut versions = Versions::new();
    let old = versions.next(&two(KEY), None);
    cool(&old, 0, 30);
    let text = format!("{}  b: {{target: m0, fallbacks: [m2]}}\n", two(KEY));
    let new = versions.next(&text, Some(&old));
    assert_eq!(serves(&new, "b"), 2);
}

#[test]
fn the_order_of_entries_and_weights_are_no_identity() {
    let mut versions = Versions::new();
    let old = versions.next(&two(""), None);
    let held: Vec<_> = (0..3).map(|_| old.resolve("m0").unwrap()).collect();
    let new = versions.next(
        "model_providers: [{model: p/m2}, {model: p/m1}, {model: p/m0}]
model_aliases:
  z: m1
  a: {load_balance: {algorithm: least_connections}, targets: [{model: m1, weight: 5}, {model: m0, weight: 5}]}
",
        Some(&old),
    );
    assert_eq!(of_ten(&new), 0);
    drop(held);
    assert_eq!(of_ten(&new), 5);
}

/// A different `endpoint` on the target, or a different entry name, makes a different target.
#[test]
fn another_endpoint_or_name_is_another_target() {
    let with = |members: &str, entries: &str| {
        format!(
            "model_providers: [{entries}]
model_aliases:
  a: {{load_balance: {{algorithm: least_connections}}, targets: [{members}]}}
"
        )
    };
    let entries = "{model: p/m0}, {model: p/m1}";
    let at = |host: &str| {
        let members = format!("{{model: m0, endpoint: 'https://{host}.example'}}, {{model: m1}}");
        with(&members, entries)
    };
    let mut versions = Versions::new();
    let old = versions.next(&at("x"), None);
    // Picks alternate, so three of the six go to each endpoint.
    let held: Vec<_> = (0..6).map(|_| old.resolve("a").unwrap()).collect();
    assert_eq!(of_ten(&versions.next(&at("x"), Some(&old))), 5);
    assert_eq!(of_ten(&versions.next(&at("y"), Some(&old))), 10);
    let plain = with("{model: m0}, {model: m1}", entries);
    assert_eq!(of_ten(&versions.next(&plain, Some(&old))), 10);
    let named = with(
        "{model: n}, {model: m1}",
        "{name: n, model: p/m0}, {model: p/m1}",
    );
    assert_eq!(of_ten(&versions.next(&named, Some(&old))), 10);
    drop(held);
}

#[test]
fn turns_go_on_where_they_were() {
    let text = |alias: &str, algorithm: &str| {
        format!(
            "model_providers: [{{model: p/m0}}, {{model: p/m1}}, {{model: p/m2}}]
model_aliases:
  first: {{load_balance: {{}}, targets: [{{model: m2}}, {{model: m1}}]}}
  {alias}: {{load_balance: {{algorithm: {algorithm}}}, targets: [{{model: m0}}, {{model: m1}}, {{model: m2}}]}}
"
        )
    };
    let mut versions = Versions::new();
    let mut resolver = versions.next(&text("a", "round_robin"), None);
    let mut last = serves(&resolver, "a");
    for round in 0..200 {
        let algorithm = ["round_robin", "weighted", "sticky", "least_connections"][round % 4];
        resolver = versions.next(&text("a", algorithm), Some(&resolver));
        let next = serves(&resolver, "a");
        assert_eq!(next, (last + 1) % 3, "round {round}");
        last = next;
    }
    // An alias with another name starts at a random turn, so it does not always continue this one's.
    let other = (0..50).filter(|_| {
        let fresh = versions.next(&text("b", "round_robin"), Some(&resolver));
        serves(&fresh, "b") == (last + 1) % 3
    });
    assert!(other.count() < 40);
}

#[test]
fn an_alias_keeps_the_count_that_it_has_as_a_member() {
    let text = "model_providers: [{model: p/m0}, {model: p/m1}, {model: p/m2}]
model_aliases:
  a: {load_balance: {algorithm: least_connections}, targets: [{model: m0}, {model: inner}]}
  inner: {targets: [{model: m1, weight: 50}, {model: m2, weight: 50}]}
";
    let mut versions = Versions::new();
    let old = versions.next(text, None);
    let held: Vec<_> = (0..3).map(|_| old.resolve("inner").unwrap()).collect();
    let new = versions.next(text, Some(&old));
    assert_eq!(of_ten(&new), 10);
    drop(held);
    assert_eq!(of_ten(&new), 5);
}

/// Requests on removed targets may still report, the old resolver may go first, and a target that returns later is
/// new.
#[test]
fn what_is_gone_does_no_harm() {
    let mut versions = Versions::new();
    let old = versions.next(&two(""), None);
    let route = old.resolve("m0").unwrap();
    let without = "model_providers: [{model: p/m1}, {model: p/m2}]
model_aliases: {a: {load_balance: {algorithm: least_connections}, targets: [{model: m1}, {model: m2}]}}
";
    let middle = versions.next(without, Some(&old));
    route.failed(FailureClass::RateLimited);
    drop(old);
    assert_eq!(member(&middle.resolve("m1").unwrap()), 1);
    let held: Vec<_> = (0..3).map(|_| middle.resolve("m1").unwrap()).collect();
    let new = versions.next(&two(""), Some(&middle));
    assert_eq!(of_ten(&new), 10);
    drop(held);
    drop(middle);
    assert_eq!(of_ten(&new), 5);
}
