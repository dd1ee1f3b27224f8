//! `distribution` and `moved_since` of the resolver.

use super::moved::{self, Moved};
use super::share::Share;
use super::spread::{probabilities, spread};
use crate::serve::error::ResolveError;
use crate::serve::resolver::AliasResolver;
use crate::table::Answer;

impl AliasResolver {
    /// Returns the exact share of requests that each target of a name gets while all are healthy.
    ///
    /// Targets are in configuration order; those without a share are left out. The live state is neither read
    /// nor changed.
    ///
    /// # Errors
    ///
    /// As [`resolve`](Self::resolve).
    ///
    /// # Complexity
    ///
    /// Each alias is computed once, no matter how many paths lead to it.
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
    ///   half: {targets: [{model: arch.v1, weight: 50}, {model: gpt-4o-mini, weight: 50}]}
    /// ")?;
    /// let resolver = AliasResolver::new(config)?;
    /// let shares = resolver.distribution("half")?;
    /// let shares: Vec<_> = shares.iter().map(|s| (s.target(), s.probability().to_string())).collect();
    /// assert_eq!(shares, [
    ///     ("ollama/llama3.1", "40.00%".to_owned()),
    ///     ("openai/gpt-4o-mini", "60.00%".to_owned()),
    /// ]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn distribution(&self, name: &str) -> Result<Vec<Share>, ResolveError> {
        self.shares(name, self.snapshot().hooks.draws())
    }

    /// Returns the shares of a name. `replaces_draw` tells whether a selector draws for splits, as it does for
    /// requests without a key.
    pub(in crate::inspect) fn shares(
        &self,
        name: &str,
        replaces_draw: bool,
    ) -> Result<Vec<Share>, ResolveError> {
        let table = self.table();
        let known = table.answer(name);
        let Some(Answer::Route { end, .. }) = known.map(|known| known.answer) else {
            let target = self.resolve(name)?.target().into_owned();
            return Ok(vec![Share::whole(target)]);
        };
        let shares = spread(table, end, |group| {
            probabilities(group, replaces_draw).enumerate().collect()
        });
        let found: Vec<Share> = shares
            .targets
            .iter()
            .map(|(&target, &probability)| {
                Share::new(table.target(target).text.to_string(), probability)
            })
            .collect();
        if found.is_empty() {
            return Err(ResolveError::not_allowed(name));
        }
        Ok(found)
    }

    /// Returns the exact share of sticky keys that a configuration change moves to another target.
    ///
    /// The result lists each alias that exists in both versions and has keys that move, in the order of the new
    /// version. Every split counts as sticky, because it is sticky for requests with a key. A balancer counts as one
    /// target, unless its algorithm is `sticky`.
    ///
    /// The scores of the rendezvous hash (see the crate's documentation) are independent and exponential. With
    /// weights `w` before and `w'` after, and `S(r) = Σ max(w_k, w'_k·r)`, the share that moves from
    /// `i` to `j` is `w_i·w'_j·∫ dr / S(r)²` over `r` from `w_j/w'_j` to `w_i/w'_i`, a rational number:
    /// between two neighbouring ratios `S` is linear.
    ///
    /// # Complexity
    ///
    /// Splits with one salt at different depths of the two versions depend on each other, and the cases to tell apart
    /// may double with each level. Beyond 300,000 steps for an alias, or two million for all, the moves are counted
    /// with 100 to 4,000 keys, and the shares are marked as inexact.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config};
    ///
    /// let version = |canary: u32| -> Result<_, Box<dyn std::error::Error>> {
    ///     let text = format!("
    /// model_providers: [{{model: openai/gpt-4o}}, {{model: openai/o1}}]
    /// model_aliases:
    ///   chat: {{targets: [{{model: gpt-4o, weight: {}}}, {{model: o1, weight: {canary}}}]}}
    /// ", 100 - canary);
    ///     Ok(AliasResolver::new(Config::from_yaml("config.yaml", text)?)?)
    /// };
    /// let moved = version(10)?.moved_since(&version(5)?);
    /// assert_eq!(moved[0].share().to_string(), "5.00%");
    /// assert_eq!(moved[0].flows()[0].to(), "openai/o1");
    /// # Ok(())
    /// # }
    /// ```
    pub fn moved_since(&self, before: &Self) -> Vec<Moved> {
        moved::between(before.table(), self.table())
    }
}
