//! Words of other gateways for fields, conditions and algorithms of ours.

/// A word that people write for one of ours.
pub(crate) struct ForeignWord {
    word: &'static str,
    pub(crate) meant: &'static str,
    /// What the value must be, if that differs too.
    unit: &'static str,
}

const fn word(word: &'static str, meant: &'static str) -> ForeignWord {
    ForeignWord {
        word,
        meant,
        unit: "",
    }
}

const fn with_unit(word: &'static str, meant: &'static str, unit: &'static str) -> ForeignWord {
    ForeignWord { word, meant, unit }
}

/// Fields. A word may stand here more than once; the first that is known at its place counts.
const FIELDS: &[ForeignWord] = &[
    // LiteLLM
    word("api_key", "access_key"),
    word("api_base", "base_url"),
    word("model_name", "name"),
    with_unit("input_cost_per_token", "input", PER_MILLION),
    with_unit("output_cost_per_token", "output", PER_MILLION),
    with_unit("input_cost_per_token", "pricing", PRICING),
    with_unit("output_cost_per_token", "pricing", PRICING),
    word("max_input_tokens", "context_window"),
    word("routing_strategy", "algorithm"),
    // Envoy and Portkey
    word("strategy", "load_balance"),
    word("models", "targets"),
    word("on_status_codes", "conditions"),
    // Ours, in the wrong list
    word("model", "target"),
    word("target", "model"),
];

const PER_MILLION: &str = ", in US dollars per million tokens";
const PRICING: &str = " with `input` and `output`, in US dollars per million tokens";

/// Algorithms.
pub(crate) const ALGORITHMS: &[ForeignWord] = &[
    word("least-busy", "least_connections"),
    word("least_busy", "least_connections"),
    word("least_request", "least_connections"),
];

/// Conditions.
pub(crate) const CONDITIONS: &[ForeignWord] = &[
    word("context_window_exceeded", "context_length_exceeded"),
    word("context_length", "context_length_exceeded"),
    word("content_policy_violation", "content_filtered"),
    word("content_policy", "content_filtered"),
    word("content_filter", "content_filtered"),
    word("internal_server_error", "server_error"),
    word("service_unavailable", "overloaded"),
    word("4XX", "4xx"),
    word("5XX", "5xx"),
    word("*", "any"),
    word("all", "any"),
];

/// Returns the field of ours that a word stands for, among these.
pub(crate) fn field<'k>(word: &str, known: &[&'k str]) -> Option<(&'k str, &'static str)> {
    let mut same = FIELDS.iter().filter(|foreign| foreign.word == word);
    same.find_map(|foreign| {
        let meant = known.iter().find(|known| **known == foreign.meant)?;
        Some((*meant, foreign.unit))
    })
}

/// Returns the word of ours that a word stands for.
pub(crate) fn meant(word: &str, words: &[ForeignWord]) -> Option<&'static str> {
    let found = words.iter().find(|foreign| foreign.word == word);
    found.map(|foreign| foreign.meant)
}
