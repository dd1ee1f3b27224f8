//! `aliases diff OLD NEW`: prints the differences between two configurations.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use model_aliases::{Change, Changes, ResolveError, Share};
use serde_json::{Value, json};

use crate::Failure;
use crate::load::Versions;
use crate::moved;

#[derive(Args)]
pub(crate) struct Diff {
    #[command(flatten)]
    versions: Versions,

    /// Prints JSON, one object per line: `provider` or `alias` with `change` (added, removed, changed)
    /// and `fields`; `name` with `before` and `after`; `alias` with `moved` and `flows`. Hidden values
    /// are printed as `…`.
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<ExitCode, Failure> {
        let (old, new) = self.versions.resolvers()?;
        let changes = new.changes_since(&old);
        if self.json {
            write_json(&changes, out)?;
        } else if changes.is_empty() {
            writeln!(out, "no changes")?;
        } else {
            write!(out, "{changes}")?;
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}

fn write_json(changes: &Changes, out: &mut impl Write) -> Result<(), Failure> {
    let providers = changes.providers().iter().map(|c| ("provider", c));
    let aliases = changes.aliases().iter().map(|c| ("alias", c));
    let rules = changes.failure_rules().iter().map(|c| ("rule", c));
    for (kind, change) in providers.chain(aliases).chain(rules) {
        let fields = change.fields().iter().map(|field| {
            json!({"field": field.field(), "before": field.before(), "after": field.after()})
        });
        let line = json!({
            kind: change.name(),
            "change": word(change),
            "fields": fields.collect::<Vec<_>>(),
        });
        writeln!(out, "{line}")?;
    }
    for name in changes.rerouted() {
        let line = json!({
            "name": name.name(),
            "before": lead(name.before()),
            "after": lead(name.after()),
        });
        writeln!(out, "{line}")?;
    }
    for moved in changes.moved() {
        writeln!(out, "{}", moved::as_json(moved))?;
    }
    Ok(())
}

fn word(change: &Change) -> &'static str {
    match (change.is_added(), change.is_removed()) {
        (true, _) => "added",
        (_, true) => "removed",
        _ => "changed",
    }
}

/// Returns the targets with their shares, or the error code.
fn lead(shares: Result<&[Share], &ResolveError>) -> Value {
    match shares {
        Ok(shares) => shares
            .iter()
            .map(|share| json!({"target": share.target(), "share": share.probability().to_decimal()}))
            .collect(),
        Err(error) => json!({"error": error.code()}),
    }
}
