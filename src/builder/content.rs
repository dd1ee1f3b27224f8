//! Registers content checks with the builder.

use super::resolver_builder::ResolverBuilder;
use crate::content::guardrails::{Check, CheckFn, CheckSubject, Registered, Verdict};

impl ResolverBuilder {
    /// Registers a check for a category of `block_categories`. Names of categories are
    /// case-insensitive.
    ///
    /// Several checks may be registered for one category, and all of them run. The crate itself
    /// checks `PII`, in addition to registered checks. If the check returns an error, the text
    /// is blocked.
    pub fn category(self, name: impl Into<String>, check: impl Check) -> Self {
        self.register(CheckSubject::Category, name, false, check)
    }

    /// Registers a check like [`category`](Self::category), but if the check returns an error, the text passes
    /// and [`Checked::unchecked`](crate::Checked::unchecked) lists the category.
    pub fn category_fail_open(self, name: impl Into<String>, check: impl Check) -> Self {
        self.register(CheckSubject::Category, name, true, check)
    }

    /// Registers a closure for a category. It needs the whole text, so a streamed reply is held
    /// back until its end.
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

    /// Registers a check for a type of content filter, which the configuration writes under
    /// `type:`.
    ///
    /// Several checks may be registered for one type, and all of them run. The crate itself checks
    /// `sensitive_data`, in addition to registered checks. If the check returns an error, the text
    /// is blocked.
    pub fn filter(self, kind: impl Into<String>, check: impl Check) -> Self {
        self.register(CheckSubject::Filter, kind, false, check)
    }

    /// Registers a check like [`filter`](Self::filter), but if the check returns an error, the text passes and
    /// [`Checked::unchecked`](crate::Checked::unchecked) lists the filter.
    pub fn filter_fail_open(self, kind: impl Into<String>, check: impl Check) -> Self {
        self.register(CheckSubject::Filter, kind, true, check)
    }

    /// Registers a closure for a type of content filter. It needs the whole text, so a streamed
    /// reply is held back until its end.
    pub fn filter_fn<F>(self, kind: impl Into<String>, check: F) -> Self
    where
        F: Fn(&str) -> Verdict + Send + Sync + 'static,
    {
        self.filter(kind, CheckFn(check))
    }

    /// Checks the content filter `profanity` with the crate's own word list, mostly English, in
    /// addition to what is registered for it.
    ///
    /// This is a call and not a default, because another crate of the same program may enable the
    /// feature, and that must not change what happens to a text here.
    #[cfg(feature = "profanity")]
    pub fn profanity(mut self) -> Self {
        self.profanity = true;
        self
    }

    /// Sets whether a category or content filter without a check is an error
    /// ([`Code::MissingCheck`](crate::Code::MissingCheck)) instead of a warning. With `true`, a
    /// category or filter that only the [`vocabulary`](Self::vocabulary) names has no check.
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

    /// Adds the words of the registered checks to the vocabulary. Called last, so that a vocabulary
    /// given after them does not remove them.
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
