//! Whole texts of problems that no file causes alone, and of problems with more variants than one file can show.

use model_aliases::{
    AliasResolver, Code, Config, ConfigError, FailureClass, Problem, ReadLimits, UnknownNames,
};

/// Checks that a configuration is rejected with exactly this text.
#[track_caller]
fn is_told(result: Result<AliasResolver, ConfigError>, expected: &str) {
    let text = result.expect_err("the configuration loads").to_string();
    assert_eq!(text, expected);
}

fn codes(problems: &[Problem]) -> Vec<Code> {
    problems.iter().map(Problem::code).collect()
}

#[track_caller]
fn read(text: impl AsRef<[u8]>) -> Config {
    Config::from_yaml("config.yaml", text).unwrap()
}

#[track_caller]
fn loading(text: impl AsRef<[u8]>) -> Result<AliasResolver, ConfigError> {
    AliasResolver::new(Config::from_yaml("config.yaml", text)?)
}

#[test]
fn the_sample_texts_come_out_as_promised() {
    let text = "\
# The mistakes of the sample texts, each where they show it.
model_providers: [{model: openai/gpt-4o-mini}, {model: openai/gpt-4o}, {model: openai/o3}]

model_aliases:
  # A blank in a name.
  fast llm: gpt-4o-mini

  fast-llm:
    target: gpt-4o-mni
  fast-llm: gpt-4o

  a: b
  b: a

  # Weights that do not sum up.
  smart:
    description: >-
      Seventy percent go to the old model and twenty-five to the new one;
      somebody removed the third and forgot its share.
    hidden: false
    redistribute: false

    targets:
      - {model: gpt-4o, weight: 70}
      - {model: o3, weight: 25}
";
    is_told(
        loading(text),
        "\
config.yaml:6:3: invalid alias name `fast llm`: unexpected ' ' at byte 4
  help: use letters, digits, `.`, `-` and `_`
config.yaml:9:13: unknown target `gpt-4o-mni` in alias `fast-llm`
  help: did you mean `gpt-4o-mini`?
config.yaml:10:3: duplicate alias `fast-llm`, first defined at 8:3
  help: rename or remove one of the two
config.yaml:12:3: alias cycle: `a` → `b` → `a`
  help: point one of them at a model from `model_providers`
config.yaml:23:5: weights of alias `smart` sum to 95, expected 100
  help: `gpt-4o` has 70, `o3` has 25; 5 are missing",
    );
}

