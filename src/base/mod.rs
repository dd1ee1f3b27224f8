//! Basic values for all other modules: names, text, numbers, money, locations, problems.

pub(crate) mod decimal;
pub(crate) mod duration;
pub(crate) mod fraction;
pub(crate) mod limits;
pub(crate) mod location;
pub(crate) mod mix;
pub(crate) mod money;
pub(crate) mod name;
pub(crate) mod problem;
pub(crate) mod reference;
pub(crate) mod rendezvous;
pub(crate) mod secret;
pub(crate) mod suggest;
pub(crate) mod text;
pub(crate) mod url;
pub(crate) mod value;
pub(crate) mod vocabulary;
