//! Which member of a group serves.

mod hook;
mod least;

pub use hook::{Candidate, Candidates, Selector};
pub(crate) use hook::{Hooks, SelectFn};
pub(crate) use least::least_loaded;

use std::time::Duration;

use crate::base::mix::{GOLDEN, scale, splitmix64};
use crate::base::rendezvous;
use crate::serve::clock::Clock;
use crate::serve::entropy::Source;
use crate::serve::request::Request;
use crate::serve::state::LiveState;
use crate::table::{Choice, End, Group, GroupId, Place, Rivals, RoutingTable, Turns};

/// What a choice is made in.
#[derive(Clone, Copy)]
pub(crate) struct SelectContext<'a> {
    pub(crate) table: &'a RoutingTable,
    pub(crate) live: &'a LiveState,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) hooks: &'a Hooks,
    /// How long a failure weighs on a target.
    pub(crate) penalty: Duration,
}

/// The members that may be chosen, one bit each; a group has at most 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mask(pub(crate) u64);

impl Mask {
    /// Every member of a group.
    #[inline]
    pub(crate) fn all(group: &Group) -> Self {
        Self(u64::MAX >> (64 - group.members.len().clamp(1, 64)))
    }

    #[inline]
    pub(crate) fn has(self, member: usize) -> bool {
        self.0 >> member & 1 == 1
    }

    pub(crate) fn remove(&mut self, member: usize) {
        self.0 &= !(1 << member);
    }

    /// The members, ascending.
    #[inline]
    pub(crate) fn members(self) -> impl Iterator<Item = usize> + Clone {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let member = rest.trailing_zeros() as usize;
            rest &= rest.wrapping_sub(1);
            (member < 64).then_some(member)
        })
    }
}

/// What decides the choices of one request: its random bits and its key.
pub(crate) struct Draws<'a> {
    source: &'a Source,
    given: Option<u64>,
    key: Key<'a>,
}

/// A sticky key, of which choices see the hash only; it is made once it is needed.
#[derive(Clone, Copy)]
enum Key<'a> {
    None,
    Text(&'a [u8]),
    Hashed(u64),
}

impl SavedDraws {
    /// The draws of a request before its first choice.
    #[inline]
    pub(crate) fn new(request: Request<'_>) -> Self {
        Self {
            given: request.given_entropy(),
            digest: request.key().map(rendezvous::digest),
        }
    }
}

impl<'a> Draws<'a> {
    #[inline]
    pub(crate) fn new(source: &'a Source, request: Request<'a>) -> Self {
        Self {
            source,
            given: request.given_entropy(),
            key: request.key().map_or(Key::None, Key::Text),
        }
    }

    /// Goes on where [`saved`](Self::saved) was called.
    #[inline]
    pub(crate) fn resumed(source: &'a Source, saved: SavedDraws) -> Self {
        Self {
            source,
            given: saved.given,
            key: saved.digest.map_or(Key::None, Key::Hashed),
        }
    }

    /// What later choices of the same request go on from.
    #[inline]
    pub(crate) fn saved(&mut self) -> SavedDraws {
        SavedDraws {
            given: self.given,
            digest: self.digest(),
        }
    }

    /// Bits for the next draw. Nested groups draw one after the other and must not be related,
    /// so bits that the request brought are mixed once more for each.
    #[inline]
    pub(crate) fn next(&mut self) -> u64 {
        match self.given {
            Some(bits) => {
                self.given = Some(splitmix64(bits ^ GOLDEN));
                bits
            }
            None => self.source.next_u64(),
        }
    }

    /// Whether whom a split chooses is no matter of chance.
    pub(crate) fn decide_splits(&self) -> bool {
        self.is_keyed() || self.given.is_some()
    }

    #[inline]
    pub(crate) fn is_keyed(&self) -> bool {
        !matches!(self.key, Key::None)
    }

    /// The hash of the key, if there is one.
    #[inline]
    fn digest(&mut self) -> Option<u64> {
        match self.key {
            Key::None => None,
            Key::Hashed(digest) => Some(digest),
            Key::Text(key) => {
                let digest = rendezvous::digest(key);
                self.key = Key::Hashed(digest);
                Some(digest)
            }
        }
    }
}

/// What is kept of [`Draws`] between the attempts of a request: no text of the key.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SavedDraws {
    given: Option<u64>,
    digest: Option<u64>,
}

/// What a choice came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pick {
    Member(usize),
    /// None may be chosen, or none suits a selector.
    None,
    /// A selector chose a position that is not there.
    Fault(usize),
}

impl From<Option<usize>> for Pick {
    #[inline]
    fn from(member: Option<usize>) -> Self {
        member.map_or(Self::None, Self::Member)
    }
}

