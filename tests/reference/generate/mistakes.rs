//! One function for each problem code, which makes that mistake and no other.
//!
//! Most add fresh entries and aliases, because a mistake in something that others refer to would look like several.

mod aliases;
mod groups;
mod providers;
mod rules;
mod shapes;
mod texts;
mod warnings;

use rand::rngs::StdRng;

use super::draft::Draft;

/// How to make a mistake.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mistake {
    /// In the content of the document.
    Tree(fn(&mut Draft, &mut StdRng)),
    /// In its text, after writing.
    Text(fn(&mut Draft, &mut StdRng) -> Edit),
}

/// An edit of a written text.
#[derive(Debug)]
pub(super) enum Edit {
    /// Replaces these stand-ins with raw YAML.
    Swap(Vec<(String, String)>),
    Append(String),
    Prepend(String),
    /// Inserts a character, or a byte, at a random place.
    Char(char),
    Byte(u8),
    /// Loads the text unchanged, with too low a limit.
    LimitBytes,
    LimitNodes,
}

/// Every code that a single file can cause.
pub(super) const MISTAKES: &[(&str, Mistake)] = &[
    ("too-large", Mistake::Text(texts::too_large)),
    ("too-many-nodes", Mistake::Text(texts::too_many_nodes)),
    ("too-deep", Mistake::Text(texts::too_deep)),
    ("invalid-utf8", Mistake::Text(texts::invalid_utf8)),
    ("control-character", Mistake::Text(texts::control_character)),
    ("invalid-yaml", Mistake::Text(texts::invalid_yaml)),
    (
        "multiple-documents",
        Mistake::Text(texts::multiple_documents),
    ),
    ("duplicate-anchor", Mistake::Text(texts::duplicate_anchor)),
    ("wrong-type", Mistake::Tree(shapes::wrong_type)),
    ("unquoted-text", Mistake::Tree(shapes::unquoted_text)),
    ("unsupported-tag", Mistake::Text(texts::unsupported_tag)),
    ("duplicate-key", Mistake::Tree(shapes::duplicate_key)),
    ("invalid-merge", Mistake::Text(texts::invalid_merge)),
    ("unknown-field", Mistake::Tree(shapes::unknown_field)),
    ("misspelt-field", Mistake::Tree(warnings::misspelt_field)),
    (
        "misspelt-section",
        Mistake::Tree(warnings::misspelt_section),
    ),
    (
        "both-provider-sections",
        Mistake::Tree(providers::both_sections),
    ),
    ("missing-field", Mistake::Tree(shapes::missing_field)),
    ("invalid-value", Mistake::Tree(shapes::invalid_value)),
    ("out-of-range", Mistake::Tree(shapes::out_of_range)),
    ("missing-model", Mistake::Tree(providers::missing_model)),
    ("invalid-model", Mistake::Tree(providers::invalid_model)),
    (
        "missing-provider",
        Mistake::Tree(providers::missing_provider),
    ),
    ("duplicate-model", Mistake::Tree(providers::duplicate_model)),
    ("duplicate-name", Mistake::Tree(providers::duplicate_name)),
    (
        "multiple-defaults",
        Mistake::Tree(providers::multiple_defaults),
    ),
    (
        "wildcard-default",
        Mistake::Tree(providers::wildcard_default),
    ),
    (
        "duplicate-wildcard",
        Mistake::Tree(warnings::duplicate_wildcard),
    ),
    ("invalid-url", Mistake::Tree(shapes::invalid_url)),
    ("invalid-amount", Mistake::Tree(shapes::invalid_amount)),
    (
        "invalid-alias-name",
        Mistake::Tree(aliases::invalid_alias_name),
    ),
    ("duplicate-alias", Mistake::Tree(aliases::duplicate_alias)),
    ("null-alias", Mistake::Tree(aliases::null_alias)),
    ("missing-target", Mistake::Tree(aliases::missing_target)),
    (
        "target-and-targets",
        Mistake::Tree(groups::target_and_targets),
    ),
    ("empty-list", Mistake::Tree(groups::empty_list)),
    ("too-many-entries", Mistake::Tree(groups::too_many_entries)),
    ("targets-twice", Mistake::Tree(groups::targets_twice)),
    (
        "balance-without-targets",
        Mistake::Tree(groups::balance_without_targets),
    ),
    ("misplaced-field", Mistake::Tree(groups::misplaced_field)),
    ("invalid-weight", Mistake::Tree(groups::invalid_weight)),
    ("missing-weight", Mistake::Tree(groups::missing_weight)),
    ("weight-sum", Mistake::Tree(groups::weight_sum)),
    ("zero-weights", Mistake::Tree(groups::zero_weights)),
    ("weight-period", Mistake::Tree(groups::weight_period)),
    ("partial-weights", Mistake::Tree(warnings::partial_weights)),
    ("duplicate-member", Mistake::Tree(groups::duplicate_member)),
    ("unknown-target", Mistake::Tree(aliases::unknown_target)),
    ("ambiguous-target", Mistake::Tree(aliases::ambiguous_target)),
    ("alias-cycle", Mistake::Tree(aliases::alias_cycle)),
    ("path-too-long", Mistake::Tree(aliases::path_too_long)),
    (
        "unknown-algorithm",
        Mistake::Tree(groups::unknown_algorithm),
    ),
    (
        "unknown-condition",
        Mistake::Tree(aliases::unknown_condition),
    ),
    (
        "impossible-condition",
        Mistake::Tree(aliases::impossible_condition),
    ),
    ("invalid-duration", Mistake::Tree(shapes::invalid_duration)),
    (
        "unknown-replacement",
        Mistake::Tree(aliases::unknown_replacement),
    ),
    ("shadowed-model", Mistake::Tree(warnings::shadowed_model)),
    (
        "unreachable-fallback",
        Mistake::Tree(warnings::unreachable_fallback),
    ),
    ("repeated-step", Mistake::Tree(warnings::repeated_step)),
    ("chain-too-long", Mistake::Tree(warnings::chain_too_long)),
    (
        "smaller-context-window",
        Mistake::Tree(warnings::smaller_context_window),
    ),
    ("untimed-chain", Mistake::Tree(warnings::untimed_chain)),
    ("unpriced-target", Mistake::Tree(warnings::unpriced_target)),
    (
        "unchecked-content",
        Mistake::Tree(warnings::unchecked_content),
    ),
    (
        "deprecated-target",
        Mistake::Tree(warnings::deprecated_target),
    ),
    ("late-timeout", Mistake::Tree(warnings::late_timeout)),
    ("price-per-token", Mistake::Tree(warnings::price_per_token)),
    ("partial-status", Mistake::Tree(warnings::partial_status)),
    (
        "replacement-cycle",
        Mistake::Tree(warnings::replacement_cycle),
    ),
    ("repeated-salt", Mistake::Tree(warnings::repeated_salt)),
    (
        "contradictory-rule",
        Mistake::Tree(rules::contradictory_rule),
    ),
    ("hidden-rule", Mistake::Tree(rules::hidden_rule)),
    ("unknown-provider", Mistake::Tree(rules::unknown_provider)),
    ("nothing-found", Mistake::Tree(warnings::nothing_found)),
];
