//! The format of single scalars.

use super::super::tree::Tree;

/// A number as digits, without leading and trailing zeros.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exact {
    pub(super) negative: bool,
    pub(super) whole: String,
    pub(super) fraction: String,
}

impl Exact {
    /// The number of digits from the first to the last one that is not 0.
    pub(super) fn significant(&self) -> usize {
        format!("{}{}", self.whole, self.fraction)
            .trim_matches('0')
            .len()
    }

    /// The number in units of 1/100, if it has at most two decimals.
    pub(super) fn hundredths(&self) -> Option<u64> {
        if self.negative || self.fraction.len() > 2 {
            return None;
        }
        format!("{}{:0<2}", self.whole, self.fraction).parse().ok()
    }
}

/// The number in a tree, if it holds one.
pub(super) fn exact(tree: &Tree) -> Option<Exact> {
    let text = match tree {
        Tree::Int(number) => number.to_string(),
        Tree::Decimal(text) => text.clone(),
        _ => return None,
    };
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    Some(Exact {
        negative: digits != text,
        whole: whole.trim_start_matches('0').to_owned(),
        fraction: fraction.trim_end_matches('0').to_owned(),
    })
}

/// A positive number below 0.001.
pub(super) fn is_below_a_thousandth(tree: &Tree) -> bool {
    exact(tree).is_some_and(|number| {
        let is_small = number.whole.is_empty() && number.fraction.starts_with("000");
        !number.negative && is_small
    })
}

/// `http` or `https`, then a host. A text that begins with a variable always passes.
pub(super) fn is_url(text: &str) -> bool {
    if text.starts_with('$') {
        return true;
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit('@').next().unwrap_or_default();
    let host_begins = !place.is_empty() && !place.starts_with(':');
    ["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) && host_begins
}

/// `500ms`, `5s`, `1m30s`: whole numbers with units, largest first, each at most once, not all zero.
pub(super) fn is_duration(text: &str) -> bool {
    let mut rest = text;
    let mut some = false;
    for unit in ["h", "m", "s", "ms"] {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, behind) = rest.split_at(digits);
        let letters = behind.len() - behind.trim_start_matches(char::is_alphabetic).len();
        if digits > 0 && behind[..letters] == *unit {
            some |= !number.trim_matches('0').is_empty();
            rest = &behind[letters..];
        }
    }
    rest.is_empty() && some
}

/// A calendar date, written `YYYY-MM-DD`.
pub(super) fn is_date(text: &str) -> bool {
    let shape = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c });
    if !shape.eq("0000-00-00".chars()) {
        return false;
    }
    let part = |range: std::ops::Range<usize>| text[range].parse().unwrap_or(0_u32);
    let (year, month, day) = (part(0..4), part(5..7), part(8..10));
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// Whether a condition is a word of the table, or a status.
pub(super) fn is_condition(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "timeout",
        "rate_limited",
        "quota_exhausted",
        "quota_exceeded",
        "overloaded",
        "server_error",
        "connect_error",
        "auth_failed",
        "not_found",
        "context_length_exceeded",
        "content_filtered",
        "cost_exceeded",
        "latency_exceeded",
        "not_allowed",
        "transient",
        "any",
        "primary_failed",
        "primary_and_first_fallback_failed",
        "all_previous_failed",
        "4xx",
        "5xx",
    ];
    let status = word.len() == 3 && word.parse().is_ok_and(|code| (400..600).contains(&code));
    WORDS.contains(&word) || status
}

/// Whether an unknown top-level key is at most two edits from one of ours.
pub(super) fn resembles_section(key: &str) -> bool {
    const SECTIONS: [&str; 4] = [
        "model_providers",
        "llm_providers",
        "model_aliases",
        "model_alias_tests",
    ];
    !SECTIONS.contains(&key) && SECTIONS.iter().any(|known| edits(key, known) <= 2)
}

/// Whether an unknown field of a provider entry is one edit from a known one, or two from a long one.
pub(super) fn resembles_field(key: &str, known: &[&str]) -> bool {
    let near = |field: &&str| edits(key, field) <= if field.len() < 8 { 1 } else { 2 };
    !known.contains(&key) && known.iter().any(near)
}

/// The edit distance: insertions, deletions, replacements and swaps of neighbours.
fn edits(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut best = vec![vec![0; to.len() + 1]; from.len() + 1];
    for i in 0..=from.len() {
        for j in 0..=to.len() {
            best[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = usize::from(from[i - 1] != to[j - 1]);
                let swapped =
                    i > 1 && j > 1 && from[i - 2] == to[j - 1] && from[i - 1] == to[j - 2];
                let swap = if swapped {
                    best[i - 2][j - 2] + 1
                } else {
                    usize::MAX
                };
                let by_one = best[i - 1][j].min(best[i][j - 1]) + 1;
                by_one.min(best[i - 1][j - 1] + change).min(swap)
            };
        }
    }
    best[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::super::super::tree::decimal;
    use super::*;

    #[test]
    fn numbers_are_read_exactly() {
        let hundredths = |text: &str| exact(&decimal(text)).and_then(|number| number.hundredths());
        assert_eq!(hundredths("99.5"), Some(9950));
        assert_eq!(hundredths("99.500"), Some(9950));
        assert_eq!(hundredths("0.05"), Some(5));
        assert_eq!(hundredths("0.0"), Some(0));
        assert_eq!(hundredths("0.005"), None);
        assert_eq!(hundredths("-1.0"), None);
        let digits = |text: &str| exact(&decimal(text)).map(|number| number.significant());
        assert_eq!(digits("1234567890.123456"), Some(16));
        assert_eq!(digits("0.00120"), Some(2));
        assert_eq!(exact(&Tree::Text("1".to_owned())), None);
    }

    #[test]
    fn urls_need_a_scheme_and_a_host() {
        for text in [
            "http://a",
            "https://a:80/b?c#d",
            "http://u:p@a/",
            "$BASE/x",
            "${BASE}",
            "http://[::1]:8080/v1",
            "http://<your-server-ip>:8000",
        ] {
            assert!(is_url(text), "{text}");
        }
        for text in [
            "",
            "a.example",
            "localhost:11434",
            "ftp://a",
            "http://",
            "https:///x",
            "http://:80",
            "http://u:p@/x",
            "http:/a",
            "//a",
        ] {
            assert!(!is_url(text), "{text}");
        }
    }

    #[test]
    fn durations_need_a_unit_and_something_to_measure() {
        for text in ["500ms", "5s", "1m30s", "1m500ms", "1h", "0m5s"] {
            assert!(is_duration(text), "{text}");
        }
        for text in [
            "", "5", "0s", "0ms", "s", "5 s", "-5s", "5x", "30s1m", "5s5s", "1m30",
        ] {
            assert!(!is_duration(text), "{text}");
        }
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        for text in ["2027-01-31", "2028-02-29", "2000-02-29"] {
            assert!(is_date(text), "{text}");
        }
        for text in [
            "2027-02-29",
            "2100-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-1-31",
            "soon",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn near_misses_are_counted_in_edits() {
        let rows = [
            ("a", "a", 0),
            ("ab", "ba", 1),
            ("base_ur", "base_url", 1),
            ("", "abc", 3),
        ];
        for (from, to, expected) in rows {
            assert_eq!(edits(from, to), expected, "{from} {to}");
        }
        assert!(resembles_section("model_alias"));
        assert!(!resembles_section("model_metrics_sources"));
        assert!(!resembles_section("model_aliases"));
        assert!(resembles_field("base_ur", &["base_url"]));
        assert!(!resembles_field(
            "routing_preferences",
            &["base_url", "name"]
        ));
    }
}
