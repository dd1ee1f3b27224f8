//! Names to targets.

mod walk;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::{AmbiguousName, NotAllowed, ResolveError, UnknownName};
use crate::failure::{COUNTED, Failure};
use crate::limits::Guardrails;
use crate::plan::{Found, Picks};
use crate::problem::Problem;
use crate::provider::Provider;
use crate::request::Request;
use crate::select::Draws;
use crate::snapshot::{Snapshot, UnknownNames};
use crate::state::Health;
use crate::table::{
    Alias, AliasId, Answer, Deprecation, End, Extras, HealthId, Hop, Listed, NONE, ProviderId,
    RoutingTable, Target,
};
use crate::value::Value;

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

    pub(crate) fn snapshot(&self) -> &Snapshot {
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
        let table = &self.0.table;
        let models = table
            .providers
            .iter()
            .zip(&table.targets)
            .filter(|(entry, _)| !entry.is_wildcard() && !entry.is_internal())
            .filter(|(_, target)| !table.is_alias(&target.text))
            .map(|(entry, target)| ListedModel {
                id: &target.text,
                owned_by: entry.provider(),
                description: None,
                deprecation: None,
            });
        let aliases = table
            .aliases
            .iter()
            .filter(|alias| !alias.hidden)
            .map(|alias| ListedModel {
                id: &alias.name,
                owned_by: "alias",
                description: alias.description.as_deref(),
                deprecation: alias.deprecation.as_deref(),
            });
        models.chain(aliases)
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
    let direct = |target, extras| Found {
        picks: Picks::default(),
        target,
        extras,
        last_resort: false,
    };
    let (asked, alias, model, found) = match snapshot.table.known(request.asked()) {
        Some(known) => match known.answer {
            Answer::Route { alias, end } => {
                let found = match end {
                    End::Target { target, extras } => direct(target, extras),
                    End::Group(group) => {
                        let mut draws = Draws::new(&snapshot.entropy, request);
                        let walked = walk::walk(snapshot, group, &mut draws);
                        match walked.found() {
                            Some(found) => found,
                            None => match walk::go_on(snapshot, group, request, &mut draws, walked)
                            {
                                Ok(Some(found)) => found,
                                Ok(None) => {
                                    let error = NotAllowed::new(&known.name);
                                    return Err(ResolveError::NotAllowed(error));
                                }
                                Err(error) => return Err(error),
                            },
                        }
                    }
                };
                (Cow::Borrowed(&*known.name), alias, NONE, found)
            }
            Answer::Ambiguous(at) => return Err(ambiguous(&snapshot.table, at, request.asked())),
        },
        None => match open(snapshot, request.asked()) {
            // An entry's own target has the position of the entry.
            Ok((provider, model)) => {
                let asked = Cow::Owned(request.asked().to_owned());
                (asked, NONE, model, direct(provider, NONE))
            }
            Err(error) => return Err(error),
        },
    };
    Ok(Resolution::new(snapshot, asked, (alias, model), found))
}

/// The error for a name that several models have.
#[cold]
fn ambiguous(table: &RoutingTable, at: u32, asked: &str) -> ResolveError {
    let names = table.ambiguous[at as usize].clone();
    ResolveError::AmbiguousName(AmbiguousName::new(asked, names))
}

/// A name that is not known beforehand: the entry that takes it, and where in the name the model
/// id begins, [`NONE`] for the entry's own.
#[cold]
fn open(snapshot: &Snapshot, asked: &str) -> Result<(ProviderId, u32), ResolveError> {
    let table = &snapshot.table;
    if let Some((provider, id)) = table.wildcard(asked)
        && let Ok(id) = u32::try_from(id)
    {
        return Ok((provider, id));
    }
    match table.catalog.get(asked) {
        Some(Listed::One(provider)) => return Ok((*provider, 0)),
        Some(Listed::Many(names)) => {
            return Err(ResolveError::AmbiguousName(AmbiguousName::new(
                asked,
                names.clone(),
            )));
        }
        None => {}
    }
    match (snapshot.unknown_names, table.default) {
        (UnknownNames::DefaultProvider, Some(provider)) => Ok((provider, 0)),
        (UnknownNames::DefaultModel, Some(provider)) => Ok((provider, NONE)),
        _ => Err(ResolveError::UnknownName(UnknownName::new(asked))),
    }
}

