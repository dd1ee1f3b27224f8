//! Stable names for LLM providers and models.
//!
//! A client of a gateway asks for `arch.summarize.v1`; a YAML file says which provider and which
//! model that is today. This crate reads the file, finds every mistake in it at once, and
//! answers: purely, without a lock, in nanoseconds.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use model_aliases::{AliasResolver, Config};
//!
//! let config = Config::from_yaml("config.yaml", "
//! model_providers:
//!   - {model: openai/gpt-4o-mini, access_key: $OPENAI_API_KEY}
//!   - {model: ollama/llama3.1, base_url: 'http://localhost:11434'}
//! model_aliases:
//!   arch.summarize.v1: {target: gpt-4o-mini}
//!   arch.v1: {targets: [{model: llama3.1, weight: 80}, {model: gpt-4o-mini, weight: 20}]}
//! ")?;
//! let resolver = AliasResolver::new(config)?;
//!
//! let route = resolver.resolve("arch.summarize.v1")?;
//! assert_eq!((route.provider().provider(), route.model()), ("openai", "gpt-4o-mini"));
//! # Ok(())
//! # }
//! ```
//!
//! # The picture
//!
//! ```text
//! text ──► Config ──► checked ──► table ──► AliasResolver ──► Resolution
//!          as written  all rules   immutable                    one request
//! └─────────── load arm ────────┘ └──────────── serve arm ─────────────┘
//! ```
//!
//! [`Config`] is what the author wrote, mistakes included: read with [`Config::from_yaml`],
//! deserialized as a part of a larger structure through serde, or built in code with
//! [`NewProvider`] and [`NewAlias`]; others are laid over it with [`Config::overlay`].
//! [`AliasResolver::builder`] checks it and compiles it into an immutable table.
//! [`AliasResolver::resolve`] answers with a [`Resolution`], which borrows the resolver only.
//!
//! # The rules
//!
//! **Loading.** Nothing is half loaded: one error, and there is no resolver. Reading fails only
//! where no document can be read; everything else that is wrong comes in one list, in the order
//! of the base and its overlays. A [`Problem`] has a [`Code`] that stays, the [`Location`], one
//! sentence and a line of help. Time and memory are proportional to the text, whatever it holds;
//! [`ReadLimits`] bounds both. Entries of one section may stand in any order, except that of two
//! equal wildcards the later one serves.
//!
//! **References.** What stands behind `target:` or `model:` is, in this order: a provider's
//! `name`; a full `provider/model`; a bare model id that exactly one provider declares;
//! `provider/<id>` under that provider's wildcard; a bare id of the catalog; an alias. So a
//! declared model ends a chain, also where an alias has the same name. Aliases that lead to
//! themselves are an error, and so is a path of more than 16.
//!
//! **Names asked for.** What a client asks is an alias first, then a reference. It is taken as it
//! stands: case counts, and a prefix that nobody declared is not dropped. A bare id that two
//! providers declare is [`ResolveError::AmbiguousName`]. A name that nothing has is
//! [`ResolveError::UnknownName`], unless the builder was given another [`UnknownNames`].
//!
//! **Answers.** A [`Resolution`] says what was asked, through which aliases it went, the
//! [`Provider`] with all its fields, the model id to send, the endpoint (the target's own, else the
//! provider's `base_url`, else none), the target's `params` and `timeout`, the guardrails of every
//! alias on the way, and whether the name asked is deprecated.
//!
//! **Several targets.** Each request draws one by weight, independently of every other, so a
//! canary of five percent gets its share of any traffic from the first request on. Weight 0 is
//! never drawn. A split inside a split draws again, independently. [`Request::entropy`] decides
//! the draws of one request, [`ResolverBuilder::seed`] those of a resolver: the same bits give
//! the same answers.
//!
//! **Secrets.** No access key, header value, user info or query of a URL stands in an error, in
//! `Debug` or in what [`Config::to_yaml`] writes. `$VAR` and `${VAR}` are kept as references until
//! [`Config::variables`] looks them up.
//!
//! # Scope
//!
//! `load_balance`, `sticky`, `fallbacks`, `redistribute`, `max_attempts` and `guardrails` are read
//! and checked in full, and do not act yet: a balanced alias draws by weight like a split, an alias
//! with fallbacks answers with its primary target, and guardrails are carried by the answer without
//! being enforced.
//!
//! Sending the request, reading and watching files, threads, timers and async runtimes,
//! authentication and rate limits belong to the gateway. The crate does no I/O.
//!
//! # Features
//!
//! - `system` (default): the operating system's entropy for draws, and with it
//!   [`AliasResolver::new`]. Without it [`AliasResolver::builder`] takes a source of entropy or a
//!   seed; it starts from a fixed one.
//!
//! # Minimum Rust version
//!
//! Rust 1.95. A newer one is asked for in a minor version only.
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

/// README's code is compiled and run.
#[cfg(all(doctest, feature = "system"))]
#[doc = include_str!("../README.md")]
struct Readme;
