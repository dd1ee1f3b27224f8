//! What a text may hold: detectors of sensitive data, and the guardrails that judge it.

#[allow(dead_code, reason = "the tests look closer than the guardrails")]
pub(crate) mod detect;
pub(crate) mod guardrails;
