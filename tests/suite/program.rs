//! The example program, run.
