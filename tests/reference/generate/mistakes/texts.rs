//! Mistakes in the text itself, which have no tree.

use rand::RngExt;
use rand::rngs::StdRng;

use super::super::super::tree::{Tree, map};
use super::super::draft::Draft;
use super::super::pick;
use super::Edit;

/// A word that no generated document contains, to be replaced by raw YAML.
const STAND_IN: &str = "StandIn";

/// Puts a stand-in in place of a text, in an entry of either section.
fn stand_in(draft: &mut Draft, name: &str, rng: &mut StdRng) {
    if rng.random_bool(0.5) {
        draft.model_with(map([("http_host", name.into())]));
    } else {
        let target = draft.model();
        draft.alias(map([
            ("target", target.into()),
            ("description", name.into()),
        ]));
    }
}

pub(super) fn too_large(_: &mut Draft, _: &mut StdRng) -> Edit {
    Edit::LimitBytes
}

/// One of our sections must contain some nodes.
pub(super) fn too_many_nodes(draft: &mut Draft, _: &mut StdRng) -> Edit {
    for _ in 0..3 {
        let target = draft.model();
        draft.alias(&*target);
    }
    Edit::LimitNodes
}

/// More than 128 levels, in a section of ours or in brackets anywhere.
pub(super) fn too_deep(draft: &mut Draft, rng: &mut StdRng) -> Edit {
    let depth = rng.random_range(140..300);
    if rng.random_bool(0.5) {
        return Edit::Append(format!(
            "x-deep: {}{}\n",
            "[".repeat(depth),
            "]".repeat(depth)
        ));
    }
    let mut deep = Tree::Int(1);
    for _ in 0..depth {
        deep = if rng.random_bool(0.5) {
            Tree::List(vec![deep])
        } else {
            map([("k", deep)])
        };
    }
    let target = draft.model();
    draft.alias(map([
        ("target", target.into()),
        ("params", map([("deep", deep)])),
    ]));
    Edit::Swap(Vec::new())
}

pub(super) fn invalid_utf8(_: &mut Draft, rng: &mut StdRng) -> Edit {
    Edit::Byte(*pick(rng, &[0xff, 0xc3, 0x80, 0xf8]))
}

pub(super) fn control_character(_: &mut Draft, rng: &mut StdRng) -> Edit {
    Edit::Char(*pick(rng, &['\0', '\u{1}', '\u{7}', '\u{1b}', '\u{7f}']))
}

pub(super) fn invalid_yaml(_: &mut Draft, rng: &mut StdRng) -> Edit {
    let lines = [
        "x-broken: [1, 2\n",
        "x-broken: {a: 1\n",
        "x-broken: 'no end\n",
        "x-broken: \"no end\n",
        "x-broken: a: b\n",
        "x-broken: *nobody\n",
        "x-broken: @at\n",
        "x-broken: ]\n",
        "x-broken: 1\n   deeper: 2\n",
    ];
    Edit::Append((*pick(rng, &lines)).to_owned())
}

pub(super) fn multiple_documents(_: &mut Draft, rng: &mut StdRng) -> Edit {
    match rng.random_range(0..3) {
        0 => Edit::Prepend("x-first: 1\n---\n".to_owned()),
        1 => Edit::Append("...\n---\nx-second: 1\n".to_owned()),
        _ => Edit::Append("---\nmodel_aliases: {}\n".to_owned()),
    }
}

pub(super) fn duplicate_anchor(draft: &mut Draft, rng: &mut StdRng) -> Edit {
    let names = [1, 2].map(|number| format!("{STAND_IN}{number}"));
    for name in &names {
        stand_in(draft, name, rng);
    }
    Edit::Swap(names.map(|name| (name, "&same word".to_owned())).to_vec())
}

pub(super) fn unsupported_tag(draft: &mut Draft, rng: &mut StdRng) -> Edit {
    stand_in(draft, STAND_IN, rng);
    let tagged = *pick(rng, &["!secret word", "!env 'WORD'"]);
    Edit::Swap(vec![(STAND_IN.to_owned(), tagged.to_owned())])
}

/// A `<<` whose value is neither a map nor a list of maps.
pub(super) fn invalid_merge(draft: &mut Draft, rng: &mut StdRng) -> Edit {
    let key = format!("{STAND_IN}Key");
    let mut merged = map([]);
    merged.push(&key, STAND_IN);
    let target = draft.model();
    match rng.random_range(0..4) {
        0 => {
            draft.model_with(merged);
        }
        1 => {
            merged.push("target", target);
            draft.alias(merged);
        }
        2 => {
            merged.push("model", target);
            draft.alias(map([("targets", vec![merged].into())]));
        }
        _ => {
            draft.alias(map([("target", target.into()), ("params", merged)]));
        }
    }
    let value = *pick(rng, &["5", "word", "[1, 2]", "true", "[{}, word]"]);
    Edit::Swap(vec![
        (key, "<<".to_owned()),
        (STAND_IN.to_owned(), value.to_owned()),
    ])
}
