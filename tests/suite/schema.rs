//! Checks that the JSON Schema matches the crate, and which mistakes it finds.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use jsonschema::Validator;
use model_aliases::{Code, Config, RoutingTests, Severity};
use serde_json::Value;

use crate::golden::files;
use crate::program::{files_below, root};

/// An editor's result for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    Refused,
    /// The parser fails, so the schema is not applied.
    NoYaml,
}

fn path() -> PathBuf {
    root().join("schema/model-aliases.schema.json")
}

/// The committed schema, which editors read.
static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&fs::read_to_string(path()).unwrap()).unwrap());

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| jsonschema::draft7::new(&SCHEMA).unwrap());

pub(crate) fn verdict(text: &[u8]) -> Verdict {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let Ok(mut yaml) = serde_yaml::from_slice::<serde_yaml::Value>(text) else {
        return Verdict::NoYaml;
    };
    // An invalid merge key stays in place, as in an editor.
    let _ = yaml.apply_merge();
    match as_json(yaml) {
        None => Verdict::NoYaml,
        Some(value) if VALIDATOR.is_valid(&value) => Verdict::Accepted,
        Some(_) => Verdict::Refused,
    }
}

/// Converts to JSON: keys become text, and a value with a tag gives `None`.
fn as_json(yaml: serde_yaml::Value) -> Option<Value> {
    Some(match yaml {
        serde_yaml::Value::Sequence(items) => {
            Value::Array(items.into_iter().map(as_json).collect::<Option<_>>()?)
        }
        serde_yaml::Value::Mapping(entries) => {
            let entries = entries.into_iter().map(|(key, value)| {
                let key = match as_json(key)? {
                    Value::String(key) => key,
                    key => key.to_string(),
                };
                Some((key, as_json(value)?))
            });
            Value::Object(entries.collect::<Option<_>>()?)
        }
        serde_yaml::Value::Tagged(_) => return None,
        scalar => serde_json::to_value(scalar).ok()?,
    })
}

#[cfg(feature = "schema")]
#[test]
fn the_committed_schema_is_what_the_crate_writes() {
    let written = model_aliases::Vocabulary::new().json_schema();
    if crate::golden::is_blessing() {
        fs::write(path(), &written).unwrap();
    }
    let committed = fs::read_to_string(path()).unwrap();
    assert!(
        committed == written,
        "write it anew with `MODEL_ALIASES_BLESS=1 cargo test --all-features --test suite schema`"
    );
}

#[cfg(feature = "schema")]
#[test]
fn registered_words_are_in_the_schema_of_their_vocabulary() {
    let odd = "a\"b\\c\n\"@\"";
    let vocabulary = model_aliases::Vocabulary::new()
        .algorithm("cheapest")
        .condition("overcast")
        .condition(odd);
    let schema: Value = serde_json::from_str(&vocabulary.json_schema()).unwrap();
    let definitions = &schema["definitions"];
    let last = |list: &Value| list.as_array().and_then(|words| words.last().cloned());
    let algorithm = &definitions["alias"]["properties"]["load_balance"]["properties"]["algorithm"];
    assert_eq!(last(&algorithm["enum"]), Some("cheapest".into()));
    let conditions = &definitions["condition"]["anyOf"][0]["enum"];
    assert_eq!(last(conditions), Some("overcast".into()));
    assert!(conditions.as_array().unwrap().contains(&odd.into()));
}

#[test]
fn good_files_and_the_examples_are_accepted() {
    let mut files = files("good", ".yaml");
    for example in ["config.yaml", "staging.yaml", "routing-tests.yaml"] {
        files.push(root().join("examples").join(example));
    }
    for file in files {
        let text = fs::read(&file).unwrap();
        assert_eq!(verdict(&text), Verdict::Accepted, "{}", file.display());
    }
}

#[test]
fn real_files_without_an_error_are_accepted() {
    let Some(corpus) = crate::corpus::folder() else {
        return;
    };
    let mut accepted = 0;
    for file in files_below(&corpus.join("plano/accepted")) {
        let text = fs::read(&file).unwrap();
        if !is_refused(&text) {
            assert_ne!(verdict(&text), Verdict::Refused, "{}", file.display());
            accepted += 1;
        }
    }
    assert!(accepted > 100, "{accepted}");
}

/// Whether the crate finds an error in a text, routing tests included.
fn is_refused(text: impl AsRef<[u8]>) -> bool {
    let problems = match Config::from_yaml("config.yaml", &text) {
        Ok(config) => config.check(),
        Err(error) => error.into_problems(),
    };
    RoutingTests::from_yaml("config.yaml", text).is_err()
        || problems
            .iter()
            .any(|problem| problem.severity() == Severity::Error)
}

