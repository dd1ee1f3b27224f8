//! Checks a configuration, and keeps what a clean one is compiled from.

use super::graph::AliasGraph;
use super::index::Index;
use super::members;
use super::providers;
use super::steps;
use crate::base::problem::{Code, Problem};
use crate::base::vocabulary::Vocabulary;
use crate::load::config::finding::{Finding, Findings};
use crate::load::config::{Config, problems};

/// The result of a check.
pub(crate) struct CheckedConfig<'c> {
    pub(crate) index: Index<'c>,
    pub(crate) graph: AliasGraph<'c>,
    findings: Findings,
}

impl CheckedConfig<'_> {
    /// Whether the configuration may be compiled.
    pub(crate) fn is_sound(&self) -> bool {
        !self.findings.has_errors()
    }

    /// What was found, those of reading included, with places and in order.
    pub(crate) fn problems(&self, config: &Config) -> Vec<Problem> {
        problems(config.documents(), &self.findings)
    }

    pub(crate) fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// Checks a configuration against the words that are registered.
pub(crate) fn check<'c>(config: &'c Config, vocabulary: &'c Vocabulary) -> CheckedConfig<'c> {
    let mut findings = config.findings().clone();
    let repeated = providers::check(config, &mut findings);
    let index = Index::new(config, vocabulary, &repeated);
    for faulty in &vocabulary.faulty {
        findings.report(
            usize::MAX,
            0,
            Code::InvalidModel,
            format!("catalog entry {faulty} is no `provider/model`"),
            "write the catalog as full names, such as `openai/gpt-4o`",
        );
    }
    let links = members::check(config, vocabulary, &index, &mut findings);
    let graph = AliasGraph::new(config, links, &mut findings);
    steps::check(config, vocabulary, &index, &graph, &mut findings);
    CheckedConfig {
        index,
        graph,
        findings,
    }
}

impl Config {
    /// Every problem of the configuration, warnings included, in the order of the base and its
    /// overlays; empty if there is none. Only the built-in words are known, see
    /// [`check_with`](Self::check_with).
    ///
    /// At most 1,000 errors and 1,000 warnings are listed; where there are more, a last problem
    /// says so ([`Code::MoreProblems`](crate::Code::MoreProblems)).
    ///
    /// # Complexity
    ///
    /// Linear in the configuration; a text with problems is read once more for their places.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{Code, Config};
    ///
    /// let config = Config::from_yaml("config.yaml", "
    /// model_providers: [{model: openai/gpt-4o-mini}]
    /// model_aliases: {fast-llm: gpt-4o-mni}
    /// ")?;
    /// let problems = config.check();
    /// assert_eq!(problems[0].code(), Code::UnknownTarget);
    /// assert_eq!(problems[0].help(), "did you mean `gpt-4o-mini`?");
    /// # Ok(())
    /// # }
    /// ```
    pub fn check(&self) -> Vec<Problem> {
        self.check_with(&Vocabulary::new())
    }

    /// As [`check`](Self::check), with the words that an embedder registers.
    pub fn check_with(&self, vocabulary: &Vocabulary) -> Vec<Problem> {
        check(self, vocabulary).problems(self)
    }
}
