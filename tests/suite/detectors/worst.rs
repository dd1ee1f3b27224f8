//! Texts that make the checkers and the automaton work hardest: each has a name and the unit that it repeats. The
//! bench `detect` measures the same texts.

pub(crate) const WORST: &[(&str, &str)] = &[
    ("prose", "the quick brown fox jumps over the lazy dog "),
    ("letters", "a"),
    ("digits", "1"),
    ("digit, space", "1 "),
    ("pairs", "01 "),
    ("zeros, dots", "0.0."),
    ("fours", "4111 "),
    ("cards that fail", "4111 1111 1111 1112 "),
    ("bare cards that fail", "4111111111111112 "),
    ("cards", "4111111111111111 "),
    ("eight digits", "12345678 "),
    ("nine digits", "123456789 "),
    ("areas", "(030) "),
    ("plus", "+49 "),
    ("wide digits", "１－"),
    ("addresses of four", "1.2.3.4 "),
    ("dotted", "1.2.3."),
    ("at", "@"),
    ("a at", "a@"),
    (
        "local parts",
        "abcdefghijklmnopqrstuvwxyz.abcdefghijklmnopqrstuvwxyz@",
    ),
    ("domains", "a@b.c."),
    ("e-mail", "jane.doe@example.com "),
    ("colons", ":"),
    ("hex and colons", "a:b:"),
    ("sixes", "2001:db8::1 "),
    ("sixes that fail", "2001:db8::1::"),
    ("accounts that fail", "DE89 3704 0044 0532 0130 01 "),
    ("countries", "DE12"),
    ("key beginnings", "sk-"),
    ("key beginnings, apart", "sk-ant- "),
    ("web tokens", "eyJabcdefghijkl.eyJabcdefghijkl."),
    ("web tokens without dots", "eyJabcdefghijkl-"),
    ("centres", "0123456789abcdef0123456789abcdef-us1"),
    ("hyphens", "-"),
    ("first lines", "-----BEGIN PRIVATE KEY-----"),
    (
        "first lines with a word",
        "-----BEGIN PRIVATE KEY-----\nFakeFakeFakeFakeFake\n",
    ),
    (
        "lines of a body",
        "-----BEGIN PRIVATE KEY-----\n>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>",
    ),
    (
        "names of headers",
        "-----BEGIN PRIVATE KEY-----\nA: b\nA: b\nA: b\nA: b\nA: b\n",
    ),
    ("escapes", "%20%31"),
    ("labels", "aws_secret_access_key="),
];

/// Repeats the unit until the text has at least `bytes` bytes.
pub(crate) fn repeated(unit: &str, bytes: usize) -> String {
    unit.repeat(bytes / unit.len() + 1)
}
