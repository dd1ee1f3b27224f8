//! Compiles the names of a table and the answer to each.

use super::targets::number;
use crate::load::check::{Index, ModelSlot};
use crate::table::{Answer, End, Hop, NONE, Names};

/// For each ambiguous name, the full names that it could mean.
type FullNames = Box<[Box<[Box<str>]>]>;

/// Compiles the answer to each known name: its alias, else its model.
pub(super) fn names(index: &Index<'_>, hops: &[Option<Hop>]) -> (Names<Answer>, FullNames) {
    let mut ambiguous = Vec::new();
    let mut names = Names::with_capacity(index.slots.len());
    for (name, slot) in &index.slots {
        let hop = slot.alias.and_then(|alias| hops[alias].as_ref());
        let answer = match (hop, &slot.model) {
            (Some(hop), _) => Answer::Route {
                alias: slot.alias.map_or(NONE, number),
                end: hop.end,
            },
            (None, Some(ModelSlot::One(provider))) => Answer::Route {
                alias: NONE,
                end: End::Target {
                    target: number(*provider),
                    options: NONE,
                },
            },
            (None, Some(ModelSlot::Many(providers))) => {
                let full = providers.iter().map(|&at| index.full_name(at).into());
                ambiguous.push(full.collect());
                Answer::Ambiguous(number(ambiguous.len() - 1))
            }
            (None, None) => continue,
        };
        names.insert(name, answer);
    }
    (names, ambiguous.into())
}
