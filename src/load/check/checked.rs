//! Checks a configuration and holds the result that `compile` starts from.

use super::graph::AliasGraph;
use super::index::Index;
use super::members;
use super::providers;
use super::rules;
use super::salts;
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
    /// Whether the configuration has no errors and can be compiled.
    pub(crate) fn is_sound(&self) -> bool {
        !self.findings.has_errors()
    }

    /// Returns all problems in order, with their locations. Those found while reading are included.
    pub(crate) fn problems(&self, config: &Config) -> Vec<Problem> {
        problems(config.documents(), &self.findings)
    }

    pub(crate) fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// Checks a configuration against the registered words.
pub(crate) fn check<'c>(config: &'c Config, vocabulary: &'c Vocabulary) -> CheckedConfig<'c> {
    let mut findings = config.findings().clone();
    let repeated = providers::check(config, &mut findings);
    let index = Index::new(config, vocabulary, &repeated);
    for faulty in &vocabulary.faulty {
        // No document: the location becomes `the configuration`.
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
    salts::check(config, &graph, &mut findings);
    rules::check(config, &mut findings);
    CheckedConfig {
        index,
        graph,
        findings,
    }
}

impl Config {
    /// Checks the configuration and returns every problem, warnings included.
    ///
    /// The problems are in the order of the base and its overlays. Only the built-in words are
    /// known; see [`check_with`](Self::check_with) for others.
    ///
    /// At most 1,000 errors and 1,000 warnings are returned. If there are more, the last problem
    /// says so ([`Code::MoreProblems`]).
    ///
    /// # Complexity
    ///
    /// Linear in the configuration. A text with problems is read a second time to locate them.
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

    /// Checks the configuration like [`check`](Self::check), with the words that the embedder
    /// registers.
    pub fn check_with(&self, vocabulary: &Vocabulary) -> Vec<Problem> {
        check(self, vocabulary).problems(self)
    }
}
