//! Answering requests: choosing a target, trying the next one, and what is known of each.

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
