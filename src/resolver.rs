//! Names to targets.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::{AmbiguousName, ResolveError, UnknownName};
use crate::limits::Guardrails;
use crate::problem::Problem;
use crate::provider::Provider;
use crate::request::Request;
use crate::select::{Draws, draw};
use crate::snapshot::{Snapshot, UnknownNames};
use crate::table::{Alias, Answer, Deprecation, End, Extras, Hop, Listed, MAX_PATH, Target};
use crate::value::Value;

/// Resolves names, from one version of a configuration.
///
/// Made by [`AliasResolver::new`]; immutable, `Send + Sync`, and cheap to clone: clones share
/// everything.
#[derive(Clone)]
pub struct AliasResolver(Arc<Snapshot>);

impl AliasResolver {
    pub(crate) fn from_snapshot(snapshot: Snapshot) -> Self {
        Self(Arc::new(snapshot))
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
            .filter(|(_, target)| !matches!(table.answer(&target.text), Some(Answer::Alias(_))))
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

#[inline]
fn resolve<'r>(
    snapshot: &'r Snapshot,
    request: Request<'_>,
) -> Result<Resolution<'r>, ResolveError> {
    let table = &snapshot.table;
    let Some((name, &answer)) = table.names.get_key_value(request.asked()) else {
        return open(snapshot, request.asked());
    };
    match answer {
        Answer::Alias(alias) => {
            let alias = &table.aliases[alias as usize];
            Ok(walk(snapshot, alias, request))
        }
        Answer::Target(target) => Ok(Resolution {
            snapshot,
            origin: Origin::Model(name),
            target: &table.targets[target as usize],
            extras: None,
            picks: Picks::default(),
        }),
        Answer::Ambiguous(at) => Err(ResolveError::AmbiguousName(AmbiguousName::new(
            request.asked(),
            table.ambiguous[at as usize].clone(),
        ))),
    }
}

/// Goes from an alias to a target, choosing wherever there is a choice.
#[inline]
fn walk<'r>(snapshot: &'r Snapshot, alias: &'r Alias, request: Request<'_>) -> Resolution<'r> {
    let table = &snapshot.table;
    let mut picks = Picks::default();
    let mut level = 0;
    let mut end = &alias.hop.end;
    let mut draws = None;
    loop {
        match end {
            End::Target { target, extras } => {
                return Resolution {
                    snapshot,
                    origin: Origin::Alias(alias),
                    target: &table.targets[*target as usize],
                    extras: extras.as_deref(),
                    picks,
                };
            }
            End::Group(group) => {
                let group = &table.groups[*group as usize];
                let draws = draws
                    .get_or_insert_with(|| Draws::new(&snapshot.entropy, request.given_entropy()));
                let pick = draw(group, draws);
                // INVARIANT: a path has at most `MAX_PATH` aliases, so at most as many picks.
                picks.0[level % MAX_PATH] = u8::try_from(pick).unwrap_or(0);
                level += 1;
                end = &group.members[pick].end;
            }
        }
    }
}

/// A name that is not known beforehand.
#[cold]
fn open<'r>(snapshot: &'r Snapshot, asked: &str) -> Result<Resolution<'r>, ResolveError> {
    let table = &snapshot.table;
    let answer = |provider: u32, model: Option<usize>| {
        Ok(Resolution {
            snapshot,
            origin: Origin::Open {
                asked: asked.into(),
                model,
            },
            target: table.entry_target(provider),
            extras: None,
            picks: Picks::default(),
        })
    };
    if let Some((provider, id)) = table.wildcard(asked) {
        return answer(provider, Some(id));
    }
    match table.catalog.get(asked) {
        Some(Listed::One(provider)) => return answer(*provider, Some(0)),
        Some(Listed::Many(names)) => {
            return Err(ResolveError::AmbiguousName(AmbiguousName::new(
                asked,
                names.clone(),
            )));
        }
        None => {}
    }
    match (snapshot.unknown_names, table.default) {
        (UnknownNames::DefaultProvider, Some(provider)) => answer(provider, Some(0)),
        (UnknownNames::DefaultModel, Some(provider)) => answer(provider, None),
        _ => Err(ResolveError::UnknownName(UnknownName::new(asked))),
    }
}

/// Which member was chosen in each group on the way. A member's position fits a byte.
#[derive(Clone, Copy, Default)]
struct Picks([u8; MAX_PATH]);

/// What was asked.
#[derive(Clone)]
enum Origin<'r> {
    Alias(&'r Alias),
    /// A declared model, by one of its names.
    Model(&'r str),
    /// A name that only a wildcard, the catalog or a default covers.
    Open {
        asked: Box<str>,
        /// Where in it the model id begins; `None` for the entry's own model.
        model: Option<usize>,
    },
}

/// Where one request goes, and how that came about.
///
/// Borrows the resolver only, never the name asked. `Debug` shows no secret.
pub struct Resolution<'r> {
    snapshot: &'r Snapshot,
    origin: Origin<'r>,
    target: &'r Target,
    extras: Option<&'r Extras>,
    picks: Picks,
}

impl<'r> Resolution<'r> {
    /// What was asked.
    pub fn asked(&self) -> &str {
        match &self.origin {
            Origin::Alias(alias) => &alias.name,
            Origin::Model(name) => name,
            Origin::Open { asked, .. } => asked,
        }
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
        match &self.origin {
            Origin::Open {
                asked,
                model: Some(from),
            } => &asked[*from..],
            _ => &self.target.model,
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
        match &self.origin {
            Origin::Open { model: Some(_), .. } => {
                format!("{}/{}", self.target.provider.provider(), self.model()).into()
            }
            _ => (&*self.target.text).into(),
        }
    }

    /// The `params` written for the target, unread.
    pub fn params(&self) -> Option<&'r IndexMap<String, Value>> {
        self.extras
            .map(|extras| &extras.params)
            .filter(|params| !params.is_empty())
    }

    /// The `timeout` written for the target.
    pub fn timeout(&self) -> Option<Duration> {
        self.extras.and_then(|extras| extras.timeout)
    }

    /// The guardrails in force: those of every alias on the way, outermost first. All of them
    /// hold.
    pub fn guardrails(&self) -> impl Iterator<Item = &'r Guardrails> {
        self.aliases()
            .filter_map(|alias| alias.guardrails.as_deref())
    }

    /// That the alias asked is deprecated.
    pub fn deprecation(&self) -> Option<&'r Deprecation> {
        match self.origin {
            Origin::Alias(alias) => alias.deprecation.as_deref(),
            Origin::Model(_) | Origin::Open { .. } => None,
        }
    }

    /// The way from the alias asked to the target, one hop for each choice.
    fn hops(&self) -> impl Iterator<Item = &'r Hop> {
        let table = &self.snapshot.table;
        let picks = self.picks;
        let first = match self.origin {
            Origin::Alias(alias) => Some((&alias.hop, 0)),
            Origin::Model(_) | Origin::Open { .. } => None,
        };
        std::iter::successors(first, move |&(hop, level)| match hop.end {
            End::Target { .. } => None,
            End::Group(group) => {
                let pick = picks.0[level % MAX_PATH];
                let members = &table.groups[group as usize].members;
                Some((&members[usize::from(pick)], level + 1))
            }
        })
        .map(|(hop, _)| hop)
    }

    fn aliases(&self) -> impl Iterator<Item = &'r Alias> {
        let table = &self.snapshot.table;
        self.hops()
            .flat_map(|hop| hop.path.iter())
            .map(|&alias| &table.aliases[alias as usize])
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
