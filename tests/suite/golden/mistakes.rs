//! Mistakes that users make when they come from another gateway: each gives one problem that says what to write.

use model_aliases::{AliasResolver, Config, Problem, Severity};

/// Two models, then these aliases.
#[track_caller]
fn aliases(aliases: &str, expected: &[&str]) {
    let models = "model_providers: [{model: openai/gpt-4o}, {model: openai/o3}]";
    says(&format!("{models}\nmodel_aliases:\n  {aliases}"), expected);
}

/// One entry of `model_providers` with these fields besides its model.
#[track_caller]
fn provider(fields: &str, expected: &[&str]) {
    says(
        &format!("model_providers:\n  - {{model: openai/gpt-4o, {fields}}}"),
        expected,
    );
}

/// Checks that a text has exactly these problems, each as `code: message; help`.
#[track_caller]
fn says(text: &str, expected: &[&str]) {
    let config = Config::from_yaml("config.yaml", text).unwrap();
    let line = |one: &Problem| format!("{}: {}; {}", one.code(), one.message(), one.help());
    let found: Vec<String> = config.check().iter().map(line).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn a_target_without_its_mapping_has_no_missing_weight_as_well() {
    aliases(
        "chat: {targets: [gpt-4o, {model: o3, weight: 50}]}",
        &[
            "wrong-type: an entry of `targets` of alias `chat` must be a mapping, found text; write it as `- model: …`",
        ],
    );
}

#[test]
fn a_field_of_the_other_list_is_suggested_and_not_missed_as_well() {
    aliases(
        "chat: {target: gpt-4o, fallbacks: [{model: o3}]}",
        &[
            "unknown-field: unknown field `model` in an entry of `fallbacks` of alias `chat`; did you mean `target`?",
        ],
    );
    aliases(
        "chat: {targets: [{target: gpt-4o}]}",
        &[
            "unknown-field: unknown field `target` in an entry of `targets` of alias `chat`; did you mean `model`?",
        ],
    );
}

#[test]
fn an_unknown_field_may_be_the_missing_one() {
    aliases(
        "chat: {target: gpt-4o, fallbacks: [{gpt-4o: [o3]}]}",
        &[
            "unknown-field: unknown field `gpt-4o` in an entry of `fallbacks` of alias `chat`; known here: `target`, `conditions`, `endpoint`, `params` and `timeout`",
        ],
    );
    aliases(
        "chat: {models: [gpt-4o, o3]}",
        &["unknown-field: unknown field `models` in alias `chat`; did you mean `targets`?"],
    );
    aliases(
        "chat: {targets: [{model: gpt-4o, share: 50}, {model: o3, weight: 50}]}",
        &[
            "unknown-field: unknown field `share` in an entry of `targets` of alias `chat`; known here: `model`, `weight`, `endpoint`, `params` and `timeout`",
        ],
    );
}

#[test]
fn a_merge_key_that_cannot_be_applied_may_hold_the_missing_field() {
    says(
        "model_providers: [{model: openai/gpt-4o}]
x: &steps [gpt-4o]
model_aliases:
  chat: {target: gpt-4o, fallbacks: [<<: *steps]}
  other: {<<: *steps}",
        &[
            "invalid-merge: the merge key in an entry of `fallbacks` of alias `chat` needs a mapping, found text; write `<<: *name` where `name` is the anchor of a mapping, or a list of such",
        ],
    );
}

#[test]
fn the_targets_of_a_balancer_without_a_weight_are_counted() {
    for (absent, subject, rest) in [
        (1, "a target", "has no `weight` and counts as 1"),
        (2, "2 targets", "have no `weight` and count as 1"),
        (11, "11 targets", "have no `weight` and count as 1"),
        (21, "21 targets", "have no `weight` and count as 1"),
    ] {
        let target = |at| format!("{{model: o3, endpoint: \"http://gpu-{at}\"}}");
        let targets: Vec<String> = (0..absent).map(target).collect();
        let targets = targets.join(", ");
        aliases(
            &format!(
                "chat: {{load_balance: {{}}, targets: [{{model: gpt-4o, weight: 3}}, {targets}]}}"
            ),
            &[&*format!(
                "partial-weights: {subject} of alias `chat` {rest}; write all weights or none"
            )],
        );
    }
}

#[test]
fn a_price_in_the_words_of_litellm_is_one_problem() {
    provider(
        "pricing: {input_cost_per_token: 0.000002}",
        &[
            "unknown-field: unknown field `input_cost_per_token` in `pricing`; did you mean `input`, in US dollars per million tokens?",
        ],
    );
    provider(
        "input_cost_per_token: 0.000002",
        &[
            "misspelt-field: field `input_cost_per_token` of a provider is not read; did you mean `pricing` with `input` and `output`, in US dollars per million tokens?",
        ],
    );
}

#[test]
fn fields_of_litellm_are_suggested() {
    for (field, ours) in [
        ("api_key", "access_key"),
        ("api_base", "base_url"),
        ("max_input_tokens", "context_window"),
        ("model_name", "name"),
    ] {
        provider(
            &format!("{field}: x"),
            &[&*format!(
                "misspelt-field: field `{field}` of a provider is not read; did you mean `{ours}`?"
            )],
        );
    }
}

#[test]
fn a_field_of_an_alias_or_target_under_a_provider_is_a_warning() {
    for (field, owner) in [
        ("fallbacks", "an alias"),
        ("timeout", "an alias"),
        ("load_balance", "an alias"),
        ("hidden", "an alias"),
        ("weight", "a target of an alias"),
        ("conditions", "a fallback of an alias"),
        ("max_latency", "`guardrails` of an alias"),
        ("max_cost_per_request", "`guardrails` of an alias"),
    ] {
        provider(
            &format!("{field}: x"),
            &[&*format!(
                "misplaced-field: field `{field}` of a provider is not read; it belongs to {owner}"
            )],
        );
    }
    let config = "model_providers: [{model: a/b, weight: 2}]";
    let config = Config::from_yaml("config.yaml", config).unwrap();
    assert_eq!(config.check()[0].severity(), Severity::Warning);
    let entry = config.providers().next().unwrap();
    assert!(entry.extra().contains_key("weight"));
}

#[test]
fn conditions_and_algorithms_of_other_gateways_are_suggested() {
    for (word, ours) in [
        ("5XX", "5xx"),
        ("Timeout", "timeout"),
        ("rate_limit", "rate_limited"),
        ("context_window_exceeded", "context_length_exceeded"),
        ("content_policy_violation", "content_filtered"),
        ("'*'", "any"),
    ] {
        let shown = word.trim_matches('\'');
        aliases(
            &format!("chat: {{target: gpt-4o, fallbacks: [{{target: o3, conditions: [{word}]}}]}}"),
            &[&*format!(
                "unknown-condition: unknown condition `{shown}` in alias `chat`; did you mean `{ours}`?"
            )],
        );
    }
    for (word, ours) in [
        ("least-busy", "least_connections"),
        ("least-connections", "least_connections"),
        ("Round_Robin", "round_robin"),
    ] {
        aliases(
            &format!("chat: {{load_balance: {{algorithm: {word}}}, targets: [{{model: gpt-4o}}]}}"),
            &[&*format!(
                "unknown-algorithm: unknown algorithm `{word}` in alias `chat`; did you mean `{ours}`?"
            )],
        );
    }
}

#[test]
fn weights_that_sum_to_one_are_shown_as_percent() {
    for (first, second, help) in [
        ("0.8", "0.2", "80 and 20"),
        ("0.05", "0.95", "5 and 95"),
        ("1", "0", "100 and 0"),
    ] {
        aliases(
            &format!(
                "chat: {{targets: [{{model: gpt-4o, weight: {first}}}, {{model: o3, weight: {second}}}]}}"
            ),
            &[&*format!(
                "weight-sum: weights of alias `chat` sum to 1, expected 100; weights are percent: write {help}"
            )],
        );
    }
}

/// Broken YAML gives its one problem at once.
#[track_caller]
fn is_refused(text: &str, expected: &str) {
    let error = Config::from_yaml("config.yaml", text).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn an_anchor_that_contains_itself_is_named() {
    let help = "help: remove the YAML alias `*…` of that name from what the anchor stands for";
    for (text, place) in [
        ("model_aliases: {chat: &loop {<<: *loop}}", "1:23"),
        (
            "x: &loop [1, {y: *loop}]\nmodel_aliases: {chat: *loop}",
            "1:4",
        ),
    ] {
        is_refused(
            text,
            &format!("config.yaml:{place}: the anchor `loop` contains itself\n  {help}"),
        );
    }
    // Deep without a loop, though it has an anchor.
    let deep = format!("model_aliases: {{chat: &a {}*b", "[".repeat(200));
    let error = Config::from_yaml("config.yaml", deep).unwrap_err();
    assert!(!error.to_string().contains("itself"), "{error}");
}

#[test]
fn a_second_tag_is_named() {
    for (text, place) in [
        ("model_aliases: {chat: !t !t x}", "1:26"),
        ("model_aliases:\n  chat: !t !t x", "2:12"),
    ] {
        is_refused(
            text,
            &format!(
                "config.yaml:{place}: a second YAML tag stands before one value\n  help: remove the words that begin with `!`"
            ),
        );
    }
}

#[test]
fn infinity_is_no_number() {
    for number in [".inf", "-.inf", ".nan"] {
        aliases(
            &format!(
                "chat: {{load_balance: {{}}, targets: [{{model: gpt-4o, weight: {number}}}]}}"
            ),
            &[
                "invalid-weight: a weight in alias `chat` is no number; write a plain number, without quotes or a percent sign",
            ],
        );
        provider(
            &format!("pricing: {{input: {number}, output: 1}}"),
            &[
                "invalid-amount: `input` of `pricing` is no number; write US dollars, 0 or more, with at most 6 decimals",
            ],
        );
    }
}

#[test]
fn a_step_that_is_repeated_under_another_name_says_which() {
    aliases(
        "in: {targets: [{model: gpt-4o, weight: 50}, {model: o3, weight: 50}]}\n  mid: in\n  chat: {target: in, fallbacks: [mid]}",
        &[
            "repeated-step: fallback `mid` of alias `chat` repeats the earlier step `in`; remove it; a request tries a target once",
        ],
    );
}

#[test]
fn a_schedule_may_have_1000_picks() {
    let weights = |first: u32, second: u32| {
        format!(
            "chat: {{load_balance: {{}}, targets: [{{model: gpt-4o, weight: {first}}}, {{model: o3, weight: {second}}}]}}"
        )
    };
    aliases(&weights(999, 1), &[]);
    aliases(&weights(9_990, 10), &[]);
    aliases(
        &weights(1_000, 1),
        &[
            "weight-period: weights of alias `chat` repeat after 1001 picks, at most 1000 are allowed; use smaller weights of nearly the same ratio",
        ],
    );
}

/// A gateway adds entries for itself when it renders its file.
#[test]
fn internal_entries_make_no_name_ambiguous() {
    let internal = |name: &str, model: &str| {
        format!("{{name: {name}, model: {model}, provider_interface: plano, internal: true}}")
    };
    let one = internal("plano-orchestrator", "Plano-Orchestrator");
    let other = internal("plano/orchestrator", "plano/Plano-Orchestrator");
    for (entries, name) in [
        (format!("{one}, {other}"), "plano-orchestrator"),
        // Declared by the bare name, wherever it stands.
        (format!("{other}, {one}"), "plano-orchestrator"),
        (
            format!(
                "{}, {one}",
                internal("plano/orchestrator", "Plano-Orchestrator")
            ),
            "plano-orchestrator",
        ),
        // An entry of the user comes before one of the gateway.
        (
            format!("{one}, {{model: own/Plano-Orchestrator, name: own}}"),
            "own",
        ),
    ] {
        let text = format!(
            "model_providers: [{entries}]\nmodel_aliases: {{orchestrate: Plano-Orchestrator}}"
        );
        says(&text, &[]);
        let resolver = AliasResolver::new(Config::from_yaml("x", &text).unwrap()).unwrap();
        for asked in ["Plano-Orchestrator", "orchestrate"] {
            let route = resolver.resolve(asked).unwrap();
            assert_eq!(route.provider().name(), Some(name), "{text}");
        }
    }
}

#[test]
fn a_reference_to_a_name_that_several_models_share_is_said_to_be_ambiguous() {
    says(
        "model_providers: [{model: cx/gpt-5.2}, {model: gh/gpt-5.2}]
model_aliases: {gpt-5.2: cx/gpt-5.2}",
        &[
            "shadowed-model: alias `gpt-5.2` shadows `cx/gpt-5.2` and `gh/gpt-5.2`; a client that asks for this name gets the alias, a reference in the file is ambiguous; rename the alias if that is not intended",
        ],
    );
}

#[test]
fn a_status_that_mostly_comes_with_refusals_is_a_warning() {
    for status in ["400", "422", "4xx"] {
        aliases(
            &format!(
                "chat: {{target: gpt-4o, fallbacks: [{{target: o3, conditions: [{status}]}}]}}"
            ),
            &[&*format!(
                "partial-status: condition `{status}` of alias `chat` leaves out `context_length_exceeded`, `content_filtered` and invalid requests; write `context_length_exceeded` or `content_filtered`; an invalid request never falls back"
            )],
        );
    }
    for status in ["401", "404", "429", "5xx"] {
        aliases(
            &format!(
                "chat: {{target: gpt-4o, fallbacks: [{{target: o3, conditions: [{status}]}}]}}"
            ),
            &[],
        );
    }
}

#[test]
fn odd_characters_in_names_are_warnings() {
    let quotes = "remove it, or write the plain quote `\"`";
    let several = "write each model as an entry of its own";
    for (model, fault, help) in [
        ("“openai/gpt-4o”", "contains a typographic quote", quotes),
        ("openai/‘gpt-4o’", "contains a typographic quote", quotes),
        ("openai/gpt-4o«", "contains a typographic quote", quotes),
        (
            "openai/gpt\u{ad}-4o",
            "contains an invisible character",
            "remove it",
        ),
        (
            "openai/gpt-4o\u{a0}",
            "contains an invisible character",
            "remove it",
        ),
        (
            "openai/gpt-4o ",
            "begins or ends with a blank",
            "remove the blank",
        ),
        (
            "openai//gpt-4o",
            "contains `//`",
            "write one `/` between provider and model",
        ),
        ("openai/gpt-4o,o3", "contains a comma", several),
        (
            "openai/${MODEL}",
            "contains `${`, which is not looked up here",
            "write the name itself; only keys, headers and URLs may contain variables",
        ),
    ] {
        let text = format!("model_providers: [{{model: \"{model}\"}}]");
        let config = Config::from_yaml("config.yaml", &text).unwrap();
        let problems = config.check();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].severity(), Severity::Warning);
        assert!(problems[0].message().ends_with(fault), "{}", problems[0]);
        assert_eq!(problems[0].help(), help);
    }
    // The same under a wildcard, where every id is taken.
    let text = "model_providers: [{model: openai/*}]\nmodel_aliases: {chat: 'openai/gpt-4o '}";
    says(
        text,
        &["suspicious-text: target `openai/gpt-4o ` begins or ends with a blank; remove the blank"],
    );
}

