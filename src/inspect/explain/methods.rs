//! `explain` and `explain_after` of the resolver.

use super::explanation::Explanation;
use super::reason::Writer;
use super::walk::{ChanceWalk, WalkStart, while_healthy};
use crate::failure::{AssumedFailure, Failure};
use crate::inspect::shares::Share;
use crate::serve::begin::look_up;
use crate::serve::error::ResolveError;
use crate::serve::plan::PlanContext;
use crate::serve::request::Request;
use crate::serve::resolver::AliasResolver;
use crate::serve::tokens::RequestTokens;

impl AliasResolver {
    /// Explains where a request would go in the current state.
    ///
    /// It changes no counter, rotation or probe. It calls no selector: the weights are used instead, and the
    /// probabilities are marked as inexact. While all targets are healthy, a request that is only a name has the
    /// probabilities of [`distribution`](Self::distribution), except that `least_connections` chooses by the current
    /// load.
    ///
    /// # Errors
    ///
    /// [`ResolveError::UnknownName`] and [`ResolveError::AmbiguousName`], as for
    /// [`resolve`](Self::resolve).
    ///
    /// # Complexity
    ///
    /// While every target is healthy, and for a request without a rule, an estimate or random bits of its own, linear
    /// in the aliases and targets that the name leads to, no matter how many paths lead there. Otherwise linear in the
    /// number of paths; at most the 4,096 most likely are explored, and the live state is copied.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config};
    ///
    /// let config = Config::from_yaml("config.yaml", "
    /// model_providers: [{model: ollama/llama3.1}, {model: openai/gpt-4o-mini}]
    /// model_aliases:
    ///   arch.v1: {targets: [{model: llama3.1, weight: 80}, {model: gpt-4o-mini, weight: 20}]}
    /// ")?;
    /// let why = AliasResolver::new(config)?.explain("arch.v1")?;
    /// assert_eq!(why.next()[0].target(), "ollama/llama3.1");
    /// assert_eq!(why.next()[0].probability().to_string(), "80.00%");
    /// assert_eq!(why.candidates()[0].to_string(), "drawn by weight");
    /// # Ok(())
    /// # }
    /// ```
    pub fn explain<'q>(
        &self,
        request: impl Into<Request<'q>>,
    ) -> Result<Explanation, ResolveError> {
        explain(self, request.into(), &[])
    }

    /// Explains what [`attempts`](Self::attempts) would try after these failures, one per attempt so far: failures,
    /// their classes, or answers of the targets ([`AssumedFailure`]), which the failure rules of the configuration
    /// classify.
    ///
    /// The failures take no time, so no target is skipped because too little of `max_latency` is left.
    ///
    /// # Errors
    ///
    /// As [`explain`](Self::explain).
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config, FailureClass};
    ///
    /// let config = Config::from_yaml("config.yaml", "
    /// model_providers: [{model: openai/gpt-4o}, {model: ollama/llama3.1}, {model: groq/qwen}]
    /// model_aliases:
    ///   chat:
    ///     target: gpt-4o
    ///     fallbacks: [{target: llama3.1, conditions: [timeout]}, {target: qwen, conditions: [5xx]}]
    /// ")?;
    /// let resolver = AliasResolver::new(config)?;
    /// let why = resolver.explain_after("chat", [FailureClass::Timeout])?;
    /// assert_eq!(why.next()[0].target(), "ollama/llama3.1");
    /// let why = resolver.explain_after("chat", [FailureClass::NotFound])?;
    /// assert_eq!(why.ends().to_string(), "100.00%");
    /// # Ok(())
    /// # }
    /// ```
    pub fn explain_after<'q, F: Into<AssumedFailure>>(
        &self,
        request: impl Into<Request<'q>>,
        failures: impl IntoIterator<Item = F>,
    ) -> Result<Explanation, ResolveError> {
        let failures: Vec<AssumedFailure> = failures.into_iter().map(Into::into).collect();
        explain(self, request.into(), &failures)
    }
}

fn explain(
    resolver: &AliasResolver,
    request: Request<'_>,
    failures: &[AssumedFailure],
) -> Result<Explanation, ResolveError> {
    let snapshot = resolver.snapshot();
    let asked = request.asked();
    let begun = look_up(snapshot, asked)?;
    let (root, model) = (begun.root, begun.model_offset);
    let start = WalkStart { root, model };
    let passthrough_model = asked.get(model as usize..);
    // While everything is healthy nothing is skipped, and no time or money is spent yet.
    let all_well = failures.is_empty()
        && !snapshot.live.alarm.is_on()
        && request.rule().is_none()
        && request.tokens() == RequestTokens::UNKNOWN
        && request.given_entropy().is_none();
    let findings = if all_well {
        while_healthy(snapshot, request, &start)
    } else {
        ChanceWalk::new(snapshot, request, start, failures).all()
    };
    let writer = Writer {
        snapshot,
        root,
        request,
        passthrough_model,
        context: PlanContext::new(snapshot, request, passthrough_model).looking_below(root.end),
    };
    // An answer has the class of the most likely target.
    let after = failures.iter().enumerate().map(|(at, failure)| {
        let seen = findings.failures.get(at);
        seen.map_or_else(|| failure.of_any().class(), Failure::class)
    });
    let next = findings.next.iter();
    let next = next.map(|(&target, &part)| Share::new(writer.target(target), part));
    Ok(Explanation {
        asked: crate::base::text::cut(asked).into(),
        after: after.collect(),
        answers: writer.answers(&findings),
        next: next.collect(),
        candidates: writer.rows(&findings),
        ends: findings.ends,
        unexplored: findings.unexplored,
    })
}
