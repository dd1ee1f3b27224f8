//! Checks that reported changes are complete and correct, and that graphs show every element.

use std::collections::BTreeSet;

use model_aliases::{AliasResolver, Change, Config, Rerouted};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::order::with_targets_permuted;
use super::reference::generate::names;
use super::{accepted, load};

/// Returns the targets of a name, or the error code; `None` for an unknown name.
fn lead(resolver: &AliasResolver, name: &str) -> Option<Result<BTreeSet<String>, &'static str>> {
    match resolver.distribution(name) {
        Ok(shares) => Some(Ok(shares
            .iter()
            .map(|share| share.target().to_owned())
            .collect())),
        Err(error) if error.code() == "unknown-name" => None,
        Err(error) => Some(Err(error.code())),
    }
}

#[test]
fn the_same_in_another_order_has_no_changes() {
    let mut rng = StdRng::seed_from_u64(21);
    let mut compared = 0;
    for (one, tree) in accepted(21) {
        let (_, config) = load(&tree, &mut rng);
        let (text, other) = load(&with_targets_permuted(&tree, &mut rng), &mut rng);
        let config = AliasResolver::new(config).unwrap();
        let other = AliasResolver::new(other).unwrap();
        let changes = other.changes_since(&config);
        assert!(
            changes.is_empty(),
            "{changes}\n{}\n{text}",
            String::from_utf8_lossy(&one.text)
        );
        compared += 1;
    }
    assert!(compared > 300, "{compared}");
}

#[test]
fn a_name_is_listed_if_it_led_somewhere_and_leads_elsewhere() {
    let mut rng = StdRng::seed_from_u64(22);
    let (mut listed_in_all, mut kept) = (0, 0);
    let mut before = None;
    for (_, tree) in accepted(22) {
        let resolver = AliasResolver::new(load(&tree, &mut rng).1).unwrap();
        let asked = names(&tree, &mut rng);
        let Some((old, old_asked)) = before.replace((resolver.clone(), asked.clone())) else {
            continue;
        };
        let changes = resolver.changes_since(&old);
        let listed: BTreeSet<&str> = changes.rerouted().iter().map(Rerouted::name).collect();
        let differs = |name: &str| {
            let before = lead(&old, name);
            before.is_some() && before != lead(&resolver, name)
        };
        for name in asked
            .iter()
            .chain(&old_asked)
            .filter(|name| !name.ends_with("/*"))
        {
            let pattern = name
                .split_once('/')
                .is_some_and(|(prefix, _)| listed.contains(&*format!("{prefix}/*")));
            if differs(name) {
                assert!(listed.contains(&**name) || pattern, "{name}\n{changes}");
            } else {
                assert!(!listed.contains(&**name), "{name}\n{changes}");
                kept += 1;
            }
        }
        listed_in_all += listed.len();
        let back = old.changes_since(&resolver);
        let named = |changes: &[Change], added: bool| -> BTreeSet<String> {
            let wanted = changes.iter().filter(|one| {
                if added {
                    one.is_added()
                } else {
                    one.is_removed()
                }
            });
            wanted.map(|one| one.name().to_owned()).collect()
        };
        assert_eq!(named(changes.aliases(), true), named(back.aliases(), false));
        assert_eq!(
            named(changes.providers(), true),
            named(back.providers(), false)
        );
    }
    assert!(
        listed_in_all > 1_000 && kept > 1_000,
        "{listed_in_all} {kept}"
    );
}

#[test]
fn a_picture_shows_every_alias_and_every_entry() {
    let mut rng = StdRng::seed_from_u64(23);
    for (_, tree) in accepted(23) {
        let (text, config) = load(&tree, &mut rng);
        let aliases: Vec<String> = config.aliases().map(|one| one.name().to_owned()).collect();
        let resolver = AliasResolver::new(config).unwrap();
        let graph = resolver.graph();
        let (mermaid, dot) = (graph.to_mermaid(), graph.to_dot());
        for alias in &aliases {
            assert!(mermaid.contains(&format!("\"{alias}")), "{alias}\n{text}");
            assert!(
                dot.contains(&format!("[label=\"{alias}")),
                "{alias}\n{text}"
            );
            let one = resolver.graph_of(alias).unwrap().to_dot();
            assert!(
                one.contains(&format!("  n0 [label=\"{alias}")),
                "{alias}\n{text}"
            );
        }
        for entry in resolver.providers() {
            assert!(dot.contains(&format!("[label=\"{}\" shape=cylinder", entry.provider())));
        }
        // The same one, made again from the text.
        let again = Config::from_yaml("config.yaml", &text).unwrap();
        assert_eq!(AliasResolver::new(again).unwrap().graph(), graph);
    }
}