/// Checks that the schema and the crate both accept the text, or both reject it.
#[track_caller]
fn both_say(text: &str, taken: bool) {
    assert_eq!(!is_refused(text), taken, "the crate: {text}");
    let expected = if taken {
        Verdict::Accepted
    } else {
        Verdict::Refused
    };
    assert_eq!(verdict(text.as_bytes()), expected, "{text}");
}

/// The last accepted value and the first rejected one: the schema and the crate agree on both sides of each limit.
#[test]
fn the_limits_are_those_of_the_crate() {
    let members = |count: usize, field: &str| {
        let members = (1..=count).map(|at| format!("{{{field}: p/m{at}}}"));
        members.collect::<Vec<_>>().join(", ")
    };
    let targets = |count| {
        format!(
            "{{load_balance: {{}}, targets: [{}]}}",
            members(count, "model")
        )
    };
    let fallbacks = |count| format!("{{target: p/a, fallbacks: [{}]}}", members(count, "target"));
    let two =
        |weight: &str| format!("[{{model: p/a, weight: {weight}}}, {{model: p/b, weight: 0}}]");
    let balanced = |weight: &str| format!("{{load_balance: {{}}, targets: {}}}", two(weight));
    let split = |weight: &str| format!("{{targets: {}}}", two(weight));
    let attempts = |count: &str| {
        format!(
            "{{target: p/a, max_attempts: {count}, fallbacks: [{}]}}",
            members(7, "target")
        )
    };
    let condition =
        |word: &str| format!("{{target: p/a, fallbacks: [{{target: p/b, conditions: [{word}]}}]}}");
    let timeout = |time: &str| format!("{{target: p/a, timeout: {time}}}");
    let endpoint = |url: &str| format!("{{target: p/a, endpoint: \"{url}\"}}");
    let filter = |body: &str| format!("{{target: p/a, guardrails: {{content_filters: [{body}]}}}}");
    let sunset = |day: &str| format!("{{target: p/a, deprecated: {{sunset: {day}}}}}");
    for (alias, taken) in [
        (targets(64), true),
        (targets(65), false),
        (fallbacks(16), true),
        (fallbacks(17), false),
        (balanced("10000"), true),
        (balanced("10001"), false),
        (balanced("1.5"), false),
        (balanced("-1"), false),
        (split("100"), true),
        (split("101"), false),
        (split("\"100\""), false),
        (attempts("1"), true),
        (attempts("8"), true),
        (attempts("0"), false),
        (attempts("9"), false),
        (condition("400"), true),
        (condition("599"), true),
        (condition("\"429\""), true),
        (condition("4xx"), true),
        (condition("399"), false),
        (condition("600"), false),
        (condition("3xx"), false),
        (condition("Timeout"), false),
        (condition("invalid_request"), false),
        (timeout("1h2m3s4ms"), true),
        (timeout("0s"), false),
        (timeout("5"), false),
        (timeout("1.5s"), false),
        (timeout("3s1m"), false),
        (timeout("\"\""), false),
        (endpoint("HTTPS://u:p@[::1]:80/x"), true),
        (endpoint("$BASE/v1"), true),
        (endpoint("https://:80"), false),
        (endpoint("ftp://h"), false),
        (endpoint("localhost:80"), false),
        (filter("{type: x, action: block, more: [1]}"), true),
        (filter("{type: x, action: drop}"), false),
        (filter("x"), false),
        (sunset("2027-01-31"), true),
        (sunset("2027-13-01"), false),
        ("{target: p/a, targets: [{model: p/b}]}".into(), false),
        (
            "{load_balance: {targets: [{model: p/b}]}, timeout: 1s}".into(),
            false,
        ),
        ("{targets: [{model: p/a}]}".into(), true),
        ("{target: p/a, sticky: {}}".into(), true),
        ("{target: p/a, sticky: {salty: x}}".into(), false),
        ("{}".into(), false),
        ("[p/a]".into(), false),
        ("1.5".into(), false),
    ] {
        let text = format!("model_providers: [{{model: p/*}}]\nmodel_aliases:\n  x: {alias}\n");
        both_say(&text, taken);
    }
}

