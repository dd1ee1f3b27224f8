//! The reference that judges the crate: a naive checker, a naive resolver, a naive planner,
//! and a generator of configurations for all three. It was written from the design alone and shares no line and no
//! dependency with the crate.
//!
//! - [`tree`]: a configuration as an ordered tree, and a writer with many spellings of YAML.
//! - [`check`]: the set of problem codes.
//! - [`resolve`]: the targets of a name with exact probabilities, fallbacks left out.
//! - [`plan`]: what a request may do from its first attempt to its end; the health of targets.
//! - [`generate`]: seeded configurations, valid ones and such with one mistake; names to ask for.
//! - `view`: entries, aliases and look-ups, which the judges share.
//!
//! # Where the grammar leaves room
//!
//! The choices made here; *(not made)* marks what the generator never writes, so that nothing
//! depends on it.
//!
//! Document:
//!
//! - A document of nothing, or with our sections left out, empty or null, is fine. Any other
//!   shape of document or section is `wrong-type`.
//! - A section that is there counts for `both-provider-sections`, null or not *(null: not made)*;
//!   the entries of both are then read, so no reference becomes unknown. Entries that stand in
//!   both are no second problem *(not made)*.
//! - Of a duplicate key or alias the first counts; the generator only makes equal twins.
//! - An alias name that stands twice is `duplicate-alias`, any other key `duplicate-key`, also
//!   inside `params`, `headers` and fields that are only handed on.
//! - A byte order mark and CRLF are accepted.
//! - A tag of one's own is refused in our sections where it is written `!word`. The long forms,
//!   `!<uri>` and those of a `%TAG` line, are dropped by the YAML reader before anybody can see
//!   them *(not made)*.
//! - Of a merge key's list that cannot be applied as a whole, the mappings are applied *(made with
//!   an empty one)*.
//!
//! Values:
//!
//! - Empty text in quotes is text: an invalid model, an unknown reference, an unknown condition, a
//!   bad URL or duration; anywhere else it passes *(not made)*. As a key it is an invalid name.
//! - Null is `unquoted-text` where text is wanted and `wrong-type` elsewhere; the latter and a null
//!   entry of a list are *(not made)*.
//! - A plain number as a duration is `invalid-duration`, a bool or null `unquoted-text`
//!   *(not made)*. Units are `h`, `m`, `s`, `ms`, the larger first, each once, whole numbers.
//! - A URL that begins with `$` is not checked. The host is what is left of the authority without
//!   user info and port.
//! - An amount or a `context_window` that is no number is `wrong-type`, a weight that is no number
//!   `invalid-weight`. A `context_window` or `max_attempts` with a fraction is `out-of-range`.
//! - Zeros at the end of a decimal say nothing: `99.500` has one decimal, `2.0` is whole
//!   *(not made)*. Exponents do not occur.
//! - `pricing` needs `input` and `output`, or it is `missing-field`; its other keys are free
//!   *(not made)*.
//! - Every list of an alias needs an entry: `targets`, `fallbacks`, `conditions`,
//!   `block_categories`, `content_filters` *(made for `targets` and `conditions`)*.
//! - A short form is text in place of an alias or a fallback; another scalar there is
//!   `unquoted-text`. A member of `targets` has no short form *(not made)*.
//! - A status is 400 to 599, `4xx` or `5xx` *(made: 429, 500, 503, 529 and `5xx`)*.
//! - `params` may have any shape, `deprecated` and `sticky` are maps whose fields may all be left
//!   out *(empty ones, and params that are no map: not made)*.
//!
//! Providers:
//!
//! - The prefix is `provider`; else what stands before `/<model>` in `name`; else what stands
//!   before the first `/` of `model`; else `provider_interface`. With `provider: p` a leading
//!   `p/` of the model is dropped.
//! - Two entries of one model need a name each (`duplicate-model`), and different ones
//!   (`duplicate-name`, alone). A model that stands twice in error makes no reference ambiguous.
//! - The same wildcard twice is only a warning, whatever the names: the rendered form repeats the
//!   pattern as its name, so equal names of equal wildcards are no `duplicate-name`.
//! - `default: true` twice is `multiple-defaults` also where one of them is a wildcard.
//! - An entry that is broken declares nothing; its `name` and its `model` as written still lead to
//!   it, so that a reference to it is no second problem.
//! - Of several wildcards that cover a name the last one serves. `<prefix>/*` and `<prefix>/` are
//!   covered by none; other names with a `*` in them are *(not made)*.
//! - A field resembles a known one at one edit, from eight letters on at two; a section at two.
//!   A swap of neighbours is one edit.
//!
//! Aliases:
//!
//! - An alias with an invalid name, or a null one, is there for references.
//! - A single member may have a weight, which is then 100 in a split.
//! - `load_balance` beside `target` is `balance-without-targets`, and no `missing-target` comes
//!   with it. `target` beside `load_balance: {targets: …}` is `target-and-targets`.
//! - A `load_balance` of a wrong shape still makes its alias a balancer, and lacks nothing else.
//! - A plain alias has one step in all: one `target` or a list of one member, no fallbacks.
//!   Guardrails and other fields do not keep it from being flattened *(members that differ only in
//!   that: not made on purpose)*.
//! - `replacement` may be whatever a client can ask for; an ambiguous name is no unknown one
//!   *(not made)*.
//! - The 16 aliases of a path count the first one, and steps through fallbacks.
//! - `impossible-condition` is `primary_and_first_fallback_failed` on the first fallback.
//!
//! Answers:
//!
//! - An ambiguous name lists full names; accounts of one model, which would share theirs, are
//!   listed by `name`.
//! - A wildcard's target is `provider/<id>` in text even where the entry has a name, while the
//!   provider of the answer is called by that name.
//! - A text form ends in the endpoint as written, also its user info and query *(endpoints with
//!   those: not made in valid configurations)*.
//!
//! What each warning takes for a case of its own is said at its function in `check/warnings.rs`.

#![allow(dead_code, reason = "each test that includes this uses a part of it")]

pub(crate) mod check;
pub(crate) mod generate;
pub(crate) mod plan;
pub(crate) mod resolve;
pub(crate) mod tree;
mod view;
