//! The planner by itself, against the worked examples of the rules.

use super::super::tree::{Tree, decimal, list, map};
use super::*;

/// Providers `x/A` to `x/E` with a key each, then these aliases.
fn config(aliases: Vec<(&str, Tree)>) -> Tree {
    let entries = ["A", "B", "C", "D", "E", "F"].map(|id| {
        map([
            ("model", format!("x/{id}").into()),
            ("access_key", format!("$KEY_{id}").into()),
        ])
    });
    let aliases = aliases.into_iter();
    let aliases = aliases.map(|(name, alias)| (name.to_owned(), alias));
    map([
        ("model_providers", entries.to_vec().into()),
        ("model_aliases", Tree::Map(aliases.collect())),
    ])
}

/// A target and fallbacks, each with its conditions in one text; empty where it has none.
fn chain<const N: usize>(target: &str, fallbacks: [(&str, &str); N]) -> Tree {
    let steps = fallbacks.map(|(target, words)| {
        let mut step = map([("target", target.into())]);
        if !words.is_empty() {
            let words: Vec<Tree> = words.split(' ').map(Tree::from).collect();
            step.push("conditions", words);
        }
        step
    });
    map([("target", target.into()), ("fallbacks", list(steps))])
}

fn members<const N: usize>(models: [(&str, i64); N]) -> Tree {
    list(models.map(|(model, weight)| map([("model", model.into()), ("weight", weight.into())])))
}

fn balancer<const N: usize>(models: [(&str, i64); N]) -> Tree {
    map([("load_balance", map([])), ("targets", members(models))])
}

fn split<const N: usize>(models: [(&str, i64); N]) -> Tree {
    map([("targets", members(models))])
}

fn seed_chain() -> Tree {
    chain(
        "A",
        [
            ("B", "quota_exceeded timeout"),
            ("C", "primary_and_first_fallback_failed"),
        ],
    )
}

fn failure(class: &'static str) -> Failure {
    Failure {
        class,
        status: None,
        retry_after: None,
        words: Vec::new(),
    }
}

fn outcome(word: &'static str) -> Outcome {
    match word {
        "ok" => Outcome::Served,
        "drop" => Outcome::Dropped,
        class => Outcome::Failed(failure(class)),
    }
}

fn asked(name: &str) -> Asked {
    Asked {
        name: name.to_owned(),
        refused: BTreeSet::new(),
        began: Duration::ZERO,
        estimate: None,
        context: None,
    }
}

fn planner(tree: &Tree) -> Planner<'_> {
    Planner::new(tree, Unknown::Refused, Duration::from_millis(250))
}

/// Where the attempts of each run go, where they all end like this, the last one well.
fn ways(planner: &Planner<'_>, name: &str, world: &World, outcomes: &str) -> Vec<String> {
    let outcomes = outcomes.split(' ').filter(|word| !word.is_empty());
    let outcomes = outcomes.map(|word| outcome(Box::leak(word.to_owned().into_boxed_str())));
    let outcomes = outcomes.map(Some).chain([None]);
    let calls = outcomes.map(|outcome| Call {
        world: world.clone(),
        outcome,
        used: None,
    });
    let calls: Vec<Call> = calls.collect();
    let runs = planner.runs(&asked(name), &calls).into_iter();
    let mut ways: Vec<String> = runs
        .map(|(lines, end)| {
            let tried = lines.iter().filter_map(|line| line.tried.as_ref());
            let targets = tried.map(|tried| {
                let text = tried.target.trim_start_matches("x/").to_owned();
                text + if tried.is_last_resort { "!" } else { "" }
            });
            let targets: Vec<String> = targets.collect();
            let end = match end {
                End::Served => "ok",
                End::Cancelled => "cancelled",
                End::Exhausted(class, _) => class,
                End::Open => "open",
            };
            format!("{} {end}", targets.join(" ")).trim().to_owned()
        })
        .collect();
    ways.sort();
    ways.dedup();
    ways
}

/// One row of the table: attempts end like this, and the request goes there.
#[track_caller]
fn goes(aliases: Vec<(&str, Tree)>, outcomes: &str, expected: &[&str]) {
    let tree = config(aliases);
    let planner = planner(&tree);
    let world = World::new(&planner);
    assert_eq!(ways(&planner, "a", &world, outcomes), expected);
}

