//! The immutable table: what a checked configuration becomes. Loading builds it, serving reads it.

mod entries;
mod hot;
mod names;
pub(crate) mod provider;
mod routing;
mod target;

pub use entries::Deprecation;
pub(crate) use entries::{
    Alias, AliasId, Answer, Choice, End, Extras, Group, GroupId, HealthId, Hop, Limited, Listed,
    MAX_PATH, Member, NONE, ProviderId, Step, Target, TargetId, Turns,
};
pub(crate) use hot::{Front, Place, Rivals};
pub(crate) use names::Names;
pub(crate) use routing::{HealthKey, RoutingTable};
pub use target::TargetRef;
