//! [`StreamChecker`]: checks a text that arrives in pieces, and says how much of it is settled.

use super::check::Registered;
use super::outcome::ContentOutcome;
use super::rule::{CheckedBy, ContentRules, GuardrailRule};
use super::verdict::Span;
use crate::content::detect::Scanner;

/// The part of a streamed text that is in memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct StreamText<'a> {
    /// The text from offset `start` on.
    pub(super) text: &'a str,
    pub(super) start: usize,
    /// The newest piece, at its end.
    pub(super) new: &'a str,
    /// Whether the text has ended.
    pub(super) complete: bool,
}

impl<'a> StreamText<'a> {
    fn end(self) -> usize {
        self.start + self.text.len()
    }

    /// The text from an offset on, which must be a character boundary.
    fn from(self, place: usize) -> &'a str {
        let place = place.saturating_sub(self.start);
        self.text.get(place..).unwrap_or_default()
    }

    /// Rounds an offset down to a character boundary.
    fn floor(self, place: usize) -> usize {
        let place = place.saturating_sub(self.start);
        self.start + self.text.floor_char_boundary(place)
    }
}

/// A stateful checker and the rules it serves.
#[derive(Debug)]
pub(super) enum StreamChecker {
    Detectors {
        rules: Vec<GuardrailRule>,
        scanner: Scanner,
    },
    #[cfg(feature = "profanity")]
    Words {
        rules: Vec<GuardrailRule>,
        words: Words,
    },
    Hook {
        rule: GuardrailRule,
        at: usize,
        window: HookWindow,
    },
}

impl StreamChecker {
    /// Creates the checkers that the rules need.
    pub(super) fn all(content: &ContentRules, rules: &[GuardrailRule]) -> Vec<Self> {
        let of = |wanted: fn(CheckedBy) -> bool| -> Vec<GuardrailRule> {
            let rules = rules.iter().filter(|rule| wanted(rule.by));
            rules.cloned().collect()
        };
        let mut checkers = Vec::new();
        let detectors = of(|by| matches!(by, CheckedBy::Detectors { .. }));
        if !detectors.is_empty() {
            checkers.push(Self::Detectors {
                rules: detectors,
                scanner: Scanner::new(),
            });
        }
        #[cfg(feature = "profanity")]
        {
            let words = of(|by| by == CheckedBy::Words);
            if !words.is_empty() {
                checkers.push(Self::Words {
                    rules: words,
                    words: Words::default(),
                });
            }
        }
        for rule in rules {
            if let CheckedBy::Hook(at) = rule.by
                && let Some(hook) = content.hook(at)
            {
                checkers.push(Self::Hook {
                    rule: rule.clone(),
                    at,
                    window: HookWindow::new(hook.check.context_bytes()),
                });
            }
        }
        checkers
    }

    /// Reads the newest piece. Returns the settled offset of the whole text: no later match starts before
    /// it.
    pub(super) fn read(
        &mut self,
        content: &ContentRules,
        stream: StreamText<'_>,
        outcome: &mut ContentOutcome,
    ) -> usize {
        match self {
            Self::Detectors { rules, scanner } => {
                scanner.push(stream.new);
                if stream.complete {
                    scanner.finish();
                }
                let found = scanner.take();
                for rule in &*rules {
                    for found in found.iter().filter(|found| rule.by.takes(found.kind)) {
                        outcome.found(rule, Span::from(found.clone()));
                    }
                }
                scanner.settled()
            }
            #[cfg(feature = "profanity")]
            Self::Words { rules, words } => {
                let found = words.read(stream);
                for rule in &*rules {
                    for span in &found {
                        outcome.found(rule, span.clone());
                    }
                }
                words.settled
            }
            Self::Hook { rule, at, window } => {
                if let Some(hook) = content.hook(*at) {
                    window.read(rule, hook, stream, outcome);
                }
                window.settled
            }
        }
    }

    /// The offset of the first byte of the whole text that it will read again.
    pub(super) fn needs(&self) -> usize {
        match self {
            // The scanner keeps its own copy.
            Self::Detectors { .. } => usize::MAX,
            #[cfg(feature = "profanity")]
            Self::Words { words, .. } => words.settled,
            Self::Hook { window, .. } => window.settled.saturating_sub(window.look),
        }
    }
}

/// The progress of the built-in word list.
#[cfg(feature = "profanity")]
#[derive(Debug, Default)]
pub(super) struct Words {
    settled: usize,
    /// The length of unsettled text at which to search again, so that a long run without a word end is
    /// not searched again for every piece.
    again: usize,
}

#[cfg(feature = "profanity")]
impl Words {
    fn read(&mut self, stream: StreamText<'_>) -> Vec<Span> {
        use crate::content::detect::profanity;

        let text = stream.from(self.settled);
        if !stream.complete && text.len() < self.again {
            return Vec::new();
        }
        let until = if stream.complete {
            text.len()
        } else {
            profanity::settled(text)
        };
        let decided = text.get(..until).unwrap_or_default();
        let base = self.settled;
        let span = |found| {
            let mut span = Span::from(found);
            span.range.start += base;
            span.range.end += base;
            span
        };
        let spans = profanity::find(decided).into_iter().map(span).collect();
        self.again = if until == 0 {
            text.len() + text.len() / 8
        } else {
            0
        };
        self.settled += until;
        spans
    }
}

/// The part of a stream that a custom check sees: at least `look` bytes on either side of the start of each match, as
/// far as the text goes.
///
/// INVARIANT: consecutive windows share at least `2 * look` bytes, or start with the text. So a match
/// that needs `look` bytes of context lies within one window, and none of it was sent on before.
#[derive(Debug)]
pub(super) struct HookWindow {
    look: usize,
    settled: usize,
    /// Whether it already reported a block. A block has no range, so overlapping windows may repeat it.
    blocked: bool,
}

impl HookWindow {
    fn new(look: usize) -> Self {
        Self {
            look,
            settled: 0,
            blocked: false,
        }
    }

    fn read(
        &mut self,
        rule: &GuardrailRule,
        hook: &Registered,
        stream: StreamText<'_>,
        outcome: &mut ContentOutcome,
    ) {
        let end = stream.end();
        // The check runs once per `look / 4` new bytes, at least 16. Running it for each byte would read the
        // whole window each time.
        let step = (self.look / 4).max(16);
        let enough = self.look.saturating_add(step);
        let is_due = if stream.complete {
            end > self.settled || end == 0
        } else {
            end - self.settled >= enough
        };
        if !is_due {
            return;
        }
        let base = stream.floor(self.settled.saturating_sub(self.look));
        let settled = if stream.complete {
            end
        } else {
            stream.floor(end - self.look)
        };
        if let Some(verdict) = outcome.ask(rule, hook, stream.from(base)) {
            for mut span in verdict.spans {
                span.range.start += base;
                span.range.end += base;
                if (self.settled..settled).contains(&span.range.start) {
                    outcome.found(rule, span);
                }
            }
            if let Some(reason) = verdict.block
                && !std::mem::replace(&mut self.blocked, true)
            {
                outcome.block(rule, reason);
            }
        }
        self.settled = settled;
    }
}