/// The messages about secrets name no part of them, so a whole table can be judged by its words.
#[test]
fn what_is_no_reference_of_ours_is_a_warning() {
    let foreign = "looks like a reference of another tool";
    let blank = "begins or ends with a blank";
    for (key, fault) in [
        ("os.environ/KEY", foreign),
        ("env:KEY", foreign),
        ("{{ env.KEY }}", foreign),
        ("{{KEY}}", foreign),
        ("$(KEY)", foreign),
        ("%KEY%", foreign),
        ("$ KEY", foreign),
        ("Bearer $KEY", "contains a variable without braces"),
        ("${KEY", "contains `${` without a name and a closing brace"),
        (
            "${1KEY}",
            "contains `${` without a name and a closing brace",
        ),
        (
            "${KEY} ${",
            "contains `${` without a name and a closing brace",
        ),
        (" $KEY", blank),
        ("sk-hunter2 ", blank),
        ("${KEY}\\n", blank),
        ("", "is empty"),
    ] {
        for field in [
            "access_key: \"@\"",
            "headers: {X-Key: \"@\"}",
            "http_host: \"@\"",
        ] {
            let field = field.replace('@', key);
            let text = format!("model_providers: [{{model: a/b, {field}}}]");
            let config = Config::from_yaml("config.yaml", &text).unwrap();
            let problems = config.check();
            assert_eq!(problems.len(), 1, "{text}: {problems:?}");
            assert_eq!(problems[0].code().as_str(), "suspicious-secret");
            assert_eq!(problems[0].severity(), Severity::Warning);
            assert!(problems[0].message().contains(fault), "{}", problems[0]);
            let shown = problems[0].to_string();
            assert!(
                !shown.contains("KEY") && !shown.contains("hunter2"),
                "{shown}"
            );
        }
    }
    for key in [
        "$KEY",
        "${KEY}",
        "Bearer ${KEY}",
        "${KEY:-sk-1}",
        "sk-1",
        "pa$$word",
        "a$${b",
        "50%",
    ] {
        provider(&format!("access_key: \"{key}\""), &[]);
    }
}

