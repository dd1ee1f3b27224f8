//! Error codes and error types of the providers, with the failure class of each.

use crate::failure::class::FailureClass;

/// How much weight a code has against other evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// The code has exactly one meaning.
    Certain,
    /// The wording of a message may override it.
    Broad,
    /// The code is so general that even the status says more.
    Weak,
}

impl Strength {
    /// The number of variants.
    pub(super) const COUNT: usize = 3;
}

use FailureClass as Class;
use Strength::{Broad, Certain, Weak};

/// Compared without case: Bedrock writes `ThrottlingException` in a header and
/// `throttlingException` in a stream.
const CODES: &[(&str, Strength, Class)] = &[
    // OpenAI and compatible APIs. For billing, its documentation says to check the code, since all
    // billing errors share one type.
    ("insufficient_quota", Certain, Class::QuotaExhausted),
    ("credit_balance_exhausted", Certain, Class::QuotaExhausted),
    (
        "organization_spend_limit_exceeded",
        Certain,
        Class::QuotaExhausted,
    ),
    (
        "project_spend_limit_exceeded",
        Certain,
        Class::QuotaExhausted,
    ),
    (
        "organization_usage_limit_exceeded",
        Certain,
        Class::QuotaExhausted,
    ),
    ("billing_hard_limit_reached", Certain, Class::QuotaExhausted),
    ("billing_not_active", Certain, Class::QuotaExhausted),
    (
        "context_length_exceeded",
        Certain,
        Class::ContextLengthExceeded,
    ),
    (
        "string_above_max_length",
        Certain,
        Class::ContextLengthExceeded,
    ),
    ("content_filter", Certain, Class::ContentFiltered),
    ("content_policy_violation", Certain, Class::ContentFiltered),
    ("moderation_blocked", Certain, Class::ContentFiltered),
    // A flagged prompt, despite the name.
    ("invalid_prompt", Certain, Class::ContentFiltered),
    ("model_not_found", Certain, Class::NotFound),
    ("invalid_api_key", Certain, Class::AuthFailed),
    ("account_deactivated", Certain, Class::AuthFailed),
    (
        "unsupported_country_region_territory",
        Certain,
        Class::AuthFailed,
    ),
    ("server_is_overloaded", Certain, Class::Overloaded),
    ("service_unavailable_error", Broad, Class::Overloaded),
    ("rate_limit_exceeded", Broad, Class::RateLimited),
    ("slow_down", Broad, Class::RateLimited),
    ("authentication_error", Broad, Class::AuthFailed),
    ("server_error", Weak, Class::ServerError),
    ("invalid_request_error", Weak, Class::InvalidRequest),
    // Azure OpenAI.
    (
        "ResponsibleAIPolicyViolation",
        Certain,
        Class::ContentFiltered,
    ),
    ("DeploymentNotFound", Certain, Class::NotFound),
    ("PermissionDenied", Certain, Class::AuthFailed),
    ("NoCapacity", Certain, Class::Overloaded),
    ("RateLimitReached", Broad, Class::RateLimited),
    ("ServiceUnavailable", Broad, Class::Overloaded),
    ("Timeout", Broad, Class::Timeout),
    ("InternalServerError", Weak, Class::ServerError),
    // Anthropic.
    (
        "enforced_spend_limit_reached",
        Certain,
        Class::QuotaExhausted,
    ),
    ("billing_error", Certain, Class::QuotaExhausted),
    ("request_too_large", Certain, Class::ContextLengthExceeded),
    ("overloaded_error", Certain, Class::Overloaded),
    ("timeout_error", Certain, Class::Timeout),
    ("rate_limit_error", Broad, Class::RateLimited),
    ("permission_error", Broad, Class::AuthFailed),
    ("not_found_error", Broad, Class::NotFound),
    ("api_error", Weak, Class::ServerError),
    ("refusal", Certain, Class::ContentFiltered),
    // Gemini and other Google APIs (`RATE_LIMIT_EXCEEDED` is above).
    ("API_KEY_INVALID", Certain, Class::AuthFailed),
    ("API_KEY_SERVICE_BLOCKED", Certain, Class::AuthFailed),
    ("ACCESS_TOKEN_EXPIRED", Certain, Class::AuthFailed),
    ("SERVICE_DISABLED", Certain, Class::AuthFailed),
    ("CONSUMER_SUSPENDED", Certain, Class::AuthFailed),
    ("BILLING_DISABLED", Certain, Class::QuotaExhausted),
    ("DEADLINE_EXCEEDED", Certain, Class::Timeout),
    ("UNAUTHENTICATED", Broad, Class::AuthFailed),
    ("PERMISSION_DENIED", Broad, Class::AuthFailed),
    // Billing is off where there is no free tier: a fault of the account, not of the request.
    ("FAILED_PRECONDITION", Broad, Class::AuthFailed),
    ("UNAVAILABLE", Broad, Class::Overloaded),
    ("NOT_FOUND", Broad, Class::NotFound),
    // Sent with 402 and with 429, so the status decides.
    ("RESOURCE_EXHAUSTED", Weak, Class::RateLimited),
    ("INTERNAL", Weak, Class::ServerError),
    ("UNKNOWN", Weak, Class::ServerError),
    ("INVALID_ARGUMENT", Weak, Class::InvalidRequest),
    ("SAFETY", Certain, Class::ContentFiltered),
    ("RECITATION", Certain, Class::ContentFiltered),
    ("BLOCKLIST", Certain, Class::ContentFiltered),
    ("PROHIBITED_CONTENT", Certain, Class::ContentFiltered),
    ("SPII", Certain, Class::ContentFiltered),
    ("IMAGE_SAFETY", Certain, Class::ContentFiltered),
    // Bedrock.
    (
        "ServiceQuotaExceededException",
        Certain,
        Class::QuotaExhausted,
    ),
    ("ModelNotReadyException", Certain, Class::Overloaded),
    ("ServiceUnavailableException", Certain, Class::Overloaded),
    ("ModelTimeoutException", Certain, Class::Timeout),
    ("ModelErrorException", Certain, Class::ServerError),
    ("ModelStreamErrorException", Certain, Class::ServerError),
    ("InternalServerException", Certain, Class::ServerError),
    ("InternalFailure", Certain, Class::ServerError),
    ("ResourceNotFoundException", Certain, Class::NotFound),
    ("AccessDeniedException", Certain, Class::AuthFailed),
    ("UnrecognizedClientException", Certain, Class::AuthFailed),
    ("ExpiredTokenException", Certain, Class::AuthFailed),
    ("InvalidSignatureException", Certain, Class::AuthFailed),
    (
        "MissingAuthenticationTokenException",
        Certain,
        Class::AuthFailed,
    ),
    ("IncompleteSignature", Certain, Class::AuthFailed),
    ("InvalidClientTokenId", Certain, Class::AuthFailed),
    ("NotAuthorized", Certain, Class::AuthFailed),
    ("RequestExpired", Certain, Class::AuthFailed),
    // The account owner has not filled in a form. It comes with 404.
    ("FTUFormNotFilled", Certain, Class::AuthFailed),
    ("MPAgreementBeingCreated", Certain, Class::AuthFailed),
    ("ThrottlingException", Broad, Class::RateLimited),
    ("TooManyRequestsException", Broad, Class::RateLimited),
    ("ValidationException", Weak, Class::InvalidRequest),
    ("guardrail_intervened", Certain, Class::ContentFiltered),
    ("content_filtered", Certain, Class::ContentFiltered),
    // Mistral.
    ("unknown_model", Certain, Class::NotFound),
    ("invalid_model", Certain, Class::NotFound),
    ("service_tier_capacity_exceeded", Certain, Class::Overloaded),
    ("rate_limited", Broad, Class::RateLimited),
    // Groq. The model wrote an invalid tool call or document, which is not the fault of the request.
    ("tool_use_failed", Certain, Class::ServerError),
    ("json_validate_failed", Certain, Class::ServerError),
    ("model_decommissioned", Certain, Class::NotFound),
    ("organization_restricted", Certain, Class::AuthFailed),
    ("blocked_api_access", Certain, Class::QuotaExhausted),
    ("capacity_exceeded", Certain, Class::Overloaded),
    // Together.
    ("model_not_available", Certain, Class::NotFound),
    ("dedicated_endpoint_not_running", Certain, Class::NotFound),
    // Servers with an OpenAI-compatible API: llama.cpp, vLLM, LiteLLM.
    (
        "exceed_context_size_error",
        Certain,
        Class::ContextLengthExceeded,
    ),
    ("unavailable_error", Certain, Class::Overloaded),
    ("NotFoundError", Broad, Class::NotFound),
    ("BadRequestError", Weak, Class::InvalidRequest),
    ("budget_exceeded", Certain, Class::QuotaExhausted),
];

/// Looks up a code.
pub(super) fn find(code: &str) -> Option<(Strength, Class)> {
    // `eq_ignore_ascii_case` compares lengths first, which rules out most codes.
    CODES
        .iter()
        .find(|(known, _, _)| known.eq_ignore_ascii_case(code))
        .map(|&(_, strength, class)| (strength, class))
}

/// Whether a finish reason says that the provider's filter stopped the reply.
pub(super) fn is_filter(reason: &str) -> bool {
    find(reason).is_some_and(|(_, class)| class == Class::ContentFiltered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_stands_once() {
        for (at, (code, _, _)) in CODES.iter().enumerate() {
            let mut before = CODES[..at].iter();
            assert!(
                !before.any(|(other, _, _)| other.eq_ignore_ascii_case(code)),
                "{code}"
            );
        }
    }
}
