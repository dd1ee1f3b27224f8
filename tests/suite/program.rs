//! The tool `aliases`, run as a user runs it: whole outputs and exit codes.

mod routing;
mod views;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use model_aliases::{AliasResolver, Config};
use serde_json::{Value, json};

/// Returns the path of the program that `cargo test` built beside this test.
///
/// `cargo test --test suite` alone does not build examples, so the program may be missing or out of date.
pub(crate) fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(Path::parent).unwrap();
    let name = format!("aliases{}", std::env::consts::EXE_SUFFIX);
    let path = built.join("examples").join(name);
    let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    let sources = [root().join("examples/aliases"), root().join("src")];
    let newest = sources.iter().flat_map(|folder| files_below(folder));
    // A change to the book does not rebuild the program, since no program contains the book.
    let newest = newest.filter(|file| !file.ends_with("src/book.rs"));
    let newest = newest.filter_map(|file| changed(&file)).max();
    assert!(
        changed(&path) >= newest,
        "the example is missing or older than its sources: run `cargo test`, or build the examples"
    );
    path
}

/// Every file in a folder and its subfolders.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The result of a run.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs the program in a folder, without environment variables.
pub(crate) fn run_in(folder: &Path, arguments: &[&str], input: &[u8]) -> Outcome {
    let mut child = Command::new(program())
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The inputs here fit into a pipe's buffer, so neither side blocks.
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    Outcome {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The root of the package, where README's commands run.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Creates a folder with some files for one test.
fn folder(test: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    folder
}

#[track_caller]
fn expect(outcome: &Outcome, code: i32, out: &str, err: &str) {
    assert_eq!(outcome.out, out);
    assert_eq!(outcome.err, err);
    assert_eq!(outcome.code, Some(code));
}

/// Parses one JSON value per line.
fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

const GOOD: &str = "\
model_providers:
  - {model: openai/gpt-4o-mini, base_url: 'https://user:hush@api.example.com/v1?key=hush'}
  - {model: openai/gpt-4o, access_key: hush}
  - {model: azure_openai/gpt-4o, name: azure}
  - {model: anthropic/*}
model_aliases:
  chat: gpt-4o-mini
  chat.latest: {target: chat, description: the best we have}
  old: {target: azure, deprecated: {replacement: chat}}
  gone: {target: azure, deprecated: {}}
  secret: {target: azure, endpoint: 'https://u:hush@eu.example.com/?k=hush', hidden: true}
  split: {targets: [{model: chat, weight: 0}, {model: azure, weight: 100}]}
";

const BAD: &str = "\
model_providers:
  - {model: openai/gpt-4o, access_key: hush, base_ur: 'https://hush'}
model_aliases:
  chat: gpt-4
  loop: {target: loop}
";

const BROKEN: &str = "model_aliases: [\n";

#[test]
fn check_prints_each_problem_and_a_summary_for_each_file() {
    let folder = folder(
        "check",
        &[
            ("good.yaml", GOOD),
            ("bad.yaml", BAD),
            ("broken.yaml", BROKEN),
        ],
    );
    let arguments = ["check", "good.yaml", "bad.yaml", "broken.yaml"];
    expect(
        &run_in(&folder, &arguments, b""),
        1,
        "\
good.yaml: no problems
bad.yaml:2:46: warning[misspelt-field]: field `base_ur` of a provider is not read
  help: did you mean `base_url`?
bad.yaml:4:9: error[unknown-target]: unknown target `gpt-4` in alias `chat`
  help: did you mean `gpt-4o`?
bad.yaml:5:3: error[alias-cycle]: alias cycle: `loop` → `loop`
  help: point it at a model from `model_providers`
bad.yaml: 2 errors and 1 warning
broken.yaml:2:1: error[invalid-yaml]: a value is expected here, inside brackets
  help: close the bracket, or remove a comma
broken.yaml: 1 error
",
        "",
    );
}

#[test]
fn check_succeeds_with_warnings_only() {
    let outcome = run_in(root(), &["check", "examples/config.yaml"], b"");
    expect(
        &outcome,
        0,
        "\
examples/config.yaml:212:26: warning[unchecked-content]: nothing checks the category `jailbreak` of alias `arch.reasoning.v1`
  help: register a check for it; until then such content passes
examples/config.yaml:214:17: warning[unchecked-content]: nothing checks the content filter `profanity` of alias `arch.reasoning.v1`
  help: register a check for it; until then such content passes
examples/config.yaml:224:29: warning[unpriced-target]: alias `support-desk` limits the cost, but `anthropic/claude-haiku-4-5` has no price
  help: write `pricing` for it; without one it is refused, or goes unchecked under `on_unverifiable: allow`
examples/config.yaml: 3 warnings
",
        "",
    );
}

#[test]
fn check_writes_one_object_for_each_problem() {
    let folder = folder("check-json", &[("good.yaml", GOOD), ("bad.yaml", BAD)]);
    let outcome = run_in(&folder, &["check", "--json", "good.yaml", "bad.yaml"], b"");
    assert_eq!((outcome.code, &*outcome.err), (Some(1), ""));
    let found = lines(&outcome.out);
    assert_eq!(found.len(), 3);
    assert_eq!(
        found[1],
        json!({
            "config": "bad.yaml", "severity": "error", "code": "unknown-target",
            "source": "bad.yaml", "line": 4, "column": 9,
            "message": "unknown target `gpt-4` in alias `chat`",
            "help": "did you mean `gpt-4o`?",
        })
    );
    assert_eq!(found[0]["severity"], "warning");
}

#[test]
fn check_goes_on_behind_a_file_that_cannot_be_read() {
    let folder = folder("check-missing", &[("good.yaml", GOOD), ("bad.yaml", BAD)]);
    let outcome = run_in(
        &folder,
        &["check", "missing.yaml", "bad.yaml", "good.yaml"],
        b"",
    );
    assert_eq!(outcome.code, Some(2));
    assert!(
        outcome
            .out
            .ends_with("bad.yaml: 2 errors and 1 warning\ngood.yaml: no problems\n")
    );
    assert!(outcome.err.starts_with("error: cannot read missing.yaml: "));
}

#[test]
fn overlays_are_laid_over_each_configuration() {
    let folder = folder(
        "overlays",
        &[
            ("good.yaml", GOOD),
            (
                "one.yaml",
                "model_aliases: {chat: gpt-4o-mini, only: azure, old: ~}\n",
            ),
            ("two.yaml", "model_aliases: {chat: openai/gpt-4o}\n"),
            ("bad.yaml", "model_aliases: {chat: gpt-40}\n"),
        ],
    );
    // The last file is the top overlay; options may stand anywhere.
    for arguments in [
        [
            "resolve",
            "--overlay",
            "one.yaml",
            "good.yaml",
            "--overlay=two.yaml",
            "chat",
            "old",
        ],
        [
            "resolve",
            "good.yaml",
            "chat",
            "old",
            "--overlay=one.yaml",
            "--overlay",
            "two.yaml",
        ],
    ] {
        expect(
            &run_in(&folder, &arguments, b""),
            1,
            "chat → openai/gpt-4o\nold → error[unknown-name]: unknown model `old`\n",
            "",
        );
    }
    // A problem names the file that contains it; the summary names the file of the command.
    let outcome = run_in(
        &folder,
        &["check", "good.yaml", "--overlay", "bad.yaml"],
        b"",
    );
    expect(
        &outcome,
        1,
        "\
bad.yaml:1:23: error[unknown-target]: unknown target `gpt-40` in alias `chat`
  help: did you mean `gpt-4o`?
good.yaml: 1 error
",
        "",
    );
    let listed = run_in(
        &folder,
        &["list", "--overlay", "one.yaml", "good.yaml"],
        b"",
    );
    assert!(listed.out.contains("\nonly "));
    assert!(!listed.out.contains("\nold "));
}

#[test]
fn resolve_prints_one_line_for_each_name() {
    let folder = folder("resolve", &[("good.yaml", GOOD)]);
    let outcome = run_in(
        &folder,
        &[
            "resolve",
            "good.yaml",
            "chat.latest",
            "azure",
            "old",
            "gone",
            "secret",
            "split",
            "anthropic/claude x",
            "gpt-4o",
            "nobody",
            "anthropic/*",
        ],
        b"",
    );
    expect(
        &outcome,
        1,
        "\
chat.latest → chat → openai/gpt-4o-mini  (at https://api.example.com/v1)
azure → azure  (model gpt-4o)
old → azure  (model gpt-4o; deprecated, use chat)
gone → azure  (model gpt-4o; deprecated)
secret → azure@https://eu.example.com/  (model gpt-4o)
split → azure  (model gpt-4o; drawn from the 2 targets of split)
\"anthropic/claude x\" → \"anthropic/claude x\"
gpt-4o → error[ambiguous-name]: model `gpt-4o` is ambiguous: `openai/gpt-4o` or `azure_openai/gpt-4o`
nobody → error[unknown-name]: unknown model `nobody`
anthropic/* → error[unknown-name]: unknown model `anthropic/*`
",
        "",
    );
}

#[test]
fn resolve_writes_one_object_for_each_name() {
    let folder = folder("resolve-json", &[("good.yaml", GOOD)]);
    let names = ["chat.latest", "azure", "anthropic/claude", "nobody"];
    let outcome = run_in(
        &folder,
        &[&["resolve", "--json", "good.yaml"], &names[..]].concat(),
        b"",
    );
    assert_eq!((outcome.code, &*outcome.err), (Some(1), ""));
    assert_eq!(
        lines(&outcome.out),
        [
            json!({
                "asked": "chat.latest", "found": true, "alias_path": ["chat.latest", "chat"],
                "provider": "openai/gpt-4o-mini", "model": "gpt-4o-mini",
                "endpoint": "https://api.example.com/v1", "error": null,
            }),
            json!({
                "asked": "azure", "found": true, "alias_path": [], "provider": "azure",
                "model": "gpt-4o", "endpoint": null, "error": null,
            }),
            json!({
                "asked": "anthropic/claude", "found": true, "alias_path": [],
                "provider": "anthropic/*", "model": "claude", "endpoint": null, "error": null,
            }),
            json!({
                "asked": "nobody", "found": false, "alias_path": [], "provider": null,
                "model": null, "endpoint": null,
                "error": {"code": "unknown-name", "message": "unknown model `nobody`"},
            }),
        ]
    );
}

#[test]
fn names_from_standard_input_are_taken_as_they_stand() {
    let folder = folder("stdin", &[("good.yaml", GOOD)]);
    let input = b"chat\n\n chat\nchat\r\nanthropic/\xff\n-\n\"quoted\"\nanthropic/last";
    let outcome = run_in(
        &folder,
        &["resolve", "good.yaml", "azure", "-", "old", "--json"],
        input,
    );
    assert_eq!((outcome.code, &*outcome.err), (Some(1), ""));
    let answers: Vec<_> = lines(&outcome.out)
        .iter()
        .map(|line| {
            let error = line["error"]["code"].as_str().unwrap_or("-").to_owned();
            (line["asked"].as_str().unwrap().to_owned(), error)
        })
        .collect();
    let expected = [
        ("azure", "-"),
        ("chat", "-"),
        ("", "unknown-name"),
        (" chat", "unknown-name"),
        ("chat\r", "unknown-name"),
        ("anthropic/\u{fffd}", "invalid-utf8"),
        ("-", "unknown-name"),
        ("\"quoted\"", "unknown-name"),
        ("anthropic/last", "-"),
        ("old", "-"),
    ];
    assert_eq!(
        answers,
        expected.map(|(asked, error)| (asked.to_owned(), error.to_owned()))
    );
    // The text output prints the same names readably, one line each.
    let outcome = run_in(
        &folder,
        &["resolve", "good.yaml", "-"],
        b"\nchat\r\n\x1b[1m",
    );
    expect(
        &outcome,
        1,
        "\
\"\" → error[unknown-name]: unknown model ``
\"chat\\r\" → error[unknown-name]: unknown model `chat\\r`
\"\\u{1b}[1m\" → error[unknown-name]: unknown model `\\u{1b}[1m`
",
        "",
    );
    // No lines, no names, no error.
    expect(
        &run_in(&folder, &["resolve", "good.yaml", "-"], b""),
        0,
        "",
        "",
    );
}

#[test]
fn a_name_may_begin_with_a_hyphen() {
    let folder = folder(
        "hyphen",
        &[(
            "dash.yaml",
            "model_providers: [{model: a/b}]\nmodel_aliases: {-x: b, --json: b}\n",
        )],
    );
    let outcome = run_in(
        &folder,
        &["resolve", "dash.yaml", "--", "-x", "--json"],
        b"",
    );
    expect(&outcome, 0, "-x → a/b\n--json → a/b\n", "");
    assert_eq!(
        run_in(&folder, &["resolve", "dash.yaml", "-x"], b"").code,
        Some(2)
    );
}

#[test]
fn list_shows_models_and_visible_aliases() {
    let folder = folder("list", &[("good.yaml", GOOD)]);
    expect(
        &run_in(&folder, &["list", "good.yaml"], b""),
        0,
        "\
openai/gpt-4o-mini  openai
openai/gpt-4o       openai
azure               azure_openai
chat                alias
chat.latest         alias         the best we have
old                 alias         (deprecated, use chat)
gone                alias         (deprecated)
split               alias
",
        "",
    );
    let outcome = run_in(&folder, &["list", "good.yaml", "--json"], b"");
    assert_eq!((outcome.code, &*outcome.err), (Some(0), ""));
    let listed: Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(listed["object"], "list");
    assert_eq!(listed["data"].as_array().unwrap().len(), 8);
    assert_eq!(
        listed["data"][5],
        json!({
            "id": "old", "object": "model", "created": 0, "owned_by": "alias",
            "deprecated": {"replacement": "chat"},
        })
    );
}

#[test]
fn a_configuration_with_errors_answers_nothing() {
    let folder = folder("refused", &[("bad.yaml", BAD), ("broken.yaml", BROKEN)]);
    for command in [
        &["resolve", "bad.yaml", "chat"][..],
        &["list", "bad.yaml"][..],
    ] {
        let outcome = run_in(&folder, command, b"");
        assert_eq!((outcome.code, &*outcome.out), (Some(1), ""));
        assert!(
            outcome
                .err
                .contains("bad.yaml:4:9: error[unknown-target]: "),
            "{}",
            outcome.err
        );
    }
    expect(
        &run_in(&folder, &["list", "broken.yaml"], b""),
        1,
        "",
        "\
broken.yaml:2:1: error[invalid-yaml]: a value is expected here, inside brackets
  help: close the bracket, or remove a comma
",
    );
}

#[test]
fn wrong_use_and_unreadable_files_exit_with_two() {
    let folder = folder("use", &[("good.yaml", GOOD)]);
    for arguments in [
        &[][..],
        &["check"],
        &["frobnicate"],
        &["check", "--nonsense", "good.yaml"],
        &["check", "missing.yaml"],
        &["check", "good.yaml", "--overlay"],
        &["check", "good.yaml", "--overlay", "missing.yaml"],
        &["resolve", "good.yaml"],
        &["resolve", "missing.yaml", "chat"],
        &["list"],
        &["list", "."],
        &["list", "good.yaml", "good.yaml"],
    ] {
        let outcome = run_in(&folder, arguments, b"");
        assert_eq!(
            (outcome.code, &*outcome.out),
            (Some(2), ""),
            "{arguments:?}"
        );
        assert!(!outcome.err.is_empty(), "{arguments:?}");
    }
    assert_eq!(run_in(&folder, &["--help"], b"").code, Some(0));
}

#[test]
fn no_secret_is_printed() {
    let folder = folder("secrets", &[("good.yaml", GOOD), ("bad.yaml", BAD)]);
    for arguments in [
        &["check", "good.yaml", "bad.yaml"][..],
        &["check", "--json", "good.yaml", "bad.yaml"],
        &["resolve", "good.yaml", "chat", "secret", "openai/gpt-4o"],
        &["resolve", "--json", "good.yaml", "chat", "secret"],
        &["list", "good.yaml"],
        &["list", "--json", "good.yaml"],
    ] {
        let Outcome { out, err, .. } = run_in(&folder, arguments, b"");
        assert!(!out.is_empty());
        assert!(!out.contains("hush") && !err.contains("hush"), "{out}{err}");
    }
}

#[test]
fn a_reader_that_leaves_is_no_panic() {
    let folder = folder(
        "pipe",
        &[("good.yaml", GOOD), ("names", &"chat\n".repeat(50_000))],
    );
    let mut child = Command::new(program())
        .args(["resolve", "good.yaml", "-"])
        .current_dir(&folder)
        .stdin(File::open(folder.join("names")).unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The remaining output exceeds the pipe's buffer.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(0));
}

/// The example configuration, with an overlay if one is given.
fn example(overlay: Option<&str>) -> Config {
    let read = |name: &str| {
        let text = fs::read(root().join("examples").join(name)).unwrap();
        Config::from_yaml(name, text).unwrap()
    };
    let base = read("config.yaml");
    match overlay {
        Some(name) => base.overlay(read(name)),
        None => base,
    }
}

#[test]
fn the_example_configuration_answers_what_it_promises() {
    let config = example(None);
    let resolver = AliasResolver::new(config.clone()).unwrap();
    let route = resolver.resolve("arch.summarize.v1").unwrap();
    assert_eq!(route.target(), "openai/gpt-4o-mini");
    let route = resolver.resolve("arch.reasoning.v1").unwrap();
    assert_eq!(route.guardrails().count(), 1);
    assert!(route.provider().pricing().is_some());
    for alias in config.aliases() {
        assert!(resolver.resolve(alias.name()).is_ok(), "{}", alias.name());
    }
    let written = Config::from_yaml("written.yaml", config.to_yaml_with_secrets());
    assert!(written.is_ok_and(|written| written == config));
}

#[test]
fn the_staging_overlay_replaces_removes_and_adds() {
    let resolver = AliasResolver::new(example(Some("staging.yaml"))).unwrap();
    let target = |asked: &str| {
        resolver
            .resolve(asked)
            .map(|r| r.target().into_owned())
            .ok()
    };
    assert_eq!(target("arch.reasoning.v1").as_deref(), Some("ollama/qwen3"));
    assert_eq!(target("staging-only").as_deref(), Some("ollama/qwen3"));
    assert_eq!(target("arch.experimental.v1"), None);
    let route = resolver.resolve("arch.summarize.v1").unwrap();
    assert_eq!(route.endpoint(), Some("http://mock.internal:8080/v1"));
    let default: Vec<_> = resolver.providers().filter(|p| p.is_default()).collect();
    assert_eq!(default.len(), 1);
    assert_eq!(default[0].model(), "ollama/qwen3");
}

/// Every word of the format appears in the example as a key or a value.
#[test]
fn the_example_configuration_uses_every_part_of_the_grammar() {
    let text = fs::read_to_string(root().join("examples/config.yaml")).unwrap()
        + &fs::read_to_string(root().join("examples/staging.yaml")).unwrap();
    let code: String = text
        .lines()
        .map(|line| line.split(" #").next().unwrap_or_default())
        .filter(|line| !line.starts_with('#'))
        .collect::<Vec<_>>()
        .join("\n");
    let words: Vec<&str> = code
        .split(|c: char| c.is_whitespace() || "{}[],".contains(c))
        .collect();
    let sections = [
        "model_providers:",
        "llm_providers:",
        "model_aliases:",
        "tracing:",
    ];
    let provider = [
        "model:",
        "name:",
        "provider:",
        "provider_interface:",
        "access_key:",
        "base_url:",
        "http_host:",
        "default:",
        "passthrough_auth:",
        "internal:",
        "headers:",
        "pricing:",
        "input:",
        "output:",
        "context_window:",
        "routing_preferences:",
        "<<:",
        "'*'",
        "anthropic/*",
        "gemini/*",
        "$OPENAI_API_KEY",
        "$",
    ];
    let alias = [
        "target:",
        "targets:",
        "weight:",
        "load_balance:",
        "algorithm:",
        "fallbacks:",
        "conditions:",
        "guardrails:",
        "endpoint:",
        "params:",
        "timeout:",
        "redistribute:",
        "sticky:",
        "salt:",
        "max_attempts:",
        "description:",
        "hidden:",
        "deprecated:",
        "replacement:",
        "sunset:",
        "message:",
        "max_latency:",
        "max_cost_per_request:",
        "on_unverifiable:",
        "mode:",
        "block_categories:",
        "content_filters:",
        "type:",
        "action:",
        "~",
        "99.5",
        "0.5",
        "0",
    ];
    let values = [
        "round_robin",
        "least_connections",
        "weighted",
        "sticky",
        "timeout",
        "rate_limited",
        "quota_exhausted",
        "quota_exceeded",
        "overloaded",
        "server_error",
        "connect_error",
        "auth_failed",
        "not_found",
        "context_length_exceeded",
        "content_filtered",
        "cost_exceeded",
        "latency_exceeded",
        "not_allowed",
        "transient",
        "any",
        "429",
        "5xx",
        "primary_failed",
        "primary_and_first_fallback_failed",
        "all_previous_failed",
    ];
    for word in [&sections[..], &provider, &alias, &values].concat() {
        assert!(
            words.contains(&word),
            "nothing in the example shows `{word}`"
        );
    }
}

const BEFORE: &str = "\
model_providers: [{model: openai/gpt-4o}, {model: openai/o1}, {model: ollama/llama3.1}]
model_aliases:
  chat: {targets: [{model: gpt-4o, weight: 90}, {model: o1, weight: 5}, {model: llama3.1, weight: 5}]}
  half: {targets: [{model: chat, weight: 50}, {model: o1, weight: 50}]}
  plain: o1
";

const AFTER: &str = "\
model_providers: [{model: openai/gpt-4o}, {model: openai/o1}, {model: ollama/llama3.1}]
model_aliases:
  chat: {targets: [{model: o1, weight: 10}, {model: gpt-4o, weight: 80}, {model: llama3.1, weight: 10}]}
  half: {targets: [{model: chat, weight: 50}, {model: o1, weight: 50}]}
  plain: gpt-4o
";

#[test]
fn moved_shows_what_a_change_of_weights_moves() {
    let folder = folder("moved", &[("old.yaml", BEFORE), ("new.yaml", AFTER)]);
    expect(
        &run_in(&folder, &["moved", "old.yaml", "new.yaml"], b""),
        0,
        "\
chat  moved 10.00%
  openai/gpt-4o → openai/o1  5.00%
  openai/gpt-4o → ollama/llama3.1  5.00%
half  moved 5.00%
  openai/gpt-4o → openai/o1  2.50%
  openai/gpt-4o → ollama/llama3.1  2.50%
plain  moved 100.00%
  openai/o1 → openai/gpt-4o  100.00%
",
        "",
    );
    let json = run_in(&folder, &["moved", "--json", "old.yaml", "new.yaml"], b"");
    assert_eq!(
        lines(&json.out)[1],
        json!({"alias": "half", "moved": "0.05", "flows": [
            {"from": "openai/gpt-4o", "to": "openai/o1", "share": "0.025"},
            {"from": "openai/gpt-4o", "to": "ollama/llama3.1", "share": "0.025"},
        ]})
    );
    expect(
        &run_in(&folder, &["moved", "old.yaml", "old.yaml"], b""),
        0,
        "",
        "",
    );
}

#[test]
fn simulate_shows_shares_and_counts() {
    let folder = folder("simulate", &[("config.yaml", BEFORE)]);
    let half = ["simulate", "config.yaml", "half", "-n", "1000"];
    expect(
        &run_in(&folder, &[&half[..], &["--seed", "7"]].concat(), b""),
        0,
        "\
target             share  got
openai/gpt-4o     45.00%  481  ####################
openai/o1         52.50%  496  ####################
ollama/llama3.1    2.50%   23  #
",
        "",
    );
    expect(
        &run_in(&folder, &[&half[..], &["--sticky"]].concat(), b""),
        0,
        "\
target             share  got
openai/gpt-4o     45.00%  454  ###################
openai/o1         52.50%  528  ######################
ollama/llama3.1    2.50%   18  #
",
        "",
    );
    let json = run_in(&folder, &[&half[..], &["--json"]].concat(), b"");
    let rows = lines(&json.out);
    assert_eq!(rows[0]["share"], "0.45");
    assert_eq!(
        rows.iter().filter_map(|r| r["got"].as_u64()).sum::<u64>(),
        1000
    );
    expect(
        &run_in(&folder, &["simulate", "config.yaml", "nobody"], b""),
        1,
        "",
        "error: unknown model `nobody`\n",
    );
}
