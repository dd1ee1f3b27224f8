//! Routing tests: what a name leads to, asserted without a network and without sampling.

use crate::error::ResolveError;
use crate::explain::Explanation;
use crate::failure::Failure;
use crate::fraction::Fraction;
use crate::request::Request;
use crate::resolver::AliasResolver;
use crate::text::Quoted;

/// Asserts that a name leads to one target, for certain.
///
/// `key:` gives the request a sticky key. `after:` supposes failures, each a class or an HTTP status,
/// and asks for the attempt that follows them. `error` asks that the request fails: with the
/// [`code`](crate::ResolveError::code) of its error, or `exhausted` where no target is left. The resolver's
/// live state counts and is not touched.
///
/// # Panics
///
/// Where the name leads elsewhere; the message explains why.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use model_aliases::{AliasResolver, Config, assert_routes};
///
/// let resolver = AliasResolver::new(Config::from_yaml("config.yaml", "
/// model_providers: [{model: openai/gpt-4o}, {model: ollama/llama3.1}]
/// model_aliases: {chat: {target: gpt-4o, fallbacks: [{target: llama3.1, conditions: [timeout]}]}}
/// ")?)?;
/// assert_routes!(resolver, "chat" => "openai/gpt-4o");
/// assert_routes!(resolver, "chat", after: [timeout] => "ollama/llama3.1");
/// assert_routes!(resolver, "chat", after: [429] => error "exhausted");
/// assert_routes!(resolver, "nobody" => error "unknown-name");
/// # Ok(())
/// # }
/// ```
#[macro_export]
macro_rules! assert_routes {
    ($resolver:expr, $name:expr $(, key: $key:expr)? $(, after: [$($failure:tt),* $(,)?])?
        => error $code:expr $(,)?) => {
        if let ::std::result::Result::Err(message) = $resolver.__refuses(
            ::std::convert::AsRef::<str>::as_ref(&$name),
            &[$(::std::convert::AsRef::<[u8]>::as_ref(&$key))?] as &[&[u8]],
            &[$($(::std::stringify!($failure)),*)?] as &[&str],
            $code,
        ) {
            ::std::panic!("{message}")
        }
    };
    ($resolver:expr, $name:expr $(, key: $key:expr)? $(, after: [$($failure:tt),* $(,)?])?
        => $target:expr $(,)?) => {
        if let ::std::result::Result::Err(message) = $resolver.__routes(
            ::std::convert::AsRef::<str>::as_ref(&$name),
            &[$(::std::convert::AsRef::<[u8]>::as_ref(&$key))?] as &[&[u8]],
            &[$($(::std::stringify!($failure)),*)?] as &[&str],
            $target,
        ) {
            ::std::panic!("{message}")
        }
    };
}

/// Asserts how the requests for a name are spread over targets, exactly and completely.
///
/// A share is a percentage, such as `80` or `99.5`, or a fraction, such as `1/3`. `key:` and `after:` are
/// those of [`assert_routes!`].
///
/// # Panics
///
/// Where the shares differ; the message explains why.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use model_aliases::{AliasResolver, Config, assert_routes, assert_split};
///
/// let resolver = AliasResolver::new(Config::from_yaml("config.yaml", "
/// model_providers: [{model: openai/gpt-4o-mini}, {model: ollama/llama3.1}]
/// model_aliases:
///   arch.v1: {targets: [{model: llama3.1, weight: 80}, {model: gpt-4o-mini, weight: 20}]}
/// ")?)?;
/// assert_split!(resolver, "arch.v1" => {"ollama/llama3.1": 80, "openai/gpt-4o-mini": 20});
/// assert_routes!(resolver, "arch.v1", key: "user-2" => "openai/gpt-4o-mini");
/// # Ok(())
/// # }
/// ```
#[macro_export]
macro_rules! assert_split {
    ($resolver:expr, $name:expr $(, key: $key:expr)? $(, after: [$($failure:tt),* $(,)?])?
        => {$($target:literal : $share:literal $(/ $whole:literal)?),* $(,)?} $(,)?) => {
        if let ::std::result::Result::Err(message) = $resolver.__splits(
            ::std::convert::AsRef::<str>::as_ref(&$name),
            &[$(::std::convert::AsRef::<[u8]>::as_ref(&$key))?] as &[&[u8]],
            &[$($(::std::stringify!($failure)),*)?] as &[&str],
            &[$(($target, ::std::concat!(::std::stringify!($share) $(, "/", ::std::stringify!($whole))?))),*],
        ) {
            ::std::panic!("{message}")
        }
    };
}

