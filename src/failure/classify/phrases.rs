//! What only the words of a message tell.
//!
//! Words change more often than codes, so these are few: each stands for a failure that a provider
//! is known to tell in no other way, or for a code that a proxy has put into prose.

use crate::failure::class::FailureClass;

use FailureClass as Class;

/// In lower case, and of two that are found the earlier counts. Each begins with a letter, since it
/// is looked for where a word begins.
const PHRASES: &[(&str, Class)] = &[
    // OpenAI's and Groq's 429 or 413 for a request that is larger than the limit of a minute.
    ("request too large", Class::ContextLengthExceeded),
    // OpenAI, Azure, vLLM, Mistral and most servers after them.
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
    // Together, with 403, 400 or 422; the second is of the server inside.
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
    // Anthropic: two of its three limits of money come with a 400.
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
    // Bedrock's daily quota; that of a minute has no `per day`.
    ("too many tokens per day", Class::QuotaExhausted),
    // Gemini says a wrong key with a 400.
    ("api key not valid", Class::AuthFailed),
    ("api key expired", Class::AuthFailed),
    ("user location is not supported", Class::AuthFailed),
    ("incorrect api key", Class::AuthFailed),
    ("invalid_api_key", Class::AuthFailed),
    // Bedrock says an unknown model with a 400.
    ("model identifier is invalid", Class::NotFound),
    ("model_not_found", Class::NotFound),
    // Azure says with a 429 that the service, not the caller, has too much to do; OpenAI once did.
    ("experiencing high demand", Class::Overloaded),
    (
        "temporarily unable to process your request",
        Class::Overloaded,
    ),
    ("currently overloaded", Class::Overloaded),
    ("model is overloaded", Class::Overloaded),
    ("overloaded_error", Class::Overloaded),
    // Mistral, with the type of a wrong request.
    ("service tier capacity exceeded", Class::Overloaded),
];

/// The phrases that have a byte, in either case, at their first place, their second and so on. Nearly
/// every word of a text is ruled out by one look, and all but a phrase's own by four.
static PLACES: [[u64; 256]; 4] = {
    // INVARIANT: a phrase is a bit of a word.
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

/// The words that are looked at. Providers come to the point; a text that is made of short words
/// would cost as much again as all the rest.
const WORDS: u16 = 1_000;

/// The best phrase that was found so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match {
    best: Option<usize>,
    /// The words that are still looked at.
    words_left: u16,
}

/// What of a text is believed where it speaks against the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    Whole,
    /// What stands before the first quote.
    Unquoted,
    /// Nothing.
    Harmless,
}

/// Whether there is a quote in a part of a text: where providers repeat what a client sent. An apostrophe
/// inside of a word is none.
fn quotes(text: &[u8], from: usize, until: usize) -> bool {
    let is_letter = |at: usize| text.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let mut bytes = text.iter().enumerate().take(until).skip(from);
    bytes.any(|(at, byte)| match byte {
        b'"' | b'`' => true,
        b'\'' => !(at > 0 && is_letter(at - 1) && is_letter(at + 1)),
        // Those of typography, of which the right single one is an apostrophe most often.
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

    /// Looks for a better one. The case of ASCII letters does not count.
    pub(super) fn look_into(&mut self, text: &[u8], trust: Trust) {
        // Quotes are looked for once a phrase is found, and each byte once.
        let mut doubt = Doubt { trust, clean: 0 };
        let (chunks, rest) = text.as_chunks();
        let mut last = [0; CHUNK];
        last[..rest.len()].copy_from_slice(rest);
        // Whether the byte before the chunk is part of a word, as the lowest bit.
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
                self.compare(text, at, &mut doubt);
                begins &= begins - 1;
            }
        }
    }

    #[inline]
    fn compare(&mut self, whole: &[u8], at: usize, doubt: &mut Doubt) {
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
                && doubt.spares(whole, at, PHRASES[phrase].1)
            {
                self.best = Some(self.best.map_or(phrase, |best| best.min(phrase)));
            }
        }
    }
}

/// What is believed of one text.
struct Doubt {
    trust: Trust,
    /// Up to where there is no quote.
    clean: usize,
}

impl Doubt {
    /// Whether a phrase at some place is believed.
    #[cold]
    fn spares(&mut self, text: &[u8], at: usize, class: FailureClass) -> bool {
        if !class.is_counted() || self.trust == Trust::Whole {
            return true;
        }
        if self.trust == Trust::Unquoted && quotes(text, self.clean, at) {
            self.trust = Trust::Harmless;
        }
        self.clean = at;
        self.trust == Trust::Unquoted
    }
}

/// The bytes that are taken together: one for each bit of a word.
const CHUNK: usize = 64;

/// A bit for each byte that is part of a word. Without a branch or a table the compiler makes it wide:
/// one instruction a byte, where a look at each takes seven.
fn words(chunk: &[u8; CHUNK]) -> u64 {
    let mut is_word = [0; CHUNK];
    for (is_word, &byte) in is_word.iter_mut().zip(chunk) {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        *is_word = u8::from(letter) | u8::from(byte.is_ascii_digit()) | u8::from(byte == b'_');
    }
    let (eights, _) = is_word.as_chunks();
    eights.iter().rev().fold(0, |words, eight| {
        // Each of the eight ones meets one bit of the factor in the highest byte, in order.
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        words << 8 | bits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<FailureClass> {
        let mut found = Match::new();
        found.look_into(text.as_bytes(), Trust::Whole);
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
