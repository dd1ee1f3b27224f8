//! A whole request: one target after the other, until one serves or none is left.

mod content;
mod current;
mod error;
mod handle;
mod phase;
mod saved_request;
mod serving;
mod state;

pub use error::{AttemptsError, StepReport, StepState};
pub use serving::Serving;
pub use state::Attempts;
