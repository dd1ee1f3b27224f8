//! The look-up of names.

use std::hash::{BuildHasher, Hasher};

use foldhash::SharedSeed;
use foldhash::fast::{FixedState, FoldHasher};
use hashbrown::HashTable;

/// A name in the table and its answer.
///
/// One cache line, which holds the bytes that tell most names apart. The name itself is elsewhere, and is read
/// only if it is longer than those bytes.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Known<A> {
    ends: Ends,
    pub(crate) name: Box<str>,
    pub(crate) answer: A,
}

/// The names in the table.
///
/// Hash and comparison are passed to the table, because both read the same few bytes of a name. With `Hash` and
/// `Eq` of `str` a look-up calls a function for each and spills registers between them: a third more
/// instructions.
#[derive(Debug)]
pub(crate) struct Names<A>(HashTable<Known<A>>);

impl<A> Names<A> {
    pub(crate) fn with_capacity(names: usize) -> Self {
        Self(HashTable::with_capacity(names))
    }

    /// Adds a new name.
    pub(crate) fn insert(&mut self, name: &str, answer: A) {
        let known = Known {
            ends: Ends::of(name),
            name: name.into(),
            answer,
        };
        self.0
            .insert_unique(hash(name), known, |known| hash(&known.name));
    }

    #[expect(
        clippy::inline_always,
        reason = "its callers decide: see `RoutingTable::known`"
    )]
    #[inline(always)]
    pub(crate) fn get(&self, name: &str) -> Option<&Known<A>> {
        if name.len() > Ends::BOTH {
            return self.get_long(name);
        }
        let ends = Ends::of(name);
        self.0.find(ends.hash(name.len()), |known| {
            known.ends == ends && known.name.len() == name.len()
        })
    }

    /// All of them, in no order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|known| &*known.name)
    }

    /// Out of line, so that the loop for other names calls nothing.
    #[inline(never)]
    fn get_long(&self, name: &str) -> Option<&Known<A>> {
        self.0.find(hash(name), |known| *known.name == *name)
    }
}

/// The hash of a name. The owner of the configuration writes the names, so the seed need not be secret.
fn hash(name: &str) -> u64 {
    if name.len() > Ends::BOTH {
        FixedState::default().hash_one(name)
    } else {
        Ends::of(name).hash(name.len())
    }
}

/// The first and the last 16 bytes of a text, as integers; they overlap in a text of less than 32 bytes. For 8 to
/// 15 bytes, the first and the last 8. For fewer, all bytes and zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ends {
    first: u128,
    last: u128,
}

impl Ends {
    /// The longest text that is identified by its ends and its length.
    const BOTH: usize = 32;

    #[inline]
    fn of(text: &str) -> Self {
        let text = text.as_bytes();
        if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            return Self {
                first: u128::from_ne_bytes(*first),
                last: u128::from_ne_bytes(*last),
            };
        }
        let first = match (text.first_chunk(), text.last_chunk()) {
            (Some(first), Some(last)) => {
                let (first, last) = (u64::from_ne_bytes(*first), u64::from_ne_bytes(*last));
                u128::from(last) << 64 | u128::from(first)
            }
            _ => text
                .iter()
                .fold(0, |word, &byte| word << 8 | u128::from(byte)),
        };
        Self { first, last: 0 }
    }

    #[inline]
    fn hash(self, length: usize) -> u64 {
        let mut hasher = FoldHasher::with_seed(length as u64, SharedSeed::global_fixed());
        hasher.write_u128(self.first);
        hasher.write_u128(self.last);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Around every length at which names are read differently.
    #[test]
    fn every_byte_of_a_name_counts() {
        let letters = |length| ('a'..='z').cycle().take(length).collect::<String>();
        let texts: Vec<String> = (0..=70).map(letters).collect();
        let mut names = Names::with_capacity(0);
        for (at, text) in texts.iter().enumerate() {
            names.insert(text, at);
        }
        for (at, text) in texts.iter().enumerate() {
            let known = names.get(text).unwrap();
            assert_eq!((&*known.name, known.answer), (&**text, at));
            // In enough ways that some have the same seven bits of hash as the name.
            for (byte, letter) in (0..text.len()).flat_map(|at| ('!'..='Z').map(move |c| (at, c))) {
                let mut other = text.clone();
                other.replace_range(byte..=byte, letter.encode_utf8(&mut [0; 4]));
                assert!(names.get(&other).is_none(), "{other}");
            }
        }
    }

    /// Names of one letter have the same ends at any length. The table is so small that each is compared when
    /// seven bits of its hash match.
    #[test]
    fn the_length_of_a_name_counts() {
        for letter in '!'..='Z' {
            let mut names = Names::with_capacity(0);
            let name = |length| letter.to_string().repeat(length);
            for length in (18..=32).step_by(2) {
                names.insert(&name(length), ());
            }
            for length in 1..=40 {
                let expected = (18..=32).contains(&length) && length % 2 == 0;
                assert_eq!(names.get(&name(length)).is_some(), expected, "{length}");
            }
        }
    }

    /// Long names with the same ends must not be compared one after the other.
    #[test]
    fn the_middle_of_a_long_name_is_hashed() {
        let ends = "e".repeat(40);
        let hashes = (0..1_000).map(|at| hash(&format!("{ends}{at}{ends}")));
        let hashes: std::collections::HashSet<u64> = hashes.collect();
        assert_eq!(hashes.len(), 1_000);
    }
}