/// The same for routing tests.
#[test]
fn tests_are_taken_as_the_crate_takes_them() {
    let mut rows = vec![
        ("resolve: x, expect: p/a".to_owned(), true),
        (
            "name: n, resolve: x, key: k, after: [timeout, 400, \"599\"], expect: p/a".into(),
            true,
        ),
        ("resolve: x, expect_deprecated: y".into(), true),
        (
            "resolve: x, expect_deprecated: false, expect: p/a".into(),
            true,
        ),
        ("resolve: x, expect_deprecated: 1".into(), false),
        ("expect: p/a".into(), false),
        ("resolve: x".into(), false),
        ("resolve: x, expect: p/a, also: 1".into(), false),
        ("resolve: 1.5, expect: p/a".into(), false),
        ("resolve: x, key: 7, expect: p/a".into(), false),
        ("resolve: x, key: \"\", expect: p/a".into(), false),
        ("resolve: x, expect: [p/a]".into(), false),
        (
            "resolve: x, expect: p/a, expect_error: exhausted".into(),
            false,
        ),
        (
            "resolve: x, expect: p/a, expect_split: {p/a: 100}".into(),
            false,
        ),
        (
            "resolve: x, expect_split: {p/a: 100}, expect_error: exhausted".into(),
            false,
        ),
        ("resolve: x, expect_error: selector-fault".into(), false),
        ("resolve: x, expect_split: {}".into(), false),
        ("resolve: x, expect_split: [p/a]".into(), false),
        ("resolve: x, after: [], expect: p/a".into(), false),
        ("resolve: x, after: timeout, expect: p/a".into(), false),
    ];
    for (word, taken) in [
        ("timeout", true),
        ("invalid_request", true),
        ("not_allowed", true),
        ("\"429\"", true),
        ("399", false),
        ("600", false),
        ("5xx", false),
        ("any", false),
        ("quota_exceeded", false),
    ] {
        rows.push((format!("resolve: x, after: [{word}], expect: p/a"), taken));
    }
    for code in ["unknown-name", "ambiguous-name", "not-allowed", "exhausted"] {
        rows.push((format!("resolve: x, expect_error: {code}"), true));
    }
    // The first share, and the rest for the second.
    for (share, rest, taken) in [
        ("80", "20", true),
        ("99.5", "0.5", true),
        ("1/3", "2/3", true),
        ("0/1", "100", true),
        ("0", "1/1", true),
        ("1/0", "1/1", false),
        ("-1", "101", false),
        ("80%", "20", false),
        ("\"80\"", "20", false),
        ("1 / 3", "2/3", false),
        ("+1/3", "2/3", false),
        ("[80]", "20", false),
    ] {
        let split = format!("resolve: x, expect_split: {{p/a: {share}, p/b: {rest}}}");
        rows.push((split, taken));
    }
    for (test, taken) in rows {
        let text = format!("model_alias_tests:\n  - {{{test}}}\n");
        both_say(&text, taken);
    }
    for (section, taken) in [
        ("[]", false),
        ("{resolve: x, expect: p/a}", false),
        ("[x]", false),
        ("", true),
    ] {
        let text = format!("model_alias_tests: {section}\n");
        both_say(&text, taken);
    }
}

/// The crate knows each field that the schema lists. The good files and the examples contain every field, so they
/// show the reverse.
#[test]
fn the_fields_are_those_of_the_crate() {
    for (place, around) in [
        ("provider", "model_providers: [{FIELD: []}]"),
        (
            "provider/properties/pricing",
            "model_providers: [{model: p/a, pricing: {FIELD: []}}]",
        ),
        ("alias", "model_aliases: {x: {FIELD: []}}"),
        (
            "alias/properties/load_balance",
            "model_aliases: {x: {load_balance: {FIELD: []}}}",
        ),
        (
            "alias/properties/sticky",
            "model_aliases: {x: {sticky: {FIELD: []}}}",
        ),
        (
            "alias/properties/deprecated",
            "model_aliases: {x: {deprecated: {FIELD: []}}}",
        ),
        (
            "targets/items",
            "model_aliases: {x: {targets: [{FIELD: []}]}}",
        ),
        ("fallback", "model_aliases: {x: {fallbacks: [{FIELD: []}]}}"),
        (
            "guardrails",
            "model_aliases: {x: {guardrails: {FIELD: []}}}",
        ),
        ("test", "model_alias_tests: [{FIELD: []}]"),
    ] {
        let object = SCHEMA.pointer(&format!("/definitions/{place}")).unwrap();
        let fields = object["properties"].as_object().unwrap();
        // The crate rejects an unknown field, or keeps it silently.
        assert_eq!(complaints(around, "zz"), usize::from(place != "provider"));
        for field in fields.keys().filter(|field| *field != "params") {
            assert_eq!(complaints(around, field), 0, "{place}: {field}");
        }
    }
}

/// Counts the problems that report an unknown field.
fn complaints(around: &str, field: &str) -> usize {
    let text = around.replace("FIELD", field);
    let mut problems = Config::from_yaml("config.yaml", &text).unwrap().check();
    if let Err(error) = RoutingTests::from_yaml("config.yaml", text) {
        problems.extend(error.into_problems());
    }
    let unknown = [Code::UnknownField, Code::MisspeltField];
    problems
        .iter()
        .filter(|problem| unknown.contains(&problem.code()))
        .count()
}
