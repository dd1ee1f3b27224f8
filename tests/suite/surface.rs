//! Guarantees of every public type: threads, clones, allocations, and no secrets in output.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::error::Error;
use std::fmt::Debug;
use std::hint::black_box;

use model_aliases::*;

use crate::counting::counted;

fn shared<T: Send + Sync + 'static>() {}
fn error<T: Error + Clone + PartialEq + Send + Sync + 'static>() {}
fn crosses<T: Debug + Send + Sync>() {}

#[test]
fn types_cross_threads_and_errors_own_what_they_say() {
    shared::<AliasResolver>();
    shared::<ResolverBuilder>();
    shared::<Config>();
    shared::<SeededEntropy>();
    shared::<Box<dyn Entropy>>();
    shared::<Box<dyn Check>>();
    shared::<Checked<'static>>();
    shared::<ReplyStream>();
    shared::<Verdict>();
    shared::<Violation>();
    error::<ConfigError>();
    error::<ResolveError>();
    error::<AliasNameError>();
    error::<AttemptsError>();
    shared::<Attempts>();
    shared::<Serving>();
    shared::<Failure>();
    shared::<FailureClass>();
    shared::<StepReport>();
    shared::<StepState>();
    shared::<TargetStatus>();
    shared::<TargetState>();
    shared::<FakeClock>();
    shared::<Box<dyn Clock>>();
    crosses::<Attempts>();
    crosses::<Serving>();
    crosses::<TargetRef<'_>>();
    crosses::<Resolution<'_>>();
    crosses::<ListedModel<'_>>();
    crosses::<Request<'_>>();
    crosses::<Provider>();
    crosses::<Problem>();
}

