//! The classifier: which evidence decides.

use super::body;
use super::evidence::Evidence;
use super::headers::Headers;
use super::rule::FailureRule;
use super::transport::{self, SendPhase, TransportError};
use crate::failure::class::FailureClass;
use crate::failure::report::Failure;
use crate::failure::word::FailureWord;

impl Failure {
    /// Classifies an answer that is a failure, by the built-in rules alone; see [`Classifier`] for
    /// what they read.
    ///
    /// Headers are pairs of a name and a value, so `&http::HeaderMap` fits. For an error inside a
    /// stream that began well, the status is that of the stream and the body is the event, with
    /// or without its `event:` and `data:`.
    ///
    /// # Complexity
    ///
    /// Linear in the body, of which the first 64 KiB are read.
    ///
    /// # Examples
    ///
    /// ```
    /// use model_aliases::{Failure, FailureClass};
    ///
    /// let headers = [("Retry-After", "20")];
    /// let failure = Failure::from_http(429, headers, "too many requests");
    /// assert_eq!(failure.class(), FailureClass::RateLimited);
    /// assert_eq!(failure.retry_delay().map(|delay| delay.as_secs()), Some(20));
    ///
    /// let mut headers = http::HeaderMap::new();
    /// headers.insert("x-amzn-errortype", "ModelNotReadyException".parse()?);
    /// let failure = Failure::from_http(429, &headers, "{}");
    /// assert_eq!(failure.class(), FailureClass::Overloaded);
    /// # Ok::<(), http::header::InvalidHeaderValue>(())
    /// ```
    pub fn from_http<N, V>(
        status: u16,
        headers: impl IntoIterator<Item = (N, V)>,
        body: impl AsRef<[u8]>,
    ) -> Self
    where
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        classify(&[], status, headers, body.as_ref())
    }

    /// The failure that a word stands for: a class such as `rate_limited`, or an HTTP status from 400 to
    /// 599. `None` for any other word.
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
        FailureWord::read(word).map(Self::from)
    }

    /// Classifies a failure for which there is no answer.
    ///
    /// | Error | Before the request was sent | After |
    /// |---|---|---|
    /// | [`TransportError::Connect`] | `connect_error` | `connect_error` |
    /// | [`TransportError::Timeout`] | `timeout` | `timeout` |
    /// | [`TransportError::Closed`] | `connect_error` | `server_error` |
    /// | [`TransportError::Unreadable`] | `server_error` | `server_error` |
    ///
    /// # Examples
    ///
    /// ```
    /// use model_aliases::{Failure, FailureClass, SendPhase, TransportError};
    ///
    /// let failure = Failure::from_transport(TransportError::Closed, SendPhase::Sent);
    /// assert_eq!(failure.class(), FailureClass::ServerError);
    /// ```
    pub fn from_transport(error: TransportError, phase: SendPhase) -> Self {
        Self::new(transport::class(error, phase))
    }
}

impl From<FailureWord> for Failure {
    fn from(word: FailureWord) -> Self {
        let none: [(&str, &str); 0] = [];
        match word {
            FailureWord::Class(class) => Self::new(class),
            FailureWord::Status(status) => Self::from_http(status, none, ""),
        }
    }
}