#[test]
fn mistakes_in_failure_rules() {
    for (rule, expected) in [
        (
            "{status: 412}",
            "3:25: failure rule 1 has no `class`|write `class:` with what the answer means, such as `quota_exhausted`",
        ),
        (
            "{says: spending limit, class: quota_exhausted}",
            "3:25: failure rule 1 has neither `status` nor `code`|write the status or the code of the answer; words alone may be those of a client",
        ),
        (
            "{status: 412, class: quota_exausted}",
            "3:46: unknown class `quota_exausted` in failure rule 1|did you mean `quota_exhausted`?",
        ),
        (
            "{status: 412, class: cost_exceeded}",
            "3:46: failure rule 1 cannot give the class `cost_exceeded`|it is a reason of the resolver, not an answer of a provider",
        ),
        (
            "{status: 412, class: cancelled}",
            "3:46: unknown class `cancelled` in failure rule 1|write `timeout`, `rate_limited`, `quota_exhausted`, `overloaded`, `server_error`, `connect_error`, `auth_failed`, `not_found`, `context_length_exceeded`, `content_filtered` or `invalid_request`",
        ),
        (
            "{status: 4xx, class: overloaded}",
            "3:34: `status` of failure rule 1 must be a whole number, found text|write a whole number from 200 to 599",
        ),
        (
            "{status: [412, 99], class: overloaded}",
            "3:40: `status` of failure rule 1 is out of range|write a whole number from 200 to 599",
        ),
        (
            "{status: [], class: overloaded}",
            "3:34: `status` of failure rule 1 is empty|write at least one entry, or remove the field",
        ),
        (
            "{status: 412, say: limit, class: overloaded}",
            "3:39: unknown field `say` in failure rule 1|did you mean `says`?",
        ),
        (
            "{sttus: 412, class: overloaded}",
            "3:26: unknown field `sttus` in failure rule 1|did you mean `status`?",
        ),
        (
            "{status: 412, says: ' ', class: overloaded}",
            "3:45: `says` of failure rule 1 is empty|remove the field, or fill it",
        ),
        (
            "limits",
            "3:25: failure rule 1 must be a mapping, found text|write it as `key: value` lines, indented",
        ),
        (
            "{status: 412, class: }",
            "3:46: `class` of failure rule 1 must be text, found nothing|write a text, in quotes if it is `null` or `~`",
        ),
    ] {
        let text = format!(
            "model_providers: [{{model: openai/o3}}]\nmodel_aliases: {{}}\nmodel_failure_rules: [  {rule}]\n"
        );
        let error = loading(text).expect_err(rule);
        let found: Vec<String> = error
            .problems()
            .iter()
            .map(|one| {
                let place = one.location().to_string();
                let place = place.strip_prefix("config.yaml:").unwrap_or(&place);
                format!("{place}: {}|{}", one.message(), one.help())
            })
            .collect();
        assert_eq!(found, [expected], "{rule}");
    }
    is_told(
        loading("model_failure_rules: {status: 412}"),
        "config.yaml:1:22: `model_failure_rules` must be a list, found a mapping\n  help: begin each rule with `- `",
    );
    let many = "- {status: 412, class: overloaded}\n".repeat(257);
    is_told(
        loading(format!("model_failure_rules:\n{many}")),
        "config.yaml:2:1: `model_failure_rules` has 257 rules, at most 256 are allowed\n  help: put the statuses or words of one class into one rule",
    );
}

#[test]
fn a_text_over_the_byte_limit() {
    let limits = ReadLimits::new().max_bytes(20);
    let error = Config::from_yaml_with("config.yaml", "model_aliases: {a: b}", limits).unwrap_err();
    assert_eq!(error.problems()[0].code(), Code::TooLarge);
    assert_eq!(
        error.to_string(),
        "config.yaml:1:1: the text has 21 bytes, at most 20 are read\n  \
         help: split the configuration, or raise the byte limit"
    );
}

#[test]
fn a_document_over_its_node_budget() {
    // Nine nodes: the keys, and the values in our sections. The location is the mapping in which the count exceeded the
    // limit.
    let text = "tracing: [1, 2, 3, 4]\nmodel_aliases:\n  a: {target: b}\n  c: d\n";
    let limits = |nodes| ReadLimits::new().max_nodes(nodes);
    assert!(Config::from_yaml_with("config.yaml", text, limits(9)).is_ok());
    let error = Config::from_yaml_with("config.yaml", text, limits(8)).unwrap_err();
    assert_eq!(error.problems()[0].code(), Code::TooManyNodes);
    assert_eq!(
        error.to_string(),
        "config.yaml:3:3: more than 8 keys and values\n  \
         help: split the configuration, or raise the node limit"
    );
}

#[test]
fn variables_without_a_value() {
    let text = "\
model_providers:
  - model: openai/gpt-4o
    access_key: $OPENAI_API_KEY
    headers:
      X-Team: search
      X-Token: ${TEAM_TOKEN}
  - model: vllm/llama3.1
    base_url: $VLLM_URL/v1
";
    let config = read(text).variables(|name| (name == "OPENAI_API_KEY").then(|| "sk-1".to_owned()));
    let codes = codes(&config.check());
    assert_eq!(codes, [Code::UnsetVariable; 2]);
    is_told(
        AliasResolver::new(config),
        "\
config.yaml:6:16: variable `TEAM_TOKEN` is not set
  help: set it where the service runs, or correct its name
config.yaml:8:15: variable `VLLM_URL` is not set
  help: set it where the service runs, or correct its name",
    );
}

