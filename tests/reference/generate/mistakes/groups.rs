//! Lists of targets, their weights and the fields beside them.

use rand::RngExt;
use rand::rngs::StdRng;

use super::super::super::tree::{Tree, decimal, list, map};
use super::super::draft::Draft;
use super::super::pick;

/// Fresh models as members, with these weights; null leaves the weight out.
fn members(draft: &mut Draft, weights: &[Tree]) -> Tree {
    let mut members = Vec::new();
    for weight in weights {
        let mut member = map([("model", draft.model().into())]);
        if *weight != Tree::Null {
            member.push("weight", weight.clone());
        }
        members.push(member);
    }
    members.into()
}

fn split(draft: &mut Draft, weights: &[Tree]) {
    let members = members(draft, weights);
    draft.alias(map([("targets", members)]));
}

pub(super) fn balancer(draft: &mut Draft, weights: &[Tree]) {
    let members = members(draft, weights);
    let balance = map([("algorithm", "weighted".into())]);
    draft.alias(map([("load_balance", balance), ("targets", members)]));
}

/// Two halves, as a list of targets.
fn halves(draft: &mut Draft) -> Tree {
    members(draft, &[Tree::Int(50), Tree::Int(50)])
}

pub(super) fn target_and_targets(draft: &mut Draft, rng: &mut StdRng) {
    let target = draft.model();
    let members = halves(draft);
    draft.alias(if rng.random_bool(0.7) {
        map([("target", target.into()), ("targets", members)])
    } else {
        map([
            ("target", target.into()),
            ("load_balance", map([("targets", members)])),
        ])
    });
}

pub(super) fn empty_list(draft: &mut Draft, rng: &mut StdRng) {
    let (target, step) = (draft.model(), draft.model());
    let step = map([("target", step.into()), ("conditions", list([]))]);
    let aliases = [
        map([("targets", list([]))]),
        map([("targets", list([])), ("load_balance", map([]))]),
        map([("load_balance", map([("targets", list([]))]))]),
        map([("target", target.into()), ("fallbacks", list([step]))]),
    ];
    draft.alias(pick(rng, &aliases).clone());
}

pub(super) fn too_many_entries(draft: &mut Draft, rng: &mut StdRng) {
    let target = draft.model();
    let in_targets = rng.random_bool(0.5);
    let (key, count) = if in_targets {
        ("model", 65)
    } else {
        ("target", 17)
    };
    let mut steps = Vec::new();
    for _ in 0..count {
        let host = draft.fresh("https://api");
        steps.push(map([(key, (&*target).into()), ("endpoint", host.into())]));
    }
    draft.alias(if in_targets {
        map([("load_balance", map([])), ("targets", steps.into())])
    } else {
        map([("target", target.into()), ("fallbacks", steps.into())])
    });
}

pub(super) fn targets_twice(draft: &mut Draft, _: &mut StdRng) {
    let members = members(draft, &[Tree::Null, Tree::Null]);
    let balance = map([("targets", members.clone())]);
    draft.alias(map([("load_balance", balance), ("targets", members)]));
}

pub(super) fn balance_without_targets(draft: &mut Draft, rng: &mut StdRng) {
    let mut alias = map([("load_balance", map([("algorithm", "sticky".into())]))]);
    if rng.random_bool(0.5) {
        alias.push("target", draft.model());
    }
    draft.alias(alias);
}

pub(super) fn misplaced_field(draft: &mut Draft, rng: &mut StdRng) {
    let (model, other) = (draft.model(), draft.model());
    let nested = draft.alias(&*model);
    let fields: [(&str, Tree); 3] = [
        ("endpoint", "https://eu.example.com".into()),
        ("timeout", "3s".into()),
        ("params", map([("temperature", decimal("0.2"))])),
    ];
    let (field, value) = pick(rng, &fields).clone();
    let alias = match rng.random_range(0..4) {
        0 => map([("targets", halves(draft)), (field, value)]),
        1 => map([("target", nested.into()), (field, value)]),
        2 => map([(
            "targets",
            list([map([("model", nested.into()), (field, value)])]),
        )]),
        _ => map([
            ("target", other.into()),
            (
                "fallbacks",
                list([map([("target", nested.into()), (field, value)])]),
            ),
        ]),
    };
    draft.alias(alias);
}

