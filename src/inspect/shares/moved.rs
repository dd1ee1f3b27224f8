//! Computes which sticky keys move between two versions of a configuration.

use std::collections::HashMap;
use std::rc::Rc;

use foldhash::fast::FixedState;

use super::sampled::sampled;
use super::side::{Joint, Keyed, Names, Side};
use super::spread::probabilities;
use super::transitions::transitions;
use crate::base::fraction::Fraction;
use crate::table::{Answer, End, Group, GroupId, NONE, RoutingTable};

/// The most steps for one alias: about 100 ms. Beyond them its moves are counted with a sample of keys.
const STEPS_OF_ALIAS: usize = 300_000;

/// The most steps for all aliases: about a second.
const STEPS_OF_ALL: usize = 2_000_000;

/// The most shares that are kept from one alias for the next.
const MOST_KEPT: usize = 200_000;

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
    let mut names = Names::default();
    let mut pair = Pair {
        old: Side::new(before, &mut names),
        new: Side::new(after, &mut names),
        known: HashMap::default(),
        kept: 0,
        steps: 0,
        steps_of_all: STEPS_OF_ALL,
    };
    let mut all = Vec::new();
    let mut over_budget = Vec::new();
    for (at, alias) in after.aliases.iter().enumerate() {
        let Some(Answer::Route { alias: id, end }) = before.answer(&alias.name).map(|a| a.answer)
        else {
            continue;
        };
        if id == NONE {
            continue;
        }
        match pair.exact(end, alias.hop.end) {
            Some(joint) => all.extend(moved(&alias.name, &joint, &names).map(|one| (at, one))),
            None => over_budget.push((at, end, alias.hop.end)),
        }
    }
    for (at, joint) in sampled(&pair.old, &pair.new, &over_budget) {
        all.extend(moved(&after.aliases[at].name, &joint, &names).map(|one| (at, one)));
    }
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, moved)| moved).collect()
}

/// The moves of an alias, if any key moves.
fn moved(alias: &str, joint: &Joint, names: &Names) -> Option<Moved> {
    let name = |destination: usize| -> Box<str> {
        names.get_index(destination).cloned().unwrap_or_default()
    };
    let moves = joint.iter();
    let moves = moves.filter(|((from, to), share)| from != to && !share.is_zero());
    let mut flows: Vec<Flow> = moves
        .map(|(&(from, to), &share)| Flow {
            from: name(from),
            to: name(to),
            share,
        })
        .collect();
    if flows.is_empty() {
        return None;
    }
    flows.sort_by_key(|flow| std::cmp::Reverse(flow.share));
    let shares = flows.iter().map(Flow::share);
    Some(Moved {
        alias: alias.into(),
        share: shares.fold(Fraction::ZERO, Fraction::plus),
        flows,
    })
}

/// The members among which a key decides.
fn keyed_parts(group: &Group) -> Vec<(usize, Fraction)> {
    // A key decides, so no selector draws.
    probabilities(group, false).enumerate().collect()
}

/// A choice made in one version. The split with the same salt in the other version has not chosen yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct SideChoice {
    by_old: bool,
    group: GroupId,
    member: usize,
}

/// Two versions. Every method that returns an option returns `None` once the steps are used up.
struct Pair<'t> {
    old: Side<'t>,
    new: Side<'t>,
    known: HashMap<(EndKey, EndKey, Vec<SideChoice>), Rc<Joint>, FixedState>,
    /// The shares in `known`.
    kept: usize,
    /// The steps that are left for the current alias.
    steps: usize,
    /// The steps that are left for all aliases.
    steps_of_all: usize,
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
    /// The joint distribution of the keys of one alias.
    fn exact(&mut self, old: End, new: End) -> Option<Rc<Joint>> {
        let budget = STEPS_OF_ALIAS.min(self.steps_of_all);
        self.steps = budget;
        let joint = self.joint(old, new, &[]);
        let used = if joint.is_some() {
            budget - self.steps
        } else {
            budget
        };
        self.steps_of_all -= used;
        if self.kept > MOST_KEPT {
            self.known.clear();
            self.kept = 0;
        }
        joint
    }

    /// Returns the joint distribution of keys over both versions. The choices of two splits with the same salt
    /// depend on each other, even if the splits are at different depths in the two versions. Other splits are
    /// independent.
    fn joint(&mut self, old: End, new: End, made: &[SideChoice]) -> Option<Rc<Joint>> {
        let mut dependent = Vec::new();
        for &choice in made {
            let salt = self.group(choice).salt;
            let matters = if choice.by_old {
                self.new.meets(new, salt, &mut self.steps)?
            } else {
                self.old.meets(old, salt, &mut self.steps)?
            };
            if matters {
                dependent.push(choice);
            }
        }
        let key = (end_key(old), end_key(new), dependent);
        if let Some(known) = self.known.get(&key) {
            return Some(Rc::clone(known));
        }
        let mut joint = Joint::default();
        let made = &key.2;
        match (self.old.keyed(old), self.new.keyed(new)) {
            (Keyed::Fixed(from), Keyed::Fixed(to)) => {
                joint.insert((from, to), Fraction::ONE);
            }
            (Keyed::Split(_, before), Keyed::Split(_, after)) if before.salt == after.salt => {
                self.spend(before.members.len() * after.members.len())?;
                for (i, j, share) in transitions(before, after) {
                    let ends = (before.members[i].end, after.members[j].end);
                    self.add(&mut joint, ends, made, share)?;
                }
            }
            (Keyed::Split(id, before), Keyed::Split(other, after)) => {
                // First decide the split that the other version does not reach later.
                let is_old = !self.new.meets(new, before.salt, &mut self.steps)?
                    || self.old.meets(old, after.salt, &mut self.steps)?;
                let choice = if is_old { (true, id) } else { (false, other) };
                self.choose(&mut joint, choice, (old, new), made)?;
            }
            (_, Keyed::Split(id, _)) => self.choose(&mut joint, (false, id), (old, new), made)?,
            (Keyed::Split(id, _), _) => self.choose(&mut joint, (true, id), (old, new), made)?,
        }
        self.kept += joint.len();
        let joint = Rc::new(joint);
        self.known.insert(key, Rc::clone(&joint));
        Some(joint)
    }

    fn spend(&mut self, steps: usize) -> Option<()> {
        self.steps = self.steps.checked_sub(steps)?;
        Some(())
    }

    fn group(&self, made: SideChoice) -> &'t Group {
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
    ) -> Option<()> {
        let mut choice = SideChoice {
            by_old,
            group,
            member: 0,
        };
        let group = self.group(choice);
        let mut given = made.iter().copied();
        let given =
            given.find(|made| made.by_old != by_old && self.group(*made).salt == group.salt);
        let shares: Vec<(usize, Fraction)> = match given {
            None => keyed_parts(group),
            Some(given) => {
                let other = self.group(given);
                self.spend(group.members.len() * other.members.len())?;
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
            self.add(joint, ends, &[made, &[choice]].concat(), share)?;
        }
        Some(())
    }

    fn add(
        &mut self,
        joint: &mut Joint,
        (old, new): (End, End),
        made: &[SideChoice],
        share: Fraction,
    ) -> Option<()> {
        if share.is_zero() {
            return Some(());
        }
        let inside = self.joint(old, new, made)?;
        self.spend(1 + inside.len())?;
        for (&pair, &part) in &*inside {
            let sum = joint.entry(pair).or_insert(Fraction::ZERO);
            *sum = sum.plus(part.times(share));
        }
        Some(())
    }
}
