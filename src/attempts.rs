//! A whole request: one target after the other, until one serves or none is left.

mod error;
mod serving;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use crate::error::ResolveError;
use crate::failure::{Failure, FailureClass};
use crate::limits::Guardrails;
use crate::plan::{self, Allow, Event, Fate, Found, Ground, Made, Plan, Root, Subject};
use crate::provider::Provider;
use crate::request::Request;
use crate::resolver::{self, AliasResolver, Resolution};
use crate::select::{Draws, Pick, Saved, choose_first};
use crate::snapshot::Snapshot;
use crate::table::{Answer, Deprecation, End, NONE, TargetId};
use crate::target::TargetRef;
use crate::value::Value;
pub use error::{AttemptsError, StepReport, StepState};
pub use serving::Serving;

impl AliasResolver {
    /// Begins a request that goes on to the next target when one fails.
    ///
    /// The targets come from [`Attempts::next_attempt`], chosen by the version of the configuration that
    /// this resolver has, whatever is loaded meanwhile.
    ///
    /// # Errors
    ///
    /// [`ResolveError::UnknownName`] and [`ResolveError::AmbiguousName`], as for
    /// [`resolve`](Self::resolve). What is found out later comes from [`Attempts::into_error`].
    ///
    /// # Complexity
    ///
    /// As [`resolve`](Self::resolve); allocates nothing for an alias, but for a copy of the sticky
    /// key where the resolver has selectors. From the first failure on it allocates what the way takes.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Attempt, Config, Failure, FailureClass};
    ///
    /// # fn send(attempt: &Attempt<'_>) -> Result<(), Failure> {
    /// #     match attempt.model() {
    /// #         "gpt-4o-mini" => Err(Failure::new(FailureClass::Timeout)),
    /// #         _ => Ok(()),
    /// #     }
    /// # }
    /// let config = Config::from_yaml("config.yaml", "
    /// model_providers: [{model: openai/gpt-4o-mini}, {model: ollama/llama3.1}]
    /// model_aliases:
    ///   chat: {target: gpt-4o-mini, fallbacks: [{target: llama3.1, conditions: [timeout]}]}
    /// ")?;
    /// let resolver = AliasResolver::new(config)?;
    ///
    /// let mut attempts = resolver.attempts("chat")?;
    /// let mut served = None;
    /// while let Some(attempt) = attempts.next_attempt() {
    ///     match send(&attempt) {
    ///         Ok(()) => {
    ///             served = Some(attempt.model().to_owned());
    ///             attempt.succeeded();
    ///         }
    ///         Err(failure) => attempt.failed(failure),
    ///     }
    /// }
    /// assert_eq!(served.as_deref(), Some("llama3.1"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn attempts<'q>(&self, request: impl Into<Request<'q>>) -> Result<Attempts, ResolveError> {
        let request = request.into();
        let snapshot = self.snapshot();
        let brought = Brought::new(snapshot, request)?;
        Ok(Attempts {
            snapshot: Arc::clone(snapshot),
            brought,
            way: Way::Fresh,
            fault: None,
        })
    }
}

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
struct Brought {
    root: Root,
    asked: Asked,
    /// Where in the name asked the model id to send begins; [`NONE`] for the target's own.
    model: u32,
    draws: Saved,
    /// The sticky key, where a selector may ask for it.
    key: Option<Box<[u8]>>,
    /// The targets that the request allows, one bit each; `None` for all.
    allowed: Option<Box<[u64]>>,
    /// When it began, where anything limits its time.
    start: Duration,
}

