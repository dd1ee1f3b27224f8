//! Names to ask for.

use rand::RngExt;
use rand::rngs::StdRng;

use super::super::tree::Tree;
use super::super::view::{Home, View};
use super::pick;

/// Every name that the configuration answers, and many near misses.
pub(crate) fn names(tree: &Tree, rng: &mut StdRng) -> Vec<String> {
    let view = View::new(tree);
    let mut names: Vec<String> = view
        .aliases
        .iter()
        .map(|alias| alias.name.to_owned())
        .collect();
    for entry in &view.entries {
        names.extend(entry.name.map(str::to_owned));
        names.extend(entry.node.text_at("model").map(str::to_owned));
        match &entry.home {
            Home::Model { prefix, id } => {
                names.extend([
                    format!("{prefix}/{id}"),
                    id.clone(),
                    prefix.clone(),
                    format!("zzz/{id}"),
                    format!("{prefix}/{prefix}/{id}"),
                    format!("{prefix}/never-declared"),
                ]);
            }
            Home::Wildcard { prefix } => {
                for id in ["*", "", "some-id", "team/some-id:2"] {
                    names.push(format!("{prefix}/{id}"));
                }
            }
            Home::Broken(_) => {}
        }
    }
    let known = names.clone();
    // A typo in a pattern may give a name that contains `*`, for which no rule is defined.
    for name in known.iter().filter(|name| !name.contains('*')) {
        names.push(near_miss(name, rng));
        if rng.random_bool(0.3) {
            names.push(name.to_uppercase());
        }
    }
    let strange = [
        "",
        "/",
        "*",
        "default",
        "none",
        " ",
        "no such model",
        "zzz/zzz",
        "é",
    ];
    names.extend(strange.map(str::to_owned));
    names.sort();
    names.dedup();
    names
}

/// The name with one typo.
fn near_miss(name: &str, rng: &mut StdRng) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let place = if letters.is_empty() {
        0
    } else {
        rng.random_range(0..letters.len())
    };
    match rng.random_range(0..4) {
        0 if !letters.is_empty() => {
            letters.remove(place);
        }
        1 if place > 0 => letters.swap(place - 1, place),
        2 => letters.push(' '),
        _ => letters.insert(place, *pick(rng, &['x', '-', '/', '4'])),
    }
    letters.into_iter().collect()
}
