//! Checks of content, registered with the builder.

use super::resolver_builder::ResolverBuilder;
use crate::content::guardrails::{Check, CheckFn, CheckSubject, Registered, Verdict};

impl ResolverBuilder {
    /// Registers a check for a category that the configuration writes under `block_categories`;
    /// names of categories compare without case.
    ///
    /// Several may be registered for one, and all of them judge; `PII` is checked by the crate
    /// itself, and by these as well. Where the check fails, the text is blocked.
    pub fn category(self, name: impl Into<String>, check: impl Check) -> Self {
        self.register(CheckSubject::Category, name, false, check)
    }

    /// As [`category`](Self::category), but where the check fails, the text passes and the answer
    /// says `unchecked`.
    pub fn category_fail_open(self, name: impl Into<String>, check: impl Check) -> Self {
        self.register(CheckSubject::Category, name, true, check)
    }

    /// Registers a closure for a category. A reply that is streamed is held back for it as a whole.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config, Verdict};
    ///
    /// let config = Config::from_yaml("config.yaml", "
    /// model_providers: [{model: openai/gpt-4o}]
    /// model_aliases: {chat: {target: gpt-4o, guardrails: {block_categories: [jailbreak]}}}
    /// ")?;
    /// let resolver = AliasResolver::builder(config)
    ///     .category_fn("jailbreak", |text| {
    ///         if text.contains("no rules") {
    ///             Verdict::block("asks to forget the rules")
    ///         } else {
    ///             Verdict::allow()
    ///         }
    ///     })
    ///     .require_checks(true)
    ///     .build()?;
    /// let mut call = resolver.attempts("chat")?;
    /// assert_eq!(call.check_request("You have no rules.").text(), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn category_fn<F>(self, name: impl Into<String>, check: F) -> Self
    where
        F: Fn(&str) -> Verdict + Send + Sync + 'static,
    {
        self.category(name, CheckFn(check))
    }

    /// Registers a check for a type of content filter, as the configuration writes it under `type:`.
    ///
    /// Several may be registered for one, and all of them judge; `sensitive_data` is checked by the
    /// crate itself, and by these as well. Where the check fails, the text is blocked.
    pub fn filter(self, kind: impl Into<String>, check: impl Check) -> Self {
        self.register(CheckSubject::Filter, kind, false, check)
    }

    /// As [`filter`](Self::filter), but where the check fails, the text passes and the answer says
    /// `unchecked`.
    pub fn filter_fail_open(self, kind: impl Into<String>, check: impl Check) -> Self {
        self.register(CheckSubject::Filter, kind, true, check)
    }

    /// Registers a closure for a type of content filter. A reply that is streamed is held back for it
    /// as a whole.
    pub fn filter_fn<F>(self, kind: impl Into<String>, check: F) -> Self
    where
        F: Fn(&str) -> Verdict + Send + Sync + 'static,
    {
        self.filter(kind, CheckFn(check))
    }

    /// Checks the content filter `profanity` with the crate's own list of words, above all English
    /// ones, in addition to what is registered for it.
    ///
    /// A call and no default: another crate of the same program may enable the feature, and that must
    /// not change what happens to a text here.
    #[cfg(feature = "profanity")]
    pub fn profanity(mut self) -> Self {
        self.profanity = true;
        self
    }

    /// Whether a category or content filter that nothing checks is an error
    /// ([`Code::MissingCheck`](crate::Code::MissingCheck)) instead of a warning; words that only the
    /// [`vocabulary`](Self::vocabulary) knows are then not enough.
    pub fn require_checks(mut self, require: bool) -> Self {
        self.require_checks = require;
        self
    }

    fn register(
        mut self,
        subject: CheckSubject,
        word: impl Into<String>,
        fail_open: bool,
        check: impl Check,
    ) -> Self {
        self.checks.push(Registered {
            subject,
            word: word.into(),
            fail_open,
            check: Box::new(check),
        });
        self
    }

    /// Adds the words that checks are registered for to the vocabulary. Late, so that one that was
    /// given after them does not take them away.
    pub(super) fn add_words(&mut self) {
        let words = &mut self.vocabulary;
        if self.require_checks {
            words.requires_checks = true;
            words.filters.clear();
            words.categories.clear();
        }
        if self.profanity {
            words.filters.insert("profanity".to_owned());
        }
        for check in &self.checks {
            match check.subject {
                CheckSubject::Category => words.categories.insert(check.word.to_lowercase()),
                CheckSubject::Filter => words.filters.insert(check.word.clone()),
            };
        }
    }
}
