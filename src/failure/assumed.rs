//! [`AssumedFailure`]: a failure for an explanation or a routing test.

use std::fmt;

use super::class::FailureClass;
use super::classify::{Classifier, ProviderNames};
use super::report::Failure;

/// A failure that an explanation or a routing test assumes: one that was classified, or the answer of a target,
/// which is classified where it would come from.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use model_aliases::{AliasResolver, AssumedFailure, Config, FailureClass};
///
/// let config = Config::from_yaml("config.yaml", "
/// model_providers: [{model: fireworks/qwen3}, {model: openai/gpt-4o}]
/// model_aliases:
///   chat: {target: qwen3, fallbacks: [{target: gpt-4o, conditions: [quota_exhausted]}]}
/// model_failure_rules:
///   - {provider: fireworks, status: 412, says: spending limit, class: quota_exhausted}
/// ")?;
/// let answer = AssumedFailure::answer(412, [("server", "x")], "Spending limit reached.");
/// let why = AliasResolver::new(config)?.explain_after("chat", [answer])?;
/// assert_eq!(why.after(), [FailureClass::QuotaExhausted]);
/// assert_eq!(why.next()[0].target(), "openai/gpt-4o");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AssumedFailure(Assumed);

#[derive(Clone, PartialEq, Eq)]
enum Assumed {
    Failure(Failure),
    /// An answer without headers and body.
    Status(u16),
    Answer {
        status: u16,
        headers: Vec<(Box<str>, Box<[u8]>)>,
        body: Box<[u8]>,
    },
}

impl AssumedFailure {
    /// A failed HTTP response, as for [`Failure::from_http`].
    pub fn answer(
        status: u16,
        headers: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>,
        body: impl AsRef<[u8]>,
    ) -> Self {
        let headers = headers.into_iter();
        Self(Assumed::Answer {
            status,
            headers: headers
                .map(|(name, value)| (name.as_ref().into(), value.as_ref().into()))
                .collect(),
            body: body.as_ref().into(),
        })
    }

    /// Parses a class such as `rate_limited`, or a status from 400 to 599, which stands for an answer without a
    /// body.
    ///
    /// Returns `None` for any other word.
    pub fn from_word(word: &str) -> Option<Self> {
        let mut classes = FailureClass::ALL.iter();
        if let Some(&class) = classes.find(|class| class.as_str() == word) {
            return Some(class.into());
        }
        let status = word.parse().ok().filter(|_| word.len() == 3)?;
        let is_error = (400..600).contains(&status);
        is_error.then_some(Self(Assumed::Status(status)))
    }

    /// The failure of a target of this provider.
    pub(crate) fn of(&self, classifier: &Classifier, provider: ProviderNames<'_>) -> Failure {
        match &self.0 {
            Assumed::Failure(failure) => failure.clone(),
            Assumed::Status(status) => {
                let none: [(&str, &str); 0] = [];
                classifier.http_of(provider, *status, none, "")
            }
            Assumed::Answer {
                status,
                headers,
                body,
            } => {
                let headers = headers.iter().map(|(name, value)| (name, value));
                classifier.http_of(provider, *status, headers, body)
            }
        }
    }

    /// The failure where the provider is not known.
    pub(crate) fn of_any(&self) -> Failure {
        let nobody = ProviderNames {
            prefix: "",
            name: None,
        };
        self.of(&Classifier::new(), nobody)
    }

    /// Whether it is an answer with headers or a body.
    pub(crate) fn is_answer(&self) -> bool {
        matches!(self.0, Assumed::Answer { .. })
    }
}

impl Failure {
    /// Parses a class such as `rate_limited`, or an HTTP status from 400 to 599.
    ///
    /// Returns `None` for any other word.
    ///
    /// # Examples
    ///
    /// ```
    /// use model_aliases::{Failure, FailureClass};
    ///
    /// let class = |word| Failure::from_word(word).map(|failure| failure.class());
    /// assert_eq!(class("timeout"), Some(FailureClass::Timeout));
    /// assert_eq!(class("429"), Some(FailureClass::RateLimited));
    /// assert_eq!(class("tired"), None);
    /// ```
    pub fn from_word(word: &str) -> Option<Self> {
        AssumedFailure::from_word(word).map(|assumed| assumed.of_any())
    }
}

impl From<Failure> for AssumedFailure {
    fn from(failure: Failure) -> Self {
        Self(Assumed::Failure(failure))
    }
}

impl From<FailureClass> for AssumedFailure {
    fn from(class: FailureClass) -> Self {
        Failure::new(class).into()
    }
}

impl fmt::Display for AssumedFailure {
    /// Writes the class or the status. The body may be the text of a client.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Assumed::Failure(failure) => failure.class().fmt(f),
            Assumed::Status(status) => status.fmt(f),
            Assumed::Answer { status, .. } => write!(f, "{status} with a body"),
        }
    }
}

impl fmt::Debug for AssumedFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AssumedFailure({self})")
    }
}