impl Brought {
    fn new(snapshot: &Snapshot, request: Request<'_>) -> Result<Self, ResolveError> {
        let table = &snapshot.table;
        let (root, model) = match table.answer(request.asked()) {
            Some((_, &Answer::Route { alias, end })) => (Root { alias, end }, NONE),
            Some((_, &Answer::Ambiguous(at))) => {
                return Err(resolver::ambiguous(table, at, request.asked()));
            }
            None => {
                let (target, model) = resolver::open_name(snapshot, request.asked())?;
                let (alias, extras) = (NONE, NONE);
                let end = End::Target { target, extras };
                (Root { alias, end }, model)
            }
        };
        let asked = Asked::new(snapshot, root, request.asked());
        let timed = table.aliases.get(root.alias as usize);
        let timed = timed.is_some_and(|alias| alias.timed);
        let key = request.key().filter(|_| snapshot.hooks.are_some());
        Ok(Self {
            root,
            asked,
            model,
            draws: Draws::new(&snapshot.entropy, request).saved(),
            key: key.map(Into::into),
            allowed: request
                .rule()
                .map(|_| allowed(snapshot, request, root.end, model)),
            start: if timed {
                snapshot.clock.now()
            } else {
                Duration::ZERO
            },
        })
    }

    fn asked<'a>(&'a self, snapshot: &'a Snapshot) -> &'a str {
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
    fn open<'a>(&'a self, snapshot: &'a Snapshot) -> Option<&'a str> {
        self.asked(snapshot).get(self.model as usize..)
    }

    /// The request again, as selectors see it.
    fn request<'a>(&'a self, snapshot: &'a Snapshot) -> Request<'a> {
        let request = Request::new(self.asked(snapshot));
        match &self.key {
            Some(key) => request.sticky_key(key),
            None => request,
        }
    }

    fn ground<'a>(&'a self, snapshot: &'a Snapshot) -> Ground<'a> {
        let allow = match &self.allowed {
            Some(bits) => Allow::Known(bits),
            None => Allow::All,
        };
        Ground::new(snapshot, self.request(snapshot), allow, self.open(snapshot))
    }
}

impl Asked {
    fn new(snapshot: &Snapshot, root: Root, asked: &str) -> Self {
        if root.alias != NONE {
            return Self::Alias;
        }
        if let End::Target { target, .. } = root.end {
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

/// How far a request has come.
enum Way {
    Fresh,
    /// Its first attempt, which needed no plan.
    First {
        found: Found,
        made: Made,
        fate: Fate,
    },
    Planned(Box<Plan>),
}

impl Way {
    /// The attempt under way ended the request.
    fn end(&mut self, end: Fate) {
        match self {
            Self::Fresh => {}
            Self::First { fate, .. } => *fate = end,
            Self::Planned(plan) => plan.end(end),
        }
    }

    /// The attempt under way failed.
    fn failed(&mut self, snapshot: &Snapshot, brought: &Brought, failure: Failure) {
        let ground = brought.ground(snapshot);
        if let Self::First { made, .. } = *self {
            let mut plan = Box::new(Plan::for_request(brought.root, made, brought.start));
            let mut draws = Draws::resumed(&snapshot.entropy, brought.draws);
            // INVARIANT: every choice on the way was made, so no selector is asked and none fails.
            let _ = plan.catch_up(&ground, &mut draws);
            *self = Self::Planned(plan);
        }
        if let Self::Planned(plan) = self {
            plan.failed(&ground, failure);
        }
    }
}

/// One request and the targets that it may go to, handed out one at a time.
///
/// Owned, so that it may be held across an `.await`; bound to one version of the configuration. Splits,
/// balancers and fallbacks are walked as [`next_attempt`](Self::next_attempt) is called, each choice made
/// when its turn comes. Dropped, it gives back whatever it holds.
#[must_use = "the request is over when it is dropped"]
pub struct Attempts {
    snapshot: Arc<Snapshot>,
    brought: Brought,
    way: Way,
    fault: Option<ResolveError>,
}

impl Attempts {
    /// The next target to send the request to; `None` once one has served, or when none is left.
    ///
    /// Each target is handed out once. Report what became of it: what follows depends on that. An
    /// attempt that is dropped unreported after its [`timeout`](Attempt::timeout) counts as timed
    /// out; one that is dropped before ends the request, as the client has left.
    pub fn next_attempt(&mut self) -> Option<Attempt<'_>> {
        let (found, timeout) = match self.advance() {
            Ok(found) => found?,
            Err(error) => {
                self.fault = Some(error);
                return None;
            }
        };
        let Self {
            snapshot,
            brought,
            way,
            ..
        } = self;
        let asked = Cow::Borrowed(brought.asked(snapshot));
        let ids = (brought.root.alias, brought.model);
        Some(Attempt {
            route: Resolution::new(snapshot, asked, ids, found, true),
            target: found.target,
            timeout,
            began: timeout.map(|_| snapshot.clock.now()),
            reported: false,
            snapshot,
            brought,
            way,
        })
    }

    /// Finds the next target, and how long it may take.
    fn advance(&mut self) -> Result<Option<(Found, Option<Duration>)>, ResolveError> {
        let Self {
            snapshot,
            brought,
            way,
            fault,
        } = self;
        if fault.is_some() {
            return Ok(None);
        }
        let mut draws = Draws::resumed(&snapshot.entropy, brought.draws);
        if matches!(way, Way::Fresh) {
            let mut made = Made::default();
            if !brought.is_watched(snapshot) {
                match quick(snapshot, brought, &mut draws)? {
                    Quick::Found(found, levels) => {
                        brought.draws = draws.saved();
                        let picks = found.picks;
                        *way = Way::First {
                            found,
                            made: Made { picks, levels },
                            fate: Fate::Tried,
                        };
                        let timeout = snapshot.table.timeout(found.extras);
                        return Ok(Some((found, timeout)));
                    }
                    Quick::Amiss(choices) => made = choices,
                }
            }
            let plan = Plan::for_request(brought.root, made, brought.start);
            *way = Way::Planned(Box::new(plan));
        }
        let Way::Planned(plan) = way else {
            return Ok(None);
        };
        let found = plan.next(&brought.ground(snapshot), &mut draws);
        brought.draws = draws.saved();
        Ok(found?.map(|found| (found, plan.timeout())))
    }

    /// The name asked for.
    pub fn asked(&self) -> &str {
        self.brought.asked(&self.snapshot)
    }

    /// That the alias asked is deprecated.
    pub fn deprecation(&self) -> Option<&Deprecation> {
        let aliases = &self.snapshot.table.aliases;
        let alias = aliases.get(self.brought.root.alias as usize)?;
        alias.deprecation.as_deref()
    }

    /// What the request went through so far: a step for each target that was tried, passed over or
    /// left out, in that order. For logs, and to say which model served.
    pub fn steps(&self) -> Vec<StepReport> {
        let report = |event: &Event, failures: &[Failure]| {
            error::step(
                &self.snapshot.table,
                self.brought.open(&self.snapshot),
                event,
                failures,
            )
        };
        match &self.way {
            Way::Fresh => Vec::new(),
            Way::First { found, made, fate } => {
                let event = Event {
                    alias: plan::owner(&self.snapshot.table, self.brought.root, *made),
                    subject: Subject::Target(found.target),
                    fate: *fate,
                };
                vec![report(&event, &[])]
            }
            Way::Planned(plan) => {
                let events = plan.events().iter();
                events.map(|event| report(event, plan.failures())).collect()
            }
        }
    }

    /// Why no target served: each step with its reason, the last failure, and when a target returns.
    pub fn into_error(self) -> AttemptsError {
        AttemptsError::new(&self)
    }
}

impl fmt::Debug for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempts")
            .field("asked", &crate::text::cut(self.asked()))
            .field("steps", &self.steps())
            .finish_non_exhaustive()
    }
}

impl Brought {
    /// Whether the way must be planned from the first step on.
    fn is_watched(&self, snapshot: &Snapshot) -> bool {
        let alias = snapshot.table.aliases.get(self.root.alias as usize);
        self.allowed.is_some() || alias.is_some_and(|alias| alias.timed)
    }
}

/// What the first choices come to.
enum Quick {
    Found(Found, usize),
    /// Something is to be passed over.
    Amiss(Made),
}

/// Chooses without a plan, which is enough as long as everything is well.
fn quick(
    snapshot: &Snapshot,
    brought: &Brought,
    draws: &mut Draws<'_>,
) -> Result<Quick, ResolveError> {
    let scene = snapshot.scene();
    let mut made = Made::default();
    let mut end = brought.root.end;
    loop {
        match end {
            End::Target { target, extras } => {
                if snapshot.is_marked(target) {
                    return Ok(Quick::Amiss(made));
                }
                let found = Found::new(made.picks, target, extras);
                return Ok(Quick::Found(found, made.levels));
            }
            End::Group(group) => {
                let group = scene.table.group(group);
                let pick = choose_first(&scene, group, brought.request(snapshot), draws);
                let member = match pick {
                    Pick::Member(member) => member,
                    Pick::None => plan::NOBODY,
                    Pick::Fault(position) => return Err(plan::fault(&scene, group, position)),
                };
                made.picks.set(made.levels, member);
                made.levels += 1;
                match group.members.get(member) {
                    Some(chosen) => end = chosen.end,
                    None => return Ok(Quick::Amiss(made)),
                }
            }
        }
    }
}

/// One try of one target.
///
/// It counts as a request under way there until it is reported, dropped, or handed on as a
/// [`Serving`]. `Debug` shows no secret.
#[must_use = "report what became of it; dropped, it ends the request"]
pub struct Attempt<'a> {
    route: Resolution<'a>,
    target: TargetId,
    timeout: Option<Duration>,
    /// When it began, if it may time out.
    began: Option<Duration>,
    reported: bool,
    snapshot: &'a Arc<Snapshot>,
    brought: &'a Brought,
    way: &'a mut Way,
}

