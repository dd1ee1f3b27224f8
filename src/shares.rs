//! Exact shares: who gets how much of an alias, and who moves when its weights change.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use crate::error::ResolveError;
use crate::fraction::Fraction;
use crate::resolver::AliasResolver;
use crate::table::{
    AliasId, Answer, Choice, End, Group, GroupId, Member, NONE, RoutingTable, TargetId,
};

/// The share that a target gets of the requests for a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    target: Box<str>,
    probability: Fraction,
}

impl Share {
    pub(crate) fn new(target: String, probability: Fraction) -> Self {
        Self {
            target: target.into(),
            probability,
        }
    }

    /// All of it.
    pub(crate) fn whole(target: String) -> Self {
        Self {
            target: target.into(),
            probability: Fraction::ONE,
        }
    }

    /// The target as text, as [`Resolution::target`](crate::Resolution::target) gives it.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Its share. Marked as not exact where a selector of the embedder has a say, for which
    /// weights stand in.
    pub fn probability(&self) -> Fraction {
        self.probability
    }
}

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

impl AliasResolver {
    /// The exact share of requests that each target of a name gets while all are well, in the
    /// order in which the configuration leads to them. Targets without a share are left out.
    ///
    /// The live state plays no part and is not touched.
    ///
    /// # Errors
    ///
    /// As [`resolve`](Self::resolve).
    ///
    /// # Complexity
    ///
    /// Each alias on the way is computed once, however many paths lead there.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config};
    ///
    /// let config = Config::from_yaml("config.yaml", "
    /// model_providers: [{model: ollama/llama3.1}, {model: openai/gpt-4o-mini}]
    /// model_aliases:
    ///   arch.v1: {targets: [{model: llama3.1, weight: 80}, {model: gpt-4o-mini, weight: 20}]}
    ///   half: {targets: [{model: arch.v1, weight: 50}, {model: gpt-4o-mini, weight: 50}]}
    /// ")?;
    /// let resolver = AliasResolver::new(config)?;
    /// let shares = resolver.distribution("half")?;
    /// let shares: Vec<_> = shares.iter().map(|s| (s.target(), s.probability().to_string())).collect();
    /// assert_eq!(shares, [
    ///     ("ollama/llama3.1", "40.00%".to_owned()),
    ///     ("openai/gpt-4o-mini", "60.00%".to_owned()),
    /// ]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn distribution(&self, name: &str) -> Result<Vec<Share>, ResolveError> {
        let table = self.table();
        let known = table.answer(name);
        let Some(Answer::Route { end, .. }) = known.map(|known| known.answer) else {
            let target = self.resolve(name)?.target().into_owned();
            return Ok(vec![Share::whole(target)]);
        };
        let shares = spread(table, end, |group| {
            probabilities(group).enumerate().collect()
        });
        let found: Vec<Share> = shares
            .targets
            .iter()
            .map(|(&target, &probability)| Share {
                target: table.target(target).text.clone(),
                probability,
            })
            .collect();
        if found.is_empty() {
            return Err(ResolveError::not_allowed(name));
        }
        Ok(found)
    }

    /// What a change of configuration moves: for each alias of both whose keyed choices change,
    /// in the order of the new one, the exact share of sticky keys that get another target.
    ///
    /// Every split counts as sticky, since it is once a request brings a key. A balancer counts
    /// as one target, unless its algorithm is `sticky`.
    ///
    /// The scores of the law (see the crate's documentation) are independent and exponential. With
    /// weights `w` before and `w'` after, and `S(r) = Σ max(w_k, w'_k·r)`, the share that moves from
    /// `i` to `j` is `w_i·w'_j·∫ dr / S(r)²` over `r` from `w_j/w'_j` to `w_i/w'_i`, a rational number:
    /// between two neighbouring ratios `S` is linear.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config};
    ///
    /// let version = |canary: u32| -> Result<_, Box<dyn std::error::Error>> {
    ///     let text = format!("
    /// model_providers: [{{model: openai/gpt-4o}}, {{model: openai/o1}}]
    /// model_aliases:
    ///   chat: {{targets: [{{model: gpt-4o, weight: {}}}, {{model: o1, weight: {canary}}}]}}
    /// ", 100 - canary);
    ///     Ok(AliasResolver::new(Config::from_yaml("config.yaml", text)?)?)
    /// };
    /// let moved = version(10)?.moved_since(&version(5)?);
    /// assert_eq!(moved[0].share().to_string(), "5.00%");
    /// assert_eq!(moved[0].flows()[0].to(), "openai/o1");
    /// # Ok(())
    /// # }
    /// ```
    pub fn moved_since(&self, before: &Self) -> Vec<Moved> {
        let mut pair = Pair {
            old: Side::new(before.table()),
            new: Side::new(self.table()),
            known: HashMap::new(),
        };
        self.table()
            .aliases
            .iter()
            .filter_map(|alias| match before.table().answer(&alias.name)?.answer {
                Answer::Route { alias: id, end } if id != NONE => {
                    pair.moved(&alias.name, end, alias.hop.end)
                }
                _ => None,
            })
            .collect()
    }
}

