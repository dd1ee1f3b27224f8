//! The parts of a request that its later attempts need.

use crate::serve::plan::{Allow, PlanContext, Root};
use crate::serve::request::Request;
use crate::serve::select::{Draws, SavedDraws};
use crate::serve::snapshot::Snapshot;
use crate::serve::tokens::RequestTokens;
use crate::table::{Alias, End, NONE, TargetRef};

/// The name asked: that of the root alias, the field of the provider entry that the variant is named after, or a
/// copy.
#[derive(Debug)]
enum AskedName {
    Alias,
    Id,
    Model,
    Name,
    Text(Box<str>),
}

/// The parts of a request that its later attempts need.
pub(super) struct SavedRequest {
    pub(super) root: Root,
    asked: AskedName,
    /// The offset in the name asked at which the model id to send begins; [`NONE`] for the target's own.
    model_offset: u32,
    draws: SavedDraws,
    /// The sticky key, if a selector may ask for it.
    key: Option<Box<[u8]>>,
    /// The targets that the request allows, one bit each; `None` for all.
    allowed: Option<Box<[u64]>>,
    pub(super) tokens: RequestTokens,
}

impl SavedRequest {
    #[expect(
        clippy::inline_always,
        reason = "inlined so that the request is built in place: a copy costs as much again"
    )]
    #[inline(always)]
    pub(super) fn new(
        snapshot: &Snapshot,
        (root, model_offset): (Root, u32),
        request: Request<'_>,
        draws: SavedDraws,
    ) -> Self {
        let asked = if root.alias == NONE {
            AskedName::of_model(snapshot, root.end, request.asked())
        } else {
            AskedName::Alias
        };
        let key = request.key().filter(|_| snapshot.hooks.are_some());
        Self {
            root,
            asked,
            model_offset,
            draws,
            key: key.map(Into::into),
            allowed: request
                .rule()
                .map(|_| allowed(snapshot, request, root.end, model_offset)),
            tokens: request.tokens(),
        }
    }

    #[inline]
    pub(super) fn asked<'a>(&'a self, snapshot: &'a Snapshot) -> &'a str {
        let provider = || match self.root.end {
            End::Target { target, .. } => Some(&*snapshot.table.target(target).provider),
            End::Group(_) => None,
        };
        let text = match &self.asked {
            AskedName::Alias => self.alias(snapshot).map(|alias| &*alias.name),
            AskedName::Id => provider().map(|provider| &*provider.id),
            AskedName::Model => provider().map(|provider| &*provider.model),
            AskedName::Name => provider().and_then(|provider| provider.name()),
            AskedName::Text(text) => Some(&**text),
        };
        text.unwrap_or_default()
    }

    /// The alias asked.
    pub(super) fn alias<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Alias> {
        snapshot.table.aliases.get(self.root.alias as usize)
    }

    /// The model id from the name asked; `None` for the target's own.
    #[inline]
    pub(super) fn passthrough_model<'a>(&'a self, snapshot: &'a Snapshot) -> Option<&'a str> {
        if self.model_offset == NONE {
            return None;
        }
        self.asked(snapshot).get(self.model_offset as usize..)
    }

    /// Whether the model id comes from the name asked.
    #[inline]
    pub(super) fn is_passthrough(&self) -> bool {
        self.model_offset != NONE
    }

    /// The request again, as selectors see it.
    fn request<'a>(&'a self, snapshot: &'a Snapshot) -> Request<'a> {
        let request = Request::new(self.asked(snapshot)).with_tokens(self.tokens);
        match &self.key {
            Some(key) => request.sticky_key(key),
            None => request,
        }
    }

    /// The draws from where they were saved.
    pub(super) fn draws<'a>(&self, snapshot: &'a Snapshot) -> Draws<'a> {
        Draws::resumed(&snapshot.entropy, self.draws)
    }

    /// Saves the draws for the next choice.
    pub(super) fn save_draws(&mut self, draws: &mut Draws<'_>) {
        self.draws = draws.saved();
    }

    pub(super) fn context<'a>(&'a self, snapshot: &'a Snapshot) -> PlanContext<'a> {
        let model = self.passthrough_model(snapshot);
        let mut ctx = PlanContext::new(snapshot, self.request(snapshot), model);
        if let Some(bits) = &self.allowed {
            ctx.allow = Allow::Known(bits);
        }
        ctx.looking_below(self.root.end)
    }
}

impl AskedName {
    /// The name of a model.
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

/// Asks the request's rule about every target that the name can lead to.
fn allowed(snapshot: &Snapshot, request: Request<'_>, end: End, model_offset: u32) -> Box<[u64]> {
    // `NONE` is past the end of every name, which gives `None` for the target's own model.
    let passthrough_model = request.asked().get(model_offset as usize..);
    let mut bits = vec![0_u64; snapshot.table.targets.len().div_ceil(64)];
    snapshot.table.each_target(end, |at| {
        let target = TargetRef::new(snapshot.table.target(at), passthrough_model);
        if request.rule().is_none_or(|rule| rule(target)) {
            bits[at as usize / 64] |= 1 << (at % 64);
        }
    });
    bits.into()
}