#[test]
fn a_url_may_hold_variables_anywhere() {
    for url in [
        "https://${HOST}/v1",
        "${URL:-http://localhost:80}/v1",
        "http://h:${PORT}",
        "$HOST/v1",
    ] {
        provider(&format!("base_url: \"{url}\""), &[]);
    }
    provider("base_url: 'https://$HOST/v1'", &[]);
}

#[test]
fn a_nested_section_is_found_at_any_depth_and_in_any_style() {
    for (text, place) in [
        (
            "llm:\n  model_providers: []",
            "`model_providers` is nested under `llm` at line 2",
        ),
        (
            "{a: {b: [{c: {model_aliases: {}}}]}}",
            "`model_aliases` is nested under `c` at line 1",
        ),
        (
            "x: &x {y: 1}\nz:\n- <<: *x\n  llm_providers: []",
            "`llm_providers` is nested under `z` at line 4",
        ),
    ] {
        let help = format!("{place}; move it to the top level");
        says(
            text,
            &[&*format!(
                "nothing-found: neither `model_providers` nor `model_aliases` is found; {help}"
            )],
        );
    }
    // Beside sections of ours a nested one belongs to the gateway.
    says("model_aliases:\nmetrics: [{model_aliases: {a: b}}]", &[]);
}

#[test]
fn a_timeout_that_uses_up_the_deadline_is_a_warning() {
    let chain = |timeout: &str, fallback: &str| {
        format!(
            "chat: {{target: gpt-4o, timeout: {timeout}, fallbacks: [{fallback}], guardrails: {{max_latency: 4s}}}}"
        )
    };
    let warning = |timeout: &str| {
        format!(
            "late-timeout: after the `timeout` of {timeout}, the `max_latency` of alias `chat` leaves no time for a fallback; write a shorter `timeout`, or none to keep half of the time"
        )
    };
    aliases(&chain("10s", "o3"), &[&*warning("10s")]);
    aliases(&chain("3s751ms", "o3"), &[&*warning("3s751ms")]);
    aliases(&chain("3s750ms", "o3"), &[]);
    // No fallback runs after a timeout.
    aliases(&chain("10s", "{target: o3, conditions: [429]}"), &[]);
}
