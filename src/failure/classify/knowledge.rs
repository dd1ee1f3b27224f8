//! The crate's knowledge of providers' answers: the rows of `answers.txt`.

use std::sync::{Arc, LazyLock};

use aho_corasick::Anchored;
use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::dfa::DFA;
use hashbrown::HashMap;

use crate::failure::class::FailureClass;

/// How much weight a code has against other evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// The code has exactly one meaning.
    Certain,
    /// The wording of a message may override it.
    Broad,
    /// The code is so general that even the status says more.
    Weak,
}

impl Strength {
    /// The number of variants.
    pub(super) const COUNT: usize = 3;
}

/// The class that wins if several words match comes first. A request that is too long or refused says the most,
/// since it would fail anywhere; a limit that passes with time says the least.
const PRECEDENCE: [FailureClass; 11] = [
    FailureClass::ContextLengthExceeded,
    FailureClass::ContentFiltered,
    FailureClass::QuotaExhausted,
    FailureClass::AuthFailed,
    FailureClass::NotFound,
    FailureClass::Overloaded,
    FailureClass::RateLimited,
    FailureClass::Timeout,
    FailureClass::ConnectError,
    FailureClass::ServerError,
    FailureClass::InvalidRequest,
];

/// The statuses that a row is about; empty for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statuses(Box<[u16]>);

impl Statuses {
    fn read(text: &str) -> Option<Self> {
        let list = if text == "*" { "" } else { text };
        let list = list.split(',').map(str::trim).filter(|one| !one.is_empty());
        let list: Result<_, _> = list.map(str::parse).collect();
        list.ok().map(Self)
    }

    /// A status below 400 is that of a stream, which says nothing about the error inside.
    fn fits(&self, status: u16) -> bool {
        self.0.is_empty() || status < 400 || self.0.contains(&status)
    }
}

/// What a row looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pattern<'t> {
    /// A code, compared as a whole.
    Code(&'t str),
    /// Words of a message.
    Words(&'t str),
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row<'t> {
    /// The row as it is written, with single spaces.
    pub(super) text: Arc<str>,
    statuses: Statuses,
    pattern: Pattern<'t>,
    pub(super) strength: Strength,
    pub(super) class: FailureClass,
}

impl<'t> Row<'t> {
    /// Reads a line. `None` for an empty line, a comment or a mistake.
    fn read(line: &'t str) -> Option<Self> {
        let mut columns = line.split('|').map(str::trim);
        let (_provider, status) = (columns.next()?, columns.next()?);
        let (answer, class) = (columns.next()?, columns.next()?);
        let name = class.trim_end_matches('?');
        let known = FailureClass::ALL
            .iter()
            .find(|known| known.as_str() == name);
        let words = answer
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let written: Vec<&str> = line.split_whitespace().collect();
        Some(Self {
            text: written.join(" ").into(),
            statuses: Statuses::read(status)?,
            pattern: words.map_or(Pattern::Code(answer), Pattern::Words),
            strength: match class.len() - name.len() {
                0 => Strength::Certain,
                1 => Strength::Broad,
                _ => Strength::Weak,
            },
            class: *known?,
        })
    }
}

fn rows() -> impl Iterator<Item = Row<'static>> {
    let lines = include_str!("answers.txt").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(Row::read)
}

/// The rows, ready to be looked up.
struct Knowledge {
    /// By code, in lower case.
    codes: HashMap<String, Vec<Row<'static>>, foldhash::fast::FixedState>,
    words: Vec<Row<'static>>,
    /// Finds the words; each pattern has the position of its row. Missing if it cannot be built, which a test
    /// rules out.
    matcher: Option<DFA>,
}

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(|| {
    let mut codes: HashMap<String, Vec<Row<'_>>, _> = HashMap::default();
    let mut words = Vec::new();
    let mut patterns = Vec::new();
    for row in rows() {
        match row.pattern {
            Pattern::Code(code) => codes
                .entry(code.to_ascii_lowercase())
                .or_default()
                .push(row),
            Pattern::Words(text) => {
                patterns.push(text);
                words.push(row);
            }
        }
    }
    let matcher = DFA::builder()
        // It would make the cost depend on the text.
        .prefilter(false)
        .build(patterns);
    Knowledge {
        codes,
        words,
        matcher: matcher.ok(),
    }
});

/// Looks up a code.
pub(super) fn code(code: &str, status: u16) -> Option<&'static Row<'static>> {
    let rows = KNOWLEDGE.codes.get(&code.to_ascii_lowercase())?;
    rows.iter().find(|row| row.statuses.fits(status))
}

/// Whether a finish reason says that the provider's filter stopped the reply.
pub(super) fn is_filter(reason: &str) -> bool {
    code(reason, 0).is_some_and(|row| row.class == FailureClass::ContentFiltered)
}

/// Calls `found` with the offset and row of each phrase of the table that occurs in a text and does not begin
/// inside a word.
///
/// The automaton is stepped here, because its own iterators take twice the instructions.
pub(super) fn each_said(
    text: &[u8],
    status: u16,
    mut found: impl FnMut(usize, &'static Row<'static>),
) {
    let knowledge = &*KNOWLEDGE;
    let Some(matcher) = &knowledge.matcher else {
        return;
    };
    let Ok(mut state) = matcher.start_state(Anchored::No) else {
        return;
    };
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        // The patterns are in lower case, which halves the automaton.
        state = matcher.next_state(Anchored::No, state, byte.to_ascii_lowercase());
        if matcher.is_special(state) {
            let end = text.len() - bytes.len();
            knowledge.matches(matcher, state, &text[..end], status, &mut found);
        }
    }
}

