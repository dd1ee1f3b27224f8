//! Resolves an alias of one hop or of four, over and over: what `scripts/hops` counts the
//! instructions of.
//!
//! `cargo bench --bench hops -- HOPS TIMES` prints the target; HOPS is 1 or 4.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a program")]

use std::hint::black_box;

use model_aliases::{AliasResolver, Config};

/// The two names are as long as each other, so that hashing them costs the same.
const TEXT: &str = "
model_providers: [{model: openai/gpt-4o, base_url: 'https://api.example.com'}]
model_aliases:
  hops-1: gpt-4o
  hops-2: hops-1
  hops-3: hops-2
  hops-4: hops-3
";

fn main() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse::<u32>().ok());
    let hops = numbers.next().unwrap_or(1);
    let times = numbers.next().unwrap_or(1_000);
    let config = Config::from_yaml("hops.yaml", TEXT).expect("the text is YAML");
    let resolver = AliasResolver::new(config).expect("the text is right");
    let name = format!("hops-{hops}");
    let route = resolver.resolve(&name).expect("the alias is there");
    assert_eq!(
        route.alias_path().count(),
        usize::try_from(hops).unwrap_or(0)
    );
    resolve_over_and_over(&resolver, &name, times);
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