/// Where one request goes, and how that came about.
///
/// Borrows the resolver only, never the name asked. Keep it as long as the request runs: where
/// something balances by connections it counts as one until it is reported or dropped. `Debug`
/// shows no secret.
pub struct Resolution<'r> {
    snapshot: &'r Snapshot,
    target: &'r Target,
    /// Owned for a name that only a wildcard, the catalog or a default covers.
    asked: Cow<'r, str>,
    /// Where in `asked` the model id to send begins; [`NONE`] for the target's own model.
    model: u32,
    /// The alias asked, or [`NONE`].
    alias: AliasId,
    extras: u32,
    picks: Picks,
    last_resort: bool,
    /// Whether the target's active count was raised, to be lowered once.
    leased: bool,
    /// Whether those of aliases on the way were.
    leased_aliases: bool,
}

impl<'r> Resolution<'r> {
    /// Raises the counts and makes the answer. Nothing was counted before the choice was
    /// complete, so a selector that panics leaves nothing behind.
    ///
    /// The answer is built in one expression, last: it is moved out otherwise, 72 bytes each time.
    #[inline]
    fn new(
        snapshot: &'r Snapshot,
        asked: Cow<'r, str>,
        (alias, model): (AliasId, u32),
        found: Found,
    ) -> Self {
        let target = snapshot.table.target(found.target);
        if target.counted {
            snapshot.live.health[target.health as usize].begin();
        }
        let leased_aliases = snapshot.table.counts_aliases && alias != NONE;
        if leased_aliases {
            each_alias_health(snapshot, alias, found.picks, Health::begin);
        }
        Self {
            snapshot,
            target,
            asked,
            model,
            alias,
            extras: found.extras,
            picks: found.picks,
            last_resort: found.last_resort,
            leased: target.counted,
            leased_aliases,
        }
    }

    #[inline]
    fn health(&self) -> &'r Health {
        &self.snapshot.live.health[self.target.health as usize]
    }

    /// What was asked.
    pub fn asked(&self) -> &str {
        &self.asked
    }

    /// The aliases on the way, the one asked first; none for a model.
    pub fn alias_path(&self) -> impl Iterator<Item = &'r str> {
        self.aliases().map(|alias| &*alias.name)
    }

    /// The provider entry that serves, all its fields.
    #[inline]
    pub fn provider(&self) -> &'r Provider {
        &self.target.provider
    }

    /// The model id to send.
    #[inline]
    pub fn model(&self) -> &str {
        if self.model == NONE {
            &self.target.model
        } else {
            // Without a way to panic, which would keep the answer in memory.
            self.asked.get(self.model as usize..).unwrap_or_default()
        }
    }

    /// Where to send it: the target's endpoint, else the entry's `base_url`, else none.
    #[inline]
    pub fn endpoint(&self) -> Option<&'r str> {
        self.target.endpoint.as_deref()
    }

    /// The target as text: the entry's name, else `provider/model`, and `@endpoint` where the
    /// alias writes one, without user info and query. Safe to log.
    pub fn target(&self) -> Cow<'r, str> {
        if self.model == NONE {
            (&*self.target.text).into()
        } else {
            format!("{}/{}", self.target.provider.provider(), self.model()).into()
        }
    }

    /// The `params` written for the target, unread.
    pub fn params(&self) -> Option<&'r IndexMap<String, Value>> {
        self.extras()
            .map(|extras| &extras.params)
            .filter(|params| !params.is_empty())
    }

    /// The `timeout` written for the target.
    pub fn timeout(&self) -> Option<Duration> {
        self.extras().and_then(|extras| extras.timeout)
    }

    fn extras(&self) -> Option<&'r Extras> {
        self.snapshot.table.extras.get(self.extras as usize)
    }

    /// The guardrails in force: those of every alias on the way, outermost first. All of them
    /// hold.
    pub fn guardrails(&self) -> impl Iterator<Item = &'r Guardrails> {
        self.aliases()
            .filter_map(|alias| alias.guardrails.as_deref())
    }

    /// That the alias asked is deprecated.
    pub fn deprecation(&self) -> Option<&'r Deprecation> {
        self.first_alias()
            .and_then(|alias| alias.deprecation.as_deref())
    }

    /// Whether every target was cooling and this is the one that returns first.
    pub fn is_last_resort(&self) -> bool {
        self.last_resort
    }

    /// Reports that the request is over and went well.
    pub fn succeeded(self) {
        drop(self);
    }

    /// Reports that the target failed.
    ///
    /// Where something balances by connections, a failure goes on to count like a request under
    /// way for a few seconds, so that an endpoint that fails fast attracts no extra traffic. A
    /// time that the provider asks to be left alone makes the target cool.
    pub fn failed(self, failure: impl Into<Failure>) {
        let failure = failure.into();
        if !COUNTED.contains(failure.class()) {
            return;
        }
        let now = self.snapshot.clock.now();
        let window = self.snapshot.penalty;
        if self.leased {
            self.health().penalize(now, window);
        }
        if self.leased_aliases {
            each_alias_health(self.snapshot, self.alias, self.picks, |health| {
                health.penalize(now, window);
            });
        }
        if let Some(pause) = failure.pause() {
            self.health().cool(now + pause, failure.class());
            self.snapshot.live.alarm.raise(now + pause);
        }
    }

    fn first_alias(&self) -> Option<&'r Alias> {
        self.snapshot.table.aliases.get(self.alias as usize)
    }

    fn aliases(&self) -> impl Iterator<Item = &'r Alias> {
        let table = &self.snapshot.table;
        hops(table, self.alias, self.picks)
            .flat_map(|hop| hop.path.iter())
            .map(|&alias| &table.aliases[alias as usize])
    }
}

