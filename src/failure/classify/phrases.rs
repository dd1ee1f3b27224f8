//! Finds phrases in error messages that reveal the failure class.
//!
//! Wording changes more often than codes, so the list is short: each phrase stands for a failure that a
//! provider reports in no other way, or for a code that a proxy has put into prose.

use crate::failure::class::FailureClass;

use FailureClass as Class;

/// The phrases in lower case. If several match, the earliest in this list wins. Each begins with a
/// letter, because matching starts at word beginnings.
const PHRASES: &[(&str, Class)] = &[
    // OpenAI and Groq, with 429 or 413: the request exceeds the limit per minute.
    ("request too large", Class::ContextLengthExceeded),
    // OpenAI, Azure, vLLM, Mistral and most compatible servers.
    ("maximum context length", Class::ContextLengthExceeded),
    ("exceeds the context window", Class::ContextLengthExceeded),
    (
        "reduce the length of the messages",
        Class::ContextLengthExceeded,
    ),
    ("context_length_exceeded", Class::ContextLengthExceeded),
    ("contextwindowexceedederror", Class::ContextLengthExceeded),
    // Anthropic, also through Bedrock.
    ("prompt is too long", Class::ContextLengthExceeded),
    ("exceed context limit", Class::ContextLengthExceeded),
    // Bedrock.
    ("input is too long", Class::ContextLengthExceeded),
    ("too many input tokens", Class::ContextLengthExceeded),
    // Gemini.
    (
        "exceeds the maximum number of tokens",
        Class::ContextLengthExceeded,
    ),
    // Together, with 403, 400 or 422; the second comes from its inference server.
    ("context length of the model", Class::ContextLengthExceeded),
    ("max_new_tokens` must be", Class::ContextLengthExceeded),
    // llama.cpp.
    ("available context size", Class::ContextLengthExceeded),
    // Azure; Anthropic; OpenAI, twice.
    ("content management policy", Class::ContentFiltered),
    ("content filtering policy", Class::ContentFiltered),
    ("violating our usage policy", Class::ContentFiltered),
    ("our safety system", Class::ContentFiltered),
    ("responsibleaipolicyviolation", Class::ContentFiltered),
    ("content_filter", Class::ContentFiltered),
    ("contentpolicyviolationerror", Class::ContentFiltered),
    // Anthropic reports two of its three spending limits with a 400.
    ("credit balance is too low", Class::QuotaExhausted),
    (
        "reached your specified api usage limits",
        Class::QuotaExhausted,
    ),
    (
        "reached your specified workspace api usage limits",
        Class::QuotaExhausted,
    ),
    ("insufficient_quota", Class::QuotaExhausted),
    ("credit_balance_exhausted", Class::QuotaExhausted),
    ("spend_limit_exceeded", Class::QuotaExhausted),
    ("billing hard limit", Class::QuotaExhausted),
    ("prepayment credits are depleted", Class::QuotaExhausted),
    ("insufficient balance", Class::QuotaExhausted),
    // Bedrock's daily quota; the message for its quota per minute has no `per day`.
    ("too many tokens per day", Class::QuotaExhausted),
    // Gemini reports a wrong key with a 400.
    ("api key not valid", Class::AuthFailed),
    ("api key expired", Class::AuthFailed),
    ("user location is not supported", Class::AuthFailed),
    ("incorrect api key", Class::AuthFailed),
    ("invalid_api_key", Class::AuthFailed),
    // Bedrock reports an unknown model with a 400.
    ("model identifier is invalid", Class::NotFound),
    ("model_not_found", Class::NotFound),
    // Azure uses a 429 when the service is overloaded, not the caller; OpenAI once did.
    ("experiencing high demand", Class::Overloaded),
    (
        "temporarily unable to process your request",
        Class::Overloaded,
    ),
    ("currently overloaded", Class::Overloaded),
    ("model is overloaded", Class::Overloaded),
    ("overloaded_error", Class::Overloaded),
    // Mistral, with the error type of an invalid request.
    ("service tier capacity exceeded", Class::Overloaded),
];

