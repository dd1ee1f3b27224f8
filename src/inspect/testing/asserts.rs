//! [`assert_routes!`] and [`assert_split!`], and the hidden methods behind them.

use super::judge::judge;
use crate::base::text::Quoted;
use crate::failure::AssumedFailure;
use crate::load::routing_tests::{Expected, WrittenShare};
use crate::serve::request::Request;
use crate::serve::resolver::AliasResolver;

/// Asserts that a name leads to one target with certainty.
///
/// - `key:` sets a sticky key.
/// - `after:` assumes failures, each a class or an HTTP status, and checks the attempt that follows them.
/// - `error` expects the request to fail: with the [`code`](crate::ResolveError::code) of its error, or
///   `exhausted` if no target is left.
///
/// The resolver's live state is used but not changed.
///
/// # Panics
///
/// If the name does not lead there. The message explains why.
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

/// Asserts the exact share of every target of a name.
///
/// A share is a percentage, such as `80` or `99.5`, or a fraction, such as `1/3`. `"none"` is the share of
/// requests that end without a target. `key:` and `after:` work as in [`assert_routes!`].
///
/// # Panics
///
/// If the shares differ. The message explains why.
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

/// Methods for the macros. They are not part of the public API.
impl AliasResolver {
    #[doc(hidden)]
    pub fn __routes(
        &self,
        name: &str,
        key: &[&[u8]],
        after: &[&str],
        target: &str,
    ) -> Result<(), String> {
        self.expects(name, key, after, &Expected::Target(target.into()))
    }

    #[doc(hidden)]
    pub fn __splits(
        &self,
        name: &str,
        key: &[&[u8]],
        after: &[&str],
        shares: &[(&str, &str)],
    ) -> Result<(), String> {
        let mut parts = Vec::new();
        for (target, share) in shares {
            let part = WrittenShare::read(share)
                .ok_or_else(|| format!("{} is no share", Quoted(share)))?;
            parts.push(((*target).into(), part));
        }
        self.expects(name, key, after, &Expected::Split(parts))
    }

    #[doc(hidden)]
    pub fn __refuses(
        &self,
        name: &str,
        key: &[&[u8]],
        after: &[&str],
        code: &str,
    ) -> Result<(), String> {
        self.expects(name, key, after, &Expected::Error(code.into()))
    }

    fn expects(
        &self,
        name: &str,
        key: &[&[u8]],
        after: &[&str],
        expected: &Expected,
    ) -> Result<(), String> {
        let mut request = Request::new(name);
        if let Some(key) = key.first() {
            request = request.sticky_key(*key);
        }
        let mut failures = Vec::new();
        for word in after {
            let failure = AssumedFailure::from_word(word);
            failures.push(failure.ok_or_else(|| format!("{} is no failure", Quoted(word)))?);
        }
        judge(name, expected, &self.explain_after(request, failures))
    }
}
