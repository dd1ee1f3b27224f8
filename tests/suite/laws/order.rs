//! Checks that the order of entries does not matter.

use model_aliases::{AliasResolver, Request, Severity};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use super::reference::generate::names;
use super::reference::resolve::{Answer, resolve};
use super::reference::tree::Tree;
use super::{CASES, answer, cases, codes, each, generated, load};

/// Shuffles the entries of the sections. Wildcards keep their order, because of two equal ones the later serves.
fn permuted(tree: &Tree, rng: &mut StdRng) -> Tree {
    let mut tree = tree.clone();
    if let Tree::Map(sections) = &mut tree {
        for (name, section) in sections.iter_mut() {
            match (name.as_str(), section) {
                ("model_providers" | "llm_providers", Tree::List(entries)) => {
                    let wildcards: Vec<Tree> = entries
                        .iter()
                        .filter(|one| is_wildcard(one))
                        .cloned()
                        .collect();
                    entries.shuffle(rng);
                    let places = entries.iter_mut().filter(|one| is_wildcard(one));
                    for (place, wildcard) in places.zip(wildcards) {
                        *place = wildcard;
                    }
                }
                ("model_aliases", Tree::Map(aliases)) => aliases.shuffle(rng),
                _ => {}
            }
        }
        sections.shuffle(rng);
    }
    tree
}

fn is_wildcard(entry: &Tree) -> bool {
    entry
        .text_at("model")
        .is_some_and(|model| model.ends_with('*'))
}

/// Also shuffles the targets of every alias.
pub(super) fn with_targets_permuted(tree: &Tree, rng: &mut StdRng) -> Tree {
    let mut tree = permuted(tree, rng);
    each(&mut tree, "targets", &mut |targets| {
        if let Tree::List(members) = targets {
            members.shuffle(rng);
        }
    });
    tree
}

#[test]
fn entries_may_stand_in_any_order() {
    let mut rng = StdRng::seed_from_u64(4);
    for one in generated(4, cases(CASES)) {
        let Some(tree) = one.tree else { continue };
        let (text, config) = load(&tree, &mut rng);
        let (other_text, other) = load(&permuted(&tree, &mut rng), &mut rng);
        let (_, lists) = load(&with_targets_permuted(&tree, &mut rng), &mut rng);
        let found = config.check();
        for problems in [other.check(), lists.check()] {
            for severity in [Severity::Error, Severity::Warning] {
                let (left, right) = (codes(&found, severity), codes(&problems, severity));
                assert_eq!(left, right, "{text}\n{other_text}");
            }
        }
        let (Ok(first), Ok(second), Ok(third)) = (
            AliasResolver::new(config),
            AliasResolver::new(other),
            AliasResolver::new(lists),
        ) else {
            continue;
        };
        for name in names(&tree, &mut rng) {
            let request = Request::new(&name).entropy(rng.random());
            let expected = answer(&first, request);
            if !is_balanced(&tree, &name) {
                assert_eq!(
                    answer(&second, request),
                    expected,
                    "{name}: {text}\n{other_text}"
                );
            }
            if !is_drawn(&tree, &name) {
                assert_eq!(answer(&third, request), expected, "{name}: {text}");
            }
        }
    }
}

fn is_drawn(tree: &Tree, name: &str) -> bool {
    matches!(resolve(tree, name), Answer::Found { alternatives } if alternatives.len() > 1)
}

/// Returns whether a balancer takes part: its rotation may start anywhere.
pub(super) fn is_balanced(tree: &Tree, name: &str) -> bool {
    let Answer::Found { alternatives } = resolve(tree, name) else {
        return false;
    };
    let aliases = tree.get("model_aliases");
    let mut passed = alternatives.iter().flat_map(|one| &one.alias_path);
    passed.any(|alias| {
        let alias = aliases.and_then(|aliases| aliases.get(alias));
        alias.is_some_and(|alias| alias.get("load_balance").is_some())
    })
}