/// For each of the first four positions and each byte: the set of phrases with that byte there, in
/// either case. One look-up rules out nearly every word, and four rule out almost all non-matches.
static PLACES: [[u64; 256]; 4] = {
    // INVARIANT: each phrase has one bit of a `u64`.
    assert!(PHRASES.len() <= 64);
    let mut places = [[0; 256]; 4];
    let mut at = 0;
    while at < PHRASES.len() {
        let phrase = PHRASES[at].0.as_bytes();
        assert!(phrase[0].is_ascii_lowercase());
        let mut place = 0;
        while place < places.len() {
            let byte = phrase[place];
            places[place][byte as usize] |= 1 << at;
            places[place][byte.to_ascii_uppercase() as usize] |= 1 << at;
            place += 1;
        }
        at += 1;
    }
    places
};

/// How many words are compared. Error messages are short, and a text of short words would double the
/// total cost.
const WORDS: u16 = 1_000;

/// The best phrase found so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match {
    best: Option<usize>,
    /// How many more words are compared.
    words_left: u16,
}

/// How much of a text is trusted as evidence against the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    Whole,
    /// Only the text before the first quote.
    Unquoted,
    /// None of it.
    None,
}

/// Whether a part of a text contains a quote, where providers echo client input. An apostrophe inside a
/// word does not count.
fn quotes(text: &[u8], from: usize, until: usize) -> bool {
    let is_letter = |at: usize| text.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let mut bytes = text.iter().enumerate().take(until).skip(from);
    bytes.any(|(at, byte)| match byte {
        b'"' | b'`' => true,
        b'\'' => !(at > 0 && is_letter(at - 1) && is_letter(at + 1)),
        // Typographic quotes, except the right single one, which is usually an apostrophe.
        0xe2 => matches!(text.get(at + 1..at + 3), Some([0x80, 0x98 | 0x9a..=0x9e])),
        0xc2 => text.get(at + 1) == Some(&0xab),
        _ => false,
    })
}

impl Match {
    pub(super) fn new() -> Self {
        Self {
            best: None,
            words_left: WORDS,
        }
    }

    pub(super) fn class(self) -> Option<FailureClass> {
        let (_, class) = PHRASES.get(self.best?)?;
        Some(*class)
    }

    /// Searches a text for a better phrase, ignoring ASCII case.
    pub(super) fn search(&mut self, text: &[u8], trust: Trust) {
        // Quotes are searched only after a phrase is found, and each byte at most once.
        let mut filter = QuoteFilter { trust, clean: 0 };
        let (chunks, rest) = text.as_chunks();
        let mut last = [0; CHUNK];
        last[..rest.len()].copy_from_slice(rest);
        // The lowest bit says whether the byte before the chunk belongs to a word.
        let mut before = 0;
        for (number, chunk) in chunks.iter().chain([&last]).enumerate() {
            let words = words(chunk);
            let mut begins = words & !(words << 1 | before);
            before = words >> (CHUNK - 1);
            while begins != 0 {
                let Some(left) = self.words_left.checked_sub(1) else {
                    return;
                };
                self.words_left = left;
                let at = number * CHUNK + begins.trailing_zeros() as usize;
                self.compare(text, at, &mut filter);
                begins &= begins - 1;
            }
        }
    }

    #[inline]
    fn compare(&mut self, whole: &[u8], at: usize, filter: &mut QuoteFilter) {
        let text = &whole[at..];
        let Some(&[first, second, third, fourth]) = text.first_chunk() else {
            return;
        };
        let has = |place: usize, byte: u8| PLACES[place][usize::from(byte)];
        let mut possible = has(0, first) & has(1, second);
        if possible == 0 {
            return;
        }
        possible &= has(2, third) & has(3, fourth);
        while possible != 0 {
            let phrase = possible.trailing_zeros() as usize;
            possible &= possible - 1;
            let wanted = PHRASES[phrase].0.as_bytes();
            let here = text.get(..wanted.len());
            if here.is_some_and(|here| here.eq_ignore_ascii_case(wanted))
                && filter.trusts(whole, at, PHRASES[phrase].1)
            {
                self.best = Some(self.best.map_or(phrase, |best| best.min(phrase)));
            }
        }
    }
}

