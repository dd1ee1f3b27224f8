//! Public threads where users of other gateways met a bad choice, and bugs seen in their code, each as a test of ours.

use model_aliases::{AliasResolver, Code, Config, Problem, Request, ResolveError, UnknownNames};

use super::{balancer, cool, document, load, member, serves, split};

/// The codes of the problems and warnings of these aliases.
fn codes(aliases: &str) -> Vec<Code> {
    let config = Config::from_yaml("config.yaml", document(aliases)).unwrap();
    config.check().iter().map(Problem::code).collect()
}

/// All weights were silently ignored if the first entry had none. Here a split without a weight does not load; in a
/// balancer a missing weight counts as 1, with a warning.
#[test]
fn litellm_33329_a_missing_weight_is_refused_or_counts_as_1() {
    for missing in 0..3 {
        let members = (0..3).map(|at| {
            if at == missing {
                format!("{{model: m{at}}}")
            } else {
                format!("{{model: m{at}, weight: 50}}")
            }
        });
        let members = members.collect::<Vec<_>>().join(", ");
        let aliases = format!("  a: {{targets: [{members}]}}\n");
        assert_eq!(codes(&aliases), [Code::MissingWeight], "{missing}");
        let config = Config::from_yaml("config.yaml", document(&aliases)).unwrap();
        assert!(AliasResolver::new(config).is_err());
        let aliases = format!("  a: {{load_balance: {{}}, targets: [{members}]}}\n");
        let resolver = load(&aliases);
        let warnings: Vec<Code> = resolver.warnings().iter().map(Problem::code).collect();
        assert_eq!(warnings, [Code::PartialWeights], "{missing}");
        let mut counts = [0; 3];
        for _ in 0..101 {
            counts[serves(&resolver, "a")] += 1;
        }
        let mut expected = [50; 3];
        expected[missing] = 1;
        assert_eq!(counts, expected);
    }
}

/// A pick per request sent a conversation from one deployment to the next, and each had to read the prompt again. Here
/// a key keeps its member, in a split and in a sticky balancer.
#[track_caller]
fn keeps_its_member(aliases: &str) {
    let resolver = load(aliases);
    for user in 0..50 {
        let key = format!("conversation-{user}");
        let request = Request::new("a").sticky_key(&key);
        let first = serves(&resolver, request);
        for _ in 0..20 {
            // Other requests come between, with and without keys.
            serves(&resolver, "a");
            serves(&resolver, Request::new("a").sticky_key("another"));
            assert_eq!(serves(&resolver, request), first);
        }
    }
}

#[test]
fn litellm_38078_a_conversation_keeps_its_deployment() {
    keeps_its_member(&balancer("a", "sticky", &[1; 8]));
    keeps_its_member(&split("a", &[1_250; 8]));
}

#[test]
fn aisix_687_a_conversation_keeps_its_prompt_cache() {
    keeps_its_member(&balancer("a", "sticky", &[3, 2, 1]));
    // Also while another member is down.
    let resolver = load(&balancer("a", "sticky", &[1, 1, 1, 1]));
    let key = |user: u32| user.to_le_bytes();
    let ask = |user| serves(&resolver, Request::new("a").sticky_key(&key(user)));
    let before: Vec<usize> = (0..200).map(ask).collect();
    cool(&resolver, 2, 60);
    for (user, before) in (0..200).zip(before) {
        let now = ask(user);
        assert!(now != 2 && (before == 2 || now == before));
        assert_eq!(ask(user), now);
    }
}

/// Portkey's load balancer never tries a second target. Here another member takes the request of a member that cannot
/// serve, with every algorithm.
#[test]
fn portkey_a_second_target_is_tried() {
    for algorithm in ["round_robin", "weighted", "least_connections", "sticky"] {
        let resolver = load(&balancer("a", algorithm, &[1, 1, 1]));
        cool(&resolver, 0, 60);
        cool(&resolver, 2, 60);
        for user in 0..30_u32 {
            let key = user.to_le_bytes();
            for request in [Request::new("a"), Request::new("a").sticky_key(&key)] {
                let route = resolver.resolve(request).unwrap();
                assert_eq!((member(&route), route.is_last_resort()), (1, false));
            }
        }
    }
}

/// llm-d silently gives a target without a weight no traffic.
#[test]
fn llm_d_a_target_without_a_weight_gets_traffic() {
    let resolver =
        load("  a: {load_balance: {}, targets: [{model: m0}, {model: m1, weight: 1}]}\n");
    let picks = [serves(&resolver, "a"), serves(&resolver, "a")];
    assert!(picks.contains(&0));
    assert_eq!(
        codes("  a: {targets: [{model: m0}, {model: m1, weight: 100}]}\n"),
        [Code::MissingWeight]
    );
    // A single target needs no weight.
    assert_eq!(serves(&load("  a: {targets: [{model: m4}]}\n"), "a"), 4);
}

