//! `AliasResolver`: names to targets.

mod listed;
mod resolution;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::base::problem::Problem;
use crate::serve::begin::{Descent, Reached, finish, first_target, look_up, walk};
use crate::serve::error::ResolveError;
use crate::serve::plan::{Found, Plan, PlanContext, Root};
use crate::serve::request::Request;
use crate::serve::select::Draws;
use crate::serve::snapshot::Snapshot;
use crate::table::RoutingTable;
use crate::table::provider::Provider;
pub use listed::ListedModel;
pub use resolution::Resolution;

/// Resolves names, from one version of a configuration.
///
/// Made by `AliasResolver::new` or by [`AliasResolver::builder`]. Its configuration never changes; active
/// counts, cooldowns and rotations do. `Send + Sync`. A clone copies one pointer and shares everything.
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
    /// [`ResolveError::AmbiguousName`] for a bare id of several providers; [`ResolveError::NotAllowed`] if the
    /// request, an operator or a selector rules out every target; [`ResolveError::SelectorFault`] if a selector
    /// returns a position out of range.
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

    /// The warnings about the configuration.
    pub fn warnings(&self) -> &[Problem] {
        &self.0.warnings
    }

    /// The provider entries, in file order.
    pub fn providers(&self) -> impl ExactSizeIterator<Item = &Provider> {
        self.0.table.providers.iter().map(|entry| &**entry)
    }

    /// The entries of `/v1/models`: the declared models, then the aliases that are not hidden, each in file
    /// order.
    ///
    /// Wildcards, internal entries and models with the name of an alias are left out.
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

/// Resolves a request. Inlined into the caller: a resolution that is returned through memory costs as much as
/// its look-up, since its fields are stored one by one and loaded in pairs, which stalls.
#[expect(clippy::inline_always, reason = "measured, see above")]
#[inline(always)]
fn resolve<'r>(
    snapshot: &'r Snapshot,
    request: Request<'_>,
) -> Result<Resolution<'r>, ResolveError> {
    let start = look_up(snapshot, request.asked())?;
    let asked = match start.name {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(request.asked().to_owned()),
    };
    let mut draws = None;
    let first = match request.rule() {
        None => first_target(snapshot, start.root.end, |group| {
            let draws = draws.insert(Draws::new(&snapshot.entropy, request));
            walk(snapshot, group, draws)
        }),
        Some(_) => Err(Descent::not_walked()),
    };
    let found = match first {
        Ok(found) => found,
        Err(descent) => resolve_planned(
            snapshot,
            (start.root, start.model_offset),
            request,
            draws,
            descent,
        )?,
    };
    let at = (start.root.alias, start.model_offset);
    Ok(Resolution::new(snapshot, asked, at, found))
}

/// Resolves a request that has a rule or whose first walk stopped early: see [`first_target`].
#[cold]
fn resolve_planned(
    snapshot: &Snapshot,
    (root, model): (Root, u32),
    request: Request<'_>,
    draws: Option<Draws<'_>>,
    descent: Descent,
) -> Result<Found, ResolveError> {
    let draws = &mut draws.unwrap_or_else(|| Draws::new(&snapshot.entropy, request));
    // `NONE` is past the end of every name, which gives `None` for the target's own model.
    let model = request.asked().get(model as usize..);
    let ctx = PlanContext::for_resolve(snapshot, request, model).looking_below(root.end);
    match finish(&ctx, root, draws, descent)? {
        Reached::Target(found) => Ok(found),
        Reached::Obstacle(prior) => {
            let mut plan = Plan::for_resolve(root).after(prior);
            let found = plan.next(&ctx, draws)?;
            found.ok_or_else(|| match plan.cools_for(snapshot) {
                Some(time) => ResolveError::cooling(request.asked(), time),
                None => ResolveError::not_allowed(request.asked()),
            })
        }
    }
}
