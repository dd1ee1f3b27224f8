//! Reads the response headers that help to classify a failure.

use std::time::Duration;

use super::date;
use super::evidence::{CodeField, Evidence};

/// How many bytes of a header value are read. Useful values are shorter.
const LONGEST: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Headers {
    after_ms: Option<Duration>,
    after: Option<Duration>,
    /// `Retry-After` as a date, in seconds since 1970.
    after_date: Option<i64>,
    /// `Date`, in seconds since 1970.
    date: Option<i64>,
    says_when: bool,
    is_from_anthropic: bool,
}

impl Headers {
    pub(super) fn read(
        pairs: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>,
        evidence: &mut Evidence<'_>,
    ) -> Self {
        let mut headers = Self::default();
        for (name, value) in pairs {
            let name = name.as_ref();
            let value = value.as_ref();
            let value = std::str::from_utf8(&value[..value.len().min(LONGEST)]);
            let value = value.unwrap_or_default().trim();
            let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
            if is("retry-after") {
                headers.says_when = true;
                headers.after = headers.after.or_else(|| seconds(value));
                headers.after_date = headers.after_date.or_else(|| date::seconds(value));
            } else if is("retry-after-ms") {
                let after = || seconds(value).map(|time| time / 1_000);
                headers.after_ms = headers.after_ms.or_else(after);
            } else if is("date") {
                headers.date = headers.date.or_else(|| date::seconds(value));
            } else if is("x-amzn-errortype") {
                evidence.note_code(value, CodeField::Code);
            } else if is("request-id") || begins(name, "anthropic-") {
                headers.is_from_anthropic = true;
            }
        }
        headers
    }

    /// Returns how long the provider asks clients to wait.
    pub(super) fn delay(&self) -> Option<Duration> {
        let until = || {
            let seconds = self.after_date?.checked_sub(self.date?)?;
            // A moment in the past asks for no delay.
            Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
        };
        self.after_ms.or(self.after).or_else(until)
    }

    /// Whether there is a `Retry-After` header, even one that cannot be interpreted.
    pub(super) fn says_when(&self) -> bool {
        self.says_when
    }

    /// Whether there is a header that Anthropic sends: `request-id`, or one that begins with `anthropic-`.
    pub(super) fn is_from_anthropic(&self) -> bool {
        self.is_from_anthropic
    }
}

fn begins(name: &str, prefix: &str) -> bool {
    let begin = name.as_bytes().get(..prefix.len());
    begin.is_some_and(|begin| begin.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// Parses seconds, whole or with a fraction: `20`, `1.5`, or Gemini's `17.3s` without its unit. Rejects
/// signs, exponents and `inf`.
pub(super) fn seconds(text: &str) -> Option<Duration> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if !is_number {
        return None;
    }
    match text.parse() {
        Ok(whole) => Some(Duration::from_secs(whole)),
        Err(_) => Duration::try_from_secs_f64(text.parse().ok()?).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn delay(pairs: &[(&str, &str)], millis: Option<u64>) {
        let headers = Headers::read(pairs.iter().copied(), &mut Evidence::new(&[], None, 0));
        assert_eq!(
            headers.delay(),
            millis.map(Duration::from_millis),
            "{pairs:?}"
        );
    }

    #[test]
    fn the_delay_that_is_asked_for() {
        delay(&[], None);
        delay(&[("Retry-After", "20")], Some(20_000));
        delay(&[("retry-after", " 1.5 ")], Some(1_500));
        delay(
            &[("RETRY-AFTER-MS", "350"), ("retry-after", "1")],
            Some(350),
        );
        delay(&[("retry-after", "1"), ("retry-after-ms", "")], Some(1_000));
        for text in ["", "soon", "-1", "1e9", "inf", ".", "1.2.3", "+5", "20 s"] {
            delay(&[("retry-after", text)], None);
        }
        delay(&[("retry-after", &"9".repeat(40))], None);
    }

    #[test]
    fn a_date_is_relative_to_the_date_of_the_response() {
        let at = ("date", "Tue, 24 Nov 2026 23:59:50 GMT");
        let until = ("retry-after", "Wed, 25 Nov 2026 00:00:20 GMT");
        delay(&[until, at], Some(30_000));
        delay(&[at, until], Some(30_000));
        delay(&[until], None);
        delay(&[("date", until.1), ("retry-after", at.1)], Some(0));
    }
}
