//! Detects API keys and tokens by their documented formats.

use super::window::{TextWindow, is_word};

/// The alphabet of a key after its prefix.
#[derive(Clone, Copy)]
enum Body {
    Hex,
    /// Lower-case letters and digits.
    Lower,
    /// Capital letters and digits.
    Capital,
    Alnum,
    /// URL-safe base64: letters, digits, `_` and `-`.
    Url,
    /// Base64 with its padding.
    Base64,
}

impl Body {
    fn holds(self, byte: u8) -> bool {
        match self {
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Lower => byte.is_ascii_lowercase() || byte.is_ascii_digit(),
            Self::Capital => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Url => is_word(byte) || byte == b'-',
            Self::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
        }
    }
}

/// The format of a key: its prefix, the alphabet of its body, and the least and greatest body length.
struct Shape(&'static str, Body, usize, usize);

/// The longest body of a key with a prefix.
const LONGEST: usize = 512;
/// The longest part of a three-part token such as `eyJ….eyJ….…`.
const PART: usize = 4096;

/// Key formats. A longer prefix precedes a shorter one that it starts with.
const SHAPES: &[Shape] = &[
    // OpenAI, Anthropic, OpenRouter, and others that adopted `sk-`.
    Shape("sk-proj-", Body::Url, 40, 256),
    Shape("sk-svcacct-", Body::Url, 40, 256),
    Shape("sk-admin-", Body::Url, 40, 256),
    Shape("sk-ant-", Body::Url, 80, 160),
    Shape("sk-or-v1-", Body::Hex, 64, 64),
    Shape("sk-", Body::Alnum, 32, 64),
    // Groq, xAI, Perplexity, Hugging Face, Replicate, Tavily.
    Shape("gsk_", Body::Alnum, 40, 64),
    Shape("xai-", Body::Alnum, 60, 120),
    Shape("pplx-", Body::Alnum, 40, 64),
    Shape("hf_", Body::Alnum, 34, 40),
    Shape("r8_", Body::Alnum, 37, 40),
    Shape("tvly-", Body::Url, 24, 64),
    // Amazon.
    Shape("AKIA", Body::Capital, 16, 16),
    Shape("ASIA", Body::Capital, 16, 16),
    // GitHub, GitLab.
    Shape("ghp_", Body::Alnum, 36, 255),
    Shape("gho_", Body::Alnum, 36, 255),
    Shape("ghu_", Body::Alnum, 36, 255),
    Shape("ghs_", Body::Alnum, 36, 255),
    Shape("ghr_", Body::Alnum, 36, 255),
    Shape("github_pat_", Body::Url, 70, 100),
    Shape("glpat-", Body::Url, 20, 64),
    // Slack.
    Shape("xoxb-", Body::Url, 40, 255),
    Shape("xoxp-", Body::Url, 40, 255),
    Shape("xoxa-", Body::Url, 40, 255),
    Shape("xoxr-", Body::Url, 40, 255),
    Shape("xoxs-", Body::Url, 40, 255),
    Shape("xapp-", Body::Url, 40, 255),
    // Stripe.
    Shape("sk_live_", Body::Alnum, 24, 255),
    Shape("sk_test_", Body::Alnum, 24, 255),
    Shape("rk_live_", Body::Alnum, 24, 255),
    Shape("rk_test_", Body::Alnum, 24, 255),
    Shape("whsec_", Body::Base64, 32, 64),
    // Google.
    Shape("AIza", Body::Url, 35, 35),
    Shape("GOCSPX-", Body::Url, 28, 28),
    Shape("ya29.", Body::Url, 60, LONGEST),
    // Twilio, Mailgun, Square, Shopify.
    Shape("SK", Body::Hex, 32, 32),
    Shape("key-", Body::Lower, 32, 32),
    Shape("sq0atp-", Body::Url, 22, 22),
    Shape("sq0csp-", Body::Url, 43, 43),
    Shape("shpat_", Body::Hex, 32, 32),
    Shape("shpss_", Body::Hex, 32, 32),
    Shape("shpca_", Body::Hex, 32, 32),
    // Registries.
    Shape("npm_", Body::Alnum, 36, 36),
    Shape("pypi-AgEIcHlwaS5vcmc", Body::Url, 50, LONGEST),
    Shape("dckr_pat_", Body::Url, 24, 40),
    // Clouds and tools.
    Shape("dapi", Body::Hex, 32, 34),
    Shape("dop_v1_", Body::Hex, 64, 64),
    Shape("hvs.", Body::Url, 24, 128),
    Shape("lin_api_", Body::Alnum, 40, 48),
    Shape("ntn_", Body::Alnum, 40, 50),
    Shape("glsa_", Body::Url, 41, 41),
    Shape("figd_", Body::Url, 40, 64),
    Shape("NRAK-", Body::Capital, 27, 27),
    Shape("sbp_", Body::Hex, 40, 40),
];

/// Keys without a prefix, recognized by the label before them.
const LABELLED: &[Shape] = &[
    Shape("aws_secret_access_key", Body::Base64, 40, 40),
    Shape("AWS_SECRET_ACCESS_KEY", Body::Base64, 40, 40),
    Shape("SecretAccessKey", Body::Base64, 40, 40),
    Shape("AccountKey", Body::Base64, 88, 88),
];

/// Three-part tokens separated by dots: the prefix, and the minimum length of each part.
const PARTED: &[(&str, [usize; 3])] = &[("eyJ", [10, 10, 20]), ("SG.", [2, 16, 32])];

/// All prefixes and labels, for the automaton.
pub(super) fn beginnings() -> impl Iterator<Item = &'static str> {
    let shapes = SHAPES.iter().chain(LABELLED).map(|shape| shape.0);
    shapes.chain(PARTED.iter().map(|(prefix, _)| *prefix))
}

