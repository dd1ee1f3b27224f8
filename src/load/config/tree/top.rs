//! Reads the top level of a document.

use std::fmt;

use serde::de::{
    Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::node::Top;
use super::pass::ReadPass;
use super::values::{KeySeed, next_key, next_value};

/// Reads the top level of a document.
pub(crate) struct TopVisitor<'p, 'w>(pub(crate) &'p mut ReadPass<'w>);

impl TopVisitor<'_, '_> {
    fn other<'de>(kind: &'static str) -> Top<'de> {
        Top {
            entries: Vec::new(),
            not_a_mapping: Some(kind),
        }
    }
}

impl<'de> Visitor<'de> for TopVisitor<'_, '_> {
    type Value = Top<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping with `model_providers` and `model_aliases`")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Top::default())
    }

    /// An empty text, or one of comments only.
    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Top::default())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Self::other("a boolean"))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Self::other("a number"))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Self::other("a number"))
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Self::Value, E> {
        Ok(Self::other("a number"))
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Self::Value, E> {
        Ok(Self::other("a number"))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Self::other("a number"))
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Self::other("text"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::other("a list"))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Self::Value, A::Error> {
        let (_, value) = tagged.variant_seed(KeySeed)?;
        value.newtype_variant::<IgnoredAny>()?;
        Ok(Self::other("a tagged value"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let pass = self.0;
        let mut entries = Vec::new();
        while let Some(key) = next_key(&mut map, pass)? {
            let value = if pass.reads(&key.text) {
                Some(next_value(&mut map, pass)?)
            } else {
                // Skips other sections without expanding their YAML aliases, so that they cost
                // nothing.
                map.next_value::<IgnoredAny>()?;
                None
            };
            entries.push((key, value));
        }
        Ok(Top {
            entries,
            not_a_mapping: None,
        })
    }
}
