//! Names to targets.

mod walk;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::ResolveError;
use crate::failure::Failure;
use crate::health::Seat;
use crate::limits::Guardrails;
use crate::plan::{self, Found, Made, Picks, Root};
use crate::problem::Problem;
use crate::provider::Provider;
use crate::request::Request;
use crate::select::Draws;
use crate::snapshot::{Snapshot, UnknownNames};
use crate::state::{Health, Ticket};
use crate::table::{
    Alias, AliasId, Answer, Deprecation, End, Extras, HealthId, Hop, Listed, NONE, ProviderId,
    RoutingTable, Target, TargetId,
};
use crate::value::Value;
use walk::{Walked, go_on, walk};

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
    Ok(Resolution::new(
        snapshot,
        asked,
        (alias, model),
        found,
        false,
    ))
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

/// The error for a name that several models have.
#[cold]
pub(crate) fn ambiguous(table: &RoutingTable, at: u32, asked: &str) -> ResolveError {
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
pub(crate) fn open_name(
    snapshot: &Snapshot,
    asked: &str,
) -> Result<(ProviderId, u32), ResolveError> {
    let table = &snapshot.table;
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
    ticket: Ticket,
    last_resort: bool,
    /// Whether the target's active count was raised, to be lowered once.
    leased: bool,
    /// Whether those of aliases on the way were.
    leased_aliases: bool,
}

/// Counts that were raised for a request, on their way from one owner to the next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lease {
    alias: AliasId,
    picks: Picks,
    leased: bool,
    leased_aliases: bool,
}

impl Lease {
    /// The aliases on the way to the target, by their positions.
    pub(crate) fn way(self, table: &RoutingTable) -> impl Iterator<Item = AliasId> {
        way(table, self.alias, self.picks)
    }
}

impl<'r> Resolution<'r> {
    /// Raises the counts and makes the answer. Nothing was counted before the choice was
    /// complete, so a selector that panics leaves nothing behind. `always` counts the target even if
    /// nothing reads its count.
    ///
    /// The answer is built in one expression, last: it is moved out otherwise, 72 bytes each time.
    #[inline]
    pub(crate) fn new(
        snapshot: &'r Snapshot,
        asked: Cow<'r, str>,
        (alias, model): (AliasId, u32),
        found: Found,
        always: bool,
    ) -> Self {
        let target = snapshot.table.target(found.target);
        let counted = always || target.counted;
        if counted {
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
            ticket: found.ticket,
            last_resort: found.last_resort,
            leased: counted,
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
    pub fn succeeded(mut self) {
        self.note_success();
    }

    /// Reports that the target failed.
    ///
    /// It cools after five failures in a row, or at once where its rate, its quota or its
    /// credentials are refused, and is passed over then. Where something balances by connections, a
    /// failure goes on to count like a request under way for a few seconds, so that an endpoint that
    /// fails fast attracts no extra traffic. What the client brought about is no fault of the target:
    /// its own credentials under `passthrough_auth`, or a model that a wildcard let through.
    pub fn failed(mut self, failure: impl Into<Failure>) {
        self.note_failure(&failure.into());
    }

    #[inline]
    pub(crate) fn note_success(&mut self) {
        self.seat().succeeded(self.snapshot);
        self.ticket = Ticket::NONE;
    }

    pub(crate) fn note_failure(&mut self, failure: &Failure) {
        if self.seat().failed(self.snapshot, failure) {
            self.penalize();
        }
        self.ticket = Ticket::NONE;
    }

    /// Gives the counts away: whoever takes them lowers them.
    pub(crate) fn give_lease(&mut self) -> Lease {
        Lease {
            alias: self.alias,
            picks: self.picks,
            leased: std::mem::take(&mut self.leased),
            leased_aliases: std::mem::take(&mut self.leased_aliases),
        }
    }

    /// Takes counts that [`give_lease`](Self::give_lease) gave away.
    pub(crate) fn take_lease(
        snapshot: &'r Snapshot,
        target: TargetId,
        model: Option<&'r str>,
        lease: Lease,
    ) -> Self {
        Self {
            snapshot,
            target: snapshot.table.target(target),
            asked: Cow::Borrowed(model.unwrap_or_default()),
            model: if model.is_some() { 0 } else { NONE },
            alias: lease.alias,
            extras: NONE,
            picks: lease.picks,
            ticket: Ticket::NONE,
            last_resort: false,
            leased: lease.leased,
            leased_aliases: lease.leased_aliases,
        }
    }

    fn seat(&self) -> Seat<'r> {
        Seat {
            target: self.target,
            open: self.model != NONE,
            ticket: self.ticket,
        }
    }

    fn penalize(&self) {
        if !self.leased && !self.leased_aliases {
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
    }

    /// The aliases on the way, by their positions.
    pub(crate) fn way(&self) -> impl Iterator<Item = AliasId> {
        way(&self.snapshot.table, self.alias, self.picks)
    }

    fn first_alias(&self) -> Option<&'r Alias> {
        self.snapshot.table.aliases.get(self.alias as usize)
    }

    fn aliases(&self) -> impl Iterator<Item = &'r Alias> {
        let table = &self.snapshot.table;
        way(table, self.alias, self.picks).map(|alias| &table.aliases[alias as usize])
    }
}

/// The aliases on the way to a target.
fn way(table: &RoutingTable, alias: AliasId, picks: Picks) -> impl Iterator<Item = AliasId> {
    hops(table, alias, picks).flat_map(|hop| hop.path.iter().copied())
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
        // By value: an answer whose address is nowhere taken lives in registers. And one call only,
        // or this is called itself where an answer is dropped, which takes its address.
        if self.leased || self.leased_aliases || self.ticket.is_probe() {
            let alias = if self.leased_aliases {
                self.alias
            } else {
                NONE
            };
            let (snapshot, health) = (self.snapshot, self.target.health);
            give_back(
                snapshot,
                health,
                self.leased,
                alias,
                self.picks,
                self.ticket,
            );
        }
    }
}

/// Lowers the counts of a target and of the aliases that led there from one, and gives back the turn
/// of a probe.
#[inline(never)]
fn give_back(
    snapshot: &Snapshot,
    target: HealthId,
    leased: bool,
    alias: AliasId,
    picks: Picks,
    ticket: Ticket,
) {
    if let Some(health) = snapshot.live.health.get(target as usize) {
        if leased {
            health.end();
        }
        if ticket.is_probe() {
            health.end_probe(ticket);
        }
    }
    if alias != NONE {
        each_alias_health(snapshot, alias, picks, Health::end);
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