/// The same after these targets were reported to have failed, all at once.
#[track_caller]
fn goes_after(
    aliases: Vec<(&str, Tree)>,
    before: &[(&str, &'static str, u64)],
    outcomes: &str,
    expected: &[&str],
) {
    let tree = config(aliases);
    let planner = planner(&tree);
    let mut world = World::new(&planner);
    for &(model, class, seconds) in before {
        let target = planner.target(model, &format!("x/{model}")).unwrap();
        let failure = Failure {
            retry_after: Some(Duration::from_secs(seconds)),
            ..failure(class)
        };
        let times = if class == "server_error" { 5 } else { 1 };
        for _ in 0..times {
            let mut lease = world.begin(&planner, target.clone(), &[]);
            let outcome = Outcome::Failed(failure.clone());
            world.report(&planner, &mut lease, &outcome);
            world.end(&lease);
        }
    }
    world.pin_earliest();
    assert_eq!(ways(&planner, "a", &world, outcomes), expected);
}

#[test]
fn chains_go_as_in_the_examples() {
    let seed = || vec![("a", seed_chain())];
    goes(seed(), "timeout server_error ok", &["A B C ok"]);
    goes(seed(), "server_error", &["A server_error"]);
    let three = || vec![("a", chain("A", [("B", "timeout"), ("C", "server_error")]))];
    goes(three(), "server_error ok", &["A C ok"]);
    let outer = || vec![("in", seed_chain()), ("a", chain("in", [("D", "")]))];
    let four = "timeout server_error server_error ok";
    goes(outer(), four, &["A B C D ok"]);
    let inner = || {
        let inside = ("in", chain("A", [("B", "timeout")]));
        vec![inside, ("a", chain("in", [("C", "rate_limited")]))]
    };
    goes(inner(), "rate_limited ok", &["A C ok"]);
    let named = || vec![("a", chain("A", [("B", "primary_failed")]))];
    goes(named(), "content_filtered", &["A content_filtered"]);
    let positional = "primary_and_first_fallback_failed";
    let both = || {
        let chain = chain("A", [("B", "content_filtered"), ("C", positional)]);
        vec![("a", chain)]
    };
    goes(both(), "content_filtered server_error ok", &["A B C ok"]);
    let five = || {
        vec![(
            "a",
            chain("A", [("B", ""), ("C", ""), ("D", ""), ("E", "")]),
        )]
    };
    goes(
        five(),
        "overloaded overloaded overloaded overloaded ok",
        &["A B C D E ok"],
    );
    let two = || vec![("a", chain("A", [("B", "")]))];
    goes(two(), "auth_failed ok", &["A B ok"]);
    goes(two(), "invalid_request", &["A invalid_request"]);
    goes(two(), "drop", &["A cancelled"]);
}

#[test]
fn groups_go_as_in_the_examples() {
    let pool = || balancer([("A", 1), ("B", 1), ("C", 1)]);
    goes(
        vec![("a", pool())],
        "connect_error ok",
        &["A B ok", "A C ok", "B A ok", "B C ok", "C A ok", "C B ok"],
    );
    // One of the three attempts is kept for the fallback.
    let mut backed = pool();
    backed.push("fallbacks", list(["D".into()]));
    backed.push("max_attempts", 3);
    let found = [
        "A B D ok", "A C D ok", "B A D ok", "B C D ok", "C A D ok", "C B D ok",
    ];
    goes(vec![("a", backed)], "timeout timeout ok", &found);
    let fallback = || {
        let inside = ("v", split([("B", 80), ("A", 20)]));
        vec![inside, ("a", chain("A", [("v", "")]))]
    };
    goes(fallback(), "overloaded ok", &["A B ok"]);
    let canary = || vec![("a", split([("A", 95), ("B", 5)]))];
    goes(canary(), "timeout", &["A timeout", "B timeout"]);
}

#[test]
fn what_cools_is_passed_over_as_in_the_examples() {
    let seed = || vec![("a", seed_chain())];
    goes_after(seed(), &[("A", "rate_limited", 9)], "ok", &["B ok"]);
    goes_after(seed(), &[("A", "server_error", 9)], "ok", &["A! ok"]);
    let canary = || split([("A", 95), ("B", 5)]);
    let cools = [("B", "rate_limited", 9)];
    goes_after(vec![("a", canary())], &cools, "ok", &["A ok", "B! ok"]);
    let mut spread = canary();
    spread.push("redistribute", true);
    goes_after(vec![("a", spread)], &cools, "ok", &["A ok"]);
    let pool = || vec![("a", balancer([("A", 1), ("B", 1), ("C", 1)]))];
    let two = [("A", "rate_limited", 9), ("B", "rate_limited", 9)];
    goes_after(pool(), &two, "ok", &["C ok"]);
    let three = [
        ("A", "rate_limited", 30),
        ("B", "rate_limited", 6),
        ("C", "rate_limited", 50),
    ];
    goes_after(pool(), &three, "timeout", &["B! timeout"]);
}

#[test]
fn deadlines_are_halved_as_in_the_example() {
    let mut chain = chain("A", [("B", ""), ("C", "")]);
    chain.push("guardrails", map([("max_latency", "5s".into())]));
    let tree = config(vec![("a", chain)]);
    let planner = planner(&tree);
    let mut world = World::new(&planner);
    let mut calls = Vec::new();
    for millis in [2_500, 1_250, 1_250] {
        calls.push(Call {
            world: world.clone(),
            outcome: Some(outcome("timeout")),
            used: None,
        });
        world.now += Duration::from_millis(millis);
    }
    calls.push(Call {
        world,
        outcome: None,
        used: None,
    });
    let [(lines, _)] = &planner.runs(&asked("a"), &calls)[..] else {
        panic!("there is one way");
    };
    let tried = lines.iter().filter_map(|line| line.tried.as_ref());
    let timeouts: Vec<_> = tried.filter_map(|tried| tried.timeout).collect();
    assert_eq!(timeouts, [2_500, 1_250, 1_250].map(Duration::from_millis));
}

/// The providers of [`config`] with a price in and out, and these aliases.
fn priced(price: &str, aliases: Vec<(&str, Tree)>) -> Tree {
    let Tree::Map(mut sections) = config(aliases) else {
        panic!("a document is a map");
    };
    if let Tree::List(entries) = &mut sections[0].1 {
        for entry in entries {
            let price = map([("input", decimal(price)), ("output", decimal(price))]);
            entry.push("pricing", price);
        }
    }
    Tree::Map(sections)
}

/// Where the one run of a request for `a` goes that may take three thousand tokens in and as many
/// out, whose attempts end like this and take so much; and what it costs.
fn bought(tree: &Tree, ends: &[(&'static str, Option<u64>)]) -> (String, u128) {
    let planner = planner(tree);
    let world = World::new(&planner);
    let tokens = |input| Tokens {
        input,
        output: input,
    };
    let ends = ends.iter().map(|(end, used)| (Some(outcome(end)), *used));
    let calls = ends.chain([(None, None)]).map(|(outcome, used)| Call {
        world: world.clone(),
        outcome,
        used: used.map(tokens),
    });
    let calls: Vec<Call> = calls.collect();
    let mut asked = asked("a");
    asked.estimate = Some(tokens(3_000));
    let mut walk = Walk::new(&planner, &asked, &calls, None, Script::default());
    walk.request();
    let lines = walk.lines.iter().map(|line| match &line.state {
        State::PassedOver(class) => format!("{}-{class}", line.target),
        State::LeftOut => format!("{}~", line.target),
        State::Failed(failure) => format!("{}={}", line.target, failure.class),
        _ => line.target.clone(),
    });
    let lines: Vec<String> = lines.collect();
    (lines.join(" ").replace("x/", ""), walk.bill.spent)
}

#[test]
fn money_is_spent_as_in_the_examples() {
    let limit = |most| map([("max_cost_per_request", decimal(most))]);
    let mut steps = chain("A", [("B", "timeout"), ("C", "cost_exceeded")]);
    steps.push("guardrails", limit("0.0599"));
    let tree = priced("10.0", vec![("a", steps)]);
    let line = "A-cost_exceeded B~ C-cost_exceeded";
    assert_eq!(bought(&tree, &[]), (line.to_owned(), 0));

    let mut steps = chain("A", [("B", "")]);
    steps.push("guardrails", limit("0.10"));
    let tree = priced("10.0", vec![("a", steps)]);
    let six = 60_000_000_000;
    let line = "A=timeout B-cost_exceeded".to_owned();
    assert_eq!(bought(&tree, &[("timeout", None)]), (line, six));
    let line = "A=timeout B".to_owned();
    let ends = [("timeout", Some(0)), ("ok", None)];
    assert_eq!(bought(&tree, &ends), (line, six));
    let line = "A=overloaded B".to_owned();
    let ends = [("overloaded", None), ("ok", Some(1))];
    assert_eq!(bought(&tree, &ends), (line, 20_000_000));
}
