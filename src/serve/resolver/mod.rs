//! Names to targets.

mod listed;
mod resolution;
mod walk;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::base::problem::Problem;
use crate::serve::error::ResolveError;
use crate::serve::plan::{self, Found, Made, Picks, Root};
use crate::serve::request::Request;
use crate::serve::select::Draws;
use crate::serve::snapshot::{Snapshot, UnknownNames};
use crate::table::provider::Provider;
use crate::table::{Answer, End, Listed, NONE, ProviderId, RoutingTable, TargetId};
pub use listed::ListedModel;
pub use resolution::Resolution;
use walk::walk;
pub(crate) use walk::{Reached, Walked, arrive, finish, walk_saved};

/// Resolves names, from one version of a configuration.
///
/// Made by `AliasResolver::new` or by [`AliasResolver::builder`]; immutable, `Send + Sync`, and cheap to clone: clones share
/// everything.
#[derive(Clone)]
pub struct AliasResolver(Arc<Snapshot>);

impl AliasResolver {
    pub(crate) fn from_snapshot(snapshot: Snapshot) -> Self {
        Self(Arc::new(snapshot))
    }

    pub(crate) fn table(&self) -> &RoutingTable {
        &self.0.table
    }

    pub(crate) fn snapshot(&self) -> &Arc<Snapshot> {
        &self.0
    }

    /// Resolves a name to the provider and the model that serve it.
    ///
    /// The name is taken as it stands: case counts, no prefix is dropped, nothing is guessed.
    /// It is looked up as an alias first, then as a provider's name, a full `provider/model`, a
    /// bare model id, a model under a wildcard, and a bare id of the catalog.
    ///
    /// # Errors
    ///
    /// [`ResolveError::UnknownName`] if nothing has the name and no default takes it;
    /// [`ResolveError::AmbiguousName`] for a bare id that several providers declare.
    ///
    /// # Complexity
    ///
    /// One hash look-up, plus one draw for each split on the way; chains of plain aliases are
    /// flattened beforehand. Takes no lock. An alias or a declared model allocates nothing;
    /// a wildcard, a catalog entry or a default copies the name once.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config};
    ///
    /// let config = Config::from_yaml("config.yaml", "
    /// model_providers:
    ///   - {model: openai/gpt-4o-mini, base_url: https://api.openai.com}
    /// model_aliases:
    ///   arch.summarize.v1: gpt-4o-mini
    /// ")?;
    /// let resolver = AliasResolver::new(config)?;
    /// let route = resolver.resolve("arch.summarize.v1")?;
    /// assert_eq!(route.provider().provider(), "openai");
    /// assert_eq!(route.model(), "gpt-4o-mini");
    /// assert_eq!(route.endpoint(), Some("https://api.openai.com"));
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn resolve<'q>(
        &self,
        request: impl Into<Request<'q>>,
    ) -> Result<Resolution<'_>, ResolveError> {
        resolve(&self.0, request.into())
    }

    /// What is worth knowing about the configuration though it loads.
    pub fn warnings(&self) -> &[Problem] {
        &self.0.warnings
    }

    /// The provider entries, in file order.
    pub fn providers(&self) -> impl ExactSizeIterator<Item = &Provider> {
        self.0.table.providers.iter().map(|entry| &**entry)
    }

    /// What `/v1/models` lists: the declared models, then the aliases that are not hidden,
    /// each in file order.
    ///
    /// Wildcards and internal entries are left out, and a model whose name an alias has.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config};
    ///
    /// let config = Config::from_yaml("config.yaml", "
    /// model_providers: [{model: openai/gpt-4o}, {model: anthropic/*}]
    /// model_aliases: {chat: gpt-4o, secret: {target: gpt-4o, hidden: true}}
    /// ")?;
    /// let resolver = AliasResolver::new(config)?;
    /// let ids: Vec<_> = resolver.models().map(|model| model.id().to_owned()).collect();
    /// assert_eq!(ids, ["openai/gpt-4o", "chat"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn models(&self) -> impl Iterator<Item = ListedModel<'_>> {
        listed::models(self.table())
    }
}

impl fmt::Debug for AliasResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AliasResolver")
            .field("providers", &self.0.table.providers.len())
            .field("aliases", &self.0.table.aliases.len())
            .finish_non_exhaustive()
    }
}

/// Everything but the look-up happens elsewhere and comes back in parts, which are put together in
/// the caller: an answer that is returned through memory and moved on costs as much as its
/// look-up, since its fields are stored one by one and loaded in pairs, which stalls.
#[expect(clippy::inline_always, reason = "measured, see above")]
#[inline(always)]
fn resolve<'r>(
    snapshot: &'r Snapshot,
    request: Request<'_>,
) -> Result<Resolution<'r>, ResolveError> {
    let (asked, alias, model, found) = match snapshot.table.known(request.asked()) {
        Some(known) => match known.answer {
            Answer::Route { alias, end } => {
                let root = || Root { alias, end };
                let found = match end {
                    End::Target { target, extras } if is_clear(snapshot, request, target) => {
                        Found::new(Picks::default(), target, extras)
                    }
                    End::Target { .. } => match single(snapshot, root(), request, None) {
                        Some(found) => found,
                        None => return Err(not_allowed(&known.name)),
                    },
                    End::Group(group) => {
                        let mut draws = Draws::new(&snapshot.entropy, request);
                        let walked = if request.rule().is_some() {
                            Walked::unfinished(0, 0)
                        } else {
                            walk(snapshot, group, &mut draws)
                        };
                        match walked.found() {
                            Some(found) => found,
                            None => match go_on(snapshot, root(), request, &mut draws, walked) {
                                Ok(Some(found)) => found,
                                Ok(None) => return Err(not_allowed(&known.name)),
                                Err(error) => return Err(error),
                            },
                        }
                    }
                };
                (Cow::Borrowed(&*known.name), alias, NONE, found)
            }
            Answer::Ambiguous(at) => return Err(ambiguous(&snapshot.table, at, request.asked())),
        },
        None => match open(snapshot, request) {
            Ok((model, found)) => {
                let asked = Cow::Owned(request.asked().to_owned());
                (asked, NONE, model, found)
            }
            Err(error) => return Err(error),
        },
    };
    Ok(Resolution::new(snapshot, asked, (alias, model), found))
}

