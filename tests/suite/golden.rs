//! Expected texts: the problems of bad configurations and the answers of good ones.
//!
//! - `tests/golden/bad/<code>[-variant].yaml` holds one mistake with that [`Code`];
//!   `ten-*.yaml` holds ten. `<same>.txt` beside it lists every problem in order: a line
//!   `severity[code]`, then the problem as [`Problem`] displays it. The source is named by its file name.
//!   The last line is `schema: sees it` if the JSON Schema rejects the shape of the file, and
//!   `schema: does not` if only the whole file or its meaning shows the mistake.
//! - `tests/golden/good/<name>.yaml` loads. `<same>.answers` beside it holds the answers;
//!   [`good`] describes its format.
//! - `tests/golden/cases/` holds routing tests: [`cases`].
//! - `tests/golden/attempts/` holds the events of requests: [`sequences`].
//!
//! After an intended change, `MODEL_ALIASES_BLESS=1 cargo test --test suite golden` rewrites the
//! expected files. Then read every change in them as a user would.

#![cfg(test)]

mod cases;
mod directed;
mod good;
mod mistakes;
mod sequences;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use model_aliases::{AliasResolver, Code, Config, Problem};

use crate::schema::{self, Verdict};

/// Codes that a YAML file alone cannot cause; [`directed`] checks the whole text of each.
const NOT_IN_A_FILE: &[Code] = &[
    // The file would need 16 MiB.
    Code::TooLarge,
    // These need more than the file: variables, a policy for unknown names, an overlay.
    Code::UnsetVariable,
    Code::SameEndpoint,
    Code::MissingDefault,
    Code::MissingClock,
    // Only with `require_checks`.
    Code::MissingCheck,
    // It needs more than a thousand problems.
    Code::MoreProblems,
    Code::UnknownRemoval,
];

/// The most files per code. More variants belong in a table of another test.
const MOST_FILES: usize = 3;

/// Words in the files that stand for secrets.
const SECRETS: &[&str] = &["sk-live", "hunter2"];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

/// The files of a folder with this ending, sorted by name.
pub(crate) fn files(name: &str, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| file_name(path).ends_with(ending))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no {ending} in {name}");
    files
}

fn file_name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

fn stem(path: &Path) -> &str {
    path.file_stem().unwrap().to_str().unwrap()
}

pub(crate) fn is_blessing() -> bool {
    std::env::var_os("MODEL_ALIASES_BLESS").is_some_and(|value| value == "1")
}

/// Compares whole files and collects the differences, so that one run shows them all.
#[derive(Default)]
struct Comparison {
    differing: usize,
}

impl Comparison {
    fn compare(&mut self, expected: &Path, actual: &str) {
        if is_blessing() {
            fs::write(expected, actual).unwrap();
            return;
        }
        let text = fs::read_to_string(expected).unwrap_or_default();
        if text != actual {
            self.differing += 1;
            println!(
                "--- {} has\n{text}+++ but this came\n{actual}",
                file_name(expected)
            );
        }
    }

    #[track_caller]
    fn done(self) {
        assert_eq!(
            self.differing, 0,
            "files differ, see above; if the new texts are right, write them with \
             `MODEL_ALIASES_BLESS=1 cargo test --test suite golden` and read the changes"
        );
    }
}

/// Returns every problem of a file. All ways to get them must agree.
fn problems(path: &Path) -> Vec<Problem> {
    let name = file_name(path);
    let config = match Config::from_yaml(name, fs::read(path).unwrap()) {
        Ok(config) => config,
        Err(error) => {
            assert_eq!(error.problems().len(), 1, "{name}: {error}");
            return error.into_problems();
        }
    };
    let problems = config.check();
    match AliasResolver::new(config) {
        Ok(resolver) => assert_eq!(resolver.warnings(), problems, "{name}"),
        Err(error) => {
            let shown = error.to_string();
            assert!(
                problems.iter().all(|p| shown.contains(&p.to_string())),
                "{name}"
            );
            assert_eq!(error.problems(), problems, "{name}");
        }
    }
    problems
}

fn text(problems: &[Problem]) -> String {
    let mut text = String::new();
    for problem in problems {
        let (severity, code) = (problem.severity(), problem.code());
        writeln!(text, "{severity}[{code}]\n{problem}").unwrap();
    }
    text
}

/// The code in the name of a file.
fn code_of(path: &Path) -> Code {
    let stem = stem(path);
    Code::ALL
        .iter()
        .copied()
        .find(|code| {
            stem.strip_prefix(code.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
        .unwrap_or_else(|| panic!("{stem} begins with no code"))
}

fn is_ten(path: &Path) -> bool {
    stem(path).starts_with("ten-")
}

#[test]
fn every_bad_file_is_told_its_text() {
    let mut comparison = Comparison::default();
    for path in files("bad", ".yaml") {
        let sight = match schema::verdict(&fs::read(&path).unwrap()) {
            Verdict::Refused => "sees it",
            Verdict::Accepted | Verdict::NoYaml => "does not",
        };
        let text = format!("{}schema: {sight}\n", text(&problems(&path)));
        comparison.compare(&path.with_extension("txt"), &text);
    }
    comparison.done();
    for path in files("bad", ".txt") {
        assert!(
            path.with_extension("yaml").is_file(),
            "{} has no configuration",
            path.display()
        );
    }
}

#[test]
fn a_bad_file_has_one_problem_of_the_code_in_its_name() {
    for path in files("bad", ".yaml").iter().filter(|path| !is_ten(path)) {
        let codes: Vec<Code> = problems(path).iter().map(Problem::code).collect();
        assert_eq!(codes, [code_of(path)], "{}", path.display());
    }
}

#[test]
fn ten_mistakes_are_ten_problems_in_file_order() {
    let files = files("bad", ".yaml");
    let files: Vec<_> = files.iter().filter(|path| is_ten(path)).collect();
    assert_eq!(files.len(), 3);
    for path in files {
        let problems = problems(path);
        let mut codes: Vec<Code> = problems.iter().map(Problem::code).collect();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), 10, "{}: {codes:?}", path.display());
        assert_eq!(problems.len(), 10, "{}", path.display());
        let places = problems.iter().map(|problem| {
            let location = problem.location();
            (location.line(), location.column())
        });
        assert!(places.is_sorted(), "{}", path.display());
    }
}

#[test]
fn every_code_has_a_file() {
    let files = files("bad", ".yaml");
    for &code in Code::ALL {
        let count = files
            .iter()
            .filter(|path| !is_ten(path) && code_of(path) == code)
            .count();
        if NOT_IN_A_FILE.contains(&code) {
            assert_eq!(count, 0, "{code} has a file and stands in the list");
        } else {
            assert!((1..=MOST_FILES).contains(&count), "{code}: {count} files");
        }
    }
}

/// Messages are lowercase, one sentence without a final period, with a help text and without secrets.
#[test]
fn texts_keep_the_style() {
    for path in files("bad", ".yaml") {
        for problem in problems(&path) {
            is_in_style(&problem);
        }
    }
}

#[track_caller]
fn is_in_style(problem: &Problem) {
    let first = problem.message().chars().next().unwrap();
    assert!(!first.is_uppercase(), "{problem}");
    for text in [problem.message(), problem.help()] {
        assert!(!text.is_empty() && text.trim() == text, "{problem}");
        assert!(!text.ends_with('.') && !text.contains('\n'), "{problem}");
        assert!(!SECRETS.iter().any(|s| text.contains(s)), "{problem}");
    }
    assert_ne!(problem.message(), problem.help(), "{problem}");
}
