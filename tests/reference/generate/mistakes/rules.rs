//! Mistakes in failure rules.

use rand::RngExt;
use rand::rngs::StdRng;

use super::super::super::tree::{Tree, map};
use super::super::draft::Draft;
use super::super::pick;

/// Puts these rules in the place of those that are there.
fn with_rules(draft: &mut Draft, rules: Vec<Tree>) {
    let name = "model_failure_rules";
    draft.others.retain(|(key, _)| key != name);
    draft.others.push((name.to_owned(), Tree::List(rules)));
}

fn rule(class: &str, status: i64) -> Tree {
    map([("class", class.into()), ("status", Tree::Int(status))])
}

pub(super) fn contradictory_rule(draft: &mut Draft, rng: &mut StdRng) {
    let mut rules = [rule("overloaded", 498), rule("timeout", 498)];
    if rng.random_bool(0.5) {
        rules[0].push("says", "Queue");
        rules[1].push("says", "queue");
    }
    with_rules(draft, rules.into());
}

pub(super) fn hidden_rule(draft: &mut Draft, rng: &mut StdRng) {
    let mut hidden = rule("timeout", 498);
    let (field, value) = *pick(rng, &[("code", "E1"), ("says", "queue")]);
    hidden.push(field, value);
    with_rules(draft, vec![rule("overloaded", 498), hidden]);
}

pub(super) fn unknown_provider(draft: &mut Draft, _: &mut StdRng) {
    let mut rule = rule("timeout", 498);
    rule.push("provider", "nobody");
    with_rules(draft, vec![rule]);
}
