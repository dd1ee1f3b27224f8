//! A gateway would stand here; what it serves is tested in `tests/routing.rs`.
