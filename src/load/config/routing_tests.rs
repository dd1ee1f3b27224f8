//! Reads routing tests from a text.

use std::sync::Arc;

use super::document::{Document, Origin};
use super::problems::problems;
use super::read;
use super::tree::TESTS;
use super::yaml::{self, ReadLimits};
use crate::load::error::ConfigError;
use crate::load::routing_tests::RoutingTests;

impl RoutingTests {
    /// Reads the section `model_alias_tests` of one YAML document and ignores the rest.
    ///
    /// `source` is the name of the text in problems and reports, usually a file name. A document
    /// without the section has no tests.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Config::from_yaml`](crate::Config::from_yaml), or all mistakes in
    /// the section at once: an unknown field, a test without `resolve` or without an expectation,
    /// two expectations that exclude each other, an unknown word, an invalid share, shares that do
    /// not sum to 100. A missing section is a mistake if another section has a similar name.
    ///
    /// # Complexity
    ///
    /// Linear in the text, in time and memory.
    ///
    /// # Examples
    ///
    /// ```
    /// use model_aliases::RoutingTests;
    ///
    /// let wrong = RoutingTests::from_yaml("tests.yaml", "
    /// model_alias_tests:
    ///   - {resolve: chat, expcet: openai/gpt-4o}
    /// ");
    /// let message = wrong.map_err(|error| error.to_string()).err();
    /// assert_eq!(message.as_deref(), Some("\
    /// tests.yaml:3:21: unknown field `expcet` in the test of `chat`
    ///   help: did you mean `expect`?"));
    /// ```
    pub fn from_yaml(source: &str, text: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        let limits = ReadLimits::new();
        let name: Arc<str> = source.into();
        let fatal = |problem| ConfigError::new(vec![problem]);
        let text = yaml::admit(&name, text.as_ref(), limits).map_err(fatal)?;
        let top = yaml::read(&name, text, TESTS, limits).map_err(fatal)?;
        let (cases, findings) = read::routing_tests(top);
        let origin = Origin::Text(text.into(), TESTS);
        let document = Document { name, origin };
        let places = document.locate(cases.iter().map(|(node, _)| *node).collect());
        let problems = problems(&[Arc::new(document)], &findings);
        if !problems.is_empty() {
            return Err(ConfigError::new(problems));
        }
        let cases = cases.into_iter().map(|(_, case)| case);
        Ok(Self {
            cases: places.into_iter().zip(cases).collect(),
        })
    }
}
