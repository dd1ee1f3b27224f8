//! Resolves an alias with one hop or four in a loop. `scripts/hops` counts the instructions.
//!
//! `cargo bench --bench hops -- HOPS TIMES` prints the target; HOPS is 1 or 4.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a program")]

use std::hint::black_box;

use model_aliases::{AliasResolver, Config};

/// Both configurations have the same names in the same order, and the same name is resolved. The tables have
/// the same layout, so only the hops differ. (Two names in one table could differ by a hash collision. The name
/// is longer than a vector, because comparing a shorter one takes more instructions at the end of a page.)
const PROVIDERS: &str =
    "model_providers: [{model: openai/gpt-4o, base_url: 'https://api.example.com'}]\n";
const ONE: &str = "model_aliases: {asked.by-a-name-that-is-longer-than-one-vector.v1: gpt-4o, b: gpt-4o, c: gpt-4o, d: gpt-4o}";
const ASKED: &str = "asked.by-a-name-that-is-longer-than-one-vector.v1";
const FOUR: &str =
    "model_aliases: {asked.by-a-name-that-is-longer-than-one-vector.v1: b, b: c, c: d, d: gpt-4o}";

fn main() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse::<u32>().ok());
    let hops = numbers.next().unwrap_or(1);
    let times = numbers.next().unwrap_or(1_000);
    let text = PROVIDERS.to_owned() + if hops == 4 { FOUR } else { ONE };
    let config = Config::from_yaml("hops.yaml", text).expect("the text is YAML");
    let resolver = AliasResolver::new(config).expect("the text is right");
    let route = resolver.resolve(ASKED).expect("the alias is there");
    assert_eq!(
        route.alias_path().count(),
        usize::try_from(hops).unwrap_or(0)
    );
    resolve_over_and_over(&resolver, ASKED, times);
    println!("{hops} hops to {}", route.target());
}

#[inline(never)]
fn resolve_over_and_over(resolver: &AliasResolver, name: &str, times: u32) {
    for _ in 0..times {
        let route = resolver
            .resolve(black_box(name))
            .expect("the alias is there");
        black_box((route.provider(), route.model(), route.endpoint()));
    }
}
