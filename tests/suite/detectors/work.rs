//! Work grows linearly with the text, whatever the text. This test counts steps; `scripts/detect` measures time.

use super::source::detect::Scanner;
use super::worst::{WORST, repeated};

/// The most bytes that checkers may read per byte of text.
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
        // The count per byte must not grow when the text is four times as long.
        if looks[1] > LOOKS || looks[1] > looks[0] + 2 {
            over.push(name);
        }
    }
    assert!(over.is_empty(), "{over:?}");
}

/// Pieces of one token each must not make the scanner read waiting bytes over and over.
#[test]
fn small_pieces_cost_a_small_factor() {
    let worst = WORST
        .iter()
        .map(|(name, unit)| (*name, repeated(unit, 32_768)));
    // A block of the greatest length that may stay open.
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
