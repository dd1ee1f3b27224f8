//! The seeded generator: valid configurations, configurations with one mistake, names to ask for, and configurations
//! to plan requests in.

mod draft;
mod mistakes;
mod names;
mod plans;
mod valid;

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use super::tree::{Style, Tree, to_yaml};
use draft::Draft;
use mistakes::{Edit, Mistake};

pub(crate) use names::names;
pub(crate) use plans::plans;

/// One configuration to load.
#[derive(Debug)]
pub(crate) struct Generated {
    pub(crate) text: Vec<u8>,
    /// The content of the text; `None` if the mistake is in the text itself.
    pub(crate) tree: Option<Tree>,
    /// The code of the mistake, if there is one.
    pub(crate) expected: Option<&'static str>,
    /// The limit to load it with, for the two codes that need a lower one.
    pub(crate) limit: Option<Limit>,
}

/// A limit of the loader that this configuration exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    Bytes(usize),
    Nodes(usize),
}

/// Makes the next configuration: two in five are valid, the others have one mistake, with all codes equally likely.
pub(crate) fn config(rng: &mut StdRng) -> Generated {
    let mut draft = valid::draft(rng);
    if rng.random_bool(0.4) {
        return written(&shuffled(&draft, rng), None, rng);
    }
    let (code, mistake) = *pick(rng, mistakes::MISTAKES);
    match mistake {
        Mistake::Tree(inject) => {
            inject(&mut draft, rng);
            written(&shuffled(&draft, rng), Some(code), rng)
        }
        Mistake::Text(inject) => {
            let edit = inject(&mut draft, rng);
            let style = Style {
                flow_root: false,
                anchors: false,
            };
            let text = to_yaml(&shuffled(&draft, rng), style, rng);
            let (text, limit) = edited(text, &edit, rng);
            Generated {
                text,
                tree: None,
                expected: Some(code),
                limit,
            }
        }
    }
}

/// The draft's document with its sections, entries and aliases in random order.
fn shuffled(draft: &Draft, rng: &mut StdRng) -> Tree {
    let mut draft = draft.clone();
    draft.providers.shuffle(rng);
    draft.aliases.shuffle(rng);
    let mut tree = draft.tree();
    if let Tree::Map(sections) = &mut tree {
        sections.shuffle(rng);
    }
    tree
}

/// Writes a document in a random style, sometimes with a byte order mark or CRLF.
fn written(tree: &Tree, expected: Option<&'static str>, rng: &mut StdRng) -> Generated {
    let style = Style {
        flow_root: rng.random_bool(0.05),
        anchors: rng.random_bool(0.3),
    };
    let mut text = to_yaml(tree, style, rng);
    if rng.random_bool(0.05) {
        text = text.replace('\n', "\r\n");
    }
    if rng.random_bool(0.05) {
        text.insert(0, '\u{feff}');
    }
    Generated {
        text: text.into_bytes(),
        tree: Some(tree.clone()),
        expected,
        limit: None,
    }
}

fn edited(mut text: String, edit: &Edit, rng: &mut StdRng) -> (Vec<u8>, Option<Limit>) {
    let mut limit = None;
    match edit {
        Edit::Swap(pairs) => {
            for (stand_in, raw) in pairs {
                for quoted in [format!("'{stand_in}'"), format!("\"{stand_in}\"")] {
                    text = text.replace(&quoted, stand_in);
                }
                text = text.replace(stand_in, raw);
            }
        }
        Edit::Append(lines) => text.push_str(lines),
        Edit::Prepend(lines) => text.insert_str(0, lines),
        Edit::Char(c) => text.insert(boundary(&text, rng), *c),
        Edit::Byte(byte) => {
            let place = boundary(&text, rng);
            let mut bytes = text.into_bytes();
            bytes.insert(place, *byte);
            return (bytes, None);
        }
        Edit::LimitBytes => limit = Some(Limit::Bytes(rng.random_range(1..text.len()))),
        Edit::LimitNodes => limit = Some(Limit::Nodes(rng.random_range(1..4))),
    }
    (text.into_bytes(), limit)
}

/// A random offset between two characters.
fn boundary(text: &str, rng: &mut StdRng) -> usize {
    let places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
    *pick(rng, &places)
}

/// Returns one of these items; there must be at least one.
fn pick<'t, T>(rng: &mut StdRng, items: &'t [T]) -> &'t T {
    &items[rng.random_range(0..items.len())]
}

#[cfg(test)]
mod tests;
