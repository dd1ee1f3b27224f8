//! `aliases list CONFIG`: prints the models that clients can list.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use model_aliases::ListedModel;
use serde_json::json;

use crate::Failure;
use crate::load::Overlays;

#[derive(Args)]
pub(crate) struct List {
    /// The configuration file.
    #[arg(value_name = "CONFIG")]
    config: PathBuf,

    #[command(flatten)]
    overlays: Overlays,

    /// Prints the JSON body of a `/v1/models` response.
    #[arg(long)]
    json: bool,
}

impl List {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<ExitCode, Failure> {
        let resolver = self.overlays.resolver(&self.config)?;
        let models: Vec<_> = resolver.models().collect();
        if self.json {
            writeln!(out, "{}", json!({"object": "list", "data": models}))?;
        } else {
            let rows = models.iter().map(|m| [m.id(), m.owned_by()]);
            let [id, owner] = rows.fold([0; 2], |widest, row| {
                [0, 1].map(|at| widest[at].max(row[at].chars().count()))
            });
            for model in &models {
                let line = format!(
                    "{:id$}  {:owner$}  {}",
                    model.id(),
                    model.owned_by(),
                    note(model)
                );
                writeln!(out, "{}", line.trim_end())?;
            }
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Returns the description, and the replacement of a deprecated alias.
fn note(model: &ListedModel<'_>) -> String {
    let description = model.description().unwrap_or_default();
    let Some(deprecation) = model.deprecation() else {
        return description.to_owned();
    };
    let instead = deprecation
        .replacement()
        .map(|name| format!(", use {name}"))
        .unwrap_or_default();
    format!("{description} (deprecated{instead})")
        .trim_start()
        .to_owned()
}
