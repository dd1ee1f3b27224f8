//! `aliases simulate CONFIG NAME`: resolves a name many times and counts the targets.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::load::Overlays;
use crate::{Failure, complain};

#[derive(Args)]
pub(crate) struct Simulate {
    /// The configuration file.
    #[arg(value_name = "CONFIG")]
    config: PathBuf,

    /// The requested model name.
    name: String,

    /// Number of requests, one after another.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100_000)]
    requests: u64,

    /// Seed of the random numbers.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,

    /// Gives each request its own sticky key.
    #[arg(long)]
    sticky: bool,

    #[command(flatten)]
    overlays: Overlays,

    /// Prints JSON, one object per line: `target`, `share`, `got`.
    #[arg(long)]
    json: bool,
}

/// Maximum length of a bar.
const BAR: u64 = 40;

impl Simulate {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<ExitCode, Failure> {
        let resolver = self.overlays.resolver(&self.config)?;
        let counts = if self.sticky {
            resolver.simulate_keys(&self.name, self.requests, self.seed)
        } else {
            resolver.simulate(&self.name, self.requests, self.seed)
        };
        let counts = match counts {
            Ok(counts) => counts,
            Err(error) => {
                complain(&format!("error: {error}"));
                return Err(Failure::Refused);
            }
        };
        let targets = counts
            .iter()
            .map(|(share, _)| share.target().chars().count());
        let target = targets.max().unwrap_or(0).max("target".len());
        let most = counts.iter().map(|(_, got)| got.to_string().len());
        let got_width = most.max().unwrap_or(0).max("got".len());
        if !self.json {
            writeln!(
                out,
                "{:target$}  {:>7}  {:>got_width$}",
                "target", "share", "got"
            )?;
        }
        for (share, got) in &counts {
            if self.json {
                let line = json!({
                    "target": share.target(),
                    "share": share.probability().to_decimal(),
                    "got": got,
                });
                writeln!(out, "{line}")?;
                continue;
            }
            let bar = (got * BAR).div_ceil(self.requests.max(1));
            let line = format!(
                "{:target$}  {:>7}  {:>got_width$}  {}",
                share.target(),
                share.probability().to_string(),
                got,
                "#".repeat(usize::try_from(bar).unwrap_or(0)),
            );
            writeln!(out, "{}", line.trim_end())?;
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}
