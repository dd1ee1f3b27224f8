//! The plan of one request through an alias: which target is next, given the outcome of those before.
//!
//! `rules` holds the step rule as functions without effects. `machine` and its parts act on it, `lookahead` asks what
//! could follow, and `explorer` follows one sequence of random choices. Most requests find their first
//! target without a plan: see `begin`.

mod admission;
mod below;
mod bill;
mod choices;
mod context;
mod event;
mod explorer;
mod finished;
mod frame;
mod limits;
mod lookahead;
mod machine;
mod members;
mod outcome;
mod report;
mod rules;

pub(crate) use choices::{
    Choices, FIRST_STEP, Found, NO_MEMBER, PriorChoices, Root, alias_path, entries, owner,
};
pub(crate) use context::{Allow, PlanContext};
pub(crate) use event::{Event, EventKind};
pub(crate) use explorer::{Branch, PathExplorer, Visit, first_probabilities};
pub(crate) use limits::TimeLimit;
pub(crate) use machine::Plan;
pub(crate) use rules::LeftOut;
