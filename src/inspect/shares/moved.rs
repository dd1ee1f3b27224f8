//! Which keys move from one version of a configuration to the next.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use super::spread::probabilities;
use super::transitions::transitions;
use crate::base::fraction::Fraction;
use crate::table::{AliasId, Answer, Choice, End, Group, GroupId, NONE, RoutingTable};

/// What of an alias moves between two versions of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    alias: Box<str>,
    share: Fraction,
    flows: Vec<Flow>,
}

impl Moved {
    /// The alias.
    pub fn alias(&self) -> &str {
        &self.alias
    }

    /// The share of sticky keys that get another target than before.
    pub fn share(&self) -> Fraction {
        self.share
    }

    /// From where to where, the largest first.
    pub fn flows(&self) -> &[Flow] {
        &self.flows
    }
}

/// Keys that move from one target to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    from: Box<str>,
    to: Box<str>,
    share: Fraction,
}

impl Flow {
    /// The target before.
    pub fn from(&self) -> &str {
        &self.from
    }

    /// The target after.
    pub fn to(&self) -> &str {
        &self.to
    }

    /// Their share of all keys.
    pub fn share(&self) -> Fraction {
        self.share
    }
}

/// What moves, for each alias that both versions have.
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

/// What a key is sent to: a target, or an alias whose choice no key decides.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Destination(Box<str>);

/// One version of a configuration.
struct Side<'t> {
    table: &'t RoutingTable,
}

/// What an end comes to for a key.
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

    /// Whether a split of this salt can be met from here on.
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

/// How keys are spread over pairs of (before, after).
type Joint = IndexMap<(Destination, Destination), Fraction>;

/// A choice that one version has made and the other, by a split of the same salt, has not.
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

/// An end, as a key of what is known.
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

    /// The joint spread of keys over both versions. Splits of one salt choose together, also
    /// where one version meets them later than the other; others are independent.
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
            // Whoever the other version does not meet later goes first.
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

    /// Lets one version choose alone: given what the other chose by the same salt, if it did.
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
            None => probabilities(group).enumerate().collect(),
            Some(given) => {
                let other = self.group(given);
                let of = probabilities(other).nth(given.member);
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