/// Classifies failures by rules of the embedder's own, and by the built-in ones where those give
/// no class.
///
/// What is read, in this order, and the first that gives a class decides:
///
/// 1. The rules of the embedder, in the order they were added; see [`FailureRule`].
/// 2. Codes that mean one thing: `insufficient_quota`, `content_filter`,
///    `context_length_exceeded`, `ModelNotReadyException`, a daily `quotaId` of Gemini, and so on.
///    They are looked for under the names that providers use (`code`, `type`, `status`, `reason`,
///    `__type`, …) in the parts of a body that hold errors, also in arrays and in JSON that
///    a proxy put into a message as text, and in the header `x-amzn-errortype`. A finish reason
///    that says that the provider's filter stopped an answer counts as one.
/// 3. The words of a message, for what only words tell: a 429 for a request larger than the limit,
///    a 403 or 400 for too long a context, a 400 for spent credit or for a wrong key.
/// 4. Codes that leave a choice: `rate_limit_exceeded`, `PERMISSION_DENIED`. A
///    `rate_limit_error` from Anthropic itself that has no `retry-after` is its spend cap.
/// 5. The status, by the table below.
/// 6. In an answer that began well (a stream): the status that stands in the body, then codes as
///    general as `api_error` or `INVALID_ARGUMENT`, else `server_error`.
///
/// | Status | Class |
/// |---|---|
/// | 401, 403 | `auth_failed` |
/// | 402 | `quota_exhausted` |
/// | 404 | `not_found` |
/// | 408, 504, 524 | `timeout` |
/// | 413 | `context_length_exceeded` |
/// | 429 | `rate_limited` |
/// | 503, 529 | `overloaded` |
/// | other 5xx; below 400, an answer that is no error but was not usable | `server_error` |
/// | the rest | `invalid_request` |
///
/// How long to stay away is read from `retry-after-ms`, else from `Retry-After`, else from Gemini's
/// `RetryInfo`. `Retry-After` may be seconds or a date; what a date means is told by the `Date` of
/// the same answer, and without one it is passed over, so that no clock is asked and a wrong one
/// does no harm. Headers that say when a limit is full again (`x-ratelimit-reset-*`,
/// `anthropic-ratelimit-*-reset`) are not read: the next request may go long before.
///
/// A body may be cut off, may be HTML, plain text, JSON, server-sent events or no text at all. HTML is
/// passed over, except by rules. Without the feature `json` a body is taken for plain text: words count,
/// codes do not. So that no body is slow to read, of one that is larger than any error the
/// beginning counts: 64 KiB, a thousand brackets, quotes and other marks of JSON, sixteen codes, a thousand
/// words of messages, JSON inside a text inside a text.
///
/// # Examples
///
/// ```
/// use model_aliases::{Classifier, FailureClass, FailureRule};
///
/// let classifier = Classifier::new()
///     .rule(FailureRule::new().code("E_WARMING_UP").class(FailureClass::Overloaded))
///     .rule(FailureRule::new().message("night shift").condition("asleep"));
/// let body = "{\"error\": {\"code\": \"E_WARMING_UP\", \"message\": \"night shift\"}}";
/// let failure = classifier.http(500, [("server", "ours")], body);
/// assert!(failure.conditions().eq(["asleep"]));
/// # #[cfg(feature = "json")]
/// assert_eq!(failure.class(), FailureClass::Overloaded);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Classifier {
    rules: Vec<FailureRule>,
}

impl Classifier {
    /// The built-in rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule behind those that were added before, and before the built-in ones.
    #[must_use]
    pub fn rule(mut self, rule: FailureRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Classifies an answer that is a failure; as [`Failure::from_http`], with the rules first.
    ///
    /// # Complexity
    ///
    /// Linear in the body, of which the first 64 KiB are read, for each rule.
    pub fn http<N, V>(
        &self,
        status: u16,
        headers: impl IntoIterator<Item = (N, V)>,
        body: impl AsRef<[u8]>,
    ) -> Failure
    where
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        classify(&self.rules, status, headers, body.as_ref())
    }
}

fn classify<N: AsRef<str>, V: AsRef<[u8]>>(
    rules: &[FailureRule],
    status: u16,
    headers: impl IntoIterator<Item = (N, V)>,
    body: &[u8],
) -> Failure {
    let mut evidence = Evidence::new(rules, status);
    let headers = Headers::read(headers, &mut evidence);
    body::read(status, body, &mut evidence);

    let said = if status >= 400 {
        Some(status)
    } else {
        evidence.number()
    };
    let class = evidence
        .ruled(status)
        .or_else(|| evidence.certain())
        .or_else(|| evidence.worded())
        .or_else(|| spend_cap(status, &headers, &evidence))
        .or_else(|| evidence.broad())
        .or_else(|| said.map(by_status))
        .or_else(|| evidence.weak())
        .unwrap_or(FailureClass::ServerError);

    let mut failure = Failure::new(class);
    if let Some(said) = said {
        failure = failure.status(said);
    }
    if let Some(delay) = headers.delay().or(evidence.delay()) {
        failure = failure.retry_after(delay);
    }
    if let Some(code) = evidence.best_code() {
        failure = failure.code(code);
    }
    for word in evidence.conditions(status) {
        failure = failure.condition(word);
    }
    failure
}

/// Anthropic's monthly cap has the code of a rate limit and, for want of a time worth waiting for,
/// no `retry-after`. A proxy that drops headers would make every limit look like that, so its own
/// headers must be there.
fn spend_cap(status: u16, headers: &Headers, evidence: &Evidence<'_>) -> Option<FailureClass> {
    let is_cap = status == 429
        && evidence.is_rate_limit_error()
        && headers.is_from_anthropic()
        && !headers.says_when();
    is_cap.then_some(FailureClass::QuotaExhausted)
}

fn by_status(status: u16) -> FailureClass {
    match status {
        401 | 403 => FailureClass::AuthFailed,
        402 => FailureClass::QuotaExhausted,
        404 => FailureClass::NotFound,
        408 | 504 | 524 => FailureClass::Timeout,
        413 => FailureClass::ContextLengthExceeded,
        429 => FailureClass::RateLimited,
        503 | 529 => FailureClass::Overloaded,
        500..600 => FailureClass::ServerError,
        _ => FailureClass::InvalidRequest,
    }
}