#[test]
fn variables_stand_anywhere_in_a_text_and_may_have_defaults() {
    let text = "\
model_providers:
  - model: vllm/llama3.1
    access_key: ${KEY:-sk-local}
    headers: {Authorization: 'Bearer ${TOKEN}', X-Literal: 'a$${b}'}
    base_url: https://${HOST}:${PORT:-8443}/v1
    http_host: ${HOST}
model_aliases:
  near: {target: llama3.1, endpoint: '${NEAR:-http://localhost:8080}/v1'}
";
    let lookup = |name: &str| match name {
        "TOKEN" => Some("t-1".to_owned()),
        "HOST" => Some("llm.example.com".to_owned()),
        "PORT" => Some(String::new()),
        _ => None,
    };
    let config = read(text).variables(lookup);
    assert_eq!(config.check(), []);
    let written = config.to_yaml();
    assert!(written.contains("access_key: ${KEY}"), "{written}");
    assert!(!written.contains("sk-local") && !written.contains("t-1"));
    let resolver = AliasResolver::new(config).unwrap();
    let route = resolver.resolve("vllm/llama3.1").unwrap();
    let provider = route.provider();
    assert_eq!(provider.access_key().unwrap().expose(), Some("sk-local"));
    let headers: Vec<_> = provider
        .headers()
        .map(|(name, value)| (name, value.expose().unwrap()))
        .collect();
    assert_eq!(
        headers,
        [("Authorization", "Bearer t-1"), ("X-Literal", "a${b}")]
    );
    assert_eq!(provider.base_url(), Some("https://llm.example.com:8443/v1"));
    assert_eq!(provider.http_host(), Some("llm.example.com"));
    let near = resolver.resolve("near").unwrap();
    assert_eq!(near.endpoint(), Some("http://localhost:8080/v1"));
    // A default is secret like a literal, so no text shows it.
    assert_eq!(near.target(), "vllm/llama3.1@${NEAR}/v1");
}

#[test]
fn references_stay_for_a_process_that_looks_them_up_itself() {
    let text = "model_providers: [{model: a/b, access_key: 'Basic ${USER}:${PASSWORD}'}]";
    let resolver = AliasResolver::new(read(text)).unwrap();
    let route = resolver.resolve("a/b").unwrap();
    let key = route.provider().access_key().unwrap();
    assert_eq!(key.expose(), None);
    assert!(key.variables().eq(["USER", "PASSWORD"]));
}

#[test]
fn the_value_of_a_variable_is_checked() {
    let text = "\
model_providers:
  - model: vllm/llama3.1
    access_key: $KEY
    base_url: $URL
    headers: {X-Empty: '${EMPTY}'}
";
    let lookup = |name: &str| match name {
        "KEY" => Some("sk-hunter2\n".to_owned()),
        "URL" => Some("localhost:8080".to_owned()),
        _ => Some(String::new()),
    };
    is_told(
        AliasResolver::new(read(text).variables(lookup)),
        "\
error: config.yaml:3:17: the value of `KEY` contains a control character
  help: remove it; it is often a line end that was read with the value
warning: config.yaml:4:15: the value of `URL` makes a URL that cannot be used: it has no scheme
  help: it should read `https://host`, with port and path if needed
warning: config.yaml:5:24: the value of `EMPTY` is empty
  help: set the variable, or write a default as `${NAME:-default}`
1 error and 2 warnings",
    );
}

