//! `aliases test CONFIG [TESTS…]`: runs routing tests.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use model_aliases::{RoutingTests, TestReport};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::load::{self, Overlays};
use crate::{Failure, complain};

#[derive(Args)]
pub(crate) struct Test {
    /// The configuration file.
    #[arg(value_name = "CONFIG")]
    config: PathBuf,

    /// Files with a `model_alias_tests` section. By default the tests in the configuration and its
    /// overlays run; a test in an overlay replaces an earlier test of the same request.
    #[arg(value_name = "TESTS")]
    tests: Vec<PathBuf>,

    /// Runs only tests whose name contains TEXT.
    #[arg(long = "only", value_name = "TEXT")]
    part: Option<String>,

    #[command(flatten)]
    overlays: Overlays,

    /// Prints only JSON, one object per line and test: `name`, `source`, `line`, `column`, `ok`,
    /// `message`, and `explanation` if the request goes elsewhere.
    #[arg(long)]
    json: bool,

    /// Also writes the results to FILE as JUnit XML.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

impl Test {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<ExitCode, Failure> {
        let resolver = self.overlays.resolver(&self.config)?;
        let mut files = vec![&self.config];
        let mut suites = Vec::new();
        if self.tests.is_empty() {
            suites.push(self.overlays.tests(&self.config)?);
        } else {
            files = self.tests.iter().collect();
            for file in &self.tests {
                suites.push(load::tests(file)?);
            }
        }
        let mut reports = Vec::new();
        for (file, tests) in files.iter().zip(suites) {
            let tests = self.selected(tests);
            if !tests.is_empty() {
                reports.push((file.to_string_lossy(), tests.run(&resolver)));
            } else if self.part.is_none() {
                complain(&format!("error: {} has no routing tests", file.display()));
                return Err(Failure::Refused);
            }
        }
        if let (Some(part), true) = (&self.part, reports.is_empty()) {
            complain(&format!("error: no routing test name contains {part:?}"));
            return Err(Failure::Refused);
        }
        for (at, (_, report)) in reports.iter().enumerate() {
            if self.json {
                for result in report.results() {
                    serde_json::to_writer(&mut *out, result).map_err(io::Error::from)?;
                    writeln!(out)?;
                }
            } else {
                let gap = if at == 0 { "" } else { "\n" };
                writeln!(out, "{gap}{report}")?;
            }
        }
        out.flush()?;
        if let Some(path) = &self.junit {
            let text = junit(&reports);
            let written = text.and_then(|text| fs::write(path, text).map_err(|e| e.to_string()));
            written.map_err(|error| {
                Failure::Io(format!("cannot write {}: {error}", path.display()))
            })?;
        }
        let is_ok = reports.iter().all(|(_, report)| report.is_ok());
        Ok(ExitCode::from(u8::from(!is_ok)))
    }

    fn selected(&self, tests: RoutingTests) -> RoutingTests {
        match &self.part {
            Some(part) => tests.containing(part),
            None => tests,
        }
    }
}

/// Writes the reports as JUnit XML, one suite per file. Times are left out to keep the output deterministic.
fn junit(reports: &[(impl AsRef<str>, TestReport)]) -> Result<String, String> {
    let mut whole = Report::new("aliases test");
    for (file, report) in reports {
        let mut suite = TestSuite::new(file.as_ref());
        for result in report.results() {
            let status = match result.message() {
                None => TestCaseStatus::success(),
                Some(message) => {
                    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                    status.set_message(message.lines().next().unwrap_or_default());
                    status.set_description(result.to_string());
                    status
                }
            };
            let mut case = TestCase::new(result.name(), status);
            case.set_classname(file.as_ref());
            suite.add_test_case(case);
        }
        whole.add_test_suite(suite);
    }
    whole.to_string().map_err(|error| error.to_string())
}