/// The way from an alias to a target, one hop for each choice.
fn hops(table: &RoutingTable, alias: AliasId, picks: Picks) -> impl Iterator<Item = &Hop> {
    let first = table
        .aliases
        .get(alias as usize)
        .map(|alias| (&alias.hop, 0));
    std::iter::successors(first, move |&(hop, level)| match hop.end {
        End::Target { .. } => None,
        End::Group(group) => Some((picks.hop(level, table.group(group)), level + 1)),
    })
    .map(|(hop, _)| hop)
}

/// Does something for every alias on the way that is counted.
#[inline(never)]
fn each_alias_health(snapshot: &Snapshot, alias: AliasId, picks: Picks, act: impl Fn(&Health)) {
    let table = &snapshot.table;
    for hop in hops(table, alias, picks) {
        if let End::Group(group) = hop.end
            && let Some(health) = snapshot.live.health.get(table.group(group).health as usize)
        {
            act(health);
        }
    }
}

impl Drop for Resolution<'_> {
    #[inline]
    fn drop(&mut self) {
        // By value: an answer whose address is nowhere taken lives in registers.
        if self.leased {
            release(self.snapshot, self.target.health);
        }
        if self.leased_aliases {
            each_alias_health(self.snapshot, self.alias, self.picks, Health::end);
        }
    }
}

/// Lowers the count of a target.
#[inline(never)]
fn release(snapshot: &Snapshot, health: HealthId) {
    if let Some(health) = snapshot.live.health.get(health as usize) {
        health.end();
    }
}

impl fmt::Debug for Resolution<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolution")
            .field("asked", &crate::text::cut(self.asked()))
            .field("alias_path", &self.alias_path().collect::<Vec<_>>())
            .field("target", &self.target())
            .field("model", &crate::text::cut(self.model()))
            .finish_non_exhaustive()
    }
}

/// An entry of `/v1/models`. Serializes with the field names that OpenAI's API uses, plus
/// `description` and `deprecated` where they are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedModel<'r> {
    id: &'r str,
    owned_by: &'r str,
    description: Option<&'r str>,
    deprecation: Option<&'r Deprecation>,
}

impl Serialize for ListedModel<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", self.id)?;
        map.serialize_entry("object", "model")?;
        map.serialize_entry("owned_by", self.owned_by)?;
        if let Some(description) = self.description {
            map.serialize_entry("description", description)?;
        }
        if let Some(deprecation) = self.deprecation {
            map.serialize_entry("deprecated", deprecation)?;
        }
        map.end()
    }
}

impl<'r> ListedModel<'r> {
    /// The name to ask for.
    pub fn id(&self) -> &'r str {
        self.id
    }

    /// The provider, or `alias`.
    pub fn owned_by(&self) -> &'r str {
        self.owned_by
    }

    /// The alias's description.
    pub fn description(&self) -> Option<&'r str> {
        self.description
    }

    /// That the alias is deprecated.
    pub fn deprecation(&self) -> Option<&'r Deprecation> {
        self.deprecation
    }
}