#[test]
fn members_whose_variables_give_one_url_are_a_warning() {
    let text = "\
model_providers:
  - model: vllm/llama3.1
model_aliases:
  both:
    targets:
      - {model: llama3.1, endpoint: $ONE, weight: 50}
      - {model: llama3.1, endpoint: $TWO, weight: 50}
";
    assert_eq!(read(text).check(), []);
    let config = read(text).variables(|_| Some("https://h".to_owned()));
    let problems = config.check();
    assert_eq!(codes(&problems), [Code::SameEndpoint]);
    assert_eq!(
        problems[0].to_string(),
        "config.yaml:7:17: target `llama3.1` in alias `both` has the same `endpoint` as the one at 6:17\n  \
         help: the variables give one URL; give each target its own, or merge the two"
    );
    let config = read(text).variables(|name| Some(format!("https://{name}")));
    assert_eq!(config.check(), []);
}

#[test]
fn variables_of_endpoints() {
    let text = "\
model_providers:
  - model: vllm/llama3.1
model_aliases:
  near: {target: llama3.1, endpoint: $NEAR/v1}
  chain:
    targets:
      - {model: llama3.1, endpoint: 'https://one.example.com'}
    fallbacks:
      - {target: llama3.1, endpoint: '${FAR}'}
";
    let known = |name: &str| (name == "NEAR").then(|| "https://near.example.com".to_owned());
    is_told(
        AliasResolver::new(read(text).variables(known)),
        "\
config.yaml:9:28: variable `FAR` is not set
  help: set it where the service runs, or correct its name",
    );
    let resolver = AliasResolver::new(
        read(text).variables(|name| known(name).or(Some("http://far".to_owned()))),
    );
    let resolver = resolver.unwrap();
    let near = resolver.resolve("near").unwrap();
    assert_eq!(near.endpoint(), Some("https://near.example.com/v1"));
    // The target's text is as written in the file, so it is the same wherever the service runs.
    assert_eq!(near.target(), "vllm/llama3.1@$NEAR/v1");
    let mut call = resolver.attempts("chain").unwrap();
    assert!(call.failed(FailureClass::Timeout));
    assert_eq!(call.endpoint(), Some("http://far"));
    call.succeeded();
    // Written back as it was.
    let again = read(read(text).variables(known).to_yaml());
    assert_eq!(again.check().len(), 0);
    let resolver = AliasResolver::new(again).unwrap();
    assert_eq!(
        resolver.resolve("near").unwrap().endpoint(),
        Some("$NEAR/v1")
    );
}

#[test]
fn a_default_for_unknown_names_that_is_not_there() {
    let text = "# No default here.\nmodel_providers:\n  - model: openai/gpt-4o\n";
    for (policy, word) in [
        (UnknownNames::DefaultProvider, "default_provider"),
        (UnknownNames::DefaultModel, "default_model"),
    ] {
        let result = AliasResolver::builder(read(text))
            .unknown_names(policy)
            .build();
        let codes = codes(result.as_ref().unwrap_err().problems());
        assert_eq!(codes, [Code::MissingDefault]);
        is_told(
            result,
            &format!(
                "config.yaml:2:1: unknown names go to `{word}`, but no provider is the default\n  \
                 help: write `default: true` on one provider"
            ),
        );
    }
}

#[test]
fn an_overlay_that_removes_what_is_not_there() {
    let base = read("model_providers: [{model: openai/gpt-4o}]\nmodel_aliases: {chat: gpt-4o}\n");
    let overlay = "model_aliases:\n  chat: gpt-4o\n  old-chat: ~\n";
    let config = base.overlay(Config::from_yaml("production.yaml", overlay).unwrap());
    let codes = codes(&config.check());
    assert_eq!(codes, [Code::UnknownRemoval]);
    is_told(
        AliasResolver::new(config),
        "production.yaml:3:3: the overlay removes alias `old-chat`, which does not exist\n  \
         help: remove the line, or correct the name",
    );
}

