//! Resolving an alias or a declared model allocates nothing: rule 6.

use model_aliases::{AliasResolver, Request};

use super::{balancer, builder, split};
use crate::counting::counted;

const NAMES: [&str; 12] = [
    "m0", "p/m1", "one", "four", "s", "r", "l", "k", "h", "n", "deep", "guarded",
];

fn resolver() -> AliasResolver {
    let aliases = split("s", &[6_000, 3_000, 1_000])
        + &balancer("r", "round_robin", &[3, 2, 1])
        + &balancer("l", "least_connections", &[1, 1, 2])
        + &balancer("k", "sticky", &[1, 2, 3])
        + &balancer("h", "hook", &[1, 1, 1])
        + "  one: m3
  two: one
  three: two
  four: three
  n: {targets: [{model: s, weight: 40}, {model: r, weight: 30}, {model: h, weight: 30}], fallbacks: [l]}
  deep: {load_balance: {algorithm: least_connections}, targets: [{model: n}, {model: k}, {model: m4}]}
  guarded: {target: m5, params: {x: 1}, fallbacks: [m6], deprecated: {replacement: one}, guardrails: {max_latency: 5s}}
";
    builder(&aliases)
        .selector_fn("hook", |_, candidates| {
            (0..candidates.len()).min_by_key(|&at| candidates.get(at).map(|one| one.active()))
        })
        .build()
        .unwrap()
}

/// Resolves, reads everything that an embedder reads, and reports success.
fn read(resolver: &AliasResolver, request: Request<'_>) -> usize {
    let route = resolver.resolve(request).unwrap();
    let read = route.asked().len()
        + route.model().len()
        + route.provider().provider().len()
        + route.endpoint().map_or(0, str::len)
        + route.target().len()
        + route.alias_path().map(str::len).sum::<usize>()
        + route.params().map_or(0, indexmap::IndexMap::len)
        + route.guardrails().count()
        + usize::from(route.deprecation().is_some());
    route.succeeded();
    read
}

#[test]
fn an_answer_allocates_nothing() {
    let resolver = resolver();
    for name in NAMES {
        for round in 0..50_u64 {
            let key = round.to_le_bytes();
            let request = Request::new(name);
            for request in [
                request,
                request.sticky_key(&key),
                request.entropy(round << 58),
            ] {
                let (read, allocated) = counted(|| read(&resolver, request));
                assert!(read > 0);
                assert_eq!((allocated.calls, allocated.bytes), (0, 0), "{name}");
            }
        }
    }
}
