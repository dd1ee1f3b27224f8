//! What the request and the operator leave of the targets below an alias.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::table::{End, GroupId, RoutingTable, TargetId};

/// What is left of the targets below an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    /// Whether an operator has drained all of them.
    pub(super) drained: bool,
    /// Whether the request may go to any of them.
    pub(super) allowed: bool,
}

/// What is left below each alias that a request can lead to. Each alias is looked at once, however many entries lead
/// there.
#[derive(Debug, Default)]
pub(super) struct Below(HashMap<GroupId, Left, FixedState>);

impl Below {
    /// Looks below an entry. `left` tells whether a target is drained, and whether it is allowed.
    pub(super) fn of(table: &RoutingTable, end: End, left: &dyn Fn(TargetId) -> Left) -> Self {
        let mut below = Self::default();
        below.look(table, end, left);
        below
    }

    /// A path has at most 16 aliases, which bounds the recursion.
    fn look(&mut self, table: &RoutingTable, end: End, left: &dyn Fn(TargetId) -> Left) -> Left {
        let id = match end {
            End::Target { target, .. } => return left(target),
            End::Group(id) => id,
        };
        if let Some(known) = self.group(id) {
            return known;
        }
        let group = table.group(id);
        let members = group.members.iter().enumerate();
        let members = members.filter(|(at, _)| group.is_drawn(*at));
        let ends = members.map(|(_, member)| member.end);
        let ends = ends.chain(group.steps.iter().map(|step| step.hop.end));
        let none = Left {
            drained: true,
            allowed: false,
        };
        let all = ends.fold(none, |all, end| {
            let one = self.look(table, end, left);
            Left {
                drained: all.drained && one.drained,
                allowed: all.allowed || one.allowed,
            }
        });
        self.0.insert(id, all);
        all
    }

    pub(super) fn group(&self, id: GroupId) -> Option<Left> {
        self.0.get(&id).copied()
    }
}
