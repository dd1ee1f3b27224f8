//! The table of known answers, and one answer at least for each of its rows.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use model_aliases::{Failure, FailureClass};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    provider: String,
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Value,
    class: String,
    source: String,
}

impl Answer {
    fn body(&self) -> String {
        match &self.body {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        }
    }
}

/// A row of the table: status, code or words, class.
struct Row {
    provider: String,
    statuses: Vec<u16>,
    answer: String,
    is_words: bool,
    class: String,
    is_certain: bool,
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn answers() -> Vec<Answer> {
    let text = read("tests/fixtures/failures/answers.jsonl");
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn rows() -> Vec<Row> {
    let text = read("src/failure/classify/answers.txt");
    let lines = text.lines();
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let columns: Vec<&str> = line.split('|').map(str::trim).collect();
            let [provider, statuses, answer, class, _] = columns[..] else {
                panic!("{line}");
            };
            let statuses = statuses
                .split(',')
                .filter_map(|one| one.trim().parse().ok());
            Row {
                provider: provider.to_owned(),
                statuses: statuses.collect(),
                answer: answer.trim_matches('"').to_ascii_lowercase(),
                is_words: answer.starts_with('"'),
                class: class.trim_end_matches('?').to_owned(),
                is_certain: !class.ends_with('?'),
            }
        })
        .collect()
}

#[cfg(feature = "json")]
#[test]
fn each_answer_has_the_class_that_its_source_gives() {
    let mut wrong = Vec::new();
    for answer in answers() {
        assert!(answer.source.starts_with("https://"), "{}", answer.source);
        let failure = Failure::from_http(answer.status, &answer.headers, answer.body());
        if failure.class().as_str() != answer.class {
            let (provider, class) = (&answer.provider, &answer.class);
            let found = failure.class();
            wrong.push(format!(
                "{provider}: {found}, not {class}: {}",
                answer.body()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_row_of_the_table_has_an_answer() {
    let answers: Vec<(String, Answer)> = answers()
        .into_iter()
        .map(|answer| {
            let headers: Vec<&str> = answer.headers.values().map(String::as_str).collect();
            let text = answer.body() + &headers.join(" ");
            (text.to_ascii_lowercase(), answer)
        })
        .collect();
    let rows = rows();
    for row in &rows {
        let shows = |(text, answer): &&(String, Answer)| {
            answer.class == row.class && text.contains(&row.answer)
        };
        assert!(answers.iter().any(|one| shows(&one)), "{}", row.answer);
    }
    let providers: BTreeSet<&str> = rows.iter().map(|row| &*row.provider).collect();
    // Beyond the nine whose answers stand in files of their own.
    let (least, beyond) = (15, providers.len() - 9);
    println!(
        "{} rows, {} answers, {} providers, {beyond} of them beyond the nine (at least {least})",
        rows.len(),
        answers.len(),
        providers.len(),
    );
    assert!(beyond >= least);
}

/// Nothing that a client can make a provider repeat speaks against a target, and no row differs.
#[cfg(feature = "json")]
#[test]
fn no_row_counts_where_a_client_may_have_written_it() {
    for row in rows() {
        let counts = FailureClass::ALL
            .iter()
            .find(|class| class.as_str() == row.class)
            .is_some_and(|class| {
                !matches!(
                    class,
                    FailureClass::ContextLengthExceeded
                        | FailureClass::ContentFiltered
                        | FailureClass::InvalidRequest
                )
            });
        if !counts {
            continue;
        }
        for status in [400, 403, 404, 422] {
            let said = &row.answer;
            let plain = Failure::from_http(status, [("server", "x")], "x").class();
            for body in [
                format!(r#"{{"error": {{"message": "Invalid value: '{said}' is no role."}}}}"#),
                format!(r#"{{"error": {{"message": "The model `{said}` does not exist."}}}}"#),
                format!(r#"{{"detail": [{{"msg": "Don’t know “{said}”"}}]}}"#),
                format!(
                    "cannot read {{\"error\": {{\"code\": \"{said}\", \"message\": \"{said}\"}}}}"
                ),
            ] {
                let body = body.replace("`{", "`");
                let failure = Failure::from_http(status, [("server", "x")], &body);
                assert_eq!(failure.class(), plain, "{status} {body}");
            }
        }
    }
}

/// A row is there because its class differs from that of the status; `?` marks codes that only help elsewhere.
#[test]
fn each_row_says_more_than_its_status() {
    for row in rows().iter().filter(|row| row.is_certain) {
        for &status in &row.statuses {
            let plain = Failure::from_http(status, [("server", "x")], "x");
            let is_more = plain.class().as_str() != row.class;
            // The time that Anthropic's headers leave out is in the words.
            let overrides = row.is_words && row.answer == "per-minute rate limit";
            assert!(is_more || overrides, "{} {status}", row.answer);
        }
    }
}
