//! Checks whole fallback chains: unreachable and repeated steps, and their limits of cost, time, attempts
//! and context.

use std::time::Duration;

use super::graph::{AliasGraph, Identity};
use super::index::Link;
use crate::base::duration;
use crate::base::limits::DEFAULT_LEAST_TIME;
use crate::base::problem::Code;
use crate::base::text::{Quoted, counted};
use crate::failure::{ANY, ClassSet, Condition, FailureClass};
use crate::load::config::Config;
use crate::load::config::entry::{AliasEntry, TargetEntry};
use crate::load::config::finding::Findings;

/// The maximum number of attempts of a request.
pub(crate) const MAX_ATTEMPTS: usize = 8;

/// Facts about all chains, computed once.
pub(super) struct Chains<'a> {
    config: &'a Config,
    graph: &'a AliasGraph<'a>,
    any_cost_limit: bool,
    any_latency_limit: bool,
    /// The number of steps on the longest path of each alias.
    steps: Vec<usize>,
    /// For each alias, the provider entry and id of a reachable target without a price.
    unpriced: Vec<Option<(usize, &'a str)>>,
    /// For each alias, whether its first attempt may lack a `timeout`.
    untimed: Vec<bool>,
    /// For each alias, the longest `timeout` of a first attempt.
    timeouts: Vec<Option<Duration>>,
    /// For each alias, the known context windows of its first step.
    windows: Vec<Option<Windows>>,
}

/// The smallest and the largest known context window.
type Windows = (u64, u64);

impl<'a> Chains<'a> {
    pub(super) fn new(config: &'a Config, graph: &'a AliasGraph<'a>) -> Self {
        let aliases = config.alias_entries();
        let limits = aliases
            .iter()
            .filter_map(|alias| alias.body.guardrails.get());
        Self {
            config,
            graph,
            any_cost_limit: limits
                .clone()
                .any(|limits| !limits.max_cost_per_request.is_absent()),
            any_latency_limit: limits.clone().any(|limits| !limits.max_latency.is_absent()),
            steps: steps(graph),
            unpriced: unpriced(config, graph),
            untimed: untimed(config, graph),
            timeouts: timeouts(config, graph),
            windows: windows(config, graph),
        }
    }

    pub(super) fn check(&self, at: usize, alias: &AliasEntry, findings: &mut Findings) {
        self.cost(at, alias, findings);
        self.length(at, alias, findings);
        self.unreachable(alias, findings);
        self.repeats(at, alias, findings);
        self.windows(at, alias, findings);
        self.latency(at, alias, findings);
    }

    /// Reports fallbacks whose only conditions are `cost_exceeded` or `latency_exceeded`, if no alias
    /// sets such a limit.
    fn unreachable(&self, alias: &AliasEntry, findings: &mut Findings) {
        for entry in alias.body.fallbacks() {
            let Some(conditions) = entry.conditions.at() else {
                continue;
            };
            let impossible = |condition: &Condition| {
                let is = |class| *condition == Condition::Classes(ClassSet::of(&[class]));
                (is(FailureClass::CostExceeded) && !self.any_cost_limit)
                    || (is(FailureClass::LatencyExceeded) && !self.any_latency_limit)
            };
            if !conditions.value.is_empty() && conditions.value.iter().all(|c| impossible(&c.value))
            {
                findings.report(
                    alias.document,
                    conditions.node,
                    Code::UnreachableFallback,
                    format!(
                        "no failure can reach {} in alias {}",
                        Quoted(entry.reference().unwrap_or_default()),
                        Quoted(&alias.name)
                    ),
                    "no alias sets the limit for these conditions: set `max_cost_per_request` or `max_latency`, or add another condition",
                );
            }
        }
    }

