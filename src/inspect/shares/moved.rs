//! Computes which sticky keys move between two versions of a configuration.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use super::spread::probabilities;
use super::transitions::transitions;
use crate::base::fraction::Fraction;
use crate::table::{AliasId, Answer, Choice, End, Group, GroupId, NONE, RoutingTable};

/// The sticky keys of one alias that move between two versions of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    alias: Box<str>,
    share: Fraction,
    flows: Vec<Flow>,
}

impl Moved {
    /// Returns the name of the alias.
    pub fn alias(&self) -> &str {
        &self.alias
    }

    /// Returns the share of sticky keys that get a different target.
    pub fn share(&self) -> Fraction {
        self.share
    }

    /// Returns the moves between pairs of targets, largest first.
    pub fn flows(&self) -> &[Flow] {
        &self.flows
    }
}

/// Sticky keys that move from one target to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    from: Box<str>,
    to: Box<str>,
    share: Fraction,
}

impl Flow {
    /// Returns the old target.
    pub fn from(&self) -> &str {
        &self.from
    }

    /// Returns the new target.
    pub fn to(&self) -> &str {
        &self.to
    }

    /// Returns the share of all keys that make this move.
    pub fn share(&self) -> Fraction {
        self.share
    }
}

/// Computes the moves of every alias that both versions have.
pub(super) fn between(before: &RoutingTable, after: &RoutingTable) -> Vec<Moved> {
    let mut pair = Pair {
        old: Side::new(before),
        new: Side::new(after),
        known: HashMap::new(),
    };
    let aliases = after.aliases.iter();
    aliases
        .filter_map(|alias| match before.answer(&alias.name)?.answer {
            Answer::Route { alias: id, end } if id != NONE => {
                pair.moved(&alias.name, end, alias.hop.end)
            }
            _ => None,
        })
        .collect()
}

/// Where a key ends: a target, or an alias whose choice does not depend on the key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Destination(Box<str>);

/// One version of a configuration.
struct Side<'t> {
    table: &'t RoutingTable,
}

/// How an end treats a key.
enum Keyed<'t> {
    Fixed(Destination),
    Split(GroupId, &'t Group),
}

impl<'t> Side<'t> {
    fn new(table: &'t RoutingTable) -> Self {
        Self { table }
    }

    fn keyed(&self, end: End) -> Keyed<'t> {
        let alias = |alias: AliasId| self.table.aliases[alias as usize].name.as_ref();
        match end {
            End::Target { target, .. } => {
                Keyed::Fixed(Destination(self.table.target(target).text.clone()))
            }
            End::Group(id) => {
                let group = self.table.group(id);
                match group.choice {
                    Choice::Only | Choice::Split | Choice::Sticky(_) => Keyed::Split(id, group),
                    Choice::RoundRobin(_) | Choice::LeastConnections(_) | Choice::Hook(_) => {
                        Keyed::Fixed(Destination(alias(group.alias).into()))
                    }
                }
            }
        }
    }

    /// Returns whether a split with this salt is reachable from here.
    fn meets(&self, end: End, salt: u64) -> bool {
        let mut seen = HashSet::new();
        let mut ends = vec![end];
        while let Some(end) = ends.pop() {
            if let Keyed::Split(id, group) = self.keyed(end)
                && seen.insert(id)
            {
                if group.salt == salt {
                    return true;
                }
                ends.extend(group.members.iter().map(|member| member.end));
            }
        }
        false
    }
}

/// Joint distribution of keys over pairs of (before, after).
type Joint = IndexMap<(Destination, Destination), Fraction>;

/// A choice made in one version. The split with the same salt in the other version has not chosen yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct SideChoice {
    by_old: bool,
    group: GroupId,
    member: usize,
}

struct Pair<'t> {
    old: Side<'t>,
    new: Side<'t>,
    known: HashMap<(EndKey, EndKey, Vec<SideChoice>), Joint>,
}

/// An end as part of a cache key.
type EndKey = (bool, u32);

fn end_key(end: End) -> EndKey {
    match end {
        End::Target { target, .. } => (false, target),
        End::Group(group) => (true, group),
    }
}

