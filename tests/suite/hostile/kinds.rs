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

/// The allocation limit per byte of input.
const MOST: usize = 100;

/// The limit for inputs that say much in few bytes: a node of two bytes, for which the YAML crate keeps 104 bytes and
/// its scanner as many; an alias on a line of ten bytes, with an entry of 500 bytes, a place in the graph and one in
/// the table; either one with a problem, which makes the loader read the text twice; or a bomb that uses up the limit
/// on YAML aliases.
///
/// The test counts every byte ever requested; `scripts/hostile` measures the bytes held at one time.
const TERSE: usize = 300;
/// The limit for a problem every three bytes.
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

/// A configuration that serves `a`. Text appended to it continues its aliases.
const HEAD: &str = "model_providers: [{model: openai/gpt-4o}]\nmodel_aliases:\n  a: gpt-4o\n";

/// Appends numbered pieces until the size is reached.
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

/// Repeats a piece until the size is reached.
fn pad(head: &str, size: usize, piece: &str, tail: &str) -> Vec<u8> {
    let times = size.saturating_sub(head.len() + tail.len()) / piece.len();
    [head, &piece.repeat(times), tail].concat().into_bytes()
}

/// Like [`pad`], after the configuration that serves `a`.
fn beside(section: &str, size: usize, piece: &str, tail: &str) -> Vec<u8> {
    pad(&format!("{HEAD}{section}"), size, piece, tail)
}

/// Like [`fill`], after the configuration that serves `a`.
fn aliases(size: usize, piece: impl Fn(usize) -> String) -> Vec<u8> {
    fill(HEAD, size, piece).into_bytes()
}
