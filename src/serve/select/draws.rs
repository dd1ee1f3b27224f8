//! The random bits and the sticky key of one request.

use crate::base::mix::{GOLDEN, splitmix64};
use crate::base::rendezvous;
use crate::serve::entropy::Source;
use crate::serve::request::Request;

/// The random bits and the sticky key that decide the choices of one request.
pub(crate) struct Draws<'a> {
    source: &'a Source,
    given: Option<u64>,
    key: StickyKey<'a>,
}

/// A sticky key. Choices see only its hash, which is made when it is first needed.
#[derive(Clone, Copy)]
enum StickyKey<'a> {
    None,
    Text(&'a [u8]),
    Hashed(u64),
}

impl SavedDraws {
    /// The draws of a request before its first choice.
    #[inline]
    pub(crate) fn new(request: Request<'_>) -> Self {
        Self {
            given: request.given_entropy(),
            digest: request.key().map(rendezvous::digest),
        }
    }
}

impl<'a> Draws<'a> {
    #[inline]
    pub(crate) fn new(source: &'a Source, request: Request<'a>) -> Self {
        Self {
            source,
            given: request.given_entropy(),
            key: request.key().map_or(StickyKey::None, StickyKey::Text),
        }
    }

    /// Goes on where [`saved`](Self::saved) was called.
    #[inline]
    pub(crate) fn resumed(source: &'a Source, saved: SavedDraws) -> Self {
        Self {
            source,
            given: saved.given,
            key: saved.digest.map_or(StickyKey::None, StickyKey::Hashed),
        }
    }

    /// The state for later choices of the same request.
    #[inline]
    pub(crate) fn saved(&mut self) -> SavedDraws {
        SavedDraws {
            given: self.given,
            digest: self.digest(),
        }
    }

    /// The bits for the next draw. The draws of nested groups must not be related, so the request's own bits are
    /// mixed once more for each.
    #[inline]
    pub(crate) fn next(&mut self) -> u64 {
        match self.given {
            Some(bits) => {
                self.given = Some(splitmix64(bits ^ GOLDEN));
                bits
            }
            None => self.source.next_u64(),
        }
    }

    /// Whether split choices are deterministic.
    pub(crate) fn decide_splits(&self) -> bool {
        self.is_keyed() || self.given.is_some()
    }

    #[inline]
    pub(crate) fn is_keyed(&self) -> bool {
        !matches!(self.key, StickyKey::None)
    }

    /// The hash of the key, if there is one.
    #[inline]
    pub(super) fn digest(&mut self) -> Option<u64> {
        match self.key {
            StickyKey::None => None,
            StickyKey::Hashed(digest) => Some(digest),
            StickyKey::Text(key) => {
                let digest = rendezvous::digest(key);
                self.key = StickyKey::Hashed(digest);
                Some(digest)
            }
        }
    }
}

/// The state of [`Draws`] between the attempts of a request. It holds the hash of the key, not its text.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SavedDraws {
    given: Option<u64>,
    digest: Option<u64>,
}