/// Goes on where a walk ended early: a selector is to be asked, a target cools, the request rules some
/// out, or the way is long.
///
/// # Errors
///
/// Where a selector's position is out of range.
#[cold]
fn go_on(
    snapshot: &Snapshot,
    root: Root,
    request: Request<'_>,
    draws: &mut Draws<'_>,
    walked: Walked,
) -> Result<Option<Found>, ResolveError> {
    let made = if request.rule().is_some() {
        Made::default()
    } else {
        match finish(snapshot, root.end, request, draws, walked)? {
            Reached::Target(found) => return Ok(Some(found)),
            Reached::Amiss(made) => made,
        }
    };
    plan::first(snapshot, root, request, None, draws, made)
}

#[cold]
fn not_allowed(name: &str) -> ResolveError {
    ResolveError::not_allowed(name)
}

/// Whether nothing needs to be asked about a target.
#[inline]
fn is_clear(snapshot: &Snapshot, request: Request<'_>, target: TargetId) -> bool {
    request.rule().is_none() && !snapshot.is_marked(target)
}

/// A single target of which something is to be asked: it is tried even while it cools, unless it is
/// ruled out.
#[cold]
fn single(
    snapshot: &Snapshot,
    root: Root,
    request: Request<'_>,
    open: Option<&str>,
) -> Option<Found> {
    let mut draws = Draws::new(&snapshot.entropy, request);
    let found = plan::first(snapshot, root, request, open, &mut draws, Made::default());
    // INVARIANT: there is no selector on the way to a single target.
    found.unwrap_or_default()
}

/// Where a request for a name begins, and where in the name the model id begins that is sent on as it
/// stands; [`NONE`] if it is not.
///
/// # Errors
///
/// Where nothing has the name, or several models.
#[expect(
    clippy::inline_always,
    reason = "what it gives back stays in registers"
)]
#[inline(always)]
pub(crate) fn root(snapshot: &Snapshot, asked: &str) -> Result<(Root, u32), ResolveError> {
    let table = &snapshot.table;
    match table.answer(asked).map(|known| known.answer) {
        Some(Answer::Route { alias, end }) => Ok((Root { alias, end }, NONE)),
        Some(Answer::Ambiguous(at)) => Err(ambiguous(table, at, asked)),
        None => {
            let (target, model) = open_name(snapshot, asked)?;
            let (alias, extras) = (NONE, NONE);
            let end = End::Target { target, extras };
            Ok((Root { alias, end }, model))
        }
    }
}

/// The error for a name that several models have.
#[cold]
fn ambiguous(table: &RoutingTable, at: u32, asked: &str) -> ResolveError {
    let names = table.ambiguous[at as usize].clone();
    ResolveError::ambiguous_name(asked, names)
}

/// A name that is not known beforehand: where in the name the model id begins, [`NONE`] for the
/// entry's own, and the entry that takes it, unless it is ruled out.
#[cold]
fn open(snapshot: &Snapshot, request: Request<'_>) -> Result<(u32, Found), ResolveError> {
    let asked = request.asked();
    let (provider, model) = open_name(snapshot, asked)?;
    // An entry's own target has the position of the entry.
    let target = provider;
    let found = if is_clear(snapshot, request, target) {
        Some(Found::new(Picks::default(), target, NONE))
    } else {
        let end = End::Target {
            target,
            extras: NONE,
        };
        let root = Root { alias: NONE, end };
        single(snapshot, root, request, asked.get(model as usize..))
    };
    match found {
        Some(found) => Ok((model, found)),
        None => Err(ResolveError::not_allowed(asked)),
    }
}

/// The entry that takes a name which is not known beforehand, and where in the name the model id
/// begins.
fn open_name(snapshot: &Snapshot, asked: &str) -> Result<(ProviderId, u32), ResolveError> {
    let table = &snapshot.table;
    // It goes on into headers and logs, and no model has such a name.
    if asked.contains(char::is_control) {
        return Err(ResolveError::unknown_name(asked));
    }
    if let Some((provider, id)) = table.wildcard(asked)
        && let Ok(id) = u32::try_from(id)
    {
        return Ok((provider, id));
    }
    match table.catalog.get(asked) {
        Some(Listed::One(provider)) => return Ok((*provider, 0)),
        Some(Listed::Many(names)) => {
            return Err(ResolveError::ambiguous_name(asked, names.clone()));
        }
        None => {}
    }
    match (snapshot.unknown_names, table.default) {
        (UnknownNames::DefaultProvider, Some(provider)) => Ok((provider, 0)),
        (UnknownNames::DefaultModel, Some(provider)) => Ok((provider, NONE)),
        _ => Err(ResolveError::unknown_name(asked)),
    }
}
