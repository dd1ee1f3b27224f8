//! Content checks of a request: what it sends, and what it gets.

use super::serving::Serving;
use super::state::Attempts;
use crate::base::money::Usage;
use crate::content::guardrails::{self, Checked, ReplyStream};

impl Attempts {
    /// Checks a text to send to the current target, with the guardrails of every alias on the way to it.
    ///
    /// Send what [`Checked::text`] returns. If it returns `None`, the text is blocked and the request is over: no
    /// other target is tried, since a fallback must not bypass a guardrail, and
    /// [`into_error`](Self::into_error) names the guardrail. Check every text of a request, and check again for
    /// each target, because other aliases may lead to it. A blocked attempt costs nothing. Without content
    /// guardrails the text is returned as it is, and nothing is allocated.
    ///
    /// # Complexity
    ///
    /// `O(bytes)`, plus the embedder's checks. Copies the text only to redact it.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config};
    ///
    /// let config = Config::from_yaml("config.yaml", "
    /// model_providers: [{model: openai/gpt-4o}]
    /// model_aliases:
    ///   chat: {target: gpt-4o, guardrails: {block_categories: [PII]}}
    /// ")?;
    /// let resolver = AliasResolver::new(config)?;
    ///
    /// let mut call = resolver.attempts("chat")?;
    /// assert_eq!(call.check_request("Hello.").text(), Some("Hello."));
    /// assert_eq!(call.check_request("My card is 4111 1111 1111 1111.").text(), None);
    /// assert_eq!(
    ///     call.into_error().to_string(),
    ///     "request for `chat`: content blocked by category `PII`: card",
    /// );
    /// # Ok(())
    /// # }
    /// ```
    pub fn check_request<'t>(&mut self, text: &'t str) -> Checked<'t> {
        let checked = self.check(text);
        if let Some(violation) = checked.blocked().filter(|_| self.is_under_way()) {
            self.phase.used(Usage::default());
            self.block(violation);
        }
        checked
    }

    /// Checks a reply of the current target before any of it goes to the client.
    ///
    /// Send on what [`Checked::text`] returns. A blocked reply ends the request. The target has done its work
    /// then, and that counts as a success. A streamed reply goes through [`Serving::reply_stream`] instead.
    pub fn check_reply<'t>(&mut self, text: &'t str) -> Checked<'t> {
        let checked = self.check(text);
        if let Some(violation) = checked.blocked().filter(|_| self.is_under_way()) {
            self.report_success();
            self.block(violation);
        }
        checked
    }

    fn check<'t>(&self, text: &'t str) -> Checked<'t> {
        let snapshot = &self.snapshot;
        let aliases = self.attempt.lease.alias_path(&snapshot.table);
        guardrails::check(&snapshot.content, aliases, text)
    }
}

impl Serving {
    /// Begins to check the reply, with the guardrails of every alias on the way to this target.
    ///
    /// Once a stream has begun, a check can only redact what has not been sent yet, or stop the stream.
    pub fn reply_stream(&self) -> ReplyStream {
        let snapshot = &self.0.snapshot;
        let aliases = self.0.attempt.lease.alias_path(&snapshot.table);
        ReplyStream::new(&snapshot.content, aliases)
    }
}
