//! [`Classifier`]: weighs the evidence and decides on the failure class.

use super::body;
use super::evidence::{Decision, Evidence, Grounds};
use super::headers::Headers;
use super::rule::{FailureRule, ProviderNames};
use super::transport::{self, SendPhase, TransportError};
use crate::failure::class::FailureClass;
use crate::failure::report::Failure;

impl Failure {
    /// Classifies a failed HTTP response by the built-in rules; [`Classifier`] describes them.
    ///
    /// Headers are pairs of a name and a value, so `&http::HeaderMap` works. For an error inside a
    /// stream, pass the status of the stream and the event as the body, with or without `event:` and
    /// `data:`.
    ///
    /// # Complexity
    ///
    /// Linear in the body. Only its first 64 KiB are read.
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
    pub fn from_http(
        status: u16,
        headers: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>,
        body: impl AsRef<[u8]>,
    ) -> Self {
        classify(&[], None, status, headers, body.as_ref())
    }

    /// Classifies a connection error, where there is no response.
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

/// Classifies failed responses by custom rules first, then by the built-in rules.
///
/// The evidence is read in this order. The first item that gives a class decides:
///
/// 1. Custom rules, in the order they were added; see [`FailureRule`].
/// 2. Unambiguous codes: `insufficient_quota`, `content_filter`, `context_length_exceeded`,
///    `ModelNotReadyException`, a daily `quotaId` of Gemini, and so on. They are read from the fields
///    that providers use (`code`, `type`, `status`, `reason`, `__type`, …) in the parts of a body
///    that hold errors, including arrays and JSON that a proxy embedded in a message, and from the
///    header `x-amzn-errortype`. A finish reason counts as a code if it says that the provider's
///    filter stopped the reply.
/// 3. The wording of a message, for failures without an unambiguous code. Examples: a 429 because one
///    request exceeds the limit per minute (`context_length_exceeded`), a 403 or 400 because the context
///    is too long, a 400 because the credit is used up (`quota_exhausted`) or the key is wrong
///    (`auth_failed`).
/// 4. Ambiguous codes: `rate_limit_exceeded`, `PERMISSION_DENIED`. A 429 with `rate_limit_error` and
///    Anthropic's own headers but without `retry-after` is its spend cap: `quota_exhausted`.
/// 5. The status, by the table below.
/// 6. For an error inside a stream with a status below 400: the status written in the body, then
///    general codes such as `api_error` or `INVALID_ARGUMENT`, else `server_error`.
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
/// | other 5xx; below 400, if the response was not usable | `server_error` |
/// | any other | `invalid_request` |
///
/// The retry delay is read from `retry-after-ms`, else from `Retry-After`, else from Gemini's
/// `RetryInfo`. `Retry-After` may be seconds or a date. A date is taken relative to the `Date` header of
/// the same response and ignored without one, so a wrong local clock does no harm. Headers that say
/// when a limit is fully restored (`x-ratelimit-reset-*`, `anthropic-ratelimit-*-reset`) are not read:
/// requests are accepted long before.
///
/// A body may be truncated, and may be HTML, plain text, JSON, server-sent events or binary. Only
/// custom rules read HTML. Without the feature `json` every body is plain text: wording counts, codes
/// do not. To bound the cost, only the beginning of a very large body counts: 64 KiB, a thousand
/// brackets, quotes and other JSON marks, sixteen codes, 3 KiB of messages, and two levels
/// of JSON inside strings.
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
    /// Creates a classifier with the built-in rules only.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule after those added earlier. All custom rules precede the built-in ones.
    #[must_use]
    pub fn rule(mut self, rule: FailureRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Classifies a failed HTTP response; like [`Failure::from_http`], with the custom rules first.
    ///
    /// # Complexity
    ///
    /// Linear in the body for each rule. Only the first 64 KiB are read.
    pub fn http(
        &self,
        status: u16,
        headers: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>,
        body: impl AsRef<[u8]>,
    ) -> Failure {
        classify(&self.rules, None, status, headers, body.as_ref())
    }

    /// Classifies a failed HTTP response of a provider.
    pub(crate) fn http_of(
        &self,
        provider: ProviderNames<'_>,
        status: u16,
        headers: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>,
        body: impl AsRef<[u8]>,
    ) -> Failure {
        let provider = Some(provider);
        classify(&self.rules, provider, status, headers, body.as_ref())
    }

    /// The same with these rules first.
    pub(crate) fn after(mut self, first: Vec<FailureRule>) -> Self {
        self.rules.splice(..0, first);
        self
    }
}

fn classify(
    rules: &[FailureRule],
    provider: Option<ProviderNames<'_>>,
    status: u16,
    headers: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>,
    body: &[u8],
) -> Failure {
    let mut evidence = Evidence::new(rules, provider, status);
    let headers = Headers::read(headers, &mut evidence);
    body::read(status, body, &mut evidence);

    let reported_status = evidence.reported_status();
    let decision = evidence
        .ruled()
        .or_else(|| evidence.certain())
        .or_else(|| evidence.worded())
        .or_else(|| spend_cap(status, &headers, &evidence))
        .or_else(|| evidence.broad())
        .or_else(|| Some(Decision::of_status(by_status(reported_status?))))
        .or_else(|| evidence.weak())
        .unwrap_or(Decision::of_status(FailureClass::ServerError));

    let mut failure = Failure::new(decision.class);
    if let Some(text) = decision.grounds.text() {
        failure = failure.decided(text);
    }
    if let Grounds::Rule(rule) = decision.grounds
        && rule.may_match_a_quotation(reported_status.unwrap_or(status))
    {
        failure = failure.caused_by_a_quotation();
    }
    if let Some(status) = reported_status {
        failure = failure.status(status);
    }
    if let Some(delay) = headers.delay().or(evidence.delay()) {
        failure = failure.retry_after(delay);
    }
    if let Some(code) = evidence.best_code() {
        failure = failure.code(code);
    }
    for word in evidence.conditions() {
        failure = failure.condition(word);
    }
    failure
}

/// Recognizes Anthropic's monthly spend cap. It has the code of a rate limit but no `retry-after`. A
/// proxy that drops headers would make every rate limit look like that, so Anthropic's own headers
/// must be present.
fn spend_cap<'r>(status: u16, headers: &Headers, evidence: &Evidence<'_>) -> Option<Decision<'r>> {
    let is_cap = status == 429
        && evidence.is_rate_limit_error()
        && headers.is_from_anthropic()
        && !headers.says_when();
    let why = "a rate limit of Anthropic without `retry-after`";
    is_cap.then(|| Decision::of_part(FailureClass::QuotaExhausted, why))
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
