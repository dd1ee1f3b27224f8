//! Stable names for LLM providers and models.
//!
//! A client of a gateway asks for `arch.summarize.v1`; a YAML file says which provider and model that is
//! today. This crate reads the file, reports all of its mistakes at once, and resolves a name in nanoseconds,
//! without I/O and without a lock.
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
//! The [`book`] has a page for each reader: [the embedder](book::embedder), [the operator](book::operator) and
//! [the author of a hook](book::hooks). Three pages are guides for the migration [from a hand-written
//! map](book::from_hashmap), [from LiteLLM](book::from_litellm) and [from Plano](book::from_plano). The rest of
//! this page is the specification.
//!
//! # Overview
//!
//! ```text
//! text ──► Config ──► checked ──► table ──► AliasResolver ──► Resolution, Attempts
//!          as written  all rules   immutable                    one request
//! └───────────── load ──────────┘ └─────────────── serve ──────────────┘
//! ```
//!
//! [`Config`] holds the configuration as written, mistakes included. Read it with [`Config::from_yaml`],
//! deserialize it as a part of a larger structure through serde, or build it in code with [`NewProvider`] and
//! [`NewAlias`]. [`Config::overlay`] applies another one on top of it. [`AliasResolver::builder`] checks it and
//! compiles it into an immutable table. [`AliasResolver::resolve`] returns a [`Resolution`], which borrows only
//! the resolver. [`AliasResolver::attempts`] starts a request that falls back to the next target after a failure.
//!
//! # Specification
//!
//! **Terms.** A *provider entry* is one item of `model_providers`. A *target* is a provider entry, a model id and,
//! if the alias sets one, an endpoint. A target is *skipped* (`PassedOver` in code) if it may not be tried: because
//! of a cooldown, a limit, the request, an operator or a selector. A fallback is *left out* if none of its conditions
//! matches or its context window is too small.
//!
//! **Loading.** Loading is all or nothing: one error, and there is no resolver. Reading fails only if the text is
//! not a readable YAML document: broken YAML, invalid UTF-8, or a text above [`ReadLimits`]. All other problems
//! are reported in one list: those of the base, then those of each overlay, each in file order. A [`Problem`] has
//! a stable [`Code`], a [`Location`], one sentence and a help line. Time and memory are proportional to the text.
//! The order of entries in a section does not matter for resolving, except that the later of two equal wildcards
//! is used.
//!
//! **References.** The value of `target:` or `model:` is looked up in this order: a provider's `name`; a full
//! `provider/model`; a bare model id that exactly one provider declares; `provider/<id>` under that provider's
//! wildcard; a bare id of the catalog; an alias. So a declared model takes precedence over an alias with the same
//! name. A cycle of aliases is an error, and so is a path through more than 16 aliases.
//!
//! **Requested names.** The name that a client sends is looked up as an alias first, then as a reference. It is
//! used unchanged: case matters, and an unknown prefix is not stripped. A bare id that two providers declare fails
//! with [`ResolveError::AmbiguousName`]. An unknown name fails with [`ResolveError::UnknownName`], unless the
//! builder sets another policy, [`UnknownNames`].
//!
//! **Results.** A [`Resolution`] holds the requested name, the aliases on the path, the [`Provider`] entry with
//! all its fields, the model id to send, the endpoint (the target's own, else the entry's `base_url`, else none),
//! the target's `params` and `timeout`, the guardrails of every alias on the path, and the deprecation notice of
//! the requested alias.
//!
//! **Splits.** Without a sticky key each request draws a member by weight, independently of every other. So a
//! canary of five percent gets its share of any traffic from the first request on. With
//! [`Request::sticky_key`] the same key gives the same member, on every replica and after any restart. A change
//! of weights moves few keys, and each only to a member whose weight grew by a larger factor than that of its old
//! member; see below. Weight 0 is never chosen. A split inside a split chooses independently. The share of a
//! member in a cooldown goes to the fallbacks, so that a broken canary stays visible, unless the alias says
//! `redistribute: true`.
//!
//! **Balancers.** `round_robin` (also called `weighted`) is smooth: with total weight `W` and `gcd` the greatest
//! common divisor of the weights, any `W/gcd` consecutive picks, over all threads, contain a member of weight `w`
//! exactly `w/gcd` times. `least_connections` chooses the member with the lowest ratio of active requests to
//! weight; ties are broken in rotation. Keep the [`Resolution`] as long as the request runs, and report a failure
//! with [`Resolution::failed`]. `sticky` chooses by key, and in rotation without one. Any other name is a
//! [`Selector`] registered with the builder. The picks of a member in a cooldown go to the others by weight. Each
//! rotation starts at a random position.
//!
//! **Attempts.** [`AliasResolver::attempts`] returns the handle of a request, [`Attempts`], which always has a
//! current target. The steps of an alias are its primary (its target or targets) and its fallbacks. They are
//! checked in order. A fallback runs if one of its conditions matches the last outcome: the failure of the last
//! target, or the reason why it was skipped. If all members of a balancer were skipped, each of their reasons
//! counts. A fallback that is left out does not count as failed. If a step is an
//! alias, all steps of that alias precede the next one; a request enters each alias at most once. After a failure
//! that `any` matches, a balancer tries another member as long as one attempt is left for each later fallback; a
//! split does not, unless it says `redistribute: true`. A target is tried once. At most `max_attempts` targets are
//! tried: by default as many as the longest path has steps, at least 3 and at most 8. Skipped targets do not count.
//! An invalid request, a client that left and a [`commit`](Attempts::commit) end the request. After
//! `content_filtered` or `context_length_exceeded`, a fallback runs only if a condition names that class, or a
//! custom condition matches. [`AliasResolver::resolve`] returns the target of the first attempt, but ignores
//! `max_latency`, cost limits and context windows.
//!
//! **Time.** `max_latency` covers the whole chain of its alias: until the commit of a stream, otherwise until the
//! end of the response. An attempt gets the `timeout` of its target. Without one it gets half of the remaining
//! time if another attempt could follow its timeout, otherwise all of it, and never more than
//! [`ResolverBuilder::default_timeout`]. The time of an attempt starts with [`Attempts::begin`]. A target is skipped
//! if less than 250 ms ([`ResolverBuilder::least_time`]) or less than a quarter of `max_latency` is left, whichever
//! is shorter.
//!
//! **Health.** Five consecutive failures (`timeout`, `overloaded`, `server_error`, `connect_error`, `not_found`),
//! or one `rate_limited`, `quota_exhausted` or `auth_failed`, start a cooldown of the target: 5 s, doubled with
//! each failed probe up to 60 s, plus or minus a fifth. If the provider sends a retry delay, the cooldown lasts at
//! least that long, and after a rate limit at most a fifth longer; delays above 10 minutes count as 10 minutes. After
//! the cooldown one request at a time is a probe, until one succeeds; a rate limit needs no probe, unless its delay was
//! above 10 minutes. A 401 and an exhausted quota start a cooldown of every target with the same access key. Failures
//! that the client causes never count against a target: rejected credentials, rate limits and quotas under
//! `passthrough_auth`; a 404 for a name that the configuration does not list, or from a wildcard entry; requests that
//! are invalid, too long or refused for safety. If a request would end without an attempt, the skipped target whose
//! cooldown ends first is tried, marked by [`Resolution::is_last_resort`], unless the alias says `last_resort: never` or
//! [`ResolverBuilder::last_resort`] is false. [`AliasResolver::status`] lists the state of each target. [`drain`](AliasResolver::drain), [`undrain`](AliasResolver::undrain) and
//! [`reset`](AliasResolver::reset) are for operators.
//!
//! **Cost.** Money is a whole number of picodollars, so ten cents are exactly ten cents. With
//! [`Request::estimate`], a target is skipped before the call if its upper bound plus the amount spent exceeds a
//! `max_cost_per_request`. A target without a price is skipped too, unless the alias says `on_unverifiable: allow`.
//! Without an estimate no target is skipped for its cost; under a limit [`Bill::is_unverified`] then returns true.
//! An attempt that failed with `timeout` or `server_error` counts at its upper bound until [`Attempts::used`]
//! reports its tokens; other failures are free. If the reported usage exceeds the limit, [`Bill::is_exceeded`]
//! returns true; the request is not repeated. The time and cost limits of a nested alias count from where the
//! request enters it; the limits of the enclosing aliases apply as well.
//!
//! **Failures.** [`Attempts::classify`] classifies a response by its status, headers and body: by the section
//! `model_failure_rules`, then by the embedder's [`FailureRule`]s, then by the crate's table of known answers.
//! [`Failure::from_http`] asks the table only, and [`Failure::from_transport`] classifies a connection error. A failure
//! holds no text of a provider or client, only a code.
//!
//! **Content.** [`Attempts::check_request`] checks a text with the guardrails of every alias on the path,
//! [`Attempts::check_reply`] checks a reply before it is sent, [`Serving::reply_stream`] a streamed one. A stream
//! holds back text that may still become part of a match. Its matches are those of the complete text, regardless
//! of how it is split into pieces. Every guardrail checks the original text. Block beats redact beats allow, so
//! the order of guardrails does not matter. A category blocks; a filter redacts unless it says `action: block`. A
//! block ends the request: no fallback bypasses it. Under `mode: monitor` violations are only reported, unless
//! another alias on the path enforces the same rule. The crate itself checks `sensitive_data` and `PII`: e-mail
//! addresses, phone numbers, IBANs, cards, identity numbers, IP addresses; keys and tokens of services are
//! `sensitive_data` only. For others, register a [`Check`] with [`ResolverBuilder::category`] or
//! [`ResolverBuilder::filter`]. A check that returns an error blocks the text, unless it is registered to fail
//! open. A category or filter without a check lets every text pass and is listed by [`Checked::unchecked`]; with
//! [`ResolverBuilder::require_checks`] it is a load error.
//!
//! **Determinism.** [`Request::entropy`] sets the draws of one request, [`ResolverBuilder::seed`] those of a
//! resolver, [`ResolverBuilder::clock`] the time: the same inputs give the same results.
//!
//! **Reloading.** Build the next resolver with [`ResolverBuilder::state_from`] the current one, then swap.
//! Active counts and cooldowns are kept for every target whose URL and access key are unchanged, rotations for every
//! alias that is still a balancer, drains for every target that is still there. A configuration with errors does not
//! affect the running resolver.
//!
//! **Inspection.** [`AliasResolver::distribution`] returns exact shares, [`AliasResolver::simulate`] resolves a
//! name many times and counts the requests per target, [`AliasResolver::moved_since`] returns the exact share of
//! sticky keys that a configuration change moves, and [`AliasResolver::changes_since`] everything that it changes,
//! these moves included. [`AliasResolver::explain`] shows where a request can go and why, also after failures.
//! [`assert_routes!`] and [`assert_split!`] test a configuration in code; [`RoutingTests`] runs the tests in the
//! section `model_alias_tests`, in the configuration or in another file. [`AliasResolver::graph`] draws a diagram
//! of a configuration, for Mermaid or Graphviz.
//!
//! **Secrets.** No access key, header value, user info or query of a URL, and no checked text, appears in an
//! error, in `Debug` or in the output of [`Config::to_yaml`]. `$VAR` and `${VAR}` are kept as references until
//! [`Config::variables`] looks them up.
//!
//! # The sticky algorithm
//!
//! A choice by key depends only on the salt, the key, and the weight and text of each member. This section is
//! sufficient to implement it in any language; `tests/vectors.json` in the repository holds test vectors from such
//! an implementation. The salt is the alias's name unless `sticky: {salt: …}` sets it. Members that may not be
//! chosen take no part.
//!
//! All numbers are unsigned integers; `>>` drops bits, `XXH64(bytes, seed)` is the 64-bit
//! xxHash. The text of a member is the `name` of its provider entry (if it has one and is no wildcard), else
//! `provider/model`; then, if the alias sets an endpoint, `@` and the endpoint exactly as written. A member that is
//! an alias counts as the target that it leads to; but if an alias on the path to it has several targets or has
//! fallbacks, the text is the name of the first such alias. With the bytes `salt`, `key` and `text` (all UTF-8,
//! except that a key may be any bytes):
//!
//! 1. `digest = XXH64(key, 0)` and `id = XXH64(text, XXH64(salt, 0))`.
//! 2. `u = mix(digest xor id) | 1`, where `mix` is the finalizer of splitmix64:
//!    `x ^= x >> 30; x *= 0xbf58476d1ce4e5b9; x ^= x >> 27; x *= 0x94d049bb133111eb; x ^= x >> 31`,
//!    products modulo 2⁶⁴.
//! 3. `E = −log2(u / 2⁶⁴)` in units of 2⁻³², at least 1, exactly as follows. Let `n` be the number of
//!    leading zero bits of `u`, and `f = (u << n) << 1` (modulo 2⁶⁴), the bits after the leading 1. Then
//!    `i = f >> 56` is a segment and `t = (f >> 24) & (2³² − 1)` the position in it. With `L(k)` from below,
//!    `a = L(2i)`, `b = L(2i + 1)`, `c = L(2i + 2)` and `q = 4b − 2(a + c)`:
//!    `m = a + ((c − a)·t >> 32) + (q·(t·(2³² − t) >> 32) >> 32)` and
//!    `E = max(1, (((n + 1) << 36) − m) >> 4)`.
//! 4. Member `i` beats member `j` if `E_i·w_j < E_j·w_i`; equal products go to the smaller id.
//!    Members of weight 0 take no part. Weights are whole (hundredths of a percent in a split) and
//!    below 2²⁴, so products stay below 2⁶².
//!
//! `L(k)` is log2(1 + k/512) in units of 2⁻³⁶, truncated: `L(512) = 2³⁶`, and for `k < 512` begin
//! with `y = ((512 + k) << 62) / 512` and 36 times do `y = y·y >> 62` (the product is 128 bits
//! wide), then append to the result a bit 1 and halve `y` if `y ≥ 2⁶³`, else append a bit 0.
//!
//! With `v = u / 2⁶⁴` uniform in (0, 1), −ln(v)/w is exponentially distributed with rate `w`, so
//! member `i` has the smallest value with probability `w_i / Σw` (Efraimidis and Spirakis 2006); the
//! base of the logarithm cancels. The error of `E` is below 2⁻²⁸.
//!
//! A change of weights from `w` to `w'` moves a key from `i` to `j` only if `w'_j/w_j > w'_i/w_i`.
//!
//! # Scope
//!
//! The service passes content to the checks as plain text: the crate reads no bodies. Custom checks run inline; if
//! a check needs a remote service, call that service before the attempt.
//!
//! Sending the request, reading and watching files, threads, timers and async runtimes, authentication and rate
//! limits belong to the service. The crate does no I/O.
//!
//! # Features
//!
//! - `system` (default): the operating system's entropy and clock, and with them
//!   `AliasResolver::new`. Without it [`AliasResolver::builder`] has a fixed default seed and needs a clock.
//! - `profanity`: `ResolverBuilder::profanity`, a list of words for the content filter of that name, from
//!   the crate `rustrict`.
//! - `json` (default): codes in the bodies of failures. Without it every body is treated as plain text: failures
//!   are classified by status, headers and message text.
//! - `schema`: `Vocabulary::json_schema`, the format as a JSON Schema for editors.
//!
//! # Minimum Rust version
//!
//! Rust 1.95. Only a minor version raises it.
#![forbid(unsafe_code)]

