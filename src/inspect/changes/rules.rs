//! Compares failure rules.

use indexmap::{IndexMap, IndexSet};

use super::fields::FieldDiff;
use super::parts::Change;
use crate::base::text::escaped;
use crate::failure::FailureClass;
use crate::table::RoutingTable;

/// Returns the rules that differ. A rule that has another place among those of both versions is changed.
pub(super) fn changes(before: &RoutingTable, after: &RoutingTable) -> Vec<Change> {
    let (before, after) = (rules(before), rules(after));
    let names: IndexSet<&String> = after.keys().chain(before.keys()).collect();
    let place = |name: &str, these: &Rules, others: &Rules| {
        let mut common = these.keys().filter(|name| others.contains_key(*name));
        common.position(|other| other == name).map(|at| at + 1)
    };
    let changes = names.into_iter().filter_map(|name| {
        let (old, new) = (before.get(name), after.get(name));
        let class = |class: Option<&Option<FailureClass>>| class.copied().flatten();
        let mut fields = FieldDiff::default();
        fields.shown("class", class(old), class(new));
        if old.is_some() && new.is_some() {
            let places = [(&before, &after), (&after, &before)];
            let [old, new] = places.map(|(these, others)| place(name, these, others));
            fields.shown("place", old, new);
        }
        let differs = old.is_none() || new.is_none() || !fields.0.is_empty();
        differs.then(|| Change {
            name: escaped(name).into(),
            existed: old.is_some(),
            exists: new.is_some(),
            // For a removed rule its requirements are enough.
            fields: if new.is_some() { fields.0 } else { Vec::new() },
        })
    });
    changes.collect()
}

/// The class of each rule, by its requirements. Of two with the same requirements the first counts.
type Rules = IndexMap<String, Option<FailureClass>>;

fn rules(table: &RoutingTable) -> Rules {
    let mut rules = Rules::new();
    for rule in &table.failure_rules {
        rules.entry(rule.to_string()).or_insert(rule.gives_class());
    }
    rules
}
