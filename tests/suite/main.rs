//! Every test that needs the whole crate, in one binary: each binary would link all dev-dependencies again.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "clippy.toml allows these in tests, which clippy takes for the test functions alone"
)]

mod attempts;
mod book;
mod cases;
mod changes;
mod classify;
mod corpus;
mod counting;
mod detectors;
mod explain;
mod golden;
mod guardrails;
mod hostile;
mod laws;
mod layering;
mod named;
mod pictures;
mod program;
mod readme;
mod schema;
mod seed;
mod selection;
mod surface;
