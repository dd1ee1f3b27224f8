//! Compares the expected result of a request with the actual one.

use std::fmt;

use crate::base::fraction::Fraction;
use crate::base::text::Quoted;
use crate::inspect::explain::Explanation;
use crate::inspect::shares::Share;
use crate::load::routing_tests::{Expected, ExpectedDeprecation, NONE};
use crate::serve::error::ResolveError;
use crate::serve::resolver::AliasResolver;
use crate::table::{Answer, Deprecation};

/// Actual result of a request.
pub(super) type Explained = Result<Explanation, ResolveError>;

/// Returns a message if the result differs from the expectation.
pub(super) fn judge(name: &str, expected: &Expected, found: &Explained) -> Result<(), String> {
    if holds(expected, found) {
        return Ok(());
    }
    let found: &dyn fmt::Display = match found {
        Ok(why) => why,
        Err(error) => error,
    };
    Err(format!(
        "{} does not go where it should\nexpected: {expected}\nfound: {found}",
        Quoted(name)
    ))
}

fn holds(expected: &Expected, found: &Explained) -> bool {
    match (expected, found) {
        (Expected::Target(target), Ok(why)) => {
            matches!(why.next(), [one] if one.target() == &**target && is_all(one.probability()))
        }
        (Expected::Split(parts), Ok(why)) => {
            // The test may list targets with share 0.
            let parts = parts.iter().filter(|(_, part)| !part.share.is_zero());
            let (ends, parts): (Vec<_>, Vec<_>) = parts.partition(|(target, _)| **target == *NONE);
            let ends = ends.iter().map(|(_, part)| part.share);
            let ends = ends.fold(Fraction::ZERO, Fraction::plus);
            // Compare the counts too: a target that is listed twice must not hide a missing one.
            let is_listed = |one: &Share| {
                let mut parts = parts.iter();
                parts.any(|(target, part)| {
                    one.target() == &**target && one.probability().is_same(part.share)
                })
            };
            why.next().len() == parts.len()
                && why.next().iter().all(is_listed)
                && why.ends().is_same(ends)
        }
        (Expected::Error(code), Ok(why)) => {
            let found = if why.after().is_empty() {
                "not-allowed"
            } else {
                "exhausted"
            };
            is_all(why.ends()) && found == &**code
        }
        (Expected::Error(code), Err(error)) => error.code() == &**code,
        (_, Err(_)) => false,
    }
}

fn is_all(part: Fraction) -> bool {
    part.is_same(Fraction::ONE)
}

/// Returns a message if the deprecation of a name differs from the expectation.
pub(super) fn judge_deprecation(
    resolver: &AliasResolver,
    name: &str,
    expected: &ExpectedDeprecation,
) -> Result<(), String> {
    let found = deprecation(resolver, name);
    let replacement = found.and_then(Deprecation::replacement);
    let is_so = match expected {
        ExpectedDeprecation::Any(expected) => found.is_some() == *expected,
        ExpectedDeprecation::Replacement(name) => replacement == Some(name),
    };
    if is_so {
        return Ok(());
    }
    let found = match replacement {
        Some(name) => ExpectedDeprecation::Replacement(name.into()),
        None => ExpectedDeprecation::Any(found.is_some()),
    };
    Err(format!(
        "the deprecation of {} is not as expected\nexpected: {expected}\nfound: {found}",
        Quoted(name)
    ))
}

/// Returns the deprecation notice that a resolution of this name carries.
fn deprecation<'r>(resolver: &'r AliasResolver, name: &str) -> Option<&'r Deprecation> {
    let table = &resolver.snapshot().table;
    let Answer::Route { alias, .. } = table.answer(name)?.answer else {
        return None;
    };
    let alias = table.aliases.get(alias as usize)?;
    alias.deprecation.as_deref()
}
