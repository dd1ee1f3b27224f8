//! Routing tests as data: the request and the expected outcome.
//!
//! `load::config` reads the tests and `inspect::testing` runs them.

use std::fmt;
use std::sync::Arc;

use crate::base::fraction::Fraction;
use crate::base::location::Location;
use crate::base::secret::PublicUrl;
use crate::base::text::{Quoted, escaped};
use crate::failure::AssumedFailure;

/// The word for requests that end without a target, among the shares of a split.
pub(crate) const NONE: &str = "none";

/// The words of `expect_error`: the codes of [`ResolveError`](crate::ResolveError) that an
/// explanation can end with, and `exhausted` for a request with no target left.
pub(crate) const ERRORS: &[&str] = &["unknown-name", "ambiguous-name", "not-allowed", "exhausted"];

/// Routing tests from a YAML file: the targets that names must lead to.
///
/// The tests are the entries of the section `model_alias_tests`, in the configuration itself or in
/// a separate file. Each test names a request and the outcome that it expects:
///
/// | Field | Meaning |
/// |---|---|
/// | `resolve` | The requested name. |
/// | `key` | The sticky key of the request. It is never printed. |
/// | `after` | Earlier failures, in order: classes such as `timeout`, statuses such as 429, or answers such as `{status: 412, body: "…"}`, also with `headers`. Statuses and answers are classified by the failure rules of the configuration. |
/// | `expect` | The only possible target, as [`Resolution::target`](crate::Resolution::target) writes it. |
/// | `expect_split` | Every target with its exact share: `80`, `99.5`, `1/3`; `none` for requests that end without one. |
/// | `expect_error` | `unknown-name`, `ambiguous-name`, `not-allowed`, or `exhausted` where no target is left. |
/// | `expect_deprecated` | The replacement of the name, or `true` or `false`. Can be combined with one of the other three. |
/// | `name` | The name of the test; by default it is named after its request. |
///
/// The tests check the configuration and not the live state: every target counts as healthy. Shares
/// are computed exactly, not sampled.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use model_aliases::{AliasResolver, Config, RoutingTests};
///
/// let text = "
/// model_providers: [{model: openai/gpt-4o}, {model: ollama/llama3.1}]
/// model_aliases:
///   chat: {target: gpt-4o, fallbacks: [{target: llama3.1, conditions: [timeout]}]}
/// model_alias_tests:
///   - {resolve: chat, expect: openai/gpt-4o}
///   - {resolve: chat, after: [timeout], expect: ollama/llama3.1}
///   - {resolve: chat, after: [429], expect_error: exhausted}
/// ";
/// let resolver = AliasResolver::new(Config::from_yaml("config.yaml", text)?)?;
/// RoutingTests::from_yaml("config.yaml", text)?.assert(&resolver);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct RoutingTests {
    pub(crate) cases: Vec<(Location, Case)>,
}

impl RoutingTests {
    /// Returns the number of tests.
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// Returns whether there are no tests.
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// Keeps the tests whose name contains `text`. A test without a `name` is named after its
    /// request.
    #[must_use]
    pub fn containing(mut self, text: &str) -> Self {
        self.cases
            .retain(|(_, case)| case.to_string().contains(text));
        self
    }

    /// Adds the tests of an overlay.
    ///
    /// A test of the overlay replaces every test with the same request (`resolve`, `key` and
    /// `after`), since the overlay may change the answer.
    ///
    /// # Complexity
    ///
    /// Proportional to the product of the two numbers of tests.
    #[must_use]
    pub fn overlay(mut self, overlay: Self) -> Self {
        let is_replaced = |case: &Case| {
            overlay
                .cases
                .iter()
                .any(|(_, over)| over.same_request(case))
        };
        self.cases.retain(|(_, case)| !is_replaced(case));
        self.cases.extend(overlay.cases);
        self
    }
}

impl fmt::Debug for RoutingTests {
    /// Writes only the names of the tests, because a sticky key is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.cases.iter().map(|(_, case)| case.to_string());
        f.debug_tuple("RoutingTests")
            .field(&names.collect::<Vec<_>>())
            .finish()
    }
}

/// One test.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) resolve: Arc<str>,
    pub(crate) key: Option<Arc<str>>,
    pub(crate) after: Vec<AssumedFailure>,
    pub(crate) expected: Option<Expected>,
    pub(crate) deprecated: Option<ExpectedDeprecation>,
}

