//! Checks single aliases: targets, references and algorithms.

use super::index::{Index, Link, Miss};
use super::weights;
use super::{secrets, spelling};
use crate::base::problem::Code;
use crate::base::suggest::closest;
use crate::base::text::{Quoted, list};
use crate::base::vocabulary::{ALGORITHMS, Vocabulary};
use crate::load::config::Config;
use crate::load::config::entry::{AliasEntry, TargetEntry};
use crate::load::config::finding::Findings;
use crate::load::foreign;

/// The links of one alias, in the order of its entries.
#[derive(Debug, Default)]
pub(crate) struct Links<'c> {
    pub(crate) members: Vec<Link<'c>>,
    pub(crate) fallbacks: Vec<Link<'c>>,
}

impl<'c> Links<'c> {
    /// The links of the targets, then those of the fallbacks.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Link<'c>> {
        self.members.iter().chain(&self.fallbacks)
    }
}

pub(super) fn check<'c>(
    config: &'c Config,
    vocabulary: &Vocabulary,
    index: &Index<'c>,
    findings: &mut Findings,
) -> Vec<Links<'c>> {
    config
        .alias_entries()
        .iter()
        .map(|alias| {
            let mut checker = AliasChecker {
                alias,
                index,
                findings,
            };
            checker.shape();
            if alias.body.is_balanced() {
                checker.algorithm(vocabulary);
            }
            weights::check(alias, checker.findings);
            let resolve = |checker: &mut AliasChecker<'_, 'c, '_>, entries: &'c [TargetEntry]| {
                entries.iter().map(|entry| checker.link(entry)).collect()
            };
            Links {
                members: resolve(&mut checker, alias.body.targets()),
                fallbacks: resolve(&mut checker, alias.body.fallbacks()),
            }
        })
        .collect()
}

struct AliasChecker<'a, 'c, 'f> {
    alias: &'c AliasEntry,
    index: &'a Index<'c>,
    findings: &'f mut Findings,
}

impl<'c> AliasChecker<'_, 'c, '_> {
    fn report(
        &mut self,
        node: crate::load::config::NodeId,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings
            .report(self.alias.document, node, code, message, help);
    }

