//! One generic reader: a serde document becomes a tree of nodes numbered in file order.
//!
//! Typed serde visitors lose places and swallow what they cannot read. So everything of ours
//! is read as a tree first, keys and values numbered in the order of the file, and the tree is
//! judged in plain Rust. A problem holds the number of its node; only when there are problems
//! is the text read once more, by the same code, to turn numbers into places.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

/// The number of a node: keys and values, from 1, in the order of the file. 0 is the document.
pub(crate) type NodeId = u32;

/// A document may not nest deeper. It is what the YAML reader allows, and keeps the recursion
/// of this reader bounded for every other format.
pub(crate) const MAX_DEPTH: u32 = 128;

/// What `expecting` says for a key; [`super::yaml`] tells such an error by it.
pub(crate) const KEY_EXPECTED: &str = "a key that is text";
/// The error for a document over its node budget.
pub(crate) const OVER_BUDGET: &str = "node budget exceeded";
/// The error for a document whose scalars take too much when its YAML aliases are expanded.
pub(crate) const REPEATED: &str = "scalars repeated too often";
/// The error for a document that nests too deep.
pub(crate) const TOO_DEEP: &str = "nesting limit exceeded";

#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub(crate) id: NodeId,
    pub(crate) value: NodeValue<'a>,
}

#[derive(Debug)]
pub(crate) enum NodeValue<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// A whole number beyond 64 bits. Boxed, so that the common node stays small.
    BigInt(Box<i128>),
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Map(Vec<Entry<'a>>),
    /// A value with a YAML tag of its own, `!word`. The long forms, `!<uri>` and those of a
    /// `%TAG` line, are dropped by the YAML reader before anybody can see them.
    Tagged(Box<Node<'a>>),
}

#[derive(Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) key: Key<'a>,
    pub(crate) value: Node<'a>,
}

#[derive(Debug, Clone)]
pub(crate) struct Key<'a> {
    pub(crate) id: NodeId,
    pub(crate) text: Cow<'a, str>,
}

/// The top level of a document: our sections as trees, of the others the keys alone.
#[derive(Debug, Default)]
pub(crate) struct Top<'a> {
    /// Every top-level key in file order; the value where it is one of ours.
    pub(crate) entries: Vec<(Key<'a>, Option<Node<'a>>)>,
    /// What the document is where it is no mapping.
    pub(crate) not_a_mapping: Option<&'static str>,
}

/// The top-level keys of a configuration.
pub(crate) const SECTIONS: &[&str] = &["model_providers", "llm_providers", "model_aliases"];
/// The top-level key of routing tests. A configuration leaves it alone: what serves does not wait for
/// tests to be read, or fail for a mistake in one.
pub(crate) const TESTS: &[&str] = &["model_alias_tests"];
/// The merge key of YAML.
pub(crate) const MERGE: &str = "<<";

/// How large a document may be when its YAML aliases are expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    pub(crate) nodes: u32,
    /// Bytes of all scalars together.
    pub(crate) text: usize,
}

/// One run over a document.
pub(crate) struct Pass<'w> {
    /// What is read of the top level; another choice numbers the nodes differently.
    sections: &'static [&'static str],
    next: NodeId,
    budget: Budget,
    depth: u32,
    places: Option<&'w mut Places>,
}

impl<'w> Pass<'w> {
    pub(crate) fn new(
        sections: &'static [&'static str],
        budget: Budget,
        places: Option<&'w mut Places>,
    ) -> Self {
        Self {
            sections,
            next: 1,
            budget,
            depth: 0,
            places,
        }
    }

    /// How many nodes were numbered, the document itself among them.
    pub(crate) fn count(&self) -> u32 {
        self.next
    }

    fn number<E: Error>(&mut self) -> Result<NodeId, E> {
        let id = self.next;
        if let Some(places) = &self.places
            && places.found.len() == places.wanted.len()
        {
            return Err(E::custom("every place is found"));
        }
        if id > self.budget.nodes {
            return Err(E::custom(OVER_BUDGET));
        }
        self.next += 1;
        Ok(id)
    }

    /// Takes a scalar's text out of the budget.
    fn text<E: Error>(&mut self, text: &str) -> Result<(), E> {
        match self.budget.text.checked_sub(text.len()) {
            Some(left) => self.budget.text = left,
            None => return Err(E::custom(REPEATED)),
        }
        Ok(())
    }

    /// The places to note, if the next node's place is wanted.
    fn wanted(&mut self) -> Option<&mut Places> {
        let next = self.next;
        let places = self.places.as_deref_mut()?;
        // The node behind a tag shares the place of the tag and cannot be asked for.
        while places
            .wanted
            .get(places.found.len())
            .is_some_and(|&node| node < next)
        {
            let last = places.found.last().copied().unwrap_or((1, 1));
            places.found.push(last);
        }
        (places.wanted.get(places.found.len()) == Some(&next)).then_some(places)
    }

    fn deeper<E: Error, T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(TOO_DEEP));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }
}

