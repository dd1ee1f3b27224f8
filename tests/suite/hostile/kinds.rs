//! The kinds of hostile input.

mod entries;
mod scalars;
mod structure;

use super::{End, Kind};

/// Every kind.
pub(super) fn all() -> impl Iterator<Item = &'static Kind> {
    [structure::KINDS, scalars::KINDS, entries::KINDS]
        .into_iter()
        .flatten()
}

/// What an input may allocate for each of its bytes.
const MOST: usize = 100;

/// What one may whose bytes are few beside what they say: a node of two bytes, for which the
/// YAML crate keeps 104 and its scanner takes as many; a line of ten that is an alias, with an
/// entry of 500 bytes, a place in the graph and one in the table; either with a problem, for
/// which the text is read twice; or a bomb that uses up the room for YAML aliases.
///
/// Counted is all that was ever asked for; `scripts/hostile` measures what is held at once.
const TERSE: usize = 300;
/// A problem every three bytes.
const TERSEST: usize = 600;

const fn kind(name: &'static str, end: End, make: fn(usize) -> Vec<u8>) -> Kind {
    Kind {
        name,
        make,
        end,
        most: MOST,
    }
}

impl Kind {
    const fn at_most(mut self, most: usize) -> Self {
        self.most = most;
        self
    }
}

/// A configuration that serves `a`; what follows goes on with its aliases.
const HEAD: &str = "model_providers: [{model: openai/gpt-4o}]\nmodel_aliases:\n  a: gpt-4o\n";

/// Repeats a piece, numbered, until the size is reached.
fn fill(head: &str, size: usize, piece: impl Fn(usize) -> String) -> String {
    let mut text = head.to_owned();
    for at in 0.. {
        if text.len() >= size {
            break;
        }
        text.push_str(&piece(at));
    }
    text
}

/// Repeats a text until the size is reached.
fn pad(head: &str, size: usize, piece: &str, tail: &str) -> Vec<u8> {
    let times = size.saturating_sub(head.len() + tail.len()) / piece.len();
    [head, &piece.repeat(times), tail].concat().into_bytes()
}

/// As [`pad`], behind the configuration that serves `a`.
fn beside(section: &str, size: usize, piece: &str, tail: &str) -> Vec<u8> {
    pad(&format!("{HEAD}{section}"), size, piece, tail)
}

/// As [`fill`], behind the configuration that serves `a`.
fn aliases(size: usize, piece: impl Fn(usize) -> String) -> Vec<u8> {
    fill(HEAD, size, piece).into_bytes()
}
