//! Reads routing tests out of a text.

use std::sync::Arc;

use super::document::{Document, Origin};
use super::problems::problems;
use super::read;
use super::tree::TESTS;
use super::yaml::{self, ReadLimits};
use crate::load::error::ConfigError;
use crate::load::routing_tests::RoutingTests;

impl RoutingTests {
    /// Reads the section `model_alias_tests` of one YAML document, and nothing else of it.
    ///
    /// `source` is what problems and reports call it: a file name, usually. A document without the
    /// section has no tests.
    ///
    /// # Errors
    ///
    /// Fails where [`Config::from_yaml`](crate::Config::from_yaml) does, and on every mistake in the
    /// section, all at once: an unknown field, a test without `resolve` or that expects nothing, two
    /// expectations that exclude each other, an unknown word, shares that are none or do not sum to
    /// 100. A section that is not there is a mistake if another one looks like it.
    ///
    /// # Complexity
    ///
    /// Time and memory proportional to the text.
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