pub(super) fn invalid_weight(draft: &mut Draft, rng: &mut StdRng) {
    if rng.random_bool(0.5) {
        let rows = [
            [Tree::Int(-5), Tree::Int(105)],
            [Tree::Int(-5), Tree::Int(50)],
            [Tree::Int(101), Tree::Int(0)],
            ["50".into(), Tree::Int(50)],
            ["half".into(), Tree::Int(50)],
            [Tree::Bool(true), Tree::Int(50)],
            [decimal("99.995"), decimal("0.005")],
            [decimal("33.333"), Tree::Int(50)],
            [list([]), Tree::Int(50)],
        ];
        let weights = pick(rng, &rows);
        split(draft, weights);
    } else {
        let rows = [
            [Tree::Int(-1), Tree::Int(2)],
            [Tree::Int(10_001), Tree::Int(1)],
            [decimal("1.5"), Tree::Int(1)],
            ["2".into(), Tree::Int(1)],
            [Tree::Bool(false), Tree::Int(1)],
        ];
        let weights = pick(rng, &rows);
        balancer(draft, weights);
    }
}

pub(super) fn missing_weight(draft: &mut Draft, rng: &mut StdRng) {
    let rows = [
        vec![Tree::Int(100), Tree::Null],
        vec![Tree::Null, Tree::Null],
        vec![Tree::Int(50), Tree::Null, Tree::Int(25)],
    ];
    let weights = pick(rng, &rows);
    split(draft, weights);
}

pub(super) fn weight_sum(draft: &mut Draft, rng: &mut StdRng) {
    let rows = [
        vec![Tree::Int(70), Tree::Int(25)],
        vec![Tree::Int(100), Tree::Int(1)],
        vec![Tree::Int(0), Tree::Int(0)],
        vec![decimal("99.5"), decimal("0.51")],
        vec![decimal("33.33"), decimal("33.33"), decimal("33.33")],
    ];
    let weights = pick(rng, &rows);
    split(draft, weights);
}

pub(super) fn zero_weights(draft: &mut Draft, rng: &mut StdRng) {
    let count = rng.random_range(2..4);
    balancer(draft, &vec![Tree::Int(0); count]);
}

pub(super) fn weight_period(draft: &mut Draft, rng: &mut StdRng) {
    let rows = [
        vec![Tree::Int(10_000), Tree::Int(9_999)],
        vec![Tree::Int(1), Tree::Int(1_000)],
        vec![Tree::Int(2), Tree::Int(2_000), Tree::Int(0)],
        vec![Tree::Int(997), Tree::Int(2), Tree::Int(2)],
    ];
    let weights = pick(rng, &rows);
    balancer(draft, weights);
}

/// Two references to one target, in two spellings or through an alias.
pub(super) fn duplicate_member(draft: &mut Draft, rng: &mut StdRng) {
    let model = draft.model();
    let bare = model.trim_start_matches("lab/").to_owned();
    let members = halves(draft);
    let plain = draft.alias(&*model);
    let farther = draft.alias(&*plain);
    let group = draft.alias(map([("targets", members)]));
    let to_group = draft.alias(&*group);
    let pairs = [
        [&model, &model],
        [&model, &bare],
        [&plain, &bare],
        [&farther, &plain],
        [&group, &group],
        [&to_group, &group],
    ];
    let weighted = |name: &&String| map([("model", (&***name).into()), ("weight", Tree::Int(50))]);
    let chosen = pick(rng, &pairs).each_ref().map(weighted);
    let mut alias = map([("targets", list(chosen))]);
    if rng.random_bool(0.3) {
        alias.push("load_balance", map([]));
    }
    draft.alias(alias);
}

pub(super) fn unknown_algorithm(draft: &mut Draft, rng: &mut StdRng) {
    let words = ["random", "round-robin", "Sticky", "cheapest"];
    let members = members(draft, &[Tree::Null, Tree::Null]);
    let balance = map([("algorithm", (*pick(rng, &words)).into())]);
    draft.alias(map([("load_balance", balance), ("targets", members)]));
}
