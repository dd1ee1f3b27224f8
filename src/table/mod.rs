//! The immutable table: what a checked configuration becomes. Loading builds it, serving reads it.

mod entries;
mod hot;
mod names;
pub(crate) mod provider;
mod routing;
mod smooth;
mod target;

pub use entries::Deprecation;
pub(crate) use entries::{
    Alias, AliasId, Answer, CatalogEntry, Choice, End, Group, GroupId, HealthId, Hop, Limited,
    MAX_PATH, Member, NONE, ProviderId, Step, Target, TargetId, TargetOptions, Turns,
};
pub(crate) use hot::{HotGroup, HotMember, HotRivals};
pub(crate) use names::Names;
pub(crate) use routing::{HealthKey, RoutingTable, room};
pub(crate) use smooth::SmoothPicks;
pub use target::TargetRef;