    fn name(&self) -> Quoted<'c> {
        Quoted(&self.alias.name)
    }

    /// Checks that the alias has a value and exactly one of `target` and `targets`.
    fn shape(&mut self) {
        let body = &self.alias.body;
        let name = self.name();
        if body.null {
            self.report(
                self.alias.node,
                Code::NullAlias,
                format!("alias {name} has no value"),
                "write a target; only an overlay removes an alias with `~`",
            );
            return;
        }
        if body.broken {
            return;
        }
        if !body.target.is_absent() && !body.targets.is_absent() {
            self.report(
                self.alias.node,
                Code::TargetAndTargets,
                format!("alias {name} has both `target` and `targets`"),
                "keep one of the two",
            );
        } else if body.targets.is_absent() && body.is_balanced() {
            self.report(
                self.alias.node,
                Code::BalanceWithoutTargets,
                format!("alias {name} has `load_balance` without `targets`"),
                "write the targets to balance over as a list under `targets:`",
            );
        } else if body.target.is_absent() && body.targets.is_absent() {
            self.report(
                self.alias.node,
                Code::MissingTarget,
                format!("alias {name} has neither `target` nor `targets`"),
                "write `target:` with a model or an alias",
            );
        }
    }

    fn algorithm(&mut self, vocabulary: &Vocabulary) {
        let Some(algorithm) = self
            .alias
            .body
            .load_balance
            .get()
            .and_then(|balance| balance.algorithm.at())
        else {
            return;
        };
        if vocabulary.knows_algorithm(&algorithm.value) {
            return;
        }
        let words = || {
            ALGORITHMS
                .iter()
                .copied()
                .chain(vocabulary.algorithms.iter().map(String::as_str))
        };
        let help = match foreign::meant(&algorithm.value, foreign::ALGORITHMS)
            .or_else(|| closest(&algorithm.value, words()))
        {
            Some(meant) => format!("did you mean {}?", Quoted(meant)),
            None => format!("known are {}", list(words(), "and")),
        };
        let name = self.name();
        self.report(
            algorithm.node,
            Code::UnknownAlgorithm,
            format!(
                "unknown algorithm {} in alias {name}",
                Quoted(&algorithm.value)
            ),
            help,
        );
    }

    /// Looks up the reference of an entry.
    fn link(&mut self, entry: &'c TargetEntry) -> Link<'c> {
        if let Some(endpoint) = entry.endpoint.at() {
            let what = format!("`endpoint` of alias {}", self.name());
            let mark = self.alias.mark(endpoint.node);
            secrets::check(&what, &endpoint.value, mark, self.findings);
        }
        let Some(reference) = entry.reference.at() else {
            return Link::Wrong;
        };
        let name = self.name();
        match self.index.reference(&reference.value) {
            Ok(link) => {
                match link {
                    Link::Alias(_) => self.misplaced_options(entry),
                    // The spelling of any other model is checked at its provider entry.
                    Link::Model { provider, .. } if self.index.is_wildcard(provider) => {
                        let mark = self.alias.mark(reference.node);
                        spelling::check("target", &reference.value, mark, self.findings);
                    }
                    Link::Model { .. } | Link::Wrong => {}
                }
                link
            }
            Err(miss) => {
                let target = Quoted(&reference.value);
                let (code, message, help) = match miss {
                    Miss::Unknown => (
                        Code::UnknownTarget,
                        format!("unknown target {target} in alias {name}"),
                        match self.index.suggestion(&reference.value) {
                            Some(meant) => format!("did you mean {}?", Quoted(meant)),
                            None => "declare the model in `model_providers`".to_owned(),
                        },
                    ),
                    Miss::Pattern => (
                        Code::UnknownTarget,
                        format!("target {target} in alias {name} is a wildcard"),
                        "write one model of that provider".to_owned(),
                    ),
                    Miss::Ambiguous(names) => (
                        Code::AmbiguousTarget,
                        format!("ambiguous target {target} in alias {name}"),
                        format!("write {names}"),
                    ),
                };
                self.report(reference.node, code, message, help);
                Link::Wrong
            }
        }
    }

    /// Reports options of a target beside a reference to an alias, which has targets of its own.
    fn misplaced_options(&mut self, entry: &TargetEntry) {
        let written = [
            ("endpoint", entry.endpoint.at().map(|at| at.node)),
            ("params", entry.params.at().map(|at| at.node)),
            ("timeout", entry.timeout.at().map(|at| at.node)),
        ];
        for (field, node) in written {
            if let Some(node) = node {
                let (name, target) = (self.name(), Quoted(entry.reference().unwrap_or_default()));
                self.report(
                    node,
                    Code::MisplacedField,
                    format!(
                        "`{field}` in alias {name} cannot apply to {target}, which is an alias"
                    ),
                    format!("write it in the targets of {target}"),
                );
            }
        }
    }
}

/// Reports two members of a group that are the same target.
pub(super) fn report_duplicate(
    alias: &AliasEntry,
    entry: &TargetEntry,
    first: &TargetEntry,
    findings: &mut Findings,
) {
    let written = |entry: &TargetEntry| Quoted(entry.reference().unwrap_or_default()).to_string();
    let (this, other) = (written(entry), written(first));
    let name = Quoted(&alias.name);
    findings.beside(
        alias.mark(entry.problem_node()),
        alias.mark(first.problem_node()),
        Code::DuplicateMember,
        if this == other {
            format!("duplicate target {this} in alias {name}, first listed at")
        } else {
            format!("target {this} in alias {name} is the same as {other} at")
        },
        "merge the two; for an A/A test declare the model twice, each entry with a `name`",
    );
}

/// Warns about two members whose variables give the same URL.
pub(super) fn report_same_endpoint(
    alias: &AliasEntry,
    entry: &TargetEntry,
    first: &TargetEntry,
    findings: &mut Findings,
) {
    let target = Quoted(entry.reference().unwrap_or_default());
    findings.beside(
        alias.mark(entry.problem_node()),
        alias.mark(first.problem_node()),
        Code::SameEndpoint,
        format!(
            "target {target} in alias {} has the same `endpoint` as the one at",
            Quoted(&alias.name)
        ),
        "the variables give one URL; give each target its own, or merge the two",
    );
}