impl<'t> Pair<'t> {
    fn moved(&mut self, alias: &str, old: End, new: End) -> Option<Moved> {
        let mut flows: Vec<Flow> = self
            .joint(old, new, &[])
            .into_iter()
            .filter(|((from, to), share)| from != to && !share.is_zero())
            .map(|((from, to), share)| Flow {
                from: from.0,
                to: to.0,
                share,
            })
            .collect();
        if flows.is_empty() {
            return None;
        }
        flows.sort_by_key(|flow| std::cmp::Reverse(flow.share));
        Some(Moved {
            alias: alias.into(),
            share: flows
                .iter()
                .fold(Fraction::ZERO, |sum, flow| sum.plus(flow.share)),
            flows,
        })
    }

    /// Returns the joint distribution of keys over both versions. The choices of two splits with the same salt
    /// depend on each other, even if the splits are at different depths in the two versions. Other splits are
    /// independent.
    fn joint(&mut self, old: End, new: End, made: &[SideChoice]) -> Joint {
        let matters = |made: &SideChoice| {
            let salt = self.group(made).salt;
            if made.by_old {
                self.new.meets(new, salt)
            } else {
                self.old.meets(old, salt)
            }
        };
        let made: Vec<SideChoice> = made.iter().copied().filter(matters).collect();
        let key = (end_key(old), end_key(new), made);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let mut joint = Joint::new();
        let made = &key.2;
        match (self.old.keyed(old), self.new.keyed(new)) {
            (Keyed::Fixed(from), Keyed::Fixed(to)) => {
                joint.insert((from, to), Fraction::ONE);
            }
            (Keyed::Split(_, before), Keyed::Split(_, after)) if before.salt == after.salt => {
                for (i, j, share) in transitions(before, after) {
                    let ends = (before.members[i].end, after.members[j].end);
                    self.add(&mut joint, ends, made, share);
                }
            }
            // First decide the split that the other version does not reach later.
            (Keyed::Split(id, before), Keyed::Split(_, after))
                if !self.new.meets(new, before.salt) || self.old.meets(old, after.salt) =>
            {
                self.choose(&mut joint, (true, id), (old, new), made);
            }
            (_, Keyed::Split(id, _)) => self.choose(&mut joint, (false, id), (old, new), made),
            (Keyed::Split(id, _), _) => self.choose(&mut joint, (true, id), (old, new), made),
        }
        self.known.insert(key, joint.clone());
        joint
    }

    fn group(&self, made: &SideChoice) -> &'t Group {
        let side = if made.by_old { &self.old } else { &self.new };
        side.table.group(made.group)
    }

    /// Makes a choice in one version only, conditional on the choice of the other by the same salt, if any.
    fn choose(
        &mut self,
        joint: &mut Joint,
        (by_old, group): (bool, GroupId),
        (old, new): (End, End),
        made: &[SideChoice],
    ) {
        let mut choice = SideChoice {
            by_old,
            group,
            member: 0,
        };
        let group = self.group(&choice);
        let given = made
            .iter()
            .find(|made| made.by_old != by_old && self.group(made).salt == group.salt);
        let shares: Vec<(usize, Fraction)> = match given {
            // A key decides, so no selector draws.
            None => probabilities(group, false).enumerate().collect(),
            Some(given) => {
                let other = self.group(given);
                let of = probabilities(other, false).nth(given.member);
                let of = of.unwrap_or(Fraction::ONE);
                let pairs = if by_old {
                    transitions(group, other)
                } else {
                    transitions(other, group)
                };
                pairs
                    .into_iter()
                    .map(|(i, j, share)| if by_old { (i, j, share) } else { (j, i, share) })
                    .filter(|&(_, theirs, _)| theirs == given.member)
                    .map(|(ours, _, share)| (ours, share.over(of)))
                    .collect()
            }
        };
        for (member, share) in shares {
            choice.member = member;
            let end = group.members[member].end;
            let ends = if by_old { (end, new) } else { (old, end) };
            self.add(joint, ends, &[made, &[choice]].concat(), share);
        }
    }

    fn add(
        &mut self,
        joint: &mut Joint,
        (old, new): (End, End),
        made: &[SideChoice],
        share: Fraction,
    ) {
        if share.is_zero() {
            return;
        }
        for (pair, part) in self.joint(old, new, made) {
            let sum = joint.entry(pair).or_insert(Fraction::ZERO);
            *sum = sum.plus(part.times(share));
        }
    }
}
