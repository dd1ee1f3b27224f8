//! Finds names that lead to other targets than before.

use std::collections::BTreeSet;

use indexmap::IndexSet;

use super::parts::Rerouted;
use crate::base::text::escaped;
use crate::inspect::shares::{Distributions, Share};
use crate::serve::error::ResolveError;
use crate::serve::resolver::AliasResolver;
use crate::serve::snapshot::UnknownNames;

/// Targets of a name.
type TargetShares = Result<Vec<Share>, ResolveError>;

/// Stands for every name that the configuration does not list.
const OTHERS: &str = "*";

/// Returns the names that were known and now lead to other targets, or fail in another way. New names are left out:
/// they change nothing for existing clients.
pub(super) fn rerouted(before: &AliasResolver, after: &AliasResolver) -> Vec<Rerouted> {
    let tables = [after.table(), before.table()];
    let aliases = tables.iter().flat_map(|table| &table.aliases);
    let aliases: IndexSet<&str> = aliases.map(|alias| &*alias.name).collect();
    // The rest in alphabetical order: the tables keep no order for them.
    let models = tables.iter();
    let models = models.flat_map(|table| {
        let listed = table.catalog.keys().map(AsRef::as_ref);
        table.names.keys().chain(listed)
    });
    let models: BTreeSet<&str> = models.filter(|name| !aliases.contains(name)).collect();
    let names = aliases.into_iter().chain(models);
    let (mut all_before, mut all_after) = (Distributions::new(before), Distributions::new(after));
    let names = names.filter_map(|name| compare(name, all_before.of(name), all_after.of(name)));
    let wildcards = tables.iter().flat_map(|table| table.wildcards.keys());
    let wildcards: BTreeSet<&str> = wildcards.map(AsRef::as_ref).collect();
    let wildcards = wildcards.into_iter().filter_map(|provider| {
        let (before, after) = (wildcard(before, provider), wildcard(after, provider));
        compare(&format!("{provider}/*"), before, after)
    });
    let others = compare(OTHERS, others(before, OTHERS), others(after, OTHERS));
    names.chain(wildcards).chain(others).collect()
}

/// Returns the targets of the names `provider/…` that no entry declares.
fn wildcard(resolver: &AliasResolver, provider: &str) -> TargetShares {
    let name = format!("{provider}/*");
    if resolver.table().wildcards.contains_key(provider) {
        Ok(vec![Share::whole(name)])
    } else {
        others(resolver, &name)
    }
}

/// Returns the targets of a name that the configuration does not list.
fn others(resolver: &AliasResolver, name: &str) -> TargetShares {
    let table = resolver.table();
    let target = match (resolver.snapshot().unknown_names, table.default) {
        (UnknownNames::DefaultProvider, Some(entry)) => {
            let provider = &table.target(entry).provider;
            format!("{}/{name}", provider.provider())
        }
        (UnknownNames::DefaultModel, Some(entry)) => table.target(entry).text.to_string(),
        _ => return Err(ResolveError::unknown_name(name)),
    };
    Ok(vec![Share::whole(target)])
}

fn compare(name: &str, before: TargetShares, after: TargetShares) -> Option<Rerouted> {
    if matches!(before, Err(ResolveError::UnknownName { .. })) {
        return None;
    }
    let same = match (&before, &after) {
        (Ok(before), Ok(after)) => targets(before) == targets(after),
        (Err(before), Err(after)) => before.code() == after.code(),
        _ => false,
    };
    (!same).then(|| Rerouted {
        name: escaped(name).into(),
        before,
        after,
    })
}

fn targets(shares: &[Share]) -> BTreeSet<&str> {
    shares.iter().map(Share::target).collect()
}
