//! Writes changes as text for a reviewer.

use std::fmt::{Formatter, Result};

use super::fields::HIDDEN;
use super::parts::{Change, FieldChange, Rerouted};
use crate::base::text::escaped;
use crate::inspect::shares::{Moved, Share};
use crate::serve::error::ResolveError;

/// Returns `+` for added, `-` for removed, `~` for changed.
fn sign(existed: bool, exists: bool) -> char {
    match (existed, exists) {
        (false, _) => '+',
        (true, false) => '-',
        (true, true) => '~',
    }
}

pub(super) fn changes(f: &mut Formatter<'_>, title: &str, changes: &[Change]) -> Result {
    if !changes.is_empty() {
        writeln!(f, "{title}")?;
    }
    for change in changes {
        writeln!(
            f,
            "  {} {}",
            sign(change.existed, change.exists),
            change.name
        )?;
        for field in &change.fields {
            writeln!(f, "      {}", line(field))?;
        }
    }
    Ok(())
}

fn line(change: &FieldChange) -> String {
    let FieldChange {
        field,
        before,
        after,
    } = change;
    let shown = |value: &str| match value {
        HIDDEN => String::new(),
        value => format!(": {value}"),
    };
    match (before.as_deref(), after.as_deref()) {
        (Some(HIDDEN), Some(HIDDEN)) => format!("{field} changed"),
        (Some(before), Some(after)) => format!("{field}: {before} → {after}"),
        (Some(before), None) => format!("- {field}{}", shown(before)),
        (None, Some(after)) => format!("+ {field}{}", shown(after)),
        // Unreachable: equal values are not collected.
        (None, None) => field.clone(),
    }
}

pub(super) fn rerouted(f: &mut Formatter<'_>, names: &[Rerouted]) -> Result {
    if !names.is_empty() {
        writeln!(f, "names that lead elsewhere")?;
    }
    for Rerouted {
        name,
        before,
        after,
    } in names
    {
        let (before, after) = (lead(before.as_deref()), lead(after.as_deref()));
        writeln!(f, "  {name}: {before} → {after}")?;
    }
    Ok(())
}

fn lead(shares: std::result::Result<&[Share], &ResolveError>) -> String {
    let shares = match shares {
        Ok(shares) => shares,
        Err(ResolveError::AmbiguousName { .. }) => return "ambiguous".to_owned(),
        Err(_) => return "nothing".to_owned(),
    };
    if let [only] = shares {
        return escaped(only.target());
    }
    let shares = shares.iter().map(|share| {
        let (target, part) = (escaped(share.target()), share.probability());
        format!("{target} {part}")
    });
    shares.collect::<Vec<_>>().join(", ")
}

pub(super) fn moved(f: &mut Formatter<'_>, moved: &[Moved]) -> Result {
    if !moved.is_empty() {
        writeln!(f, "sticky keys that move")?;
    }
    for moved in moved {
        writeln!(f, "  {}: {}", moved.alias(), moved.share())?;
        for flow in moved.flows() {
            let (from, to) = (escaped(flow.from()), escaped(flow.to()));
            writeln!(f, "    {from} → {to}: {}", flow.share())?;
        }
    }
    Ok(())
}
