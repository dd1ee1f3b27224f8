//! Serves requests.
//!
//! `begin` finds the first target, `select` chooses among members, and `plan` decides what follows. `resolver` and
//! `attempts` are the public handles. `state` holds the counts and cooldowns.

pub(crate) mod attempts;
pub(crate) mod begin;
pub(crate) mod clock;
pub(crate) mod entropy;
pub(crate) mod error;
pub(crate) mod health;
pub(crate) mod lease;
pub(crate) mod plan;
pub(crate) mod request;
pub(crate) mod resolver;
pub(crate) mod select;
pub(crate) mod shim;
pub(crate) mod snapshot;
pub(crate) mod state;
pub(crate) mod status;
pub(crate) mod tokens;
