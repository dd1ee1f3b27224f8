//! [`ReplyStream`]: checks a streamed reply.

use std::fmt;
use std::sync::Arc;

use super::checked::Checked;
use super::outcome::ContentOutcome;
use super::redaction::Redaction;
use super::rule::{CheckedBy, ContentRules, GuardrailRule};
use super::stream_checker::{StreamChecker, StreamText};
use super::violation::Violation;
use crate::table::AliasId;

/// Checks a streamed reply piece by piece on its way to the client.
///
/// It holds back the end of the text while that may still become part of a match, so everything it
/// returns is safe to send on. The matches do not depend on how the text is split: they are those of a
/// check of the whole text. Created by [`Serving::reply_stream`](crate::Serving::reply_stream).
/// Without content guardrails it returns every piece at once.
///
/// `Debug` does not show the text.
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
///   chat: {target: gpt-4o, guardrails: {content_filters: [{type: sensitive_data}]}}
/// ")?;
/// let resolver = AliasResolver::new(config)?;
/// let serving = resolver.attempts("chat")?.commit();
///
/// let mut reply = serving.reply_stream();
/// let mut sent = String::new();
/// for piece in ["Write to ann@exa", "mple.org", " soon."] {
///     sent += reply.push(piece).text().unwrap_or("(stopped)");
/// }
/// sent += reply.finish().text().unwrap_or("(stopped)");
/// assert_eq!(sent, "Write to [email] soon.");
/// serving.finished();
/// # Ok(())
/// # }
/// ```
#[must_use = "it holds back a part of the reply"]
pub struct ReplyStream {
    content: Arc<ContentRules>,
    checkers: Vec<StreamChecker>,
    unchecked: Vec<GuardrailRule>,
    /// The text from `start` on.
    text: String,
    start: usize,
    /// The end of the text that was returned so far, before redaction.
    sent: usize,
    redaction: Redaction,
    stopped: Option<Violation>,
}

impl ReplyStream {
    pub(crate) fn new(content: &Arc<ContentRules>, path: impl Iterator<Item = AliasId>) -> Self {
        let rules = content.in_force(path);
        let checkers = StreamChecker::all(content, &rules);
        let mut unchecked = rules;
        unchecked.retain(|rule| rule.by == CheckedBy::Nobody);
        Self {
            content: Arc::clone(content),
            checkers,
            unchecked,
            text: String::new(),
            start: 0,
            sent: 0,
            redaction: Redaction::default(),
            stopped: None,
        }
    }

    /// Takes the next piece and returns the text that is now safe to send on: often nothing, or the end of
    /// an earlier piece.
    ///
    /// Stop the stream if the result is [`blocked`](Checked::blocked); all later pieces are blocked too.
    ///
    /// # Complexity
    ///
    /// `O(bytes)` over the whole reply, plus the cost of custom checks, which see each byte about nine
    /// times.
    pub fn push<'t>(&mut self, piece: &'t str) -> Checked<'t> {
        if self.checkers.is_empty() && self.unchecked.is_empty() {
            return Checked::passed(piece);
        }
        self.read(piece, false)
    }

    /// Ends the reply and returns the text that was held back.
    pub fn finish(mut self) -> Checked<'static> {
        self.read("", true)
    }

    fn read(&mut self, piece: &str, complete: bool) -> Checked<'static> {
        if let Some(violation) = &self.stopped {
            return Checked::refused(violation.clone());
        }
        self.text.push_str(piece);
        let stream = StreamText {
            text: &self.text,
            start: self.start,
            new: piece,
            complete,
        };
        let mut outcome = ContentOutcome::default();
        for rule in &self.unchecked {
            outcome.unchecked(rule);
        }
        let mut settled = self.start + self.text.len();
        for checker in &mut self.checkers {
            settled = settled.min(checker.read(&self.content, stream, &mut outcome));
        }
        self.redaction.extend(outcome.spans);
        let text = match outcome.blocked.and_then(|at| outcome.violations.get(at)) {
            Some(violation) => {
                self.stopped = Some(violation.clone());
                self.text = String::new();
                None
            }
            None => Some(self.release(settled).into()),
        };
        Checked {
            text,
            violations: outcome.violations,
            blocked: outcome.blocked,
            unchecked: outcome.unchecked,
        }
    }

    /// Returns the text up to an offset, and drops what no checker reads again.
    fn release(&mut self, until: usize) -> String {
        let until = until.max(self.sent);
        let piece = self.text.get(self.sent - self.start..until - self.start);
        let piece = piece.unwrap_or_default();
        let piece = self.redaction.write(piece, self.sent).into_owned();
        self.sent = until;
        let needs = self.checkers.iter().map(StreamChecker::needs).min();
        let keep_from = needs.unwrap_or(usize::MAX).min(until);
        let keep_from = keep_from.saturating_sub(self.start);
        let keep_from = self.text.floor_char_boundary(keep_from);
        self.text.drain(..keep_from);
        self.start += keep_from;
        piece
    }
}

impl fmt::Debug for ReplyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyStream")
            .field("sent", &self.sent)
            .field("stopped", &self.stopped)
            .finish_non_exhaustive()
    }
}
