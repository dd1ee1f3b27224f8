//! The detectors, checked against the test set of `tests/detectors` and against their laws.
//!
//! The crate exposes them only through its guardrails, so this test compiles their source again.

#[allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "a part of the crate"
)]
#[path = "../../src/content"]
mod source {
    pub(super) mod detect;
}

mod cases;
mod chunks;
#[cfg(feature = "profanity")]
mod profanity;
mod quality;
mod redaction;
mod work;
mod worst;
