//! `aliases check CONFIG…`: prints all problems.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use model_aliases::{Config, Problem, Severity};
use serde_json::json;

use crate::load::{Loaded, Overlays, as_text};
use crate::{Failure, complain};

#[derive(Args)]
pub(crate) struct Check {
    /// Configuration files, each checked separately.
    #[arg(required = true, value_name = "CONFIG")]
    configs: Vec<PathBuf>,

    #[command(flatten)]
    overlays: Overlays,

    /// Prints only JSON, one object per line and problem: `config` (as given), `severity`, `code`,
    /// `source`, `line`, `column`, `message`, `help`.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<ExitCode, Failure> {
        let mut worst = 0;
        for config in &self.configs {
            let problems = match self.overlays.over(config) {
                Ok(Loaded::Read(read)) => self.problems(&read, config)?,
                Ok(Loaded::Broken(problems)) => problems,
                // Still check the other files.
                Err(Failure::Io(message)) => {
                    complain(&format!("error: {message}"));
                    worst = 2;
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            if problems.iter().any(is_error) {
                worst = worst.max(1);
            }
            if self.json {
                write_json(config, &problems, out)?;
            } else {
                for problem in &problems {
                    writeln!(out, "{}", as_text(problem))?;
                }
                writeln!(out, "{}: {}", config.display(), summary(&problems))?;
            }
        }
        out.flush()?;
        Ok(ExitCode::from(worst))
    }

    /// Returns the problems of a configuration, then those of its routing tests.
    fn problems(&self, config: &Config, path: &Path) -> Result<Vec<Problem>, Failure> {
        let mut problems = config.check();
        for problem in self.overlays.test_problems(path)? {
            // Both readers report problems at the top level, so skip duplicates.
            let is_known = problems.iter().any(|known| {
                (known.code(), known.location()) == (problem.code(), problem.location())
            });
            if !is_known {
                problems.push(problem);
            }
        }
        Ok(problems)
    }
}

fn is_error(problem: &Problem) -> bool {
    problem.severity() == Severity::Error
}

fn write_json(config: &Path, problems: &[Problem], out: &mut impl Write) -> Result<(), Failure> {
    for problem in problems {
        let place = problem.location();
        let line = json!({
            "config": config.to_string_lossy(),
            "severity": problem.severity().to_string(),
            "code": problem.code().as_str(),
            "source": place.source(),
            "line": place.line(),
            "column": place.column(),
            "message": problem.message(),
            "help": problem.help(),
        });
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn summary(problems: &[Problem]) -> String {
    let errors = problems.iter().filter(|problem| is_error(problem)).count();
    let counted = |count: usize, noun: &str| match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    };
    match (errors, problems.len() - errors) {
        (0, 0) => "no problems".to_owned(),
        (0, warnings) => counted(warnings, "warning"),
        (errors, 0) => counted(errors, "error"),
        (errors, warnings) => format!(
            "{} and {}",
            counted(errors, "error"),
            counted(warnings, "warning")
        ),
    }
}
