//! The distributions of many names.

use super::marginals::Marginals;
use super::share::Share;
use super::spread::probabilities;
use crate::base::fraction::Fraction;
use crate::serve::error::ResolveError;
use crate::serve::resolver::AliasResolver;
use crate::table::{Answer, Group};

/// The members of a group with their probabilities.
type Parts<'r> = Box<dyn Fn(&Group) -> Vec<(usize, Fraction)> + 'r>;

/// Computes the [`distribution`](AliasResolver::distribution) of many names, each alias once.
pub(in crate::inspect) struct Distributions<'r> {
    resolver: &'r AliasResolver,
    marginals: Marginals<'r, Parts<'r>>,
}

impl<'r> Distributions<'r> {
    pub(in crate::inspect) fn new(resolver: &'r AliasResolver) -> Self {
        let replaces_draw = resolver.snapshot().hooks.draws();
        let parts = move |group: &Group| probabilities(group, replaces_draw).enumerate().collect();
        Self {
            resolver,
            marginals: Marginals::new(resolver.table(), Box::new(parts)),
        }
    }

    pub(in crate::inspect) fn of(&mut self, name: &str) -> Result<Vec<Share>, ResolveError> {
        let table = self.resolver.table();
        let known = table.answer(name).map(|known| known.answer);
        let Some(Answer::Route { end, .. }) = known else {
            return self.resolver.distribution(name);
        };
        let Some(marginal) = self.marginals.of(end).filter(|all| !all.is_empty()) else {
            return self.resolver.distribution(name);
        };
        let shares = marginal.iter();
        let shares =
            shares.map(|(&at, &share)| Share::new(table.target(at).text.to_string(), share));
        Ok(shares.collect())
    }
}
