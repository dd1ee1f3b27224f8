//! `aliases explain CONFIG NAME`

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use model_aliases::{Failure, Request, Usage};

use crate::load::Overlays;
use crate::{Failure as Stop, complain};

#[derive(Args)]
pub(crate) struct Explain {
    /// The configuration.
    #[arg(value_name = "CONFIG")]
    config: PathBuf,

    /// The name that is asked for.
    name: String,

    /// The sticky key of the request; it is not printed.
    #[arg(long, value_name = "K")]
    key: Option<String>,

    /// Supposes that attempts failed so: classes or HTTP statuses, such as `timeout,429`.
    #[arg(long, value_name = "FAILURES", value_delimiter = ',', value_parser = failure)]
    fail: Vec<Failure>,

    /// The tokens of the prompt and of the answer at most, such as `3000,500`: limits of cost and context
    /// windows then have their say.
    #[arg(long, value_name = "IN,OUT", value_parser = tokens)]
    tokens: Option<Usage>,

    #[command(flatten)]
    overlays: Overlays,

    /// Prints one object: asked, after, next, ends, unexplored, candidates.
    #[arg(long)]
    json: bool,
}

fn failure(word: &str) -> Result<Failure, String> {
    Failure::from_word(word).ok_or_else(|| "neither a class of failures nor an HTTP status".into())
}

fn tokens(word: &str) -> Result<Usage, String> {
    let read = |count: &str| count.trim().parse().ok();
    let both = word.split_once(',');
    both.and_then(|(input, output)| Some(Usage::new(read(input)?, read(output)?)))
        .ok_or_else(|| "not two numbers of tokens".into())
}

impl Explain {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<ExitCode, Stop> {
        let (_, resolver) = self.overlays.resolver(&self.config)?;
        let mut request = Request::new(&self.name);
        if let Some(key) = &self.key {
            request = request.sticky_key(key);
        }
        if let Some(tokens) = self.tokens {
            request = request.estimate(tokens);
        }
        let why = match resolver.explain_after(request, self.fail.clone()) {
            Ok(why) => why,
            Err(error) => {
                complain(&format!("error: {error}"));
                return Err(Stop::Refused);
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