impl Case {
    /// Whether both tests make the same request.
    fn same_request(&self, other: &Self) -> bool {
        (&self.resolve, &self.key, &self.after) == (&other.resolve, &other.key, &other.after)
    }
}

impl fmt::Display for Case {
    /// Writes the name of the test.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            return f.write_str(&escaped(name));
        }
        f.write_str(&escaped(&self.resolve))?;
        if self.key.is_some() {
            f.write_str(" with a key")?;
        }
        for (at, word) in self.after.iter().enumerate() {
            write!(f, "{}{word}", if at == 0 { " after " } else { ", " })?;
        }
        Ok(())
    }
}

/// The expected outcome of a request.
#[derive(Debug, Clone)]
pub(crate) enum Expected {
    /// Always this target.
    Target(Arc<str>),
    /// These targets with these shares, and no other target.
    Split(Vec<(Arc<str>, WrittenShare)>),
    /// No target, with this error code.
    Error(Arc<str>),
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(target) => Quoted(&public(target)).fmt(f),
            Self::Split(parts) => {
                for (at, (target, part)) in parts.iter().enumerate() {
                    f.write_str(if at == 0 { "" } else { ", " })?;
                    write!(f, "{} {part}", Quoted(&public(target)))?;
                }
                Ok(())
            }
            Self::Error(code) => write!(f, "the error {}", Quoted(code)),
        }
    }
}

/// Returns the target without user info and query, which somebody may have copied into it.
fn public(target: &str) -> String {
    match target.split_once('@') {
        Some((model, url)) if url.contains("://") => format!("{model}@{}", PublicUrl(url)),
        _ => target.to_owned(),
    }
}

/// A share as written, and as a number.
#[derive(Debug, Clone)]
pub(crate) struct WrittenShare {
    written: Box<str>,
    pub(crate) share: Fraction,
}

impl WrittenShare {
    /// Reads a percentage up to 100 (`80`, `99.5`) or a fraction up to 1 (`1/3`).
    pub(crate) fn read(written: &str) -> Option<Self> {
        // `parse` alone would accept a sign.
        let number = |digits: &str| -> Option<u128> {
            let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| is_number)
        };
        let share = if let Some((part, whole)) = written.split_once('/') {
            let whole = number(whole).filter(|&whole| whole > 0)?;
            Fraction::new(number(part)?, whole)
        } else {
            let (whole, rest) = written.split_once('.').unwrap_or((written, ""));
            let scale = 10_u128.checked_pow(u32::try_from(rest.len()).ok()?)?;
            Fraction::new(number(&format!("{whole}{rest}"))?, scale.checked_mul(100)?)
        };
        (share.numerator() <= share.denominator()).then(|| Self {
            written: written.into(),
            share,
        })
    }
}

impl fmt::Display for WrittenShare {
    /// Writes `80%` or `1/3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.written.contains('/') { "" } else { "%" };
        write!(f, "{}{sign}", self.written)
    }
}

/// The expected deprecation of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ExpectedDeprecation {
    Any(bool),
    Replacement(Arc<str>),
}

impl fmt::Display for ExpectedDeprecation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any(true) => f.write_str("deprecated"),
            Self::Any(false) => f.write_str("not deprecated"),
            Self::Replacement(name) => write!(f, "deprecated, use {}", Quoted(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_percentage_or_a_fraction() {
        for (text, expected) in [
            ("80", Some((4, 5))),
            ("99.5", Some((199, 200))),
            ("1/3", Some((1, 3))),
            ("100", Some((1, 1))),
            ("0", Some((0, 1))),
            ("100.01", None),
            ("4/3", None),
            ("1/0", None),
            ("", None),
            (".", None),
            ("x", None),
            ("-1", None),
            ("+1", None),
            ("+1/3", None),
            ("1/ 3", None),
            ("1e3", None),
        ] {
            let expected = expected.map(|(above, below)| Fraction::new(above, below));
            let share = WrittenShare::read(text).map(|part| part.share);
            assert_eq!(share, expected, "{text}");
        }
    }

    #[test]
    fn what_is_expected_shows_no_secret() {
        let target = Expected::Target("openai/gpt-4o@https://u:hush@h/v1?k=hush".into());
        assert_eq!(target.to_string(), "`openai/gpt-4o@https://h/v1`");
        let target = Expected::Target("p/text@latest".into());
        assert_eq!(target.to_string(), "`p/text@latest`");
    }
}
