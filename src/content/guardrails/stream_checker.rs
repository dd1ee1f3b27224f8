//! One reader of a text that comes in pieces: it says what it found, and up to where it is sure.

use super::check::Registered;
use super::outcome::ContentOutcome;
use super::rule::{CheckedBy, Content, GuardrailRule};
use super::verdict::Span;
use crate::content::detect::Scanner;

/// What is there of a text so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct StreamText<'a> {
    /// From `start` on.
    pub(super) text: &'a str,
    pub(super) start: usize,
    /// What came last of it.
    pub(super) new: &'a str,
    /// Whether nothing more comes.
    pub(super) complete: bool,
}

impl<'a> StreamText<'a> {
    fn end(self) -> usize {
        self.start + self.text.len()
    }

    /// The text from a place on, which lies between characters.
    fn from(self, place: usize) -> &'a str {
        let place = place.saturating_sub(self.start);
        self.text.get(place..).unwrap_or_default()
    }

    /// The place itself, or the start of the character that it is in.
    fn floor(self, place: usize) -> usize {
        let place = place.saturating_sub(self.start);
        self.start + self.text.floor_char_boundary(place)
    }
}

/// A reader, with the rules that it reads for.
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
    /// The readers that rules need.
    pub(super) fn all(content: &Content, rules: &[GuardrailRule]) -> Vec<Self> {
        let of = |wanted: fn(CheckedBy) -> bool| -> Vec<GuardrailRule> {
            let rules = rules.iter().filter(|rule| wanted(rule.by));
            rules.cloned().collect()
        };
        let mut lanes = Vec::new();
        let detectors = of(|by| matches!(by, CheckedBy::Detectors { .. }));
        if !detectors.is_empty() {
            lanes.push(Self::Detectors {
                rules: detectors,
                scanner: Scanner::new(),
            });
        }
        #[cfg(feature = "profanity")]
        {
            let words = of(|by| by == CheckedBy::Words);
            if !words.is_empty() {
                lanes.push(Self::Words {
                    rules: words,
                    words: Words::default(),
                });
            }
        }
        for rule in rules {
            if let CheckedBy::Hook(at) = rule.by
                && let Some(hook) = content.hook(at)
            {
                lanes.push(Self::Hook {
                    rule: rule.clone(),
                    at,
                    window: HookWindow::new(hook.check.look_behind()),
                });
            }
        }
        lanes
    }

    /// Reads on, and says up to where of the whole text no find that is still to come begins.
    pub(super) fn read(
        &mut self,
        content: &Content,
        reading: StreamText<'_>,
        outcome: &mut ContentOutcome,
    ) -> usize {
        match self {
            Self::Detectors { rules, scanner } => {
                scanner.push(reading.new);
                if reading.complete {
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
                let found = words.read(reading);
                for rule in &*rules {
                    for span in &found {
                        outcome.found(rule, span.clone());
                    }
                }
                words.settled
            }
            Self::Hook { rule, at, window } => {
                if let Some(hook) = content.hook(*at) {
                    window.read(rule, hook, reading, outcome);
                }
                window.settled
            }
        }
    }

    /// The first byte of the whole text that it will read again.
    pub(super) fn needs(&self) -> usize {
        match self {
            // It keeps what it needs.
            Self::Detectors { .. } => usize::MAX,
            #[cfg(feature = "profanity")]
            Self::Words { words, .. } => words.settled,
            Self::Hook { window, .. } => window.settled.saturating_sub(window.look),
        }
    }
}

/// How far our list of words has read.
#[cfg(feature = "profanity")]
#[derive(Debug, Default)]
pub(super) struct Words {
    settled: usize,
    /// It is asked again when so much follows: a row without the end of a word must not be
    /// looked through for every piece of it.
    again: usize,
}

#[cfg(feature = "profanity")]
impl Words {
    fn read(&mut self, reading: StreamText<'_>) -> Vec<Span> {
        use crate::content::detect::profanity;

        let text = reading.from(self.settled);
        if !reading.complete && text.len() < self.again {
            return Vec::new();
        }
        let upto = if reading.complete {
            text.len()
        } else {
            profanity::settled(text)
        };
        let decided = text.get(..upto).unwrap_or_default();
        let base = self.settled;
        let span = |found| {
            let mut span = Span::from(found);
            span.range.start += base;
            span.range.end += base;
            span
        };
        let spans = profanity::find(decided).into_iter().map(span).collect();
        self.again = if upto == 0 {
            text.len() + text.len() / 8
        } else {
            0
        };
        self.settled += upto;
        spans
    }
}

/// What a check of the embedder sees of a stream: so much that it has `look` bytes on either side of
/// whatever it decides.
///
/// INVARIANT: two windows share at least `2 * look` bytes, or begin with the text, so that what
/// takes `look` bytes to decide lies within one of them, and nothing of it was sent on before.
#[derive(Debug)]
pub(super) struct HookWindow {
    look: usize,
    settled: usize,
    /// A block says no place, and two windows may hold its reason.
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
        reading: StreamText<'_>,
        outcome: &mut ContentOutcome,
    ) {
        let end = reading.end();
        // Asked a quarter of a window at a time: at each byte it would read a whole window again.
        let step = (self.look / 4).max(16);
        let enough = self.look.saturating_add(step);
        let ripe = if reading.complete {
            end > self.settled || end == 0
        } else {
            end - self.settled >= enough
        };
        if !ripe {
            return;
        }
        let base = reading.floor(self.settled.saturating_sub(self.look));
        let settled = if reading.complete {
            end
        } else {
            reading.floor(end - self.look)
        };
        if let Some(verdict) = outcome.ask(rule, hook, reading.from(base)) {
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
