//! `aliases test`: outputs, exit codes, and XML that others read.

use std::fs;

use quick_junit::{Report, TestCaseStatus, XmlString};

use super::{expect, folder, lines, root, run_in};

const CONFIG: &str = "\
model_providers: [{model: openai/gpt-4o}, {model: ollama/llama3.1}]
model_aliases:
  chat: {target: gpt-4o, fallbacks: [{target: llama3.1, conditions: [timeout]}]}
";

const SECTION: &str = "\
model_alias_tests:
  - {resolve: chat, expect: openai/gpt-4o}
  - {resolve: chat, after: [timeout], expect: ollama/llama3.1}
";

const WRONG: &str = "\
model_alias_tests:
  - {name: 'a <b> & \"c\"', resolve: chat, expect: ollama/llama3.1}
  - {resolve: chat, after: [429], expect_error: exhausted}
";

const WRONG_SAYS: &str = "\
wrong.yaml:2:5: `chat` does not go where it should
expected: `ollama/llama3.1`
found: `chat`
  chat
    -  openai/gpt-4o    100.00%  the only target
    1. ollama/llama3.1    0.00%  not needed: a fallback for [timeout]
  next: openai/gpt-4o 100.00%
";

const MISTAKEN: &str = "model_alias_tests: [{resolve: chat, expcet: openai/gpt-4o}]\n";

fn files(test: &str) -> std::path::PathBuf {
    let whole = format!("{CONFIG}{SECTION}");
    let staging = "model_aliases: {chat: llama3.1}\n\
                   model_alias_tests:\n  - {resolve: chat, expect: ollama/llama3.1}\n";
    folder(
        test,
        &[
            ("bare.yaml", CONFIG),
            ("whole.yaml", &whole),
            ("tests.yaml", SECTION),
            ("wrong.yaml", WRONG),
            ("staging.yaml", staging),
            ("mistaken.yaml", MISTAKEN),
            (
                "typo.yaml",
                "model_alias_test: [{resolve: chat, expect: x}]\n",
            ),
        ],
    )
}

#[test]
fn tests_run_from_the_configuration_or_from_files() {
    let folder = files("test");
    let right = "test chat … ok\ntest chat after timeout … ok\n\nok: 2 passed\n";
    for arguments in [
        &["test", "whole.yaml"][..],
        &["test", "bare.yaml", "tests.yaml"],
        // A file that is named stands in for the section.
        &["test", "whole.yaml", "tests.yaml"],
    ] {
        expect(&run_in(&folder, arguments, b""), 0, right, "");
    }
    let arguments = ["test", "bare.yaml", "tests.yaml", "wrong.yaml"];
    let wrong = format!(
        "{right}\ntest a <b> & \"c\" … FAILED\ntest chat after 429 … ok\n\n{WRONG_SAYS}\n\
         FAILED: 1 passed, 1 failed\n"
    );
    expect(&run_in(&folder, &arguments, b""), 1, &wrong, "");
    let arguments = [
        "test",
        "bare.yaml",
        "tests.yaml",
        "wrong.yaml",
        "--only",
        "429",
    ];
    let only = "test chat after 429 … ok\n\nok: 1 passed\n";
    expect(&run_in(&folder, &arguments, b""), 0, only, "");
}

#[test]
fn an_overlay_brings_its_own_tests() {
    let folder = files("test-overlay");
    // The overlay ends the chain; the test below it that says so is not replaced.
    let outcome = run_in(
        &folder,
        &["test", "whole.yaml", "--overlay", "staging.yaml"],
        b"",
    );
    assert_eq!(outcome.code, Some(1));
    let head = "test chat after timeout … FAILED\ntest chat … ok\n";
    assert!(outcome.out.starts_with(head), "{}", outcome.out);
}

#[test]
fn each_test_is_an_object_a_line() {
    let folder = files("test-json");
    let arguments = ["test", "bare.yaml", "tests.yaml", "wrong.yaml", "--json"];
    let outcome = run_in(&folder, &arguments, b"");
    assert_eq!((outcome.code, &*outcome.err), (Some(1), ""));
    let found = lines(&outcome.out);
    assert_eq!(found.len(), 4);
    assert_eq!(found[0]["name"], "chat");
    assert_eq!(found[2]["source"], "wrong.yaml");
    assert_eq!(
        (&found[2]["ok"], &found[2]["line"]),
        (&false.into(), &2.into())
    );
    let message = found[2]["message"].as_str().unwrap();
    assert_eq!(format!("wrong.yaml:2:5: {message}\n"), WRONG_SAYS);
    assert_eq!(
        found[2]["explanation"]["next"][0]["target"],
        "openai/gpt-4o"
    );
}

