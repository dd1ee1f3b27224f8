//! The reference implementation that judges the crate: a naive checker, a naive resolver, a naive planner, and a
//! generator of configurations for all three. It was written from the design alone and shares no code and no dependency
//! with the crate.
//!
//! - [`tree`]: a configuration as an ordered tree, and a writer with many spellings of YAML.
//! - [`check`]: the set of problem codes.
//! - [`resolve`]: the targets of a name with exact probabilities, without fallbacks.
//! - [`plan`]: the possible events of a request from its first attempt to its end; the health of targets.
//! - [`generate`]: seeded configurations, valid ones and ones with one mistake; names to ask for.
//! - `view`: entries, aliases and look-ups, which the other modules share.
//!
//! # Where the grammar leaves room
//!
//! These are the choices made here. *(not made)* marks what the generator never writes, so nothing
//! depends on that choice.
//!
//! Document:
//!
//! - An empty document is valid, and so are our sections if missing, empty or null. Any other
//!   shape of document or section is `wrong-type`.
//! - A section that is present counts for `both-provider-sections`, null or not *(null: not made)*;
//!   the entries of both are then read, so no reference becomes unknown. An entry in both sections
//!   is not another problem *(not made)*.
//! - Of a duplicate key or alias the first counts; the generator only makes equal duplicates.
//! - A duplicate alias name is `duplicate-alias`, any other duplicate key is `duplicate-key`, also
//!   inside `params`, `headers` and fields that are only passed on.
//! - A byte order mark and CRLF are accepted.
//! - A custom tag is rejected in our sections if written `!word`. The YAML reader drops the long
//!   forms, `!<uri>` and those of a `%TAG` line, before the crate can see them *(not made)*.
//! - If the list of a merge key cannot be applied as a whole, its mappings are still applied *(made
//!   with an empty one)*.
//!
//! Values:
//!
//! - Empty quoted text is text: an invalid model, an unknown reference, an unknown condition, a
//!   bad URL or duration; anywhere else it is accepted *(not made)*. As a key it is an invalid name.
//! - Null is `unquoted-text` where text is required and `wrong-type` elsewhere; the latter and a
//!   null entry of a list are *(not made)*.
//! - A plain number as a duration is `invalid-duration`, a bool or null `unquoted-text`
//!   *(not made)*. Units are `h`, `m`, `s`, `ms`, largest first, each at most once, with whole
//!   numbers.
//! - A URL that begins with `$` is not checked. The host is the authority without user info and
//!   port.
//! - An amount or a `context_window` that is not a number is `wrong-type`, a weight that is not a
//!   number `invalid-weight`. A `context_window` or `max_attempts` with a fraction is `out-of-range`.
//! - Trailing zeros of a decimal do not count: `99.500` has one decimal, `2.0` is whole
//!   *(not made)*. Exponents do not occur.
//! - `pricing` needs `input` and `output`, or it is `missing-field`; its other keys are free
//!   *(not made)*.
//! - Every list of an alias needs an entry: `targets`, `fallbacks`, `conditions`,
//!   `block_categories`, `content_filters` *(made for `targets` and `conditions`)*.
//! - A short form is text in place of an alias or a fallback; another scalar there is
//!   `unquoted-text`. A member of `targets` has no short form *(not made)*.
//! - A status is 400 to 599, `4xx` or `5xx` *(made: 429, 500, 503, 529 and `5xx`)*.
//! - `params` may have any shape; `deprecated` and `sticky` are maps whose fields are all optional
//!   *(empty ones, and params that are not a map: not made)*.
//!
//! Providers:
//!
//! - The prefix is `provider`; otherwise the part of `name` before `/<model>`; otherwise the part of
//!   `model` before its first `/`; otherwise `provider_interface`. With `provider: p` a leading
//!   `p/` of the model is dropped.
//! - Two entries of one model each need a name (`duplicate-model`), and the names must differ
//!   (`duplicate-name`, alone). A model that is declared twice in error makes no reference ambiguous.
//! - The same wildcard twice is only a warning, whatever the names: the rendered form repeats the
//!   pattern as its name, so equal names of equal wildcards are not `duplicate-name`.
//! - `default: true` twice is `multiple-defaults`, even if one of them is a wildcard.
//! - A broken entry declares nothing; its `name` and its `model` as written still lead to it, so a
//!   reference to it is not another problem.
//! - If several wildcards cover a name, the last one serves. None covers `<prefix>/*` and
//!   `<prefix>/`; other names that contain `*` are *(not made)*.
//! - A field resembles a known one at one edit, or at two from eight letters on; a section at two.
//!   A swap of neighbours is one edit.
//!
//! Aliases:
//!
//! - An alias with an invalid name, or a null one, exists for references.
//! - A single member may have a weight, which is then 100 in a split.
//! - `load_balance` beside `target` is `balance-without-targets`, without `missing-target`.
//!   `target` beside `load_balance: {targets: …}` is `target-and-targets`.
//! - A `load_balance` of the wrong shape still makes its alias a balancer; its missing fields are
//!   not reported.
//! - A plain alias has exactly one step: one `target` or a list of one member, no fallbacks.
//!   It is flattened even with guardrails and other fields *(members that differ only in that: not
//!   made on purpose)*.
//! - `replacement` may be any name that a client can request; an ambiguous name is not an unknown
//!   one *(not made)*.
//! - The 16 aliases of a path include the first one, and steps through fallbacks.
//! - `impossible-condition` is `primary_and_first_fallback_failed` on the first fallback.
//!
//! Answers:
//!
//! - An ambiguous name lists full names; accounts of one model, which would share theirs, are
//!   listed by `name`.
//! - A wildcard's target is `provider/<id>` in text even if the entry has a name, while the
//!   provider of the answer has that name.
//! - A text form ends in the endpoint as written, with its user info and query *(endpoints with
//!   those: not made in valid configurations)*.
//!
//! The functions in `check/warnings.rs` define the cases of each warning.

#![allow(dead_code, reason = "each test that includes this uses a part of it")]

pub(crate) mod check;
pub(crate) mod generate;
pub(crate) mod plan;
pub(crate) mod resolve;
pub(crate) mod tree;
mod view;
