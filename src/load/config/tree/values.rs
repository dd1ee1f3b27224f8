//! Reads keys and values of any kind into nodes.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::node::{MapEntry, MapKey, NodeValue, TreeNode};
use super::pass::ReadPass;
use super::place::PlaceSeed;

/// What `expecting` writes for a key. `yaml::reader` recognizes the error by this text.
pub(crate) const KEY_EXPECTED: &str = "a key that is text";

/// Reads the next key of a mapping.
pub(super) fn next_key<'de, A: MapAccess<'de>>(
    map: &mut A,
    pass: &mut ReadPass<'_>,
) -> Result<Option<MapKey<'de>>, A::Error> {
    if let Some(places) = pass.wanted() {
        match map.next_key_seed(PlaceSeed) {
            Ok(None) => return Ok(None),
            Ok(Some(never)) => match never {},
            Err(error) => places.note(&error),
        }
    }
    let Some(text) = map.next_key_seed(KeySeed)? else {
        return Ok(None);
    };
    pass.spend_text(&text)?;
    Ok(Some(MapKey {
        id: pass.number()?,
        text,
    }))
}

/// Reads the value of the key read last.
pub(super) fn next_value<'de, A: MapAccess<'de>>(
    map: &mut A,
    pass: &mut ReadPass<'_>,
) -> Result<TreeNode<'de>, A::Error> {
    if let Some(places) = pass.wanted() {
        match map.next_value_seed(PlaceSeed) {
            Ok(never) => match never {},
            Err(error) => places.note(&error),
        }
    }
    map.next_value_seed(NodeSeed(pass))
}

/// Appends to a list. Most lists and mappings hold at most two nodes, but `Vec` would make room for
/// four, which leaves half of a large tree empty.
fn push<T>(items: &mut Vec<T>, item: T) {
    if items.capacity() == 0 {
        items.reserve_exact(2);
    }
    items.push(item);
}

/// Reads a key as text, so that `1.10` stays `1.10`.
pub(super) struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(KEY_EXPECTED)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text))
    }
}

/// Reads one value of any kind.
struct NodeSeed<'p, 'w>(&'p mut ReadPass<'w>);

impl<'de> DeserializeSeed<'de> for NodeSeed<'_, '_> {
    type Value = TreeNode<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let id = self.0.number()?;
        let value = deserializer.deserialize_any(ValueVisitor(self.0))?;
        Ok(TreeNode { id, value })
    }
}

struct ValueVisitor<'p, 'w>(&'p mut ReadPass<'w>);

impl<'de> Visitor<'de> for ValueVisitor<'_, '_> {
    type Value = NodeValue<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(NodeValue::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(NodeValue::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(NodeValue::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(NodeValue::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        self.visit_i128(value.into())
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Self::Value, E> {
        Ok(match i64::try_from(value) {
            Ok(value) => NodeValue::Int(value),
            Err(_) => NodeValue::BigInt(Box::new(value)),
        })
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Self::Value, E> {
        match i128::try_from(value) {
            Ok(value) => self.visit_i128(value),
            #[expect(
                clippy::cast_precision_loss,
                reason = "YAML reads a number of this size as a float too"
            )]
            Err(_) => Ok(NodeValue::Float(value as f64)),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(NodeValue::Float(value))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        self.0.spend_text(text)?;
        Ok(NodeValue::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        self.0.spend_text(text)?;
        Ok(NodeValue::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        self.0.spend_text(&text)?;
        Ok(NodeValue::Text(Cow::Owned(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        self.0.deeper(|pass| {
            let mut items = Vec::new();
            loop {
                if let Some(places) = pass.wanted() {
                    match seq.next_element_seed(PlaceSeed) {
                        Ok(None) => break,
                        Ok(Some(never)) => match never {},
                        Err(error) => places.note(&error),
                    }
                }
                match seq.next_element_seed(NodeSeed(pass))? {
                    Some(item) => push(&mut items, item),
                    None => break,
                }
            }
            Ok(NodeValue::List(items))
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        self.0.deeper(|pass| {
            let mut entries = Vec::new();
            while let Some(key) = next_key(&mut map, pass)? {
                let value = next_value(&mut map, pass)?;
                push(&mut entries, MapEntry { key, value });
            }
            Ok(NodeValue::Map(entries))
        })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Self::Value, A::Error> {
        self.0.deeper(|pass| {
            let (_, value) = tagged.variant_seed(KeySeed)?;
            let node = value.newtype_variant_seed(NodeSeed(pass))?;
            Ok(NodeValue::Tagged(Box::new(node)))
        })
    }
}
