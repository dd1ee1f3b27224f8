//! `aliases graph CONFIG [NAME]`: draws a configuration.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::load::Overlays;
use crate::{Failure, complain};

#[derive(Args)]
pub(crate) struct Graph {
    /// The configuration file.
    #[arg(value_name = "CONFIG")]
    config: PathBuf,

    /// Draws only the part that this name leads to.
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// Output language.
    #[arg(long, value_enum, default_value_t = Format::Mermaid)]
    format: Format,

    #[command(flatten)]
    overlays: Overlays,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For a `mermaid` code block in Markdown.
    Mermaid,
    /// For Graphviz, for example `dot -Tsvg`.
    Dot,
}

impl Graph {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<ExitCode, Failure> {
        let resolver = self.overlays.resolver(&self.config)?;
        let graph = match &self.name {
            None => resolver.graph(),
            Some(name) => match resolver.graph_of(name) {
                Ok(graph) => graph,
                Err(error) => {
                    complain(&format!("error: {error}"));
                    return Err(Failure::Refused);
                }
            },
        };
        let text = match self.format {
            Format::Mermaid => graph.to_mermaid(),
            Format::Dot => graph.to_dot(),
        };
        out.write_all(text.as_bytes())?;
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}
