//! Selectors of the embedder.

use std::fmt;

use super::context::{Mask, Pick, SelectContext};
use super::least;
use crate::serve::request::Request;
use crate::table::provider::Provider;
use crate::table::{Choice, End, Group};

/// Chooses among the candidates of a balancer, or instead of a split's weighted draw.
///
/// Register one under a name with [`ResolverBuilder::selector`](crate::ResolverBuilder::selector)
/// and write that name as `algorithm:`. It runs inside `resolve`, `attempts` and `Attempts::failed`, so it
/// must not block. A panic reaches their caller; the request is then active at no target.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use model_aliases::{AliasResolver, Candidates, Config, Request, Selector};
///
/// struct Cheapest;
///
/// impl Selector for Cheapest {
///     fn select(&self, _: &Request<'_>, candidates: Candidates<'_>) -> Option<usize> {
///         let price = |at: usize| candidates.get(at)?.provider()?.pricing().map(|p| p.input_token());
///         (0..candidates.len()).min_by_key(|&at| price(at))
///     }
/// }
///
/// let config = Config::from_yaml("config.yaml", "
/// model_providers:
///   - {model: openai/gpt-4o, pricing: {input: 2.5, output: 10}}
///   - {model: openai/gpt-4o-mini, pricing: {input: 0.15, output: 0.6}}
/// model_aliases:
///   chat:
///     load_balance: {algorithm: cheapest}
///     targets: [{model: gpt-4o}, {model: gpt-4o-mini}]
/// ")?;
/// let resolver = AliasResolver::builder(config).selector("cheapest", Cheapest).build()?;
/// assert_eq!(resolver.resolve("chat")?.model(), "gpt-4o-mini");
/// # Ok(())
/// # }
/// ```
pub trait Selector: Send + Sync + 'static {
    /// Returns the position of the chosen candidate; `None` if no candidate suits: then no further member is
    /// tried, and the fallbacks follow. A position out of range is an error.
    fn select(&self, request: &Request<'_>, candidates: Candidates<'_>) -> Option<usize>;
}

/// A closure as a selector. Not a blanket implementation: through one, a closure would need
/// written argument types.
pub(crate) struct SelectFn<F>(pub(crate) F);

impl<F> Selector for SelectFn<F>
where
    F: Fn(&Request<'_>, Candidates<'_>) -> Option<usize> + Send + Sync + 'static,
{
    fn select(&self, request: &Request<'_>, candidates: Candidates<'_>) -> Option<usize> {
        self.0(request, candidates)
    }
}

/// The selectors of a resolver.
#[derive(Default)]
pub(crate) struct Hooks {
    pub(crate) selectors: Vec<(String, Box<dyn Selector>)>,
    pub(crate) draw: Option<Box<dyn Selector>>,
}

impl Hooks {
    /// Whether there is any selector.
    #[inline]
    pub(crate) fn are_some(&self) -> bool {
        self.draw.is_some() || !self.selectors.is_empty()
    }

    /// Whether a selector replaces the weighted draw.
    #[inline]
    pub(crate) fn draws(&self) -> bool {
        self.draw.is_some()
    }

    pub(super) fn selector(&self, at: u32) -> Option<&dyn Selector> {
        self.selectors.get(at as usize).map(|(_, hook)| &**hook)
    }

    /// The name of a balancer's algorithm; `None` for a group that does not balance.
    pub(crate) fn algorithm(&self, choice: &Choice) -> Option<&str> {
        match choice {
            Choice::Only | Choice::Split => None,
            Choice::RoundRobin(_) => Some("round_robin"),
            Choice::LeastConnections(_) => Some("least_connections"),
            Choice::Sticky(_) => Some("sticky"),
            Choice::Hook(at) => {
                let selector = self.selectors.get(*at as usize);
                selector.map(|(name, _)| name.as_str())
            }
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.selectors.iter().map(|(name, _)| name))
            .finish()
    }
}

/// The members that a [`Selector`] chooses among, in file order.
///
/// One that is chosen while it cools is passed over. A balancer, or a split with `redistribute`, then asks
/// again about the others.
#[derive(Clone, Copy)]
pub struct Candidates<'a> {
    ctx: &'a SelectContext<'a>,
    group: &'a Group,
    mask: Mask,
}

impl<'a> Candidates<'a> {
    /// The number of candidates.
    pub fn len(&self) -> usize {
        self.mask.0.count_ones() as usize
    }

    /// Whether there is no candidate.
    pub fn is_empty(&self) -> bool {
        self.mask.0 == 0
    }

    /// The candidate at a position, from 0.
    pub fn get(&self, position: usize) -> Option<Candidate<'a>> {
        let member = self.mask.members().nth(position)?;
        Some(Candidate {
            ctx: self.ctx,
            group: self.group,
            member,
        })
    }

    /// The candidates, in the order of their positions.
    pub fn iter(&self) -> impl Iterator<Item = Candidate<'a>> {
        let Self { ctx, group, .. } = *self;
        self.mask
            .members()
            .map(move |member| Candidate { ctx, group, member })
    }
}

impl fmt::Debug for Candidates<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// One target that may be chosen, or one alias that leads to several.
#[derive(Clone, Copy)]
pub struct Candidate<'a> {
    ctx: &'a SelectContext<'a>,
    group: &'a Group,
    member: usize,
}

impl<'a> Candidate<'a> {
    /// The target as text, or the name of the alias. It tells candidates apart.
    pub fn target(&self) -> &'a str {
        let table = &self.ctx.table;
        match self.group.members[self.member].end {
            End::Target { target, .. } => &table.target(target).text,
            End::Group(group) => &table.aliases[table.group(group).alias as usize].name,
        }
    }

    /// The provider entry; none for an alias that leads to several targets.
    pub fn provider(&self) -> Option<&'a Provider> {
        let table = &self.ctx.table;
        match self.group.members[self.member].end {
            End::Target { target, .. } => Some(&table.target(target).provider),
            End::Group(_) => None,
        }
    }

    /// The weight: as written in a balancer; in a split, hundredths of a percent.
    pub fn weight(&self) -> u32 {
        self.group.members[self.member].weight
    }

    /// The requests under way there, plus a penalty for each recent failure.
    pub fn active(&self) -> u32 {
        least::load(self.ctx, self.group, self.member, &mut None)
    }
}

impl fmt::Debug for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("target", &self.target())
            .field("weight", &self.weight())
            .field("active", &self.active())
            .finish()
    }
}

/// Lets a selector choose.
pub(super) fn select(
    ctx: &SelectContext<'_>,
    selector: &dyn Selector,
    group: &Group,
    request: Request<'_>,
    mask: Mask,
) -> Pick {
    let candidates = Candidates { ctx, group, mask };
    match selector.select(&request, candidates) {
        None => Pick::None,
        Some(position) => match mask.members().nth(position) {
            Some(member) => Pick::Member(member),
            None => Pick::Fault(position),
        },
    }
}