/// Who gets how much of what leads somewhere.
pub(crate) struct Spread {
    /// What goes through each member of each group.
    pub(crate) members: Vec<((GroupId, usize), Fraction)>,
    /// The targets, in the order in which they are met.
    pub(crate) targets: IndexMap<TargetId, Fraction>,
}

/// Spreads requests over targets; `parts` says who is chosen in a group, and how likely. One
/// computation for shares and explanations.
///
/// # Complexity
///
/// Each group is looked at once, however many paths lead there: what reaches it is summed up before it
/// is handed on.
pub(crate) fn spread(
    table: &RoutingTable,
    end: End,
    parts: impl FnMut(&Group) -> Vec<(usize, Fraction)>,
) -> Spread {
    let mut walk = Order {
        table,
        parts,
        known: HashMap::new(),
        groups: Vec::new(),
        targets: IndexMap::new(),
    };
    walk.visit(end);
    let Order {
        mut known,
        groups,
        mut targets,
        ..
    } = walk;
    let mut reached: HashMap<GroupId, Fraction> = HashMap::new();
    let mut members = Vec::new();
    let mut add = |end: End, part: Fraction, reached: &mut HashMap<GroupId, Fraction>| {
        let sum = match end {
            End::Target { target, .. } => targets.entry(target).or_insert(Fraction::ZERO),
            End::Group(group) => reached.entry(group).or_insert(Fraction::ZERO),
        };
        *sum = sum.plus(part);
    };
    add(end, Fraction::ONE, &mut reached);
    // Whatever leads to a group comes before it.
    for group in groups.into_iter().rev() {
        let here = reached.get(&group).copied().unwrap_or(Fraction::ZERO);
        for (member, part) in known.remove(&group).unwrap_or_default() {
            let part = here.times(part);
            add(table.group(group).members[member].end, part, &mut reached);
            members.push(((group, member), part));
        }
    }
    Spread { members, targets }
}

/// Finds the groups on the way, each after all that it leads to.
struct Order<'t, P> {
    table: &'t RoutingTable,
    parts: P,
    known: HashMap<GroupId, Vec<(usize, Fraction)>>,
    groups: Vec<GroupId>,
    targets: IndexMap<TargetId, Fraction>,
}

impl<P: FnMut(&Group) -> Vec<(usize, Fraction)>> Order<'_, P> {
    /// A path has at most 16 aliases, which bounds the recursion.
    fn visit(&mut self, end: End) {
        let id = match end {
            End::Target { target, .. } => {
                self.targets.entry(target).or_insert(Fraction::ZERO);
                return;
            }
            End::Group(id) => id,
        };
        if self.known.contains_key(&id) {
            return;
        }
        let group = self.table.group(id);
        let mut parts = (self.parts)(group);
        parts.retain(|(_, part)| !part.is_zero());
        let ends: Vec<End> = parts.iter().map(|(at, _)| group.members[*at].end).collect();
        self.known.insert(id, parts);
        for end in ends {
            self.visit(end);
        }
        self.groups.push(id);
    }
}

/// The probability of each member while all are well.
pub(crate) fn probabilities(group: &Group) -> impl Iterator<Item = Fraction> {
    let total: u128 = group
        .members
        .iter()
        .map(|member| u128::from(member.weight))
        .sum();
    let alone = matches!(group.choice, Choice::Only);
    let hooked = matches!(group.choice, Choice::Hook(_));
    group.members.iter().map(move |member| {
        let share = if alone {
            Fraction::ONE
        } else {
            Fraction::new(member.weight.into(), total)
        };
        if hooked { share.marked() } else { share }
    })
}

/// What a key is sent to: a target, or an alias whose choice no key decides.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Place(Box<str>);

/// One version of a configuration.
struct Side<'t> {
    table: &'t RoutingTable,
}