    fn repeats(&self, at: usize, alias: &AliasEntry, findings: &mut Findings) {
        let body = &alias.body;
        let members = &self.graph.links[at].members;
        // With several members, none of them counts as an earlier step: if the canary of a split fails,
        // its baseline may be a fallback.
        let primary = members.iter().zip(body.targets());
        let primary = primary.filter(|_| members.len() == 1);
        let fallbacks = self.graph.links[at].fallbacks.iter().zip(body.fallbacks());
        let mut earlier: Vec<(Identity<'_>, &str)> = Vec::new();
        for (link, entry) in primary.chain(fallbacks) {
            let Some(identity) = self.graph.identity(link, entry) else {
                continue;
            };
            let written = entry.reference().unwrap_or_default();
            let first = earlier.iter().find(|(other, _)| *other == identity);
            let Some((_, first)) = first else {
                earlier.push((identity, written));
                continue;
            };
            let step = if *first == written {
                "an earlier step".to_owned()
            } else {
                format!("the earlier step {}", Quoted(first))
            };
            findings.report(
                alias.document,
                entry.problem_node(),
                Code::RepeatedStep,
                format!(
                    "fallback {} of alias {} repeats {step}",
                    Quoted(written),
                    Quoted(&alias.name)
                ),
                "remove it; a request tries a target once",
            );
        }
    }

    fn length(&self, at: usize, alias: &AliasEntry, findings: &mut Findings) {
        let written = alias.body.max_attempts.at();
        let most = written.map_or(MAX_ATTEMPTS, |at| at.value.into());
        // An alias that adds no steps is not reported: the one that makes the chain too long is.
        let adds = written.is_some() || !alias.body.fallbacks().is_empty();
        if self.steps[at] <= most || !adds {
            return;
        }
        let node = written
            .map(|at| at.node)
            .or(alias.body.fallbacks.at().map(|at| at.node))
            .unwrap_or(alias.node);
        findings.report(
            alias.document,
            node,
            Code::ChainTooLong,
            format!(
                "alias {} has {} steps but allows at most {}",
                Quoted(&alias.name),
                self.steps[at],
                counted(most, "attempt")
            ),
            if most < MAX_ATTEMPTS {
                "raise `max_attempts`, or remove the steps that are never reached"
            } else {
                "remove the steps that are never reached"
            },
        );
    }

    fn windows(&self, at: usize, alias: &AliasEntry, findings: &mut Findings) {
        let Some((_, primary)) = self.windows[at] else {
            return;
        };
        let fallbacks = self.graph.links[at].fallbacks.iter();
        for (link, entry) in fallbacks.zip(alias.body.fallbacks()) {
            let Some((window, _)) = window(self.config, &self.windows, link) else {
                continue;
            };
            if window < primary {
                findings.report(
                    alias.document,
                    entry.problem_node(),
                    Code::SmallerContextWindow,
                    format!(
                        "fallback {} of alias {} takes {window} tokens, the primary {primary}",
                        Quoted(entry.reference().unwrap_or_default()),
                        Quoted(&alias.name)
                    ),
                    "a long request that the primary would take is too long here",
                );
            }
        }
    }

    fn cost(&self, at: usize, alias: &AliasEntry, findings: &mut Findings) {
        let Some(limit) = alias
            .body
            .guardrails
            .get()
            .and_then(|limits| limits.max_cost_per_request.at())
        else {
            return;
        };
        if let Some((provider, id)) = self.unpriced[at] {
            let entry = &self.config.provider_entries()[provider];
            let target = match entry.name() {
                Some(name) if !entry.is_wildcard() => name.to_owned(),
                _ => format!("{}/{id}", entry.parts().map_or("", |(p, _)| p)),
            };
            findings.report(
                alias.document,
                limit.node,
                Code::UnpricedTarget,
                format!(
                    "alias {} limits the cost, but {} has no price",
                    Quoted(&alias.name),
                    Quoted(&target)
                ),
                "write `pricing` for it; without one it is refused, or goes unchecked under `on_unverifiable: allow`",
            );
        }
    }

    /// Reports a deadline over a chain whose primary may lack a `timeout`, or has one that leaves no time for
    /// a fallback.
    fn latency(&self, at: usize, alias: &AliasEntry, findings: &mut Findings) {
        let Some(limit) = alias
            .body
            .guardrails
            .get()
            .and_then(|limits| limits.max_latency.at())
        else {
            return;
        };
        if !alias.body.fallbacks().iter().any(follows_timeout) {
            return;
        }
        let least_time = DEFAULT_LEAST_TIME.min(limit.value / 4);
        if let Some(timeout) = self.timeouts[at]
            && timeout + least_time > limit.value
        {
            findings.report(
                alias.document,
                limit.node,
                Code::LateTimeout,
                format!(
                    "after the `timeout` of {}, the `max_latency` of alias {} leaves no time for a fallback",
                    duration::write(timeout),
                    Quoted(&alias.name)
                ),
                "write a shorter `timeout`, or none to keep half of the time",
            );
        }
        if self.untimed[at] {
            findings.report(
                alias.document,
                limit.node,
                Code::UntimedChain,
                format!(
                    "the primary of alias {} has no `timeout` and gets half of `max_latency`, {}",
                    Quoted(&alias.name),
                    written_half(limit.value)
                ),
                "write a `timeout` for it if healthy calls take longer",
            );
        }
    }
}

/// Whether a fallback may run after a timeout.
fn follows_timeout(entry: &TargetEntry) -> bool {
    let Some(conditions) = entry.conditions.get() else {
        return true;
    };
    conditions.iter().any(|at| match &at.value {
        Condition::Classes(set) => set.contains(FailureClass::Timeout),
        Condition::Status(status) => matches!(status, 408 | 504 | 524),
        Condition::StatusHundred(hundred) => *hundred == 5 || *hundred == 4,
        Condition::PrimaryFailed
        | Condition::PrimaryAndFirstFallbackFailed
        | Condition::AllPreviousFailed => ANY.contains(FailureClass::Timeout),
        Condition::Registered(_) => false,
    })
}

fn written_half(duration: Duration) -> String {
    let half = duration / 2;
    if half < Duration::from_millis(1) {
        "half a millisecond".to_owned()
    } else {
        duration::write(half)
    }
}

/// For each alias, the steps on its longest path: those of its longest member and of every
/// fallback.
fn steps(graph: &AliasGraph<'_>) -> Vec<usize> {
    let mut steps = vec![1_usize; graph.links.len()];
    for &alias in &graph.order {
        let of = |link: &Link<'_>| match link {
            Link::Alias(to) => steps[*to],
            Link::Model { .. } | Link::Wrong => 1,
        };
        let primary = graph.links[alias].members.iter().map(of).max().unwrap_or(1);
        let fallbacks = graph.links[alias].fallbacks.iter().map(of);
        steps[alias] = fallbacks.fold(primary, usize::saturating_add);
    }
    steps
}

