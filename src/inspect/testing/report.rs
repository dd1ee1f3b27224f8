//! Runs routing tests and reports the results.

use std::collections::HashMap;
use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::judge::{judge, judge_deprecation};
use crate::base::location::Location;
use crate::inspect::explain::Explanation;
use crate::load::routing_tests::{Case, RoutingTests};
use crate::serve::request::Request;
use crate::serve::resolver::AliasResolver;

/// The results of routing tests.
///
/// `Display` writes it like a test runner: one line per test, then each failure with its reason. Serde writes
/// it for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestReport {
    results: Vec<TestResult>,
}

/// The result of one routing test.
///
/// `Display` writes `ok`, or the location and the failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    name: Box<str>,
    place: Location,
    message: Option<Box<str>>,
    explanation: Option<Explanation>,
}

impl RoutingTests {
    /// Runs every test against a resolver in its initial state.
    ///
    /// The catalog and the policy for unknown names of the resolver apply. Its live state is neither read nor changed.
    /// Nothing is sampled: the shares are exact, as in [`AliasResolver::explain`]. Selectors are not called; weights
    /// are used instead.
    ///
    /// # Complexity
    ///
    /// One [`AliasResolver::explain_after`] per test.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config, RoutingTests};
    ///
    /// let config = Config::from_yaml("config.yaml", "model_providers: [{model: openai/gpt-4o}]")?;
    /// let tests = RoutingTests::from_yaml("tests.yaml", "
    /// model_alias_tests:
    ///   - {resolve: gpt-4o, expect: openai/gpt-4o}
    ///   - {resolve: chat, expect: openai/gpt-4o}
    /// ")?;
    /// assert_eq!(tests.run(&AliasResolver::new(config)?).to_string(), "\
    /// test gpt-4o … ok
    /// test chat … FAILED
    ///
    /// tests.yaml:4:5: `chat` does not go where it should
    /// expected: `openai/gpt-4o`
    /// found: unknown model `chat`
    ///
    /// FAILED: 1 passed, 1 failed");
    /// # Ok(())
    /// # }
    /// ```
    pub fn run(&self, resolver: &AliasResolver) -> TestReport {
        let resolver = resolver.isolated_copy(0);
        let mut times: HashMap<String, usize> = HashMap::new();
        for (_, case) in &self.cases {
            *times.entry(case.to_string()).or_default() += 1;
        }
        let results = self.cases.iter().map(|(place, case)| {
            let mut name = case.to_string();
            if times.get(&name).is_some_and(|&times| times > 1)
                && let (Some(line), Some(column)) = (place.line(), place.column())
            {
                name = format!("{name} at {line}:{column}");
            }
            let (message, explanation) = fault(&resolver, case).unzip();
            TestResult {
                name: name.into(),
                place: place.clone(),
                message: message.map(Into::into),
                explanation: explanation.flatten(),
            }
        });
        TestReport {
            results: results.collect(),
        }
    }

    /// Runs every test and panics on failure, for a one-line `#[test]`.
    ///
    /// # Panics
    ///
    /// If a test fails, or if there is none. The message is the report.
    #[track_caller]
    pub fn assert(&self, resolver: &AliasResolver) {
        let report = self.run(resolver);
        assert!(report.is_ok(), "{report}");
    }
}

/// Runs one test. Returns the failure message, and the explanation if the request goes elsewhere.
fn fault(resolver: &AliasResolver, case: &Case) -> Option<(String, Option<Explanation>)> {
    let mut faults = Vec::new();
    let mut explanation = None;
    if let Some(expected) = &case.expected {
        let mut request = Request::new(&*case.resolve);
        if let Some(key) = &case.key {
            request = request.sticky_key(&**key);
        }
        let found = resolver.explain_after(request, case.after.iter().cloned());
        if let Err(message) = judge(&case.resolve, expected, &found) {
            faults.push(message);
            explanation = found.ok();
        }
    }
    if let Some(expected) = &case.deprecated {
        faults.extend(judge_deprecation(resolver, &case.resolve, expected).err());
    }
    (!faults.is_empty()).then(|| (faults.join("\n"), explanation))
}

impl TestReport {
    /// Returns whether there is at least one test and all passed.
    pub fn is_ok(&self) -> bool {
        !self.results.is_empty() && self.failed().next().is_none()
    }

    /// Returns the result of every test, in file order.
    pub fn results(&self) -> &[TestResult] {
        &self.results
    }

    /// Returns the tests that failed.
    pub fn failed(&self) -> impl Iterator<Item = &TestResult> {
        self.results.iter().filter(|result| !result.is_ok())
    }
}

impl TestResult {
    /// Returns the `name` of the test, or a text built from its request. The location is added if that is not
    /// unique.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the location of the test in its file.
    pub fn location(&self) -> &Location {
        &self.place
    }

    /// Returns whether the test passed.
    pub fn is_ok(&self) -> bool {
        self.message.is_none()
    }

    /// Returns the failure with the expected result, the actual one and the reason; `None` if the test passed.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Returns the explanation of the actual route; `None` if the test passed or resolving failed.
    pub fn explanation(&self) -> Option<&Explanation> {
        self.explanation.as_ref()
    }
}

impl fmt::Display for TestResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{}: {message}", self.place),
            None => f.write_str("ok"),
        }
    }
}

impl fmt::Display for TestReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for result in &self.results {
            let end = if result.is_ok() { "ok" } else { "FAILED" };
            writeln!(f, "test {} … {end}", result.name)?;
        }
        for result in self.failed() {
            write!(f, "\n{result}\n")?;
        }
        let failed = self.failed().count();
        match (self.results.len(), failed) {
            (0, _) => f.write_str("FAILED: there is no routing test"),
            (all, 0) => write!(f, "\nok: {all} passed"),
            (all, _) => write!(f, "\nFAILED: {} passed, {failed} failed", all - failed),
        }
    }
}

impl Serialize for TestResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("source", self.place.source())?;
        map.serialize_entry("line", &self.place.line())?;
        map.serialize_entry("column", &self.place.column())?;
        map.serialize_entry("ok", &self.is_ok())?;
        map.serialize_entry("message", &self.message)?;
        if let Some(explanation) = &self.explanation {
            map.serialize_entry("explanation", explanation)?;
        }
        map.end()
    }
}

impl Serialize for TestReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let failed = self.failed().count();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("ok", &self.is_ok())?;
        map.serialize_entry("passed", &(self.results.len() - failed))?;
        map.serialize_entry("failed", &failed)?;
        map.serialize_entry("results", &self.results)?;
        map.end()
    }
}