/// What an end comes to for a key.
enum Keyed<'t> {
    Place(Place),
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
                Keyed::Place(Place(self.table.target(target).text.clone()))
            }
            End::Group(id) => {
                let group = self.table.group(id);
                match group.choice {
                    Choice::Only | Choice::Split | Choice::Sticky(_) => Keyed::Split(id, group),
                    Choice::RoundRobin(_) | Choice::LeastConnections(_) | Choice::Hook(_) => {
                        Keyed::Place(Place(alias(group.alias).into()))
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
type Joint = IndexMap<(Place, Place), Fraction>;

/// A choice that one version has made and the other, by a split of the same salt, has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Made {
    by_old: bool,
    group: GroupId,
    member: usize,
}

struct Pair<'t> {
    old: Side<'t>,
    new: Side<'t>,
    known: HashMap<(EndKey, EndKey, Vec<Made>), Joint>,
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
    fn joint(&mut self, old: End, new: End, made: &[Made]) -> Joint {
        let matters = |made: &Made| {
            let salt = self.group(made).salt;
            if made.by_old {
                self.new.meets(new, salt)
            } else {
                self.old.meets(old, salt)
            }
        };
        let made: Vec<Made> = made.iter().copied().filter(matters).collect();
        let key = (end_key(old), end_key(new), made);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let mut joint = Joint::new();
        let made = &key.2;
        match (self.old.keyed(old), self.new.keyed(new)) {
            (Keyed::Place(from), Keyed::Place(to)) => {
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

    fn group(&self, made: &Made) -> &'t Group {
        let side = if made.by_old { &self.old } else { &self.new };
        side.table.group(made.group)
    }

    /// Lets one version choose alone: given what the other chose by the same salt, if it did.
    fn choose(
        &mut self,
        joint: &mut Joint,
        (by_old, group): (bool, GroupId),
        (old, new): (End, End),
        made: &[Made],
    ) {
        let mut choice = Made {
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

    fn add(&mut self, joint: &mut Joint, (old, new): (End, End), made: &[Made], share: Fraction) {
        if share.is_zero() {
            return;
        }
        for (pair, part) in self.joint(old, new, made) {
            let sum = joint.entry(pair).or_insert(Fraction::ZERO);
            *sum = sum.plus(part.times(share));
        }
    }
}

/// The members of two versions of one split, by their ids: `(before, after)` weights and
/// positions.
struct Both {
    old: Option<usize>,
    new: Option<usize>,
    before: u128,
    after: u128,
}

/// The share of keys that goes from each member before to each member after.
fn transitions(before: &Group, after: &Group) -> Vec<(usize, usize, Fraction)> {
    let weight = |group: &Group, at: usize| match group.choice {
        Choice::Only => 1,
        _ => u128::from(group.members[at].weight),
    };
    let mut members: IndexMap<u64, Both> = IndexMap::new();
    for (at, &Member { id, .. }) in before.members.iter().enumerate() {
        members.insert(
            id,
            Both {
                old: Some(at),
                new: None,
                before: weight(before, at),
                after: 0,
            },
        );
    }
    for (at, &Member { id, .. }) in after.members.iter().enumerate() {
        let member = members.entry(id).or_insert(Both {
            old: None,
            new: None,
            before: 0,
            after: 0,
        });
        member.new = Some(at);
        member.after = weight(after, at);
    }
    let members: Vec<Both> = members.into_values().collect();
    let ratios = ratios(&members);
    // S at each ratio p/q, times q.
    let sums: Vec<u128> = ratios
        .iter()
        .map(|&(p, q)| {
            members
                .iter()
                .map(|m| (m.before * q).max(m.after * p))
                .sum()
        })
        .collect();
    let place = |p: u128, q: u128| ratios.iter().position(|&(a, b)| a * q == p * b);
    let total: u128 = members.iter().map(|member| member.before).sum();
    let mut result = Vec::new();
    let mut kept = Vec::new();
    for from in &members {
        let Some(i) = from.old.filter(|_| from.before > 0) else {
            continue;
        };
        let mut left = Fraction::new(from.before, total);
        for to in &members {
            let Some(j) = to.new.filter(|_| to.after > 0) else {
                continue;
            };
            // Keys go from i to j only if j grew more than i.
            if to.after * from.before <= from.after * to.before {
                continue;
            }
            let range = place(to.before, to.after).zip(place(from.before, from.after));
            let Some((first, last)) = range else {
                continue;
            };
            // The weights go into each piece: pieces of the bare integral are so small that
            // rounding them, where many do not fit together, would show in the share.
            let weights = from.before * to.after;
            let mut share = Fraction::ZERO;
            for at in first..last {
                let ((p, q), (p_next, q_next)) = (ratios[at], ratios[at + 1]);
                let rise = (p_next * q).abs_diff(p * q_next);
                let piece =
                    Fraction::new(rise, sums[at]).times(Fraction::new(weights, sums[at + 1]));
                share = share.plus(piece);
            }
            left = left.minus(share);
            result.push((i, j, share));
        }
        if let Some(j) = from.new {
            kept.push((i, j, left));
        }
    }
    result.extend(kept);
    result
}

/// The ratios of the weights before to those after, as reduced fractions in ascending order;
/// a member that has no weight any more comes last, as 1/0.
fn ratios(members: &[Both]) -> Vec<(u128, u128)> {
    let mut ratios: Vec<(u128, u128)> = members
        .iter()
        .filter(|m| m.before > 0 || m.after > 0)
        .map(|m| match (m.before, m.after) {
            (0, _) => (0, 1),
            (_, 0) => (1, 0),
            (before, after) => {
                let share = Fraction::new(before, after);
                (share.numerator(), share.denominator())
            }
        })
        .collect();
    ratios.sort_by(|a, b| (a.0 * b.1).cmp(&(b.0 * a.1)));
    ratios.dedup();
    ratios
}
