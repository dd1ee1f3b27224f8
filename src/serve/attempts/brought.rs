//! What a request brought, kept for its later attempts.

use std::time::Duration;

use crate::base::money::Usage;
use crate::serve::error::ResolveError;
use crate::serve::plan::{Allow, Ground, Root};
use crate::serve::request::Request;
use crate::serve::resolver::root;
use crate::serve::select::Saved;
use crate::serve::snapshot::Snapshot;
use crate::table::target::TargetRef;
use crate::table::{End, NONE};

/// What was asked, without a copy where the table has it.
#[derive(Debug)]
enum Asked {
    Alias,
    Id,
    Model,
    Name,
    Text(Box<str>),
}

/// What a request brought, as far as later attempts need it.
pub(super) struct Brought {
    pub(super) root: Root,
    asked: Asked,
    /// Where in the name asked the model id to send begins; [`NONE`] for the target's own.
    pub(super) model: u32,
    pub(super) draws: Saved,
    /// The sticky key, where a selector may ask for it.
    key: Option<Box<[u8]>>,
    /// The targets that the request allows, one bit each; `None` for all.
    allowed: Option<Box<[u64]>>,
    /// When it began, where anything limits its time.
    pub(super) start: Duration,
    pub(super) estimate: Option<Usage>,
}

impl Brought {
    #[expect(
        clippy::inline_always,
        reason = "put together in the caller: moved through memory it costs as much again"
    )]
    #[inline(always)]
    pub(super) fn new(snapshot: &Snapshot, request: Request<'_>) -> Result<Self, ResolveError> {
        let table = &snapshot.table;
        let (root, model) = root(snapshot, request.asked())?;
        let asked = if root.alias == NONE {
            Asked::of_model(snapshot, root.end, request.asked())
        } else {
            Asked::Alias
        };
        let key = request.key().filter(|_| snapshot.hooks.are_some());
        Ok(Self {
            root,
            asked,
            model,
            draws: Saved::new(request),
            key: key.map(Into::into),
            allowed: request
                .rule()
                .map(|_| allowed(snapshot, request, root.end, model)),
            start: if table.limited(root.alias).time {
                snapshot.clock.now()
            } else {
                Duration::ZERO
            },
            estimate: request.given_estimate(),
        })
    }

    #[inline]
    pub(super) fn asked<'a>(&'a self, snapshot: &'a Snapshot) -> &'a str {
        let provider = || match self.root.end {
            End::Target { target, .. } => Some(&*snapshot.table.target(target).provider),
            End::Group(_) => None,
        };
        let text = match &self.asked {
            Asked::Alias => snapshot
                .table
                .aliases
                .get(self.root.alias as usize)
                .map(|alias| &*alias.name),
            Asked::Id => provider().map(|provider| &*provider.id),
            Asked::Model => provider().map(|provider| &*provider.model),
            Asked::Name => provider().and_then(|provider| provider.name()),
            Asked::Text(text) => Some(&**text),
        };
        text.unwrap_or_default()
    }

    /// The model id of a name that is sent on as it stands.
    #[inline]
    pub(super) fn open<'a>(&'a self, snapshot: &'a Snapshot) -> Option<&'a str> {
        self.asked(snapshot).get(self.model as usize..)
    }

    /// The request again, as selectors see it.
    pub(super) fn request<'a>(&'a self, snapshot: &'a Snapshot) -> Request<'a> {
        let mut request = Request::new(self.asked(snapshot));
        if let Some(usage) = self.estimate {
            request = request.estimate(usage);
        }
        match &self.key {
            Some(key) => request.sticky_key(key),
            None => request,
        }
    }

    /// Whether the name asked is sent on as it stands.
    #[inline]
    pub(super) fn is_open(&self) -> bool {
        self.model != NONE
    }

    pub(super) fn ground<'a>(&'a self, snapshot: &'a Snapshot) -> Ground<'a> {
        let allow = match &self.allowed {
            Some(bits) => Allow::Known(bits),
            None => Allow::All,
        };
        Ground::new(snapshot, self.request(snapshot), allow, self.open(snapshot))
    }

    /// Whether the way must be planned from the first step on.
    #[inline]
    pub(super) fn is_watched(&self, snapshot: &Snapshot) -> bool {
        let limited = snapshot.table.limited(self.root.alias);
        self.allowed.is_some() || limited.time || limited.cost
    }
}

impl Asked {
    /// What no alias has.
    #[inline(never)]
    fn of_model(snapshot: &Snapshot, end: End, asked: &str) -> Self {
        if let End::Target { target, .. } = end {
            let provider = &snapshot.table.target(target).provider;
            if asked == &*provider.id {
                return Self::Id;
            }
            if asked == &*provider.model {
                return Self::Model;
            }
            if Some(asked) == provider.name() {
                return Self::Name;
            }
        }
        Self::Text(asked.into())
    }
}

/// Asks the request's rule about every target that it can come to.
fn allowed(snapshot: &Snapshot, request: Request<'_>, end: End, model: u32) -> Box<[u64]> {
    let open = request.asked().get(model as usize..);
    let mut bits = vec![0_u64; snapshot.table.targets.len().div_ceil(64)];
    snapshot.table.each_target(end, |at| {
        let target = TargetRef::new(snapshot.table.target(at), open);
        if request.rule().is_none_or(|rule| rule(target)) {
            bits[at as usize / 64] |= 1 << (at % 64);
        }
    });
    bits.into()
}