#[test]
fn where_no_test_runs_nothing_is_ok() {
    let folder = files("test-none");
    for (arguments, error) in [
        (
            &["test", "bare.yaml"][..],
            "error: bare.yaml has no routing tests\n",
        ),
        (
            &["test", "whole.yaml", "bare.yaml"],
            "error: bare.yaml has no routing tests\n",
        ),
        (
            &["test", "whole.yaml", "--only", "nothing"],
            "error: no routing test name contains \"nothing\"\n",
        ),
        (
            &["test", "bare.yaml", "typo.yaml"],
            "typo.yaml:1:1: error[misspelt-section]: section `model_alias_test` is not read\n  \
             help: did you mean `model_alias_tests`?\n",
        ),
        (
            &["test", "bare.yaml", "tests.yaml", "mistaken.yaml"],
            "mistaken.yaml:1:37: error[unknown-field]: unknown field `expcet` in the test of `chat`\n  \
             help: did you mean `expect`?\n",
        ),
    ] {
        expect(&run_in(&folder, arguments, b""), 1, "", error);
    }
    for arguments in [
        &["test"][..],
        &["test", "whole.yaml", "missing.yaml"],
        &["test", "whole.yaml", "--only"],
    ] {
        let outcome = run_in(&folder, arguments, b"");
        assert_eq!(
            (outcome.code, &*outcome.out),
            (Some(2), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn check_sees_mistakes_in_tests_as_well() {
    let folder = files("test-check");
    let outcome = run_in(
        &folder,
        &["check", "bare.yaml", "--overlay", "mistaken.yaml"],
        b"",
    );
    expect(
        &outcome,
        1,
        "\
mistaken.yaml:1:37: error[unknown-field]: unknown field `expcet` in the test of `chat`
  help: did you mean `expect`?
bare.yaml: 1 error
",
        "",
    );
    // What both readings see is said once: here as the warning that it is for a configuration.
    let outcome = run_in(&folder, &["check", "typo.yaml"], b"");
    expect(
        &outcome,
        0,
        "\
typo.yaml:1:1: warning[misspelt-section]: section `model_alias_test` is not read
  help: did you mean `model_alias_tests`?
typo.yaml: 1 warning
",
        "",
    );
}

#[test]
fn the_example_runs_as_its_comment_says() {
    let arguments = [
        "test",
        "examples/config.yaml",
        "examples/routing-tests.yaml",
    ];
    let outcome = run_in(root(), &arguments, b"");
    assert_eq!((outcome.code, &*outcome.err), (Some(0), ""));
    assert!(
        outcome.out.ends_with("\nok: 48 passed\n"),
        "{}",
        outcome.out
    );
}

#[test]
fn five_wrong_tests_exit_with_one() {
    let file = "tests/golden/cases/five-wrong.yaml";
    let outcome = run_in(root(), &["test", "examples/config.yaml", file], b"");
    let golden = fs::read_to_string(root().join(file).with_extension("txt")).unwrap();
    let golden = golden.replace("\nfive-wrong.yaml:", &format!("\n{file}:"));
    expect(&outcome, 1, &golden, "");
}

#[test]
fn junit_xml_is_what_others_read() {
    let folder = files("test-junit");
    let arguments = [
        "test",
        "bare.yaml",
        "tests.yaml",
        "wrong.yaml",
        "--junit",
        "out.xml",
    ];
    assert_eq!(run_in(&folder, &arguments, b"").code, Some(1));
    let text = fs::read_to_string(folder.join("out.xml")).unwrap();
    let report = Report::deserialize_from_str(&text).unwrap();
    assert_eq!((report.tests, report.failures, report.errors), (4, 1, 0));
    let suites: Vec<_> = report
        .test_suites
        .iter()
        .map(|suite| suite.name.as_str())
        .collect();
    assert_eq!(suites, ["tests.yaml", "wrong.yaml"]);
    let case = &report.test_suites[1].test_cases[0];
    assert_eq!(case.name.as_str(), "a <b> & \"c\"");
    let TestCaseStatus::NonSuccess {
        message,
        description,
        ..
    } = &case.status
    else {
        panic!("{text}");
    };
    let message = message.as_ref().map(XmlString::as_str);
    assert_eq!(message, Some("`chat` does not go where it should"));
    let description = description
        .as_ref()
        .map(|text| format!("{}\n", text.as_str()));
    assert_eq!(description.as_deref(), Some(WRONG_SAYS));
    // Twice the same, so that a result can be compared with the one before.
    run_in(&folder, &arguments, b"");
    assert_eq!(fs::read_to_string(folder.join("out.xml")).unwrap(), text);
    let arguments = ["test", "whole.yaml", "--junit", "no/such/folder.xml"];
    assert_eq!(run_in(&folder, &arguments, b"").code, Some(2));
}