/// `GrowthBook` silently turns weights that do not sum to the whole into an equal split.
#[test]
fn growthbook_weights_that_do_not_sum_are_refused() {
    for weights in [
        &[60, 30][..],
        &[60, 50],
        &[0, 0],
        &[1, 1],
        &[99],
        &[33, 33, 33],
    ] {
        let weights: Vec<u32> = weights.iter().map(|weight| weight * 100).collect();
        assert_eq!(
            codes(&split("a", &weights)),
            [Code::WeightSum],
            "{weights:?}"
        );
    }
    assert_eq!(codes(&split("a", &[9_999, 2])), [Code::WeightSum]);
    assert_eq!(codes(&split("a", &[9_999, 1])), []);
}

/// `TensorZero` uses the same random number again after it removes a failed variant, so the others are no longer
/// drawn by weight: with the first of three equal variants gone, the third got none of its share. Here each draw has
/// bits of its own, and a key's choice among the rest is fair.
#[test]
fn tensorzero_a_second_draw_has_bits_of_its_own() {
    let redistribute = "    redistribute: true\n";
    let resolver = load(&(split("a", &[5_000, 2_500, 2_500]) + redistribute));
    cool(&resolver, 0, 60);
    let mut counts = [0_u64; 3];
    let mut keyed = [0_u64; 3];
    for at in 0..20_000_u64 {
        // All these bits lie in the first third of the range, so they lead to the first member.
        let bits = at << 48;
        counts[serves(&resolver, Request::new("a").entropy(bits))] += 1;
        keyed[serves(&resolver, Request::new("a").sticky_key(&at.to_le_bytes()))] += 1;
    }
    for counts in [counts, keyed] {
        super::statistics::Sample {
            counts: &counts,
            weights: &[0, 1, 1],
        }
        .is_drawn_by_weight();
    }
}

/// Kong spreads an unknown name over all targets.
#[test]
fn kong_an_unknown_name_is_spread_over_nothing() {
    let aliases = split("a", &[5_000, 5_000]) + &balancer("b", "round_robin", &[1, 1]);
    let resolver = load(&aliases);
    for name in ["c", "A", "a ", "", "*", "a,b", "default"] {
        for request in [Request::new(name), Request::new(name).sticky_key("user")] {
            let found = resolver.resolve(request);
            assert!(
                matches!(found, Err(ResolveError::UnknownName { .. })),
                "{name}"
            );
        }
        assert!(resolver.distribution(name).is_err());
        assert!(resolver.simulate(name, 10, 1).is_err());
    }
    // With a default model, an unknown name goes to that one target.
    let text = document(&aliases).replacen("p/m0", "p/m0\n    default: true", 1);
    let config = Config::from_yaml("config.yaml", text).unwrap();
    let builder = AliasResolver::builder(config).unknown_names(UnknownNames::DefaultModel);
    let resolver = builder.build().unwrap();
    assert!((0..100).all(|_| serves(&resolver, "c") == 0));
}

/// aisix counts weight 0 as 1, so a drained target goes on serving.
#[test]
fn aisix_weight_0_is_0() {
    let mut all = vec![split("a", &[0, 10_000])];
    for algorithm in ["round_robin", "weighted", "least_connections", "sticky"] {
        all.push(balancer("a", algorithm, &[0, 1]));
    }
    for aliases in all {
        let resolver = load(&aliases);
        let held: Vec<_> = (0..200).map(|_| resolver.resolve("a").unwrap()).collect();
        assert!(held.iter().all(|route| member(route) == 1), "{aliases}");
        let by_key = |key: u32| serves(&resolver, Request::new("a").sticky_key(&key.to_le_bytes()));
        assert!((0..200).map(by_key).all(|at| at == 1), "{aliases}");
        let shares = resolver.distribution("a").unwrap();
        assert_eq!(shares.len(), 1);
        // Weight 0 gets no requests either while the other target cools.
        cool(&resolver, 1, 60);
        assert_eq!(serves(&resolver, "a"), 1);
    }
    // Weight 0 on every member is an error.
    assert_eq!(codes(&balancer("a", "weighted", &[0, 0])).len(), 1);
}

/// agentgateway picks at random between wildcards of equal length. Here the later one always serves, and the file
/// gets a warning.
#[test]
fn agentgateway_equal_wildcards_are_no_lottery() {
    let text = "model_providers:
  - {model: p/*, base_url: 'https://first.example'}
  - {model: q/*}
  - {model: p/*, base_url: 'https://second.example'}
model_aliases: {a: p/one}
";
    for seed in 0..50 {
        let config = Config::from_yaml("config.yaml", text).unwrap();
        let resolver = AliasResolver::builder(config).seed(seed).build().unwrap();
        let warnings: Vec<Code> = resolver.warnings().iter().map(Problem::code).collect();
        assert_eq!(warnings, [Code::DuplicateWildcard]);
        for name in ["a", "p/one", "p/two"] {
            let route = resolver.resolve(name).unwrap();
            assert_eq!(route.endpoint(), Some("https://second.example"), "{name}");
        }
    }
}