/// Chooses among all members, for the first time in a request; `None` where that takes more than
/// a draw, a key or a turn, and [`choose`] decides.
#[expect(
    clippy::inline_always,
    reason = "what it gives back stays in registers"
)]
#[inline(always)]
pub(crate) fn choose_simply(
    table: &RoutingTable,
    live: &LiveState,
    hooks: &Hooks,
    group: GroupId,
    draws: &mut Draws<'_>,
) -> Option<(usize, End)> {
    let front = table.front(group);
    let member = match front.choice {
        Choice::Only => 0,
        Choice::Split | Choice::Sticky(_) if draws.is_keyed() => {
            if front.is_partial() {
                by_key_of_all(table.group(group), draws.digest()?)?
            } else {
                by_key_of_few(table.rivals(group), draws.digest()?)?
            }
        }
        Choice::Split if !hooks.draws() => {
            let point = scale(draws.next(), front.total);
            let before = |place: &Place| usize::from(place.sum <= point);
            let member = front.places.iter().map(before).sum();
            if member == front.places.len() {
                member + draw(table.group(group), member, point)
            } else {
                member
            }
        }
        Choice::RoundRobin(turns) | Choice::Sticky(turns) => {
            scheduled(table, turns, turn(live, turns))
        }
        Choice::LeastConnections(turns) => least::first(table, live, group, turns)?,
        _ => return None,
    };
    let end = match front.places.get(member) {
        Some(place) => place.end(),
        None => table.group(group).members.get(member)?.end,
    };
    Some((member, end))
}

/// Chooses among all members, for the first time in a request.
pub(crate) fn choose_first(
    scene: &SelectContext<'_>,
    group: GroupId,
    request: Request<'_>,
    draws: &mut Draws<'_>,
) -> Pick {
    let simple = choose_simply(scene.table, scene.live, scene.hooks, group, draws);
    if let Some((member, _)) = simple {
        return Pick::Member(member);
    }
    let group = scene.table.group(group);
    choose(scene, group, request, draws, Mask::all(group), false)
}

/// Chooses among some members.
///
/// `again` says that this request has been in the group before: it takes no further turn.
pub(crate) fn choose(
    scene: &SelectContext<'_>,
    group: &Group,
    request: Request<'_>,
    draws: &mut Draws<'_>,
    mask: Mask,
    again: bool,
) -> Pick {
    match group.choice {
        Choice::Only => mask.has(0).then_some(0).into(),
        Choice::Split => match (draws.digest(), scene.hooks.draw()) {
            (Some(digest), _) => by_key(group, digest, mask).into(),
            (None, Some(selector)) => hook::select(scene, selector, group, request, mask),
            (None, None) => by_weight(group, draws.next(), mask).into(),
        },
        Choice::RoundRobin(turns) => by_turn(scene, group, turns, draws, mask, again).into(),
        Choice::Sticky(turns) => match draws.digest() {
            Some(digest) => by_key(group, digest, mask).into(),
            None => by_turn(scene, group, turns, draws, mask, again).into(),
        },
        Choice::LeastConnections(turns) => {
            let ties = least::least_loaded(scene, group, mask);
            by_turn(scene, group, turns, draws, ties, again).into()
        }
        Choice::Hook(selector) => match scene.hooks.selector(selector) {
            Some(selector) => hook::select(scene, selector, group, request, mask),
            None => Pick::None,
        },
    }
}

/// Draws among the members from one on, by running sums of weights.
fn draw(group: &Group, first: usize, point: u32) -> usize {
    let members = group.members.iter().skip(first);
    members.map(|member| usize::from(member.sum <= point)).sum()
}

/// Draws by weight among some members.
fn by_weight(group: &Group, bits: u64, mask: Mask) -> Option<usize> {
    let total = mask.members().map(|at| group.members[at].weight).sum();
    let mut point = scale(bits, total);
    mask.members().find(|&at| {
        let weight = group.members[at].weight;
        let here = point < weight;
        point = point.wrapping_sub(weight);
        here
    })
}

/// Chooses by key among some members.
#[inline]
fn by_key(group: &Group, digest: u64, mask: Mask) -> Option<usize> {
    let members = group.members.iter().enumerate();
    rendezvous::pick(
        digest,
        members
            .filter(|(at, _)| mask.has(*at))
            .map(|(at, member)| (at, member.id, member.weight)),
    )
}

/// Chooses by key among all members that a line of the table has place for, which is the hash of
/// the key and three logarithms in a row. Not part of its callers, which stay small that way.
#[inline(never)]
fn by_key_of_few(rivals: &Rivals, digest: u64) -> Option<usize> {
    let members = rivals.weights();
    rendezvous::pick(
        digest,
        members.map(|(at, weight)| (at, rivals.ids[at], weight)),
    )
}

/// Chooses by key among more members than that.
#[inline(never)]
fn by_key_of_all(group: &Group, digest: u64) -> Option<usize> {
    by_key(group, digest, Mask::all(group))
}

/// Chooses whose turn it is. A turn that falls on a member outside the mask goes to the others
/// by weight, not to the next in the schedule, which would get twice its share.
#[inline]
fn by_turn(
    scene: &SelectContext<'_>,
    group: &Group,
    turns: Turns,
    draws: &mut Draws<'_>,
    mask: Mask,
    again: bool,
) -> Option<usize> {
    if again {
        return by_weight(group, draws.next(), mask);
    }
    let turn = turn(scene.live, turns);
    let member = scheduled(scene.table, turns, turn);
    if mask.has(member) {
        return Some(member);
    }
    by_weight(group, splitmix64(turn ^ GOLDEN), mask)
}

/// Takes a turn of a balancer.
#[inline]
fn turn(live: &LiveState, turns: Turns) -> u64 {
    live.rotations[turns.rotation as usize].turn()
}

/// Whose turn it is.
#[inline]
fn scheduled(table: &RoutingTable, turns: Turns, turn: u64) -> usize {
    let schedule = &table.schedules[turns.schedule as usize];
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the remainder is below the period"
    )]
    let place = (turn % schedule.len() as u64) as usize;
    usize::from(schedule[place])
}
