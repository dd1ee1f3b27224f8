//! Live state: everything that changes while a table serves. Every atomic of it is here.

mod alarm;
mod cooling;
mod counter;
mod health;
mod live;
#[cfg(all(test, model_aliases_loom))]
mod model;

pub(crate) use alarm::Alarm;
pub(crate) use cooling::{Cause, Cooling};
pub(crate) use counter::{Counter, Rotation};
pub(crate) use health::{Admission, Health, Ticket};
pub(crate) use live::LiveState;
