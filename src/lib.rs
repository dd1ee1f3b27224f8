//! Stable names for LLM providers and models.
//!
//! A client of a gateway asks for `arch.summarize.v1`; a YAML file says which provider and model that is
//! today. This crate reads the file, reports all of its mistakes at once, and answers in nanoseconds, without
//! I/O and without a lock.
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
//! [the author of a hook](book::hooks). Three pages show the way [from a hand-written map](book::from_hashmap),
//! [from LiteLLM](book::from_litellm) and [from Plano](book::from_plano). The rest of this page is the
//! specification.
//!
//! # The picture
//!
//! ```text
//! text ──► Config ──► checked ──► table ──► AliasResolver ──► Resolution, Attempts
//!          as written  all rules   immutable                    one request
//! └───────────── load ──────────┘ └─────────────── serve ──────────────┘
//! ```
//!
//! [`Config`] holds the configuration as written, mistakes included. Read it with [`Config::from_yaml`],
//! deserialize it as a part of a larger structure through serde, or build it in code with [`NewProvider`] and
//! [`NewAlias`]. [`Config::overlay`] lays another one over it. [`AliasResolver::builder`] checks it and compiles
//! it into an immutable table. [`AliasResolver::resolve`] answers with a [`Resolution`], which borrows only the
//! resolver. [`AliasResolver::attempts`] begins a request that goes on to another target after a failure.
//!
//! # The rules
//!
//! **Loading.** Loading is all or nothing: one error, and there is no resolver. Reading fails only if there is
//! no document to read. All other problems come in one list, in the order of the base and its overlays. A
//! [`Problem`] has a stable [`Code`], a [`Location`], one sentence and a help line. Time and memory are
//! proportional to the text; [`ReadLimits`] bounds both. The order of entries in a section does not count,
//! except that the later of two equal wildcards serves.
//!
//! **References.** The value of `target:` or `model:` is looked up in this order: a provider's `name`; a full
//! `provider/model`; a bare model id that exactly one provider declares; `provider/<id>` under that provider's
//! wildcard; a bare id of the catalog; an alias. So a declared model ends a chain, even if an alias has the same
//! name. Cycles of aliases are an error, and so is a chain of more than 16.
//!
//! **Requested names.** The name that a client sends is looked up as an alias first, then as a reference. It is
//! taken as it stands: case counts, and an unknown prefix is not dropped. A bare id of two providers is
//! [`ResolveError::AmbiguousName`]. An unknown name is [`ResolveError::UnknownName`], unless the builder sets
//! another policy, [`UnknownNames`].
//!
//! **Answers.** A [`Resolution`] holds the name asked, the aliases on the way, the [`Provider`] with all its
//! fields, the model id to send, the endpoint (the target's own, else the provider's `base_url`, else none), the
//! target's `params` and `timeout`, the guardrails of every alias on the way, and the notice of a deprecated
//! name.
//!
//! **Splits.** Without a sticky key each request draws a member by weight, independently of every other. So a
//! canary of five percent gets its share of any traffic from the first request on. With
//! [`Request::sticky_key`] the same key gives the same member, on every replica and after any restart. A change
//! of weights moves few keys, and none to a member whose weight grew by a smaller factor; see below. Weight 0 is never chosen. A split inside a
//! split chooses independently. The share of a cooling member goes to the fallbacks, so that a broken canary
//! stays visible, unless the alias says `redistribute: true`.
//!
//! **Balancers.** `round_robin` (also called `weighted`) is smooth: any `W/gcd` consecutive picks hold exactly
//! `w/gcd` of each member, over all threads. `least_connections` takes the member with the least
//! `active/weight`, ties by turns; keep the [`Resolution`] as long as the request runs, and report a failure
//! with [`Resolution::failed`]. `sticky` chooses by key, and by turns without one. Any other name is a
//! [`Selector`] registered with the builder. The turns of a cooling member go to the others by weight. Each
//! balancer begins at a random phase.
//!
//! **Attempts.** [`AliasResolver::attempts`] returns the handle of a request, [`Attempts`], which is always at a
//! target. Steps are looked at in order. A fallback runs if one of its conditions holds for the last outcome:
//! the failure of the step tried last, or the reason for passing it over. A fallback whose
//! conditions do not hold is left out, which is no failure. An alias used as a step is walked to its end first, once in a request. A balancer tries another member
//! as long as one attempt is left for each later step; a split does not, unless it says `redistribute: true`. A
//! target is tried once. At most `max_attempts` targets are tried: by default as many as the longest path has
//! steps, at least 3 and at most 8. Passing over is free. An invalid request, a client that left and a
//! [`commit`](Attempts::commit) end the request. After a provider's refusal only a fallback that names it runs.
//! [`AliasResolver::resolve`] is the first attempt of the same plan.
//!
//! **Time.** `max_latency` runs over the whole chain of its alias, to the commit of a stream, else to the end of
//! the answer. An attempt gets its written `timeout`. Without one it gets half of what is left if another
//! attempt could follow its timeout, otherwise all of it. Its own time runs from [`Attempts::begin`]. With less than 250 ms left
//! ([`ResolverBuilder::least_time`]) a target is passed over, unless the limit itself is shorter: then its
//! first attempt still runs.
//!
//! **Health.** Five consecutive counted failures, or one refused rate, quota or key, make a target cool: 5 s,
//! doubled with each failed probe up to 60 s, plus or minus a fifth. The provider's own time is a minimum, at
//! most 10 minutes. After the cooldown one request at a time is a probe, until one succeeds; a rate limit needs
//! no probe. A 401 and an exhausted quota cool every target with the same access key. A failure that the client
//! caused never counts: its credentials under `passthrough_auth`, a name under a wildcard, a request that is too
//! large. If every target cools, the one that returns first serves, marked by [`Resolution::is_last_resort`].
//! [`AliasResolver::status`] lists the state of each target. [`drain`](AliasResolver::drain),
//! [`undrain`](AliasResolver::undrain) and [`reset`](AliasResolver::reset) are for operators.
//!
//! **Cost.** Money is a whole number of pico-dollars, so ten cents are exactly ten cents. With
//! [`Request::estimate`], a target whose upper bound plus what was spent exceeds a `max_cost_per_request` is
//! passed over before the call. So is a target without a price, unless the alias says `on_unverifiable: allow`.
//! Without an estimate nothing is refused, and [`Bill::is_unverified`] tells. An attempt that timed out or broke
//! off counts at its upper bound until [`Attempts::used`] reports its tokens; one that was refused or not sent
//! is free. The check after the call reports and never retries. A nested alias's limits measure its own part, of
//! time and of money, and every enclosing limit holds as well.
//!
//! **Failures.** [`Failure::from_http`] classifies an answer by its status, headers and body,
//! [`Failure::from_transport`] a broken connection. A [`Classifier`] asks the embedder's [`FailureRule`]s first.
//! A failure holds no text of a provider or client, only a code.
//!
//! **Content.** [`Attempts::check_request`] checks a text by the guardrails of every alias on the way,
//! [`Attempts::check_reply`] a reply before it goes out, [`Serving::reply_stream`] a streamed one. A stream
//! holds back what may still become a match, and finds what the whole text would give, however it is cut. Every
//! rule judges the original text. Block beats redact beats allow, so the order of rules does not count. A
//! category blocks; a filter redacts unless it says `action: block`. A block ends the request: no fallback goes
//! round it. Under `mode: monitor` everything is reported and passes, unless another alias on the way enforces
//! the same. The crate itself checks `sensitive_data` and `PII`: e-mail addresses, phone numbers, IBANs, cards,
//! identity numbers, IP addresses; keys and tokens of services are `sensitive_data` only. The embedder registers
//! a [`Check`] with [`ResolverBuilder::category`] or [`ResolverBuilder::filter`]. A check that fails blocks the
//! text, unless it is registered to fail open. A rule without a check passes and is listed by
//! [`Checked::unchecked`], or does not load under [`ResolverBuilder::require_checks`].
//!
//! **Determinism.** [`Request::entropy`] sets the draws of one request, [`ResolverBuilder::seed`] those of a
//! resolver, [`ResolverBuilder::clock`] the time: the same inputs give the same answers.
//!
//! **Reloading.** Build the next resolver with [`ResolverBuilder::state_from`] the current one, then swap.
//! Counts, cooldowns and turns continue for everything that is still there. A configuration that fails leaves
//! the running resolver as it was.
//!
//! **Inspection.** [`AliasResolver::distribution`] gives exact shares, [`AliasResolver::simulate`] counts,
//! [`AliasResolver::moved_since`] the exact share of keys that a change of configuration moves, and
//! [`AliasResolver::changes_since`] everything else that it changes. [`AliasResolver::explain`] tells why a
//! request goes where it goes, also after failures. [`assert_routes!`] and [`assert_split!`] test a
//! configuration in code; [`RoutingTests`] runs the tests in its section `model_alias_tests`, or in a file of
//! their own. [`AliasResolver::graph`] draws a configuration, for Mermaid and Graphviz.
//!
//! **Secrets.** No access key, header value, user info or query of a URL, and no checked text, appears in an
//! error, in `Debug` or in the output of [`Config::to_yaml`]. `$VAR` and `${VAR}` are kept as references until
//! [`Config::variables`] looks them up.
//!
//! # The law of sticky choices
//!
//! A choice by key is a pure function of a salt, the key, and the weights by identity. This page is enough to
//! write it in any language; `tests/vectors.json` in the repository holds vectors made by such a program. The
//! salt is the alias's name unless `sticky: {salt: …}` sets it. Members that may not be chosen take no part.
//!
//! All numbers are unsigned integers; `>>` drops bits, `XXH64(bytes, seed)` is the 64-bit
//! xxHash. With the salt's UTF-8 bytes `salt`, the key's bytes `key` and each member's text form
//! `text` (its endpoint as written):
//!
//! 1. `digest = XXH64(key, 0)` and `id = XXH64(text, XXH64(salt, 0))`.
//! 2. `u = mix(digest xor id) | 1`, where `mix` is the finalizer of splitmix64:
//!    `x ^= x >> 30; x *= 0xbf58476d1ce4e5b9; x ^= x >> 27; x *= 0x94d049bb133111eb; x ^= x >> 31`,
//!    products modulo 2⁶⁴.
//! 3. `E = −log2(u / 2⁶⁴)` in units of 2⁻³², at least 1, exactly as follows. Let `n` be the leading
//!    zero bits of `u`, and `f = (u << n) << 1`, the bits behind the leading one. Then `i = f >> 56`
//!    is a segment and `t = (f >> 24) & (2³² − 1)` the place in it. With `L(k)` from below,
//!    `a = L(2i)`, `b = L(2i + 1)`, `c = L(2i + 2)` and `q = 4b − 2(a + c)`:
//!    `m = a + ((c − a)·t >> 32) + (q·(t·(2³² − t) >> 32) >> 32)` and
//!    `E = max(1, (((n + 1) << 36) − m) >> 4)`.
//! 4. Member `i` beats member `j` if `E_i·w_j < E_j·w_i`; equal products go to the smaller id.
//!    Members of weight 0 take no part. Weights are whole (hundredths of a percent in a split) and
//!    below 2²⁴, so products stay below 2⁶².
//!
//! `L(k)` is log2(1 + k/512) in units of 2⁻³⁶, cut off: `L(512) = 2³⁶`, and for `k < 512` begin
//! with `y = ((512 + k) << 62) / 512` and 36 times do `y = y·y >> 62` (the product is 128 bits
//! wide), then append to the result a bit 1 and halve `y` if `y ≥ 2⁶³`, else append a bit 0.
//!
//! −ln(u)/w is exponentially distributed with rate `w`, so the least of them is member `i` with
//! probability `w_i / Σw` (Efraimidis and Spirakis 2006); the base of the logarithm cancels. The
//! error of `E` is below 2⁻²⁸.
//!
//! A change of weights from `w` to `w'` moves a key from `i` to `j` only if `w'_j/w_j > w'_i/w_i`.
//!
//! # Scope
//!
//! The gateway passes content to the checks as plain text: the crate reads no bodies. The embedder's checks run
//! inline; one that calls a service belongs before the attempt.
//!
//! Sending the request, reading and watching files, threads, timers and async runtimes, authentication and rate
//! limits belong to the gateway. The crate does no I/O.
//!
//! # Features
//!
//! - `system` (default): the operating system's entropy and clock, and with them
//!   `AliasResolver::new`. Without it [`AliasResolver::builder`] starts from a fixed seed, and must be
//!   given a clock.
//! - `profanity`: `ResolverBuilder::profanity`, a list of words for the content filter of that name, from
//!   the crate `rustrict`.
//! - `json` (default): codes in the bodies of failures. Without it a body is taken for plain text, so a
//!   failure is told by its status, its headers and its words.
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
pub use failure::{Failure, FailureClass};
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
