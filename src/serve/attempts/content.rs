//! Content checks of an attempt and of what serves.

use super::attempt::Attempt;
use super::progress::Progress;
use super::serving::Serving;
use crate::base::money::Usage;
use crate::content::guardrails::{self, Checked, ReplyStream};
use crate::serve::plan::Fate;

impl Attempt<'_> {
    /// Checks a text that is to be sent to this target, by the guardrails in force on the way to it.
    ///
    /// Send on what [`Checked::text`] gives. Where that is nothing the text is blocked, and the
    /// request is over: no other target is tried, since a fallback must not be a way round a
    /// guardrail, and [`Attempts::into_error`](crate::Attempts::into_error) says which one it was. Ask
    /// for each attempt anew, as another target may lie behind other aliases, and for each text
    /// of a request. One that is blocked costs nothing. Without content guardrails the text comes back as it is, and nothing is allocated.
    ///
    /// # Complexity
    ///
    /// `O(bytes)`, and what the embedder's checks take; copies the text only to redact it.
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
    /// let mut attempts = resolver.attempts("chat")?;
    /// while let Some(mut attempt) = attempts.next_attempt() {
    ///     let checked = attempt.check_request("My card is 4111 1111 1111 1111.");
    ///     let Some(text) = checked.text() else { continue };
    ///     println!("to {}: {text}", attempt.target());
    ///     attempt.succeeded();
    /// }
    /// assert_eq!(
    ///     attempts.into_error().to_string(),
    ///     "request for `chat`: content blocked by category `PII`: card",
    /// );
    /// # Ok(())
    /// # }
    /// ```
    pub fn check_request<'t>(&mut self, text: &'t str) -> Checked<'t> {
        self.check(text, Some(Usage::default()))
    }

    /// Checks a reply of this target before any of it goes to the client.
    ///
    /// As [`check_request`](Self::check_request): give on what [`Checked::text`] gives; a reply that is
    /// blocked ends the request. The target has done its work then, and that counts as a success. A reply
    /// that is streamed goes through [`Serving::reply_stream`] instead.
    pub fn check_reply<'t>(&mut self, text: &'t str) -> Checked<'t> {
        let checked = self.check(text, None);
        if checked.blocked().is_some() {
            self.progress.note_success();
        }
        checked
    }

    /// `used` is what the attempt has used if a block ends it here, where that is known.
    fn check<'t>(&mut self, text: &'t str, used: Option<Usage>) -> Checked<'t> {
        let Progress {
            snapshot,
            brought,
            way,
            current,
            blocked,
            ..
        } = &mut *self.progress;
        let aliases = current.lease.way(&snapshot.table);
        let checked = guardrails::check(&snapshot.content, aliases, text);
        if let Some(violation) = checked.blocked()
            && !self.reported
        {
            self.reported = true;
            if let Some(used) = used {
                way.used(used);
            }
            *blocked = Some(Box::new(violation.clone()));
            way.end(snapshot, brought, Fate::Blocked);
        }
        checked
    }
}

impl Serving {
    /// Begins to check the reply, as the guardrails in force on the way to this target want it.
    ///
    /// Once a stream has begun, a check can only redact what has not been sent yet, or stop it.
    pub fn reply_stream(&self) -> ReplyStream {
        ReplyStream::new(&self.snapshot.content, self.way())
    }
}
