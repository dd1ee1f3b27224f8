//! Time grows with the text, whatever the text: counted, not measured. `scripts/detect` measures.

use super::source::detect::Scanner;
use super::worst::{WORST, repeated};

/// How many bytes a checker may look at for each byte of the text, at the most.
const LOOKS: u64 = 64;

#[test]
fn no_text_makes_checkers_look_more_than_so_often_at_a_byte() {
    let sizes = [16_384, 65_536];
    let mut over = Vec::new();
    println!("{:26} looks a byte at 16 and 64 KiB, limit {LOOKS}", "text");
    for (name, unit) in WORST {
        let looks = sizes.map(|size| {
            let text = repeated(unit, size);
            let mut scanner = Scanner::new();
            scanner.push(&text);
            scanner.finish();
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
    let worst = WORST
        .iter()
        .map(|(name, unit)| (*name, repeated(unit, 32_768)));
    // A block that stays open as long as one may.
    let block = ["-----BEGIN PRIVATE KEY-----\n", &"FakeFake".repeat(1_900)].concat();
    for (name, text) in worst.chain([("an open block", block)]) {
        let mut whole = Scanner::new();
        whole.push(&text);
        whole.finish();
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
        pieces.finish();
        let allowed = 20 * whole.looks() + 100 * text.len() as u64;
        assert!(
            pieces.looks() <= allowed,
            "{name}: {} of {allowed}",
            pieces.looks()
        );
    }
}