/// Problems of two documents come in the order of the documents, and each names its own document.
#[test]
fn problems_of_a_base_and_an_overlay() {
    let base =
        read("model_providers: [{model: openai/gpt-4o}]\nmodel_aliases:\n  chat: gpt-5\n  a: b\n");
    let overlay = "model_aliases:\n  b: a\n  fast: gpt-4\n";
    let config = base.overlay(Config::from_yaml("production.yaml", overlay).unwrap());
    is_told(
        AliasResolver::new(config),
        "\
config.yaml:3:9: unknown target `gpt-5` in alias `chat`
  help: declare the model in `model_providers`
config.yaml:4:3: alias cycle: `a` → `b` → `a`
  help: point one of them at a model from `model_providers`
production.yaml:3:9: unknown target `gpt-4` in alias `fast`
  help: did you mean `gpt-4o`?",
    );
}

/// Texts that are not YAML. The line with the mistake may hold a key, so the error shows nothing of it except the
/// invalid character.
#[test]
fn texts_that_are_no_yaml() {
    for (text, expected) in [
        ("a: [", "2:1: a value is expected here, inside brackets"),
        (
            "a: {b: c\nd: e\n",
            "2:2: `,` or `}` is expected here; the bracket opens at 1:4",
        ),
        (
            "a: [b, {c: d, e: [f g: h}]\n",
            "1:25: `,` or `]` is expected here; the bracket opens at 1:18",
        ),
        (
            "a: [b,, c]\n",
            "1:7: a value is expected here, inside brackets",
        ),
        ("a:\n  b: 'sk-live\n  c: d\n", "2:6: a quote is not closed"),
        ("a:\n  b: \"sk-live\n...\n", "2:6: a quote is not closed"),
        (
            "a: \"C:\\models\"\n",
            "1:7: the characters after this `\\` are not a valid escape",
        ),
        ("a: @sk-live\n", "1:4: no value can begin with `@`"),
        ("a: `b`\n", "1:4: no value can begin with `\\``"),
        ("a:\n\tb: c\n", "2:1: a tab stands where YAML wants spaces"),
        ("a: |\n\tb\n", "2:1: a tab stands where YAML wants spaces"),
        ("a: *\n", "1:4: a name is expected behind `*`"),
        ("a: &\n", "1:4: a name is expected behind `&`"),
        (
            "a:\n  b: c\nmodel_aliases:\n  d: *e\n",
            "4:6: a YAML alias refers to an anchor that is not defined before it",
        ),
        ("a:\n  b: c\n d: e\n", "3:2: a key is expected here"),
        ("a:\n  b: \"c\" d\n", "2:10: a key is expected here"),
        (
            "a:\n  - b\n  c: d\n",
            "3:3: an item of the list is expected here",
        ),
        (
            "a:\n  b: c\n  sk-live\n  d: e\n",
            "3:3: a `:` is missing after a key",
        ),
        ("a: b: c\n", "1:5: a `:` is not expected here"),
        (
            "a: |x\n  b\n",
            "1:5: the text after `|` or `>` cannot begin here",
        ),
        ("a: - b\n", "1:4: a list cannot begin here"),
        ("a: ]\n", "1:4: a value is expected here"),
        ("a: !<b c\n", "1:4: a YAML tag cannot be read"),
        (
            "%YAML 3.0\n---\na: b\n",
            "1:1: a YAML directive cannot be read",
        ),
        (
            "a: b\n...\n# c\n---\n# d\n\ne: f\n",
            "4:1: a second document begins here",
        ),
        (
            "---\na: b\n...\ne: f\n",
            "4:1: a second document begins here",
        ),
        ("model_aliases:\n  [a, b]: c\n", "2:3: a key must be text"),
    ] {
        let error = Config::from_yaml("config.yaml", text).unwrap_err();
        let first = error.to_string().lines().next().unwrap().to_owned();
        assert_eq!(first, format!("config.yaml:{expected}"), "{text:?}");
        super::is_in_style(&error.problems()[0]);
    }
}