impl Knowledge {
    /// Calls `found` for the words that end with a text, in this state.
    #[cold]
    fn matches(
        &'static self,
        matcher: &DFA,
        state: StateID,
        text: &[u8],
        status: u16,
        found: &mut dyn FnMut(usize, &'static Row<'static>),
    ) {
        if !matcher.is_match(state) {
            return;
        }
        let is_word = |at: usize| text[at].is_ascii_alphanumeric() || text[at] == b'_';
        for pattern in (0..matcher.match_len(state)).map(|at| matcher.match_pattern(state, at)) {
            let at = text.len() - matcher.pattern_len(pattern);
            let begins = at == 0 || !is_word(at - 1) || !is_word(at);
            match self.words.get(pattern.as_usize()) {
                Some(row) if begins && row.statuses.fits(status) => found(at, row),
                _ => {}
            }
        }
    }
}

/// Of two rows that words match, the one whose class says more.
pub(super) fn stronger<'r>(one: Option<&'r Row<'r>>, other: &'r Row<'r>) -> &'r Row<'r> {
    let rank = |row: &Row<'_>| PRECEDENCE.iter().position(|class| *class == row.class);
    match one {
        Some(one) if rank(one) <= rank(other) => one,
        _ => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_row_with_a_source_and_says_something_of_its_own() {
        let lines: Vec<&str> = include_str!("answers.txt")
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .collect();
        let rows: Vec<Row<'_>> = rows().collect();
        assert_eq!(rows.len(), lines.len());
        for (line, row) in lines.iter().zip(&rows) {
            let columns: Vec<&str> = line.split('|').map(str::trim).collect();
            assert_eq!(columns.len(), 5, "{line}");
            assert!(columns[4].starts_with("https://"), "{line}");
            assert!(PRECEDENCE.contains(&row.class), "{line}");
            // A row that no other row makes superfluous.
            let alike = |other: &&Row<'_>| {
                let same = match (row.pattern, other.pattern) {
                    (Pattern::Code(one), Pattern::Code(other))
                    | (Pattern::Words(one), Pattern::Words(other)) => {
                        one.eq_ignore_ascii_case(other)
                    }
                    _ => false,
                };
                same && (row.statuses == other.statuses || other.statuses.0.is_empty())
            };
            assert_eq!(rows.iter().filter(alike).count(), 1, "{line}");
            if let Pattern::Words(words) = row.pattern {
                assert!(
                    words.len() >= 12 && *words == words.to_ascii_lowercase(),
                    "{line}"
                );
            }
        }
        let memory = KNOWLEDGE.matcher.as_ref().map(DFA::memory_usage);
        println!(
            "{} rows, automaton of {memory:?} bytes (limit 1 MB)",
            rows.len()
        );
        assert!(memory.is_some_and(|bytes| bytes < 1_000_000));
    }

    fn heard(text: &str) -> Option<FailureClass> {
        let mut best = None;
        each_said(text.as_bytes(), 400, |_, row| {
            best = Some(stronger(best, row));
        });
        best.map(|row| row.class)
    }

    #[test]
    fn each_row_of_words_is_found_whole_and_from_the_beginning_of_a_word() {
        for row in rows() {
            let Pattern::Words(words) = row.pattern else {
                continue;
            };
            let status = row.statuses.0.first().copied().unwrap_or(400);
            let hears = |text: &str| {
                let mut hears = false;
                each_said(text.as_bytes(), status, |_, found| {
                    hears |= found.class == row.class;
                });
                hears
            };
            assert!(hears(words), "{words}");
            assert!(
                hears(&format!("We say: `{}`.", words.to_ascii_uppercase())),
                "{words}"
            );
            if words.starts_with(|c: char| c.is_ascii_alphanumeric()) {
                assert!(!hears(&format!("x{words}")), "{words}");
            }
            for before in 0..200 {
                assert!(hears(&(".".repeat(before) + words)), "{words}");
            }
        }
    }

    #[test]
    fn the_class_that_says_more_counts() {
        let text = "currently overloaded, credit balance is too low, request too large";
        assert_eq!(heard(text), Some(FailureClass::ContextLengthExceeded));
        let text = "too many tokens per day; too many tokens, please wait";
        assert_eq!(heard(text), Some(FailureClass::QuotaExhausted));
    }

    #[test]
    fn short_texts_and_other_letters_say_nothing() {
        for text in ["", "a", "in", "ütter", "request too larg", "İ"] {
            assert_eq!(heard(text), None, "{text}");
        }
    }

    #[test]
    fn a_row_with_statuses_fits_those_and_streams() {
        let statuses = Statuses::read("400, 429").unwrap();
        assert_eq!(
            [200, 400, 403, 429].map(|s| statuses.fits(s)),
            [true, true, false, true]
        );
        assert_eq!(Statuses::read("*"), Some(Statuses([].into())));
        assert_eq!(Statuses::read("4x"), None);
    }
}
