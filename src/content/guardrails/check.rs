//! Checks of the embedder.

use std::error::Error;
use std::fmt;

use super::verdict::Verdict;
use crate::base::limits::ContentFilter;

/// Judges a text, for a category or a type of content filter.
///
/// Register one with [`ResolverBuilder::category`](crate::ResolverBuilder::category) or
/// [`ResolverBuilder::filter`](crate::ResolverBuilder::filter). It runs inside
/// [`Attempts::check_request`](crate::Attempts::check_request) and its like, so it should not wait for
/// long. A panic passes through; dropped by it, the request gives back what it holds.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::error::Error;
///
/// use model_aliases::{AliasResolver, Check, Config, ContentFilter, Value, Verdict};
///
/// /// Hides the words that the configuration lists under `words`.
/// struct Words;
///
/// impl Check for Words {
///     fn check(
///         &self,
///         text: &str,
///         filter: Option<&ContentFilter>,
///     ) -> Result<Verdict, Box<dyn Error + Send + Sync>> {
///         let words = filter.and_then(|filter| filter.options().get("words"));
///         let Some(Value::List(words)) = words else {
///             return Err("`words` is missing".into());
///         };
///         let words = words.iter().filter_map(Value::as_str);
///         Ok(words.fold(Verdict::allow(), |verdict, word| {
///             let places = text.match_indices(word);
///             verdict.and(Verdict::redact("word", places.map(|(at, _)| at..at + word.len())))
///         }))
///     }
///
///     fn look_behind(&self) -> usize {
///         100
///     }
/// }
///
/// let config = Config::from_yaml("config.yaml", "
/// model_providers: [{model: openai/gpt-4o}]
/// model_aliases:
///   chat:
///     target: gpt-4o
///     guardrails: {content_filters: [{type: words, words: [Falcon]}]}
/// ")?;
/// let resolver = AliasResolver::builder(config).filter("words", Words).build()?;
/// let mut call = resolver.attempts("chat")?;
/// let checked = call.check_request("How is Falcon going?");
/// assert_eq!(checked.text(), Some("How is [word] going?"));
/// # Ok(())
/// # }
/// ```
pub trait Check: Send + Sync + 'static {
    /// The verdict about a text; `filter` is what the configuration writes, with its options, and
    /// `None` for a category.
    ///
    /// # Errors
    ///
    /// Where it cannot tell. That blocks, unless it is registered to fail open. The error is not
    /// kept, since it may hold the text: log it here.
    fn check(
        &self,
        text: &str,
        filter: Option<&ContentFilter>,
    ) -> Result<Verdict, Box<dyn Error + Send + Sync>>;

    /// How many bytes before and behind the place where a find begins may decide about it, its own
    /// bytes included; for a block, how long the longest part of a text is that decides by itself.
    ///
    /// A [`ReplyStream`](crate::ReplyStream) holds so much back, and asks again as the text goes on.
    /// Without a bound, which is the default, it holds back the whole reply: no other is right for
    /// every check.
    fn look_behind(&self) -> usize {
        usize::MAX
    }
}

/// A closure as a check. Not a blanket implementation, as for selectors: through one, a closure
/// would need a written argument type.
pub(crate) struct CheckFn<F>(pub(crate) F);

impl<F: Fn(&str) -> Verdict + Send + Sync + 'static> Check for CheckFn<F> {
    fn check(
        &self,
        text: &str,
        _: Option<&ContentFilter>,
    ) -> Result<Verdict, Box<dyn Error + Send + Sync>> {
        Ok((self.0)(text))
    }
}

/// What a check is registered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CheckSubject {
    Category,
    Filter,
}

/// A check and what it is registered for.
pub(crate) struct Registered {
    pub(crate) subject: CheckSubject,
    pub(crate) word: String,
    /// Whether the text passes where the check fails.
    pub(crate) fail_open: bool,
    pub(crate) check: Box<dyn Check>,
}

impl fmt::Debug for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registered")
            .field("subject", &self.subject)
            .field("word", &self.word)
            .field("fail_open", &self.fail_open)
            .finish_non_exhaustive()
    }
}
