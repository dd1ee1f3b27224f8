//! Checks a reply that is streamed.

use std::fmt;
use std::sync::Arc;

use super::checked::Checked;
use super::outcome::ContentOutcome;
use super::redaction::Redaction;
use super::rule::{CheckedBy, Content, GuardrailRule};
use super::stream_checker::{StreamChecker, StreamText};
use super::violation::Violation;
use crate::table::AliasId;

/// Checks a reply that is on its way to the client, piece by piece.
///
/// It holds the end of the text back as long as something in it may still become a find, so that
/// what it gives back is safe to send on; however the text is cut, it finds what a check of the
/// whole finds. Made by [`Serving::reply_stream`](crate::Serving::reply_stream). Without content
/// guardrails every piece is given back at once.
///
/// `Debug` shows no text.
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
    content: Arc<Content>,
    lanes: Vec<StreamChecker>,
    unchecked: Vec<GuardrailRule>,
    /// The text from `start` on.
    text: String,
    start: usize,
    /// What was given back, or would have been but for redaction.
    sent: usize,
    redaction: Redaction,
    stopped: Option<Violation>,
}

impl ReplyStream {
    pub(crate) fn new(content: &Arc<Content>, way: impl Iterator<Item = AliasId>) -> Self {
        let rules = content.in_force(way);
        let lanes = StreamChecker::all(content, &rules);
        let mut unchecked = rules;
        unchecked.retain(|rule| rule.by == CheckedBy::Nobody);
        Self {
            content: Arc::clone(content),
            lanes,
            unchecked,
            text: String::new(),
            start: 0,
            sent: 0,
            redaction: Redaction::default(),
            stopped: None,
        }
    }

    /// Takes the next piece, and gives back what is safe to send on by now: often nothing, or the
    /// end of an earlier piece.
    ///
    /// Where it is [`blocked`](Checked::blocked) the stream must stop; every later piece is blocked too.
    ///
    /// # Complexity
    ///
    /// `O(bytes)` over the whole reply, beside what the embedder's checks take, which are asked about
    /// each byte some nine times.
    pub fn push<'t>(&mut self, piece: &'t str) -> Checked<'t> {
        if self.lanes.is_empty() && self.unchecked.is_empty() {
            return Checked::passed(piece);
        }
        self.read(piece, false)
    }

    /// Says that the reply has ended, and gives back what was held.
    pub fn finish(mut self) -> Checked<'static> {
        self.read("", true)
    }

    fn read(&mut self, piece: &str, complete: bool) -> Checked<'static> {
        if let Some(violation) = &self.stopped {
            return Checked::refused(violation.clone());
        }
        self.text.push_str(piece);
        let reading = StreamText {
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
        for lane in &mut self.lanes {
            settled = settled.min(lane.read(&self.content, reading, &mut outcome));
        }
        self.redaction.extend(outcome.spans);
        let text = match outcome.blocked.and_then(|at| outcome.violations.get(at)) {
            Some(violation) => {
                self.stopped = Some(violation.clone());
                self.text = String::new();
                None
            }
            None => Some(self.give_back(settled).into()),
        };
        Checked {
            text,
            violations: outcome.violations,
            blocked: outcome.blocked,
            unchecked: outcome.unchecked,
        }
    }

    /// Gives back the text up to a place, and lets go of what nothing reads again.
    fn give_back(&mut self, upto: usize) -> String {
        let upto = upto.max(self.sent);
        let piece = self.text.get(self.sent - self.start..upto - self.start);
        let piece = piece.unwrap_or_default();
        let piece = self.redaction.write(piece, self.sent).into_owned();
        self.sent = upto;
        let needs = self.lanes.iter().map(StreamChecker::needs).min();
        let keep = needs.unwrap_or(usize::MAX).min(upto);
        let keep = keep.saturating_sub(self.start);
        let keep = self.text.floor_char_boundary(keep);
        self.text.drain(..keep);
        self.start += keep;
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