const TEXT: &str = "\
model_providers:
  - model: openai/gpt-4o
    base_url: https://api.openai.com
  - {model: openai/gpt-4o-mini, name: mini, default: true}
  - model: anthropic/*
model_aliases:
  one: gpt-4o
  two: one
  three: two
  four: three
  split:
    targets:
      - {model: gpt-4o, weight: 60, params: {temperature: 0.2}, timeout: 3s}
      - {model: mini, weight: 40}
  nested:
    targets: [{model: split, weight: 50}, {model: four, weight: 50}]
    guardrails: {max_latency: 5s}
  balanced:
    load_balance: {algorithm: round_robin}
    targets:
      - {model: gpt-4o, endpoint: 'https://eu.example.com'}
      - {model: gpt-4o, endpoint: 'https://us.example.com'}
  resilient:
    target: gpt-4o
    fallbacks: [mini]
    deprecated: {replacement: one}
";

fn resolver() -> ResolverBuilder {
    AliasResolver::builder(Config::from_yaml("config.yaml", TEXT).unwrap())
}

/// Resolves a name, reads the whole answer, and returns the number of allocations.
fn allocations(resolver: &AliasResolver, name: &str) -> usize {
    let ((), allocated) = counted(|| {
        let route = resolver.resolve(name).unwrap();
        black_box((route.asked(), route.alias_path().count()));
        black_box((route.provider().name(), route.model(), route.endpoint()));
        black_box((route.params(), route.timeout(), route.deprecation()));
        black_box(route.guardrails().count());
    });
    allocated.calls
}

#[test]
fn an_answer_for_an_alias_or_a_declared_model_allocates_nothing() {
    let resolver = resolver().build().unwrap();
    for name in [
        "one",
        "four",
        "split",
        "nested",
        "balanced",
        "resilient",
        "mini",
        "openai/gpt-4o",
        "gpt-4o",
    ] {
        for _ in 0..20 {
            assert_eq!(allocations(&resolver, name), 0, "{name}");
        }
    }
    let (target, none) = counted(|| resolver.resolve("four").map(|route| route.target()));
    assert_eq!((none.calls, target.as_deref()), (0, Ok("openai/gpt-4o")));
}

/// Names go into headers and logs, so they must not contain line breaks.
/// S20: a provider may be called `alias`, so `owned_by` does not tell.
#[test]
fn a_listing_tells_aliases_and_times() {
    let text = "\
model_providers: [{model: alias/foo}]
model_aliases: {chat: foo}
";
    let resolver = AliasResolver::new(Config::from_yaml("config.yaml", text).unwrap()).unwrap();
    let rows = resolver
        .models()
        .map(|one| (one.id(), one.owned_by(), one.is_alias(), one.created()));
    let expected = [("alias/foo", "alias", false, 0), ("chat", "alias", true, 0)];
    assert!(rows.eq(expected));
    let listed = resolver.models().map(|one| one.created_at(1_790_000_000));
    let listed: Vec<_> = listed.collect();
    assert_eq!(
        serde_json::to_value(listed[1]).unwrap(),
        serde_json::json!({"id": "chat", "object": "model", "created": 1_790_000_000, "owned_by": "alias"}),
    );
}

#[test]
fn a_name_with_control_characters_is_no_name_of_a_model() {
    for policy in [UnknownNames::Refuse, UnknownNames::DefaultProvider] {
        let resolver = resolver().unknown_names(policy).build().unwrap();
        for name in [
            "anthropic/x\nserved: y",
            "anthropic/\u{1b}[31m",
            "other\u{85}",
        ] {
            let found = resolver
                .resolve(name)
                .map(|route| route.target().into_owned());
            assert!(
                matches!(found, Err(ResolveError::UnknownName { .. })),
                "{name:?}: {found:?}"
            );
            assert!(resolver.attempts(name).is_err(), "{name:?}");
        }
        assert!(resolver.resolve("anthropic/modèle").is_ok());
    }
}

#[test]
fn words_registered_one_after_the_other_are_all_known() {
    let text = "\
model_providers: [{model: anthropic/*}, {model: openai/gpt-4o}]
model_aliases:
  x: {load_balance: {algorithm: mine}, targets: [{model: gpt-4o}, {model: claude-x}]}
  y: {target: gpt-4o, fallbacks: [{target: claude-y, conditions: [asleep, awake]}]}
";
    let resolver = AliasResolver::builder(Config::from_yaml("c", text).unwrap())
        .catalog(["anthropic/claude-x"])
        .selector_fn("mine", |_, _| Some(1))
        .vocabulary(Vocabulary::new().condition("asleep"))
        .vocabulary(
            Vocabulary::new()
                .condition("awake")
                .catalog(["anthropic/claude-y"]),
        )
        .build()
        .unwrap();
    let target = |name| resolver.resolve(name).unwrap().target().into_owned();
    assert_eq!(["x", "claude-x"].map(target), ["anthropic/claude-x"; 2]);
}

/// Resolution walks no aliases: both answers are the same place in the table. `scripts/hops` counts instructions.
#[test]
fn four_hops_of_plain_aliases_end_where_one_ends() {
    let resolver = resolver().build().unwrap();
    let [one, four] = ["one", "four"].map(|name| resolver.resolve(name).unwrap());
    assert!(four.alias_path().eq(["four", "three", "two", "one"]));
    assert!(std::ptr::eq(one.provider(), four.provider()));
    assert!(std::ptr::eq(
        one.endpoint().unwrap(),
        four.endpoint().unwrap()
    ));
}

#[test]
fn a_name_that_is_not_known_beforehand_is_copied_once() {
    let refusing = resolver().catalog(["anthropic/claude"]).build().unwrap();
    for name in ["anthropic/claude-next", "claude"] {
        assert_eq!(allocations(&refusing, name), 1, "{name}");
    }
    let long = "x".repeat(10_000);
    let (error, one) = counted(|| refusing.resolve(&long).err());
    assert!(error.is_some());
    assert_eq!((one.calls, one.bytes), (1, 64));
    for policy in [UnknownNames::DefaultProvider, UnknownNames::DefaultModel] {
        let taking = resolver().unknown_names(policy).build().unwrap();
        assert_eq!(allocations(&taking, "gpt-next"), 1, "{policy:?}");
    }
}

#[test]
fn a_clone_of_a_resolver_shares_everything() {
    let resolver = resolver().build().unwrap();
    let (clone, none) = counted(|| resolver.clone());
    assert_eq!(none.calls, 0);
    let (ours, theirs) = (
        resolver.resolve("one").unwrap(),
        clone.resolve("one").unwrap(),
    );
    assert!(std::ptr::eq(ours.provider(), theirs.provider()));
}

/// A canary in every field of a configuration that may hold a secret.
const SECRETS: &str = r#"
model_providers:
  - model: openai/gpt-4o
    access_key: sk-CANARY
    base_url: https://user:CANARY@api.example.com/v1?key=CANARY#CANARY
    headers: {Authorization: Bearer CANARY, X-Team: "CANARY"}
    rate_limits: {token: CANARY}
    vault_key: CANARY
  - {model: openai/o3, access_key: CANARY, headers: {X-Key: CANARY}}
model_aliases:
  chat:
    targets:
      - {model: gpt-4o, weight: 95, endpoint: "https://u:CANARY@h/?k=CANARY"}
      - model: o3
        weight: 5
        endpoint: https://u:CANARY@h?k=CANARY
        params: {api_key: CANARY}
    fallbacks:
      - {target: o3, conditions: [timeout], params: {k: [CANARY]}}
    guardrails:
      content_filters: [{type: sensitive_data, token: CANARY}]
"#;

/// The same entries with other secrets.
const OTHER: &str = r#"
model_providers:
  - model: openai/gpt-4o
    access_key: other
    base_url: https://user:other@api.example.com/v1?key=other
    headers: {Authorization: other}
  - {model: openai/o3}
model_aliases:
  chat:
    targets:
      - {model: gpt-4o, weight: 95, endpoint: "https://u:other@h/?k=other"}
      - {model: o3, weight: 5, endpoint: "https://u:other@h?k=other"}
    fallbacks: [{target: o3, conditions: [timeout], params: {k: other}}]
    guardrails: {content_filters: [{type: sensitive_data, token: other}]}
"#;

/// Everything printable of a configuration, or of its error.
fn printed(text: &str) -> Vec<String> {
    let mut printed = Printed::default();
    let _ = printed.load(text).map_err(|error| printed.error(&error));
    printed.0
}

#[derive(Default)]
struct Printed(Vec<String>);

impl Printed {
    fn debug(&mut self, value: &dyn Debug) {
        self.0.push(format!("{value:?}"));
    }

    fn error(&mut self, error: &ConfigError) {
        self.0.push(error.to_string());
        self.debug(error);
        self.debug(&error.problems());
    }

    fn load(&mut self, text: &str) -> Result<(), ConfigError> {
        let config = Config::from_yaml("config.yaml", text)?;
        self.debug(&config);
        for entry in config.providers() {
            self.debug(entry);
        }
        for entry in config.aliases() {
            self.debug(entry);
            for target in entry.targets().chain(entry.fallbacks()) {
                self.debug(target);
            }
        }
        let config = config.variables(|name| (name == "KEY").then(|| "CANARY".to_owned()));
        let builder = AliasResolver::builder(config);
        self.debug(&builder);
        let resolver = builder.seed(1).build()?;
        self.debug(&resolver);
        for problem in resolver.warnings() {
            self.debug(problem);
            self.0.push(problem.to_string());
        }
        for provider in resolver.providers() {
            self.debug(provider);
            self.debug(&provider.access_key());
            self.debug(&provider.headers().collect::<Vec<_>>());
        }
        for model in resolver.models() {
            self.debug(&model);
        }
        for after in [&[][..], &[FailureClass::Timeout]] {
            let request = Request::new("chat").sticky_key("CANARY");
            if let Ok(why) = resolver.explain_after(request, after.iter().copied()) {
                self.debug(&why);
                self.0.push(why.to_string());
                self.0.extend(serde_json::to_string(&why));
            }
        }
        let graph = resolver.graph();
        self.debug(&graph);
        self.0.extend([graph.to_mermaid(), graph.to_dot()]);
        let other = AliasResolver::new(Config::from_yaml("other.yaml", OTHER)?)?;
        for changes in [
            other.changes_since(&resolver),
            resolver.changes_since(&other),
        ] {
            self.debug(&changes);
            self.0.push(changes.to_string());
        }
        for _ in 0..8 {
            let Ok(route) = resolver.resolve("chat") else {
                break;
            };
            self.debug(&route);
            self.debug(&route.guardrails().collect::<Vec<_>>());
            self.0.push(route.target().into_owned());
        }
        for _ in 0..4 {
            self.request(&resolver);
        }
        Ok(())
    }

    /// Makes a request with a secret key, whose attempts fail with secrets in the response.
    fn request(&mut self, resolver: &AliasResolver) {
        let key = String::from("CANARY");
        let seen = std::sync::Mutex::new(Vec::new());
        let rule = |target: TargetRef<'_>| {
            let text = format!("{target:?} {}", target.text());
            seen.lock().unwrap().push(text);
            true
        };
        let request = Request::new("chat").sticky_key(&key).allow(&rule);
        self.debug(&request);
        let mut call = match resolver.attempts(request) {
            Ok(call) => call,
            Err(error) => {
                self.debug(&error);
                return self.0.push(error.to_string());
            }
        };
        loop {
            self.debug(&call);
            self.0.push(call.target().into_owned());
            let headers = [
                ("authorization", "Bearer CANARY"),
                ("x-request-id", "CANARY"),
            ];
            let body =
                r#"{"error": {"code": "CANARY sk-CANARY", "message": "key CANARY is wrong"}}"#;
            let failure = Failure::from_http(408, headers, body);
            self.debug(&failure);
            if !call.failed(failure) {
                break;
            }
        }
        self.debug(&call);
        for step in call.steps() {
            self.debug(&step);
            self.0.push(step.to_string());
        }
        let error = call.into_error();
        self.debug(&error);
        self.0.push(error.to_string());
        if let Ok(call) = resolver.attempts("chat") {
            let serving = call.commit();
            self.debug(&serving);
            self.0.push(serving.target().into_owned());
        }
        for status in resolver.status() {
            self.debug(&status);
        }
        self.0.extend(seen.into_inner().unwrap());
    }
}

/// The first printed text that contains a secret.
fn leak(text: &str) -> Option<String> {
    let mut printed = printed(text).into_iter();
    printed.find(|print| print.contains("CANARY"))
}

#[test]
fn nothing_that_prints_shows_a_secret() {
    assert_eq!(leak(SECRETS), None);
    let referred = SECRETS
        .replace("sk-CANARY", "$KEY")
        .replace("Bearer CANARY", "${KEY}");
    assert_eq!(leak(&referred), None);
    let routes = printed(SECRETS)
        .iter()
        .filter(|p| p.starts_with("Resolution"))
        .count();
    assert_eq!(routes, 8, "all of it was printed");
    for (what, least) in [
        ("Attempts {", 12),
        ("AttemptsError(", 4),
        ("Serving {", 4),
        ("Failure {", 4),
        ("StepReport {", 4),
        ("TargetStatus {", 8),
        ("TargetRef(", 8),
    ] {
        let printed = printed(SECRETS);
        let found = printed.iter().filter(|text| text.starts_with(what));
        assert!(found.count() >= least, "{what} was not printed");
    }
}

#[test]
fn what_is_written_down_holds_no_key_header_or_url_secret() {
    // `params`, filter options and unknown fields are other people's data and stay.
    let ours: String = SECRETS
        .lines()
        .filter(|line| !line.contains("rate_limits") && !line.contains("vault_key"))
        .map(|line| {
            line.replace("api_key: CANARY", "")
                .replace("k: [CANARY]", "")
        })
        .map(|line| line.replace(", token: CANARY", "") + "\n")
        .collect();
    let config = Config::from_yaml("config.yaml", &ours).unwrap();
    assert!(config.to_yaml_with_secrets().contains("sk-CANARY"));
    assert!(!config.to_yaml().contains("CANARY"));
    assert!(!serde_json::to_string(&config).unwrap().contains("CANARY"));
}

#[test]
fn no_mistake_beside_a_secret_brings_it_into_an_error() {
    let pieces = [
        "[", "]", "{", "}", "\"", "'", ":", ": ", ",", "- ", "? ", "#", " #", "&a ", "*a ", "!t ",
        "|", "\t", "\n", "\n  ", "x", "%", "@", "<<: ", "\u{7f}", "é",
    ];
    let mut leaks = Vec::new();
    let mut check = |text: String, mistake: String| {
        leaks.extend(leak(&text).map(|print| format!("{mistake}: {print}")));
    };
    for (at, old) in SECRETS.char_indices().skip(1) {
        let (before, after) = SECRETS.split_at(at);
        check(before.to_owned(), format!("cut at {at}"));
        // Without its `?` a query becomes a path, which is not a secret.
        if old != '?' {
            let gone = &after[old.len_utf8()..];
            check([before, gone].concat(), format!("{old:?} at {at} gone"));
        }
        for piece in pieces {
            check(
                [before, piece, after].concat(),
                format!("{piece:?} at {at}"),
            );
        }
    }
    assert!(
        leaks.is_empty(),
        "{} leaks:\n{}",
        leaks.len(),
        leaks.join("\n")
    );
}