/// For each alias, the first reachable target without a price.
fn unpriced<'c>(config: &Config, graph: &AliasGraph<'c>) -> Vec<Option<(usize, &'c str)>> {
    let providers = config.provider_entries();
    let mut unpriced = vec![None; graph.links.len()];
    for &alias in &graph.order {
        unpriced[alias] = graph.links[alias].all().find_map(|link| match *link {
            Link::Model { provider, id } => {
                let pricing = &providers[provider].pricing;
                pricing.is_absent().then_some((provider, id))
            }
            Link::Alias(to) => unpriced[to],
            Link::Wrong => None,
        });
    }
    unpriced
}

/// For each alias, whether a target of its first step has no `timeout`.
fn untimed(config: &Config, graph: &AliasGraph<'_>) -> Vec<bool> {
    let aliases = config.alias_entries();
    let mut untimed = vec![false; aliases.len()];
    for &alias in &graph.order {
        let mut members = graph.links[alias]
            .members
            .iter()
            .zip(aliases[alias].body.targets());
        untimed[alias] = members.any(|(link, entry)| match link {
            Link::Model { .. } => entry.timeout.is_absent(),
            Link::Alias(to) => untimed[*to],
            Link::Wrong => false,
        });
    }
    untimed
}

/// For each alias, the longest `timeout` of a target of its first step.
fn timeouts(config: &Config, graph: &AliasGraph<'_>) -> Vec<Option<Duration>> {
    let aliases = config.alias_entries();
    let mut timeouts = vec![None; aliases.len()];
    for &alias in &graph.order {
        let members = graph.links[alias].members.iter();
        let timeout = members.zip(aliases[alias].body.targets());
        timeouts[alias] = timeout
            .filter_map(|(link, entry)| match link {
                Link::Model { .. } => entry.timeout.value(),
                Link::Alias(to) => timeouts[*to],
                Link::Wrong => None,
            })
            .max();
    }
    timeouts
}

/// For each alias, the known context windows of its first step.
fn windows(config: &Config, graph: &AliasGraph<'_>) -> Vec<Option<Windows>> {
    let mut windows = vec![None; config.alias_entries().len()];
    for &alias in &graph.order {
        let members = graph.links[alias].members.iter();
        windows[alias] = members
            .filter_map(|link| window(config, &windows, link))
            .reduce(|a: Windows, b| (a.0.min(b.0), a.1.max(b.1)));
    }
    windows
}

fn window(config: &Config, windows: &[Option<Windows>], link: &Link<'_>) -> Option<Windows> {
    match link {
        Link::Model { provider, .. } => {
            let entry = &config.provider_entries()[*provider];
            entry.context_window.value().map(|size| (size, size))
        }
        Link::Alias(to) => windows[*to],
        Link::Wrong => None,
    }
}
