//! Stable names for LLM providers and models.
#![forbid(unsafe_code)]

mod decimal;
mod duration;
mod fraction;
mod location;
mod mix;
mod money;
mod name;
mod rendezvous;
mod secret;
mod suggest;
mod text;
mod value;

mod error;
mod failure;
mod limits;
mod problem;
mod vocabulary;

mod provider;
mod table;

mod check;
mod compile;
mod config;

mod clock;
mod entropy;
mod plan;
mod request;
mod resolver;
mod select;
mod shares;
mod shim;
mod simulate;
mod snapshot;
mod state;

mod builder;

pub use builder::ResolverBuilder;
#[cfg(feature = "system")]
pub use clock::SystemClock;
pub use clock::{Clock, FakeClock};
pub use config::entry::{AliasEntry, ProviderEntry, TargetEntry};
pub use config::{Config, NewAlias, NewProvider, NewTarget, ReadLimits};
pub use entropy::{Entropy, SeededEntropy};
pub use error::{AmbiguousName, ConfigError, NotAllowed, ResolveError, SelectorFault, UnknownName};
pub use failure::{Failure, FailureClass};
pub use fraction::Fraction;
pub use limits::{ContentFilter, FilterAction, GuardrailMode, Guardrails, OnUnverifiable};
pub use location::Location;
pub use money::{Cost, Pricing};
pub use name::{AliasName, AliasNameError};
pub use problem::{Code, Problem, Severity};
pub use provider::Provider;
pub use request::Request;
pub use resolver::{AliasResolver, ListedModel, Resolution};
pub use secret::Secret;
pub use select::{Candidate, Candidates, Selector};
pub use shares::{Flow, Moved, Share};
pub use simulate::Simulated;
pub use snapshot::UnknownNames;
pub use table::Deprecation;
pub use value::Value;
pub use vocabulary::Vocabulary;