mod base;
mod failure;
mod table;

mod load;

mod content;
mod serve;

mod inspect;

mod builder;

#[cfg(any(doc, doctest))]
pub mod book;

pub use base::fraction::Fraction;
pub use base::limits::{ContentFilter, FilterAction, GuardrailMode, Guardrails, OnUnverifiable};
pub use base::location::Location;
pub use base::money::{Bill, Cost, Pricing, Usage};
pub use base::name::{AliasName, AliasNameError};
pub use base::problem::{Code, Problem, Severity};
pub use base::secret::Secret;
pub use base::value::Value;
pub use base::vocabulary::Vocabulary;
pub use builder::ResolverBuilder;
pub use content::guardrails::{Check, Checked, ReplyStream, Verdict, Violation};
pub use failure::classify::{Classifier, FailureRule, SendPhase, TransportError};
pub use failure::{AssumedFailure, Failure, FailureClass};
pub use inspect::changes::{Change, Changes, FieldChange, Rerouted};
pub use inspect::explain::{Considered, Explanation};
pub use inspect::graph::Graph;
pub use inspect::shares::{Flow, Moved, Share};
pub use inspect::testing::{TestReport, TestResult};
pub use load::config::entry::{AliasEntry, ProviderEntry, TargetEntry};
pub use load::config::{Config, NewAlias, NewProvider, NewTarget, ReadLimits};
pub use load::error::ConfigError;
pub use load::routing_tests::RoutingTests;
pub use serve::attempts::{Attempts, AttemptsError, Serving, StepReport, StepState};
pub use serve::clock::{Clock, FakeClock};
pub use serve::entropy::{Entropy, SeededEntropy};
pub use serve::error::ResolveError;
pub use serve::request::Request;
pub use serve::resolver::{AliasResolver, ListedModel, Resolution};
pub use serve::select::{Candidate, Candidates, Selector};
pub use serve::snapshot::UnknownNames;
pub use serve::status::{TargetState, TargetStatus};
pub use table::Deprecation;
pub use table::TargetRef;
pub use table::provider::Provider;

/// README's code is compiled and run.
#[cfg(all(doctest, feature = "system"))]
#[doc = include_str!("../README.md")]
struct Readme;
