//! [`Check`]: a custom check of texts, and its registration.

use std::error::Error;
use std::fmt;

use super::verdict::Verdict;
use crate::base::limits::ContentFilter;

/// Checks texts for a category or a type of content filter.
///
/// Register one with [`ResolverBuilder::category`](crate::ResolverBuilder::category) or
/// [`ResolverBuilder::filter`](crate::ResolverBuilder::filter). It runs inside
/// [`Attempts::check_request`](crate::Attempts::check_request) and similar calls, so it should not block
/// for long. A panic propagates to the caller; the request is then dropped and releases its resources.
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
///     fn context_bytes(&self) -> usize {
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
    /// Returns the verdict on a text. `filter` is the filter as configured, with its options; `None` for
    /// a category.
    ///
    /// # Errors
    ///
    /// Fails if it cannot decide. The text is then blocked, unless the check is registered to fail open.
    /// The error is not kept, because it may contain the text: log it here.
    fn check(
        &self,
        text: &str,
        filter: Option<&ContentFilter>,
    ) -> Result<Verdict, Box<dyn Error + Send + Sync>>;

    /// Returns how many bytes the check must see on either side of the start of a match to decide on it. The
    /// bytes after the start include the match itself. For a block: the length of the longest passage that
    /// causes one.
    ///
    /// A [`ReplyStream`](crate::ReplyStream) holds back this much text, and runs the check again as the
    /// text grows. The default is unbounded, which is safe for every check but holds back the whole
    /// reply.
    fn context_bytes(&self) -> usize {
        usize::MAX
    }
}

/// A closure as a check. As for selectors, there is no blanket implementation: it would force closures to
/// annotate the type of their argument.
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

/// A registered check.
pub(crate) struct Registered {
    pub(crate) subject: CheckSubject,
    /// The name of the category or the type of the filter.
    pub(crate) word: String,
    /// Whether the text passes if the check returns an error.
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