/// Whether a text starts with a prefix. Comparing the first byte saves the call in most cases.
fn begins(text: &[u8], prefix: &str) -> bool {
    text.first() == prefix.as_bytes().first() && text.starts_with(prefix.as_bytes())
}

/// The range of the key that starts here, or that follows a label here.
pub(super) fn check(window: &mut TextWindow<'_>, start: usize) -> Option<(usize, usize)> {
    if !window.opens(start) || window.before(start, 1) == Some(b'-') {
        return None;
    }
    let head = window.head(start);
    if let Some(shape) = SHAPES.iter().find(|shape| begins(head, shape.0)) {
        return body_end(window, shape, start + shape.0.len()).map(|end| (start, end));
    }
    if let Some(shape) = LABELLED.iter().find(|shape| begins(head, shape.0)) {
        let sign = |byte| matches!(byte, b' ' | b'=' | b':' | b'"' | b'\'' | b'>' | b'\\');
        let from = window.run(start + shape.0.len(), 8, sign);
        return body_end(window, shape, from).map(|end| (from, end));
    }
    let (_, least) = PARTED.iter().find(|(prefix, _)| begins(head, prefix))?;
    parted_end(window, start, *least).map(|end| (start, end))
}

/// Whether a key may end here. Unlike other matches, it may end before `@`: `https://<token>@host`.
fn closes(window: &mut TextWindow<'_>, end: usize) -> bool {
    window.at(end) == Some(b'@') || window.closes(end)
}

fn body_end(
    window: &mut TextWindow<'_>,
    &Shape(_, body, least, most): &Shape,
    from: usize,
) -> Option<usize> {
    let end = window.run(from, most + 1, |byte| body.holds(byte));
    let mut length = end - from;
    // A trailing hyphen belongs to the surrounding text.
    while matches!(body, Body::Url)
        && length > most
        && window.before(from + length, 1) == Some(b'-')
    {
        length -= 1;
    }
    ((least..=most).contains(&length) && closes(window, from + length)).then_some(from + length)
}

/// The end of a JSON web token or a `SendGrid` key.
fn parted_end(window: &mut TextWindow<'_>, start: usize, least: [usize; 3]) -> Option<usize> {
    let mut place = start;
    for (at, least) in least.into_iter().enumerate() {
        let end = window.run(place, PART, |byte| Body::Url.holds(byte));
        if end - place < least {
            return None;
        }
        place = end;
        if at < 2 {
            if window.at(place) != Some(b'.') {
                return None;
            }
            place += 1;
        }
    }
    closes(window, place).then_some(place)
}

/// The end of a Telegram bot token, `123456789:AA…`, whose number starts here.
pub(super) fn check_bot(window: &mut TextWindow<'_>, start: usize) -> Option<usize> {
    let colon = window.run(start, 11, |byte| byte.is_ascii_digit());
    if !(8..=10).contains(&(colon - start)) || !window.is_at(colon, b":AA") {
        return None;
    }
    let named = start
        .checked_sub(3)
        .is_some_and(|at| window.is_at(at, b"bot"));
    if !named && !window.opens(start) {
        return None;
    }
    let end = window.run(colon + 3, 34, |byte| Body::Url.holds(byte));
    (end - colon - 3 == 33 && window.closes(end)).then_some(end)
}

/// The range of a Mailchimp key, `<32 hex>-us12`, whose hyphen is here.
pub(super) fn check_mailchimp(
    window: &mut TextWindow<'_>,
    hyphen: usize,
) -> Option<(usize, usize)> {
    let start = hyphen
        .checked_sub(32)
        .filter(|&start| start >= window.floor)?;
    let hex = (start..hyphen).all(|at| window.at(at).is_some_and(|byte| Body::Hex.holds(byte)));
    let end = window.run(hyphen + 3, 2, |byte| byte.is_ascii_digit());
    (hex && window.opens(start) && window.closes(end)).then_some((start, end))
}
