//! The share of one target.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::base::fraction::Fraction;

/// The share that a target gets of the requests for a name.
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

    /// All of it.
    pub(crate) fn whole(target: String) -> Self {
        Self {
            target: target.into(),
            probability: Fraction::ONE,
        }
    }

    /// The target as text, as [`Resolution::target`](crate::Resolution::target) gives it.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Its share. Marked as not exact where a selector of the embedder has a say, for which
    /// weights stand in.
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
