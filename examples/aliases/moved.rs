//! `aliases moved OLD NEW`: prints the share of sticky keys that a configuration change moves.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use model_aliases::Moved as Moving;
use serde_json::{Value, json};

use crate::Failure;
use crate::load::Versions;

#[derive(Args)]
pub(crate) struct Moved {
    #[command(flatten)]
    versions: Versions,

    /// Prints JSON, one object per line: `alias`, `moved`, `flows`.
    #[arg(long)]
    json: bool,
}

impl Moved {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<ExitCode, Failure> {
        let (old, new) = self.versions.resolvers()?;
        for moved in new.moved_since(&old) {
            if self.json {
                writeln!(out, "{}", as_json(&moved))?;
                continue;
            }
            writeln!(out, "{}  moved {}", moved.alias(), moved.share())?;
            for flow in moved.flows() {
                writeln!(out, "  {} → {}  {}", flow.from(), flow.to(), flow.share())?;
            }
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}

pub(crate) fn as_json(moved: &Moving) -> Value {
    let flows = moved.flows().iter().map(
        |flow| json!({"from": flow.from(), "to": flow.to(), "share": flow.share().to_decimal()}),
    );
    json!({
        "alias": moved.alias(),
        "moved": moved.share().to_decimal(),
        "flows": flows.collect::<Vec<_>>(),
    })
}
