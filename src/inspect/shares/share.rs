//! [`Share`]: the share of one target.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::base::fraction::Fraction;

/// A target's share of the requests for a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    target: Box<str>,
    probability: Fraction,
}

impl Share {
    pub(crate) fn new(target: String, probability: Fraction) -> Self {
        Self {
            target: target.into(),
            probability,
        }
    }

    /// A share of 1.
    pub(crate) fn whole(target: String) -> Self {
        Self {
            target: target.into(),
            probability: Fraction::ONE,
        }
    }

    /// Returns the text of the target, as [`Resolution::target`](crate::Resolution::target) does.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Returns the share. It is marked as inexact if a custom selector takes part: the weights are used in
    /// its place.
    pub fn probability(&self) -> Fraction {
        self.probability
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("target", self.target())?;
        map.serialize_entry("probability", &self.probability().to_decimal())?;
        map.end()
    }
}