/// Decides whether a phrase in one text is trusted.
struct QuoteFilter {
    trust: Trust,
    /// The text before this offset has no quote.
    clean: usize,
}

impl QuoteFilter {
    /// Whether a phrase at an offset is trusted.
    #[cold]
    fn trusts(&mut self, text: &[u8], at: usize, class: FailureClass) -> bool {
        if !class.is_counted() || self.trust == Trust::Whole {
            return true;
        }
        if self.trust == Trust::Unquoted && quotes(text, self.clean, at) {
            self.trust = Trust::None;
        }
        self.clean = at;
        self.trust == Trust::Unquoted
    }
}

/// How many bytes are processed together: one for each bit of a `u64`.
const CHUNK: usize = 64;

/// Returns a bit for each byte that belongs to a word. Without branches and tables the compiler
/// vectorizes this: one instruction per byte instead of seven.
fn words(chunk: &[u8; CHUNK]) -> u64 {
    let mut is_word = [0; CHUNK];
    for (is_word, &byte) in is_word.iter_mut().zip(chunk) {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        *is_word = u8::from(letter) | u8::from(byte.is_ascii_digit()) | u8::from(byte == b'_');
    }
    let (eights, _) = is_word.as_chunks();
    eights.iter().rev().fold(0, |words, eight| {
        // The multiplication gathers the eight low bits in the highest byte, in order.
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        words << 8 | bits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<FailureClass> {
        let mut found = Match::new();
        found.search(text.as_bytes(), Trust::Whole);
        found.class()
    }

    #[test]
    fn each_phrase_is_found_in_either_case_and_only_where_a_word_begins() {
        for (phrase, class) in PHRASES {
            assert_eq!(phrase.to_ascii_lowercase(), *phrase);
            let quoted = format!("We say: `{}`.", phrase.to_ascii_uppercase());
            assert_eq!(said(phrase), Some(*class), "{phrase}");
            assert_eq!(said(&quoted), Some(*class), "{phrase}");
            assert_eq!(said(&format!("x{phrase}")), None, "{phrase}");
            let cut = &phrase[..phrase.len() - 1];
            assert_eq!(said(cut), None, "{phrase}");
        }
    }

    #[test]
    fn a_bit_stands_for_each_byte_of_a_word() {
        for at in 0..CHUNK {
            for byte in 0..=u8::MAX {
                let mut chunk = [b'.'; CHUNK];
                chunk[at] = byte;
                let is_word = byte.is_ascii_alphanumeric() || byte == b'_';
                assert_eq!(words(&chunk), u64::from(is_word) << at, "{byte} at {at}");
            }
        }
    }

    #[test]
    fn a_phrase_is_found_wherever_it_stands() {
        for before in 0..200 {
            let text = ".".repeat(before) + "prompt is too long";
            assert_eq!(said(&text), Some(FailureClass::ContextLengthExceeded));
            let text = "x".repeat(before + 1) + "prompt is too long";
            assert_eq!(said(&text), None, "{before}");
        }
    }

    #[test]
    fn the_earlier_phrase_counts() {
        let text = "currently overloaded, credit balance is too low, request too large";
        assert_eq!(said(text), Some(FailureClass::ContextLengthExceeded));
    }

    #[test]
    fn short_texts_and_other_letters_say_nothing() {
        for text in ["", "a", "in", "ütter", "request too larg", "İ"] {
            assert_eq!(said(text), None, "{text}");
        }
    }
}