#[test]
fn a_byte_order_mark_takes_no_column() {
    for (text, expected) in [
        (&b"\xef\xbb\xbfa: \xff\n"[..], "config.yaml:1:4: "),
        (b"\xef\xbb\xbfa: \x07\n", "config.yaml:1:4: "),
        (b"\xef\xbb\xbfa: @\n", "config.yaml:1:4: "),
    ] {
        let error = Config::from_yaml("config.yaml", text)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

/// The error of each alias in a small configuration.
#[test]
fn single_mistakes_in_an_alias() {
    for (alias, expected) in [
        (
            "chat: GPT-4O",
            "4:9: unknown target `GPT-4O` in alias `chat`|did you mean `gpt-4o`?",
        ),
        (
            "chat: azure/o3",
            "4:9: unknown target `azure/o3` in alias `chat`|did you mean `o3`?",
        ),
        (
            "chat: together/*",
            "4:9: unknown target `together/*` in alias `chat`|declare the model in `model_providers`",
        ),
        (
            "chat: groq/*",
            "4:9: target `groq/*` in alias `chat` is a wildcard|write one model of that provider",
        ),
        (
            "chat: {targets: [{model: o3, weight: 33.333333333333336}]}",
            "4:40: a weight in alias `chat` has more than 15 digits|write a plain number, without quotes or a percent sign",
        ),
        (
            "chat: {targets: [{model: o3, weight: 99.999}]}",
            "4:40: a weight in alias `chat` has more than two decimals|write a percentage from 0 to 100",
        ),
        (
            "chat: {targets: [{model: o3, weight: -1}]}",
            "4:40: a weight in alias `chat` is negative|write a percentage from 0 to 100",
        ),
        (
            "chat: {targets: [{model: o3, weight: 99}]}",
            "4:10: weights of alias `chat` sum to 99, expected 100|`o3` has 99; 1 is missing",
        ),
        (
            "chat: {targets: [{model: o3, weight: 50}, {model: o3, weight: 50}]}",
            "4:53: duplicate target `o3` in alias `chat`, first listed at 4:28|merge the two; for an A/A test declare the model twice, each entry with a `name`",
        ),
        (
            "chat: {target: o3, max_attempts: 2.5}",
            "4:36: `max_attempts` of alias `chat` is not a whole number|write a whole number from 1 to 8",
        ),
        (
            "chat: {target: o3, fallbacks: o3}",
            "4:33: `fallbacks` of alias `chat` must be a list, found text|begin each entry with `- `",
        ),
        (
            "chat: [o3]",
            "4:9: alias `chat` must be a reference or a mapping, found a list|write `target:` or `targets:` below the name",
        ),
        (
            "chat: 4",
            "4:9: `target` of alias `chat` must be text, found a number|put it in quotes",
        ),
        (
            "<<: {chat: o3}\n  <<: {fast: o3}",
            "5:3: duplicate merge key in `model_aliases`, first defined at 4:3|rename or remove one of the two",
        ),
        (
            "fast: o3\n  chat: {target: fast, params:\n    {temperature: 0}}",
            "5:24: `params` in alias `chat` cannot apply to `fast`, which is an alias|write it in the targets of `fast`",
        ),
    ] {
        let text = format!(
            "model_providers: [{{model: openai/gpt-4o}}, {{model: openai/o3}}, {{model: groq/*}}]\n\n\
             model_aliases:\n  {alias}\n"
        );
        let (message, help) = expected.split_once('|').unwrap();
        is_told(
            loading(&text),
            &format!("config.yaml:{message}\n  help: {help}"),
        );
    }
}

#[test]
fn a_list_that_is_too_long_says_how_it_ends() {
    let names: Vec<String> = (0..1_001).map(|at| at.to_string()).collect();
    let text = format!("model_aliases:\n  {}:\n", names.join(":\n  "));
    let error = loading(text).unwrap_err();
    let expected = "\
error: config.yaml:1001:3: alias `999` has no value
  help: write a target; only an overlay removes an alias with `~`
warning: config.yaml:1001:3: the list ends here and leaves out 1 problem
  help: correct these first
1000 errors and 1 warning";
    assert!(error.to_string().ends_with(expected), "{error}");
}
