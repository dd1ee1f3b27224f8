//! Reads how an alias chooses among its targets: `load_balance` and `sticky`.

use std::sync::Arc;

use super::super::entry::{BalanceEntry, Field, Located, TargetEntry};
use super::super::tree::{MapEntry, TreeNode};
use super::entry_reader::EntryReader;
use super::phrase::AliasLabel;

impl EntryReader {
    /// Reads `load_balance`, and `targets` if they are written inside it.
    pub(super) fn balance(
        &mut self,
        node: TreeNode<'_>,
        alias: AliasLabel<'_>,
    ) -> (Field<BalanceEntry>, Field<Vec<TargetEntry>>) {
        let id = node.id;
        let mut balance = BalanceEntry::default();
        let mut targets = Field::Absent;
        let Some(entries) = self.map(node, &alias.field("load_balance")) else {
            return (Field::Wrong, targets);
        };
        for entry in entries {
            let MapEntry { key, value } = entry;
            match &*key.text {
                "algorithm" => balance.algorithm = self.text(value, &alias.field("algorithm")),
                "targets" => {
                    targets = self.members(key.id, value, alias);
                }
                _ => {
                    let known = ["algorithm", "targets"];
                    if self.unknown_field(&key, &alias.field("load_balance"), &known)
                        == Some("targets")
                    {
                        targets = Field::Wrong;
                    }
                }
            }
        }
        (
            Field::Set(Located {
                node: id,
                value: balance,
            }),
            targets,
        )
    }

    pub(super) fn sticky(
        &mut self,
        node: TreeNode<'_>,
        alias: AliasLabel<'_>,
    ) -> Field<Field<Arc<str>>> {
        let id = node.id;
        let Some(entries) = self.map(node, &alias.field("sticky")) else {
            return Field::Wrong;
        };
        let mut salt = Field::Absent;
        for entry in entries {
            match &*entry.key.text {
                "salt" => salt = self.text(entry.value, &alias.field("salt")),
                _ => {
                    self.unknown_field(&entry.key, &alias.field("sticky"), &["salt"]);
                }
            }
        }
        Field::Set(Located {
            node: id,
            value: salt,
        })
    }
}
