//! `aliases explain CONFIG NAME`: prints every candidate and the reason for or against it.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use model_aliases::{AssumedFailure, Request, Usage};

use crate::load::Overlays;
use crate::{Failure, answer, complain};

#[derive(Args)]
pub(crate) struct Explain {
    /// The configuration file.
    #[arg(value_name = "CONFIG")]
    config: PathBuf,

    /// The requested model name.
    name: String,

    /// Sticky key of the request. It is not printed.
    #[arg(long, value_name = "K")]
    key: Option<String>,

    /// Assumes that earlier attempts failed like this: failure classes or HTTP statuses, such as
    /// `timeout,429`.
    #[arg(long, value_name = "FAILURES", value_delimiter = ',', value_parser = failure)]
    fail: Vec<AssumedFailure>,

    /// Assumes that the first attempt got this answer, and tells what it means: its class, whether a retry
    /// helps, which fallbacks may follow, what happens to the health of the target, and the rule or known
    /// answer that decided. FILE is an HTTP response as `curl -i` prints it, or an object in JSON with
    /// `status`, `headers` and `body`. `--fail` tells what happened after it.
    #[arg(long, value_name = "FILE")]
    answer: Option<PathBuf>,

    /// Tokens of the prompt, and maximum tokens of the reply, such as `3000,500`. Needed to check cost
    /// limits and context windows.
    #[arg(long, value_name = "IN,OUT", value_parser = tokens)]
    tokens: Option<Usage>,

    #[command(flatten)]
    overlays: Overlays,

    /// Prints one JSON object: `asked`, `after`, `answers` (if any was assumed), `next`, `ends` (probability that no attempt follows),
    /// `unexplored` (probability of paths that were not explored), `candidates`.
    #[arg(long)]
    json: bool,
}

fn failure(word: &str) -> Result<AssumedFailure, String> {
    AssumedFailure::from_word(word)
        .ok_or_else(|| "neither a failure class nor an HTTP status".into())
}

fn tokens(word: &str) -> Result<Usage, String> {
    let read = |count: &str| count.trim().parse().ok();
    let both = word.split_once(',');
    both.and_then(|(input, output)| Some(Usage::new(read(input)?, read(output)?)))
        .ok_or_else(|| "expected two token counts, such as `3000,500`".into())
}

impl Explain {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<ExitCode, Failure> {
        let resolver = self.overlays.resolver(&self.config)?;
        let mut request = Request::new(&self.name);
        if let Some(key) = &self.key {
            request = request.sticky_key(key);
        }
        if let Some(tokens) = self.tokens {
            request = request.estimate(tokens);
        }
        let answer = self.answer.as_deref().map(answer::read).transpose()?;
        let failures = answer.into_iter().chain(self.fail.iter().cloned());
        let why = match resolver.explain_after(request, failures) {
            Ok(why) => why,
            Err(error) => {
                complain(&format!("error: {error}"));
                return Err(Failure::Refused);
            }
        };
        if self.json {
            serde_json::to_writer(&mut *out, &why).map_err(io::Error::from)?;
            writeln!(out)?;
        } else {
            writeln!(out, "{why}")?;
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}