impl Attempt<'_> {
    /// The name asked for.
    pub fn asked(&self) -> &str {
        self.route.asked()
    }

    /// The aliases on the way, the one asked first; none for a model.
    pub fn alias_path(&self) -> impl Iterator<Item = &str> {
        self.route.alias_path()
    }

    /// The provider entry, all its fields.
    pub fn provider(&self) -> &Provider {
        self.route.provider()
    }

    /// The model id to send.
    pub fn model(&self) -> &str {
        self.route.model()
    }

    /// Where to send it: the target's endpoint, else the entry's `base_url`, else none.
    pub fn endpoint(&self) -> Option<&str> {
        self.route.endpoint()
    }

    /// The target as text, as [`Resolution::target`] gives it. Safe to log.
    pub fn target(&self) -> Cow<'_, str> {
        self.route.target()
    }

    /// The `params` written for the target, unread.
    pub fn params(&self) -> Option<&IndexMap<String, Value>> {
        self.route.params()
    }

    /// How long it may take: to the first byte of a stream, else to the end of the answer. `None` where
    /// nothing limits it.
    ///
    /// That is the `timeout` written for the target, else half of what is left of each `max_latency`
    /// on the way as long as a timeout can still lead to another attempt, else all of that; never more
    /// than is left.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// The guardrails in force: those of every alias on the way, outermost first. All of them
    /// hold.
    pub fn guardrails(&self) -> impl Iterator<Item = &Guardrails> {
        self.route.guardrails()
    }

    /// Whether every target was cooling and this is the one that returns first.
    pub fn is_last_resort(&self) -> bool {
        self.route.is_last_resort()
    }

    /// Reports that the target answered, whole.
    pub fn succeeded(mut self) {
        self.reported = true;
        self.route.note_success();
        self.way.end(Fate::Served);
    }

    /// Reports that the target failed; [`Attempts::next_attempt`] goes on from there.
    pub fn failed(mut self, failure: impl Into<Failure>) {
        self.fail(failure.into());
    }

    /// Commits to this target: the first byte goes to the client, so nothing else can be tried any
    /// more. Keep what it returns beside the body until that ends.
    pub fn commit(mut self) -> Serving {
        self.reported = true;
        self.route.note_success();
        self.way.end(Fate::Served);
        let model = self.brought.open(self.snapshot);
        Serving::new(
            Arc::clone(self.snapshot),
            self.target,
            model.map(Into::into),
            self.route.give_lease(),
        )
    }

    fn fail(&mut self, failure: Failure) {
        self.reported = true;
        self.route.note_failure(&failure);
        self.way.failed(self.snapshot, self.brought, failure);
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.reported {
            return;
        }
        let over = self
            .timeout
            .zip(self.began)
            .is_some_and(|(time, began)| self.snapshot.clock.now().saturating_sub(began) >= time);
        if over {
            self.fail(FailureClass::Timeout.into());
        } else {
            self.way.end(Fate::Unreported);
        }
    }
}

impl fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("route", &self.route)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
