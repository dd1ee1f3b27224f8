//! Content: detectors of sensitive data, and the guardrails that check texts.

#[allow(dead_code, reason = "the tests use more of it than the guardrails")]
pub(crate) mod detect;
pub(crate) mod guardrails;
