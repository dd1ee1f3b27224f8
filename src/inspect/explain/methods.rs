//! The methods of the resolver that explain.

use super::explanation::Explanation;
use super::reason::Writer;
use super::walk::{Start, Walk, at_once};
use crate::failure::Failure;
use crate::inspect::shares::Share;
use crate::serve::begin::start;
use crate::serve::error::ResolveError;
use crate::serve::request::Request;
use crate::serve::resolver::AliasResolver;

impl AliasResolver {
    /// Explains where a request would go, as things are now.
    ///
    /// No counter, rotation or probe moves and no selector is asked; for one that has a say weights
    /// stand in, and its probabilities are marked. While all targets are well the probabilities are those of
    /// [`distribution`](Self::distribution), unless the request's key or random bits decide.
    ///
    /// # Errors
    ///
    /// [`ResolveError::UnknownName`] and [`ResolveError::AmbiguousName`], as for
    /// [`resolve`](Self::resolve).
    ///
    /// # Complexity
    ///
    /// Linear in what the name leads to while all of that is well, however many paths lead there; else
    /// linear in the ways of chance, of which the 4,096 likeliest are walked. Copies the live state.
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

    /// Explains what [`attempts`](Self::attempts) would try after these failures, one for each attempt
    /// so far, if no time passes meanwhile: nobody is passed over because too little of a `max_latency`
    /// is left.
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
    pub fn explain_after<'q, F: Into<Failure>>(
        &self,
        request: impl Into<Request<'q>>,
        failures: impl IntoIterator<Item = F>,
    ) -> Result<Explanation, ResolveError> {
        let failures: Vec<Failure> = failures.into_iter().map(Into::into).collect();
        explain(self, request.into(), &failures)
    }
}

fn explain(
    resolver: &AliasResolver,
    request: Request<'_>,
    failures: &[Failure],
) -> Result<Explanation, ResolveError> {
    let snapshot = resolver.snapshot();
    let asked = request.asked();
    let begun = start(snapshot, asked)?;
    let (root, model) = (begun.root, begun.model);
    let start = Start { root, model };
    let open = asked.get(model as usize..);
    // While nothing is amiss nobody is passed over, and time and money are not spent yet.
    let all_well = failures.is_empty()
        && !snapshot.live.alarm.is_on()
        && request.rule().is_none()
        && request.given_estimate().is_none()
        && request.given_entropy().is_none();
    let seen = if all_well {
        at_once(snapshot, request, &start)
    } else {
        Walk::new(snapshot, request, start, failures).all()
    };
    let writer = Writer {
        snapshot,
        root,
        request,
        open,
    };
    let next = seen.next.iter();
    let next = next.map(|(&target, &part)| Share::new(writer.target(target), part));
    Ok(Explanation {
        asked: crate::base::text::cut(asked).into(),
        after: failures.iter().map(Failure::class).collect(),
        next: next.collect(),
        candidates: writer.rows(&seen),
        ends: seen.ends,
        unexplored: seen.unexplored,
    })
}
