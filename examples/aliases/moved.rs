//! `aliases moved OLD NEW`

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use model_aliases::Moved as Moving;
use serde_json::{Value, json};

use crate::Failure;
use crate::load::Overlays;
use crate::simulate::decimal;

#[derive(Args)]
pub(crate) struct Moved {
    /// The configuration before.
    #[arg(value_name = "OLD")]
    old: PathBuf,

    /// The configuration after.
    #[arg(value_name = "NEW")]
    new: PathBuf,

    #[command(flatten)]
    overlays: Overlays,

    /// Prints one object a line: alias, moved, flows.
    #[arg(long)]
    json: bool,
}

impl Moved {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<ExitCode, Failure> {
        let (_, old) = self.overlays.resolver(&self.old)?;
        let (_, new) = self.overlays.resolver(&self.new)?;
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
    let flows = moved
        .flows()
        .iter()
        .map(|flow| json!({"from": flow.from(), "to": flow.to(), "share": decimal(flow.share())}));
    json!({
        "alias": moved.alias(),
        "moved": decimal(moved.share()),
        "flows": flows.collect::<Vec<_>>(),
    })
}
