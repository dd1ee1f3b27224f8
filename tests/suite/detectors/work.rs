//! Time grows with the text, whatever the text: counted, not measured. `scripts/detect` measures.

use super::source::detect::Scanner;

/// How many bytes a checker may look at for each byte of the text, at the most.
const LOOKS: u64 = 64;

/// Texts that make checkers and the automaton work as much as they can.
pub(super) const WORST: &[(&str, &str)] = &[
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

fn repeated(unit: &str, bytes: usize) -> String {
    unit.repeat(bytes / unit.len() + 1)
}

#[test]
fn no_text_makes_checkers_look_more_than_so_often_at_a_byte() {
    let sizes = [16_384, 65_536];
    let mut over = Vec::new();
    println!("{:26} looks a byte at 16 and 64 KiB, limit {LOOKS}", "text");
    for (name, unit) in WORST {
        let looks = sizes.map(|size| {
            let text = repeated(unit, size);
            let mut scanner = Scanner::new();
            scanner.push_last(&text);
            scanner.looks() / text.len() as u64
        });
        println!("{name:26} {:6} {:6}", looks[0], looks[1]);
        // As many for each byte of a text four times as long, or time would not grow with it.
        if looks[1] > LOOKS || looks[1] > looks[0] + 2 {
            over.push(name);
        }
    }
    assert!(over.is_empty(), "{over:?}");
}

/// In pieces of a token each, the bytes that wait are not read again and again.
#[test]
fn small_pieces_cost_a_small_factor() {
    for (name, unit) in WORST {
        let text = repeated(unit, 32_768);
        let mut whole = Scanner::new();
        whole.push_last(&text);
        let mut pieces = Scanner::new();
        let mut from = 0;
        while from < text.len() {
            let mut to = (from + 5).min(text.len());
            while !text.is_char_boundary(to) {
                to += 1;
            }
            pieces.push(&text[from..to]);
            from = to;
        }
        pieces.push_last("");
        let allowed = 20 * whole.looks() + 100 * text.len() as u64;
        assert!(
            pieces.looks() <= allowed,
            "{name}: {} of {allowed}",
            pieces.looks()
        );
    }
}
