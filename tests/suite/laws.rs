//! The crate against the naive reference.
