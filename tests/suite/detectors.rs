//! The detectors against the test set of `tests/detectors`, and their laws.
//!
//! The crate offers them through its guardrails only, so their source is compiled into this test
//! once more.

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