/// For the macros. Nothing here is covered by any promise.
impl AliasResolver {
    #[doc(hidden)]
    pub fn __routes(
        &self,
        name: &str,
        key: &[&[u8]],
        after: &[&str],
        target: &str,
    ) -> Result<(), String> {
        let why = self.why(name, key, after)?;
        let why = why.map_err(|error| wrong(name, &Quoted(target), &error))?;
        match why.next() {
            [one] if one.target() == target && is_all(one.probability()) => Ok(()),
            _ => Err(wrong(name, &Quoted(target), &why)),
        }
    }

    #[doc(hidden)]
    pub fn __splits(
        &self,
        name: &str,
        key: &[&[u8]],
        after: &[&str],
        shares: &[(&str, &str)],
    ) -> Result<(), String> {
        let why = self.why(name, key, after)?;
        let written: Vec<String> = shares
            .iter()
            .map(|(target, share)| format!("{} {}", Quoted(target), shown(share)))
            .collect();
        let written = written.join(", ");
        let why = why.map_err(|error| wrong(name, &written, &error))?;
        let mut expected = Vec::new();
        for (target, share) in shares {
            let part = part(share).ok_or_else(|| format!("{} is no share", Quoted(share)))?;
            expected.push((*target, part));
        }
        // What gets nothing need not be left out of the list.
        expected.retain(|(_, part)| !part.is_zero());
        let has = |(target, part): &(&str, Fraction)| {
            why.next()
                .iter()
                .any(|share| share.target() == *target && is_equal(share.probability(), *part))
        };
        if why.next().len() == expected.len() && expected.iter().all(has) {
            return Ok(());
        }
        Err(wrong(name, &written, &why))
    }

    #[doc(hidden)]
    pub fn __refuses(
        &self,
        name: &str,
        key: &[&[u8]],
        after: &[&str],
        code: &str,
    ) -> Result<(), String> {
        let expected = format!("the error {}", Quoted(code));
        match self.why(name, key, after)? {
            Err(error) if error.code() == code => Ok(()),
            Err(error) => Err(wrong(name, &expected, &error)),
            Ok(why) => {
                let found = if after.is_empty() {
                    "not-allowed"
                } else {
                    "exhausted"
                };
                if is_all(why.ends()) && found == code {
                    return Ok(());
                }
                Err(wrong(name, &expected, &why))
            }
        }
    }

    /// Explains a request, unless a failure is no word.
    fn why(
        &self,
        name: &str,
        key: &[&[u8]],
        after: &[&str],
    ) -> Result<Result<Explanation, ResolveError>, String> {
        let mut request = Request::new(name);
        if let Some(key) = key.first() {
            request = request.sticky_key(*key);
        }
        let mut failures = Vec::new();
        for word in after {
            let failure = Failure::from_word(word);
            failures.push(failure.ok_or_else(|| format!("{} is no failure", Quoted(word)))?);
        }
        Ok(self.explain_after(request, failures))
    }
}

fn wrong(name: &str, expected: &impl std::fmt::Display, found: &impl std::fmt::Display) -> String {
    format!(
        "{} does not go where it should\nexpected: {expected}\nfound: {found}",
        Quoted(name)
    )
}

fn is_all(part: Fraction) -> bool {
    is_equal(part, Fraction::ONE)
}

/// Whether two shares are the same number, marked or not.
fn is_equal(one: Fraction, other: Fraction) -> bool {
    (one.numerator(), one.denominator()) == (other.numerator(), other.denominator())
}

/// `80%`, and `1/3`.
fn shown(share: &str) -> String {
    let sign = if share.contains('/') { "" } else { "%" };
    format!("{share}{sign}")
}

/// A share as it is written: `80`, `99.5`, `1/3`.
fn part(share: &str) -> Option<Fraction> {
    if let Some((part, whole)) = share.split_once('/') {
        let (part, whole) = (part.trim().parse().ok()?, whole.trim().parse().ok()?);
        return Some(Fraction::new(part, whole)).filter(|_| whole > 0);
    }
    let (whole, rest) = share.split_once('.').unwrap_or((share, ""));
    let digits = format!("{whole}{rest}");
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let scale = 10_u128.checked_pow(u32::try_from(rest.len()).ok()?)?;
    let parts = digits.parse().ok().filter(|_| is_number)?;
    Some(Fraction::new(parts, scale.checked_mul(100)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_percentage_or_a_fraction() {
        for (text, expected) in [
            ("80", Some((4, 5))),
            ("99.5", Some((199, 200))),
            ("1/3", Some((1, 3))),
            ("1/0", None),
            ("", None),
            ("x", None),
            ("-1", None),
            ("1e3", None),
        ] {
            let expected = expected.map(|(above, below)| Fraction::new(above, below));
            assert_eq!(part(text), expected, "{text}");
        }
    }
}