/// Nodes whose places are wanted, in ascending order, and the places found so far.
#[derive(Debug, Default)]
pub(crate) struct Places {
    pub(crate) wanted: Vec<NodeId>,
    pub(crate) found: Vec<(usize, usize)>,
}

impl Places {
    /// Takes the place out of the error that a [`PlaceSeed`] ends in.
    fn note(&mut self, error: &impl fmt::Display) {
        self.found.push(place_in(&error.to_string()));
    }
}

/// The line and column that an error's text ends in; the reader writes none for 1:1.
fn place_in(text: &str) -> (usize, usize) {
    let parse = || {
        let (_, mark) = text.rsplit_once(" at line ")?;
        let (line, column) = mark.split_once(" column ")?;
        Some((line.parse().ok()?, column.parse().ok()?))
    };
    parse().unwrap_or((1, 1))
}

/// Asks a YAML deserializer for the place of its next node, consuming nothing.
///
/// It descends through newtypes until the reader's depth limit fires: that error carries the
/// mark of the untouched node. Any other way to learn a place consumes the node.
struct PlaceSeed;

impl<'de> DeserializeSeed<'de> for PlaceSeed {
    type Value = std::convert::Infallible;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_newtype_struct("", self)
    }
}

impl<'de> Visitor<'de> for PlaceSeed {
    type Value = std::convert::Infallible;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML node")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        self.deserialize(deserializer)
    }
}

/// The place of a document's root.
pub(crate) fn root_place<'de, D: Deserializer<'de>>(deserializer: D) -> (usize, usize) {
    match PlaceSeed.deserialize(deserializer) {
        Ok(never) => match never {},
        Err(error) => place_in(&error.to_string()),
    }
}

/// The next key of a mapping.
fn next_key<'de, A: MapAccess<'de>>(
    map: &mut A,
    pass: &mut Pass<'_>,
) -> Result<Option<Key<'de>>, A::Error> {
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
    pass.text(&text)?;
    Ok(Some(Key {
        id: pass.number()?,
        text,
    }))
}

/// The value behind the key read last.
fn next_value<'de, A: MapAccess<'de>>(
    map: &mut A,
    pass: &mut Pass<'_>,
) -> Result<Node<'de>, A::Error> {
    if let Some(places) = pass.wanted() {
        match map.next_value_seed(PlaceSeed) {
            Ok(never) => match never {},
            Err(error) => places.note(&error),
        }
    }
    map.next_value_seed(NodeSeed(pass))
}

/// Adds to a list. Most lists and mappings hold two nodes at most, where `Vec` makes room for
/// four: half of a large tree would be empty.
fn push<T>(items: &mut Vec<T>, item: T) {
    if items.capacity() == 0 {
        items.reserve_exact(2);
    }
    items.push(item);
}

/// Reads a key as its own text, so that `1.10` stays `1.10`.
struct KeySeed;

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

/// Reads one value, whatever it is.
struct NodeSeed<'p, 'w>(&'p mut Pass<'w>);

impl<'de> DeserializeSeed<'de> for NodeSeed<'_, '_> {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let id = self.0.number()?;
        let value = deserializer.deserialize_any(ValueVisitor(self.0))?;
        Ok(Node { id, value })
    }
}

struct ValueVisitor<'p, 'w>(&'p mut Pass<'w>);

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
                reason = "YAML's own reading of such a number"
            )]
            Err(_) => Ok(NodeValue::Float(value as f64)),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(NodeValue::Float(value))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        self.0.text(text)?;
        Ok(NodeValue::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        self.0.text(text)?;
        Ok(NodeValue::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        self.0.text(&text)?;
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
                push(&mut entries, Entry { key, value });
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

/// Reads the top level of a document.
pub(crate) struct TopVisitor<'p, 'w>(pub(crate) &'p mut Pass<'w>);

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

    /// No document at all: a text that is empty or holds comments alone.
    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Top::default())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Self::other("a truth value"))
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
            let value = if pass.sections.contains(&&*key.text) || key.text == MERGE {
                Some(next_value(&mut map, pass)?)
            } else {
                // Skips without expanding YAML aliases, so foreign sections cost nothing.
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

impl NodeValue<'_> {
    /// What the value is, for "expected …, found …".
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a truth value",
            Self::Int(_) | Self::BigInt(_) | Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
            Self::Tagged(_) => "a tagged value",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_from_the_end_of_an_error() {
        for (text, expected) in [
            ("recursion limit exceeded at line 3 column 14", (3, 14)),
            ("a.b at line 9 column 9: x at line 1 column 2", (1, 2)),
            ("recursion limit exceeded", (1, 1)),
        ] {
            assert_eq!(place_in(text), expected);
        }
    }
}
