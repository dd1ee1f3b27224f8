//! Where an entry stands says nothing.

use model_aliases::{AliasResolver, Config, Request, Severity};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use super::reference::generate::names;
use super::reference::resolve::{Answer, resolve};
use super::reference::tree::{Style, Tree, to_yaml};
use super::{codes, generated};

/// The document with the entries of its sections in another order. Wildcards keep theirs, for
/// of two equal ones the later serves.
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

/// The document with the targets of every alias in another order, too.
fn with_targets_permuted(tree: &Tree, rng: &mut StdRng) -> Tree {
    let mut tree = permuted(tree, rng);
    each_map(&mut tree, "model_aliases", &mut |alias| {
        shuffle_targets(alias, rng);
        each_map_field(alias, "load_balance", &mut |balance| {
            shuffle_targets(balance, rng)
        });
    });
    tree
}

fn each_map_field(map: &mut Tree, key: &str, edit: &mut dyn FnMut(&mut Tree)) {
    if let Tree::Map(fields) = map {
        fields
            .iter_mut()
            .filter(|(name, _)| name == key)
            .for_each(|(_, value)| edit(value));
    }
}

/// Edits every entry of a section that is a map.
fn each_map(tree: &mut Tree, section: &str, edit: &mut dyn FnMut(&mut Tree)) {
    each_map_field(tree, section, &mut |section| {
        if let Tree::Map(entries) = section {
            entries.iter_mut().for_each(|(_, entry)| edit(entry));
        }
    });
}

fn shuffle_targets(map: &mut Tree, rng: &mut StdRng) {
    each_map_field(map, "targets", &mut |targets| {
        if let Tree::List(members) = targets {
            members.shuffle(rng);
        }
    });
}

fn load(tree: &Tree, rng: &mut StdRng) -> (String, Config) {
    let style = Style {
        flow_root: false,
        anchors: false,
    };
    let text = to_yaml(tree, style, rng);
    let config = Config::from_yaml("config.yaml", &text).unwrap();
    (text, config)
}

#[test]
fn entries_may_stand_in_any_order() {
    let mut rng = StdRng::seed_from_u64(4);
    for one in generated(4) {
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

/// Everything that an answer says.
fn answer(resolver: &AliasResolver, request: Request<'_>) -> Result<String, Vec<String>> {
    match resolver.resolve(request) {
        Ok(found) => Ok(format!(
            "{found:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            found.provider(),
            found.endpoint(),
            found.params(),
            found.timeout(),
            found.guardrails().collect::<Vec<_>>(),
            found.deprecation(),
        )),
        Err(model_aliases::ResolveError::UnknownName(_)) => Err(Vec::new()),
        Err(model_aliases::ResolveError::AmbiguousName(name)) => {
            // They are listed in file order.
            let mut candidates: Vec<_> = name.candidates().map(str::to_owned).collect();
            candidates.sort();
            Err(candidates)
        }
        Err(other) => panic!("{other}"),
    }
}

fn is_drawn(tree: &Tree, name: &str) -> bool {
    matches!(resolve(tree, name), Answer::Found { alternatives } if alternatives.len() > 1)
}

/// Whether a balancer has a say, whose turns may begin anywhere.
fn is_balanced(tree: &Tree, name: &str) -> bool {
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
