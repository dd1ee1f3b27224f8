//! Counts the keys that move, where computing them takes too long.

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use super::side::{Destination, Joint, Keyed, Side};
use crate::base::fraction::Fraction;
use crate::base::rendezvous;
use crate::table::End;

/// How many members all keys of a sample look at: about a quarter of a second.
const SAMPLED_MEMBERS: usize = 50_000_000;

/// The keys of a sample.
const FEWEST_KEYS: usize = 100;
const MOST_KEYS: usize = 4_000;

/// The joint distributions of some aliases, each with its position and its ends in both versions, counted with keys
/// and marked as inexact. Each key looks at each alias once, so that one sample serves all.
pub(super) fn sampled(
    old: &Side<'_>,
    new: &Side<'_>,
    aliases: &[(usize, End, End)],
) -> Vec<(usize, Joint)> {
    let members = |side: &Side<'_>| -> usize {
        let groups = side.table.groups.iter();
        groups.map(|group| group.members.len()).sum()
    };
    let keys = SAMPLED_MEMBERS / (members(old) + members(new)).max(1);
    let keys = keys.clamp(FEWEST_KEYS, MOST_KEYS);
    let mut counts = vec![IndexMap::<_, u64, FixedState>::default(); aliases.len()];
    if !aliases.is_empty() {
        let (mut from, mut to) = (KeyedWalk::new(old), KeyedWalk::new(new));
        for key in 0..keys {
            let digest = rendezvous::digest(format!("key-{key}").as_bytes());
            (from.digest, to.digest) = (digest, digest);
            for (&(_, old, new), counts) in aliases.iter().zip(&mut counts) {
                let pair = (from.destination(old), to.destination(new));
                *counts.entry(pair).or_default() += 1;
            }
            from.known.fill(None);
            to.known.fill(None);
        }
    }
    let share = |count: u64| Fraction::new(count.into(), keys as u128).inexact();
    let joints = counts.into_iter().map(|counts| {
        let shares = counts.into_iter().map(|(pair, count)| (pair, share(count)));
        shares.collect()
    });
    aliases.iter().map(|(at, _, _)| *at).zip(joints).collect()
}

/// The way of one key through one version.
struct KeyedWalk<'s, 't> {
    side: &'s Side<'t>,
    digest: u64,
    /// The destination of each group that the key came through.
    known: Vec<Option<Destination>>,
}

impl<'s, 't> KeyedWalk<'s, 't> {
    fn new(side: &'s Side<'t>) -> Self {
        Self {
            side,
            digest: 0,
            known: vec![None; side.groups.len()],
        }
    }

    /// Where the key ends. A path has at most 16 aliases, which bounds the recursion.
    fn destination(&mut self, end: End) -> Destination {
        let (id, group) = match self.side.keyed(end) {
            Keyed::Fixed(destination) => return destination,
            Keyed::Split(id, group) => (id, group),
        };
        if let Some(known) = self.known[id as usize] {
            return known;
        }
        let members = group.members.iter().enumerate();
        let members = members.map(|(at, member)| (at, member.id, member.weight));
        // The only member may have no weight.
        let member = rendezvous::pick(self.digest, members);
        let destination = self.destination(group.members[member.unwrap_or(0)].end);
        self.known[id as usize] = Some(destination);
        destination
    }
}
