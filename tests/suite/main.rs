//! Every test that needs the whole crate, in one binary: each binary links the whole tree of
//! dev-dependencies.

mod corpus;
mod counting;
mod golden;
mod hostile;
mod laws;
mod layering;
mod named;
mod program;
mod readme;
mod seed;
mod surface;
